"""Killed in the middle of an answer, again and again: at most a second is lost, and the next start mends the rest."""

import json
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


def kill_in_the_middle(home, tokens, starter_model):
    """Start an answer in a process of its own, kill that after ``tokens`` tokens; returns id and text per moment."""
    command = [sys.executable, "-m", "ui", "chat", QUESTION, "--json", "--model", str(starter_model)]
    moments = [(time.monotonic(), "")]
    with subprocess.Popen([*command, "--max-tokens", "2000"], stdout=subprocess.PIPE) as program:
        for line in program.stdout:
            event = json.loads(line)
            assert event["type"] == "token", event
            moments.append((time.monotonic(), moments[-1][1] + event["text"]))
            if len(moments) > tokens:
                break
        children = psutil.Process(program.pid).children(recursive=True)
        killed_at = time.monotonic()
        program.kill()
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


@pytest.mark.slow
def test_twenty_kills_lose_at_most_the_last_second(home, starter_model):
    dice = random.Random(20)
    for _round in range(20):
        check_after_kill(home, kill_in_the_middle(home, dice.randint(1, 60), starter_model))


@pytest.mark.long
def test_two_hundred_kills_lose_at_most_the_last_second(home, starter_model):
    dice = random.Random(200)
    for _round in range(200):
        check_after_kill(home, kill_in_the_middle(home, dice.randint(1, 200), starter_model))
