"""Killed in the middle of an answer, again and again: at most a second is lost, and the next start mends the rest."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest

from assistant.app import Assistant
from assistant.store.rows import Status

LOST_AT_MOST_S = 1.3
"""A second between two savings, and the time from the worker to the pipe we read."""
QUESTION = "Write a long story about a lighthouse keeper and the sea."


def kill_in_the_middle(seconds, starter_model):
    """Start an answer in a process of its own and kill that ``seconds`` after its first words.

    Returns the text that must have been saved by then.
    """
    command = [sys.executable, "-m", "ui", "chat", QUESTION, "--json", "--model", str(starter_model)]
    moments = [(time.monotonic(), "")]
    # what is killed can tell nothing of its coverage
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    with subprocess.Popen([*command, "--max-tokens", "2000"], stdout=subprocess.PIPE, env=environment) as program:
        for line in program.stdout:
            event = json.loads(line)
            if event["type"] == "done":
                break  # the story was a short one: nothing to kill, another one then
            moments.append((time.monotonic(), moments[-1][1] + event["text"]))
            if moments[-1][0] - moments[1][0] >= seconds:
                break
        children = psutil.Process(program.pid).children(recursive=True)
        killed_at = time.monotonic()
        program.kill()
    if event["type"] == "done":
        return kill_in_the_middle(seconds, starter_model)
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == [], "the worker outlived the program"
    return next(text for moment, text in reversed(moments) if moment <= max(killed_at - LOST_AT_MOST_S, moments[0][0]))


def check_after_kill(home, certain):
    """Look at the database as it lies there, then start and look again."""
    with closing(sqlite3.connect(home.database)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assistant = Assistant(home)
    assistant.open()
    try:
        (opened,) = assistant.open_store()
        assert opened.repaired == 1
        question, answer = assistant.chats.branch(assistant.conversations.all()[0].id)
        assert question.content == QUESTION
        assert answer.status is Status.INTERRUPTED
        assert answer.content.startswith(certain)
    finally:
        assistant.close()


def kill_again_and_again(home, starter_model, rounds, longest_s):
    """Kill at random points; most rounds must have had something that is certain to be saved."""
    dice = random.Random(rounds)
    certain = []
    for _round in range(rounds):
        certain.append(kill_in_the_middle(dice.uniform(0.1, longest_s), starter_model))
        check_after_kill(home, certain[-1])
    assert sum(bool(text) for text in certain) > rounds / 3


@pytest.mark.slow
def test_twenty_kills_lose_at_most_the_last_second(home, starter_model):
    kill_again_and_again(home, starter_model, 20, 2.5)


@pytest.mark.long
def test_two_hundred_kills_lose_at_most_the_last_second(home, starter_model):
    kill_again_and_again(home, starter_model, 200, 4.0)
