"""The window, killed while somebody acts in it at random: what it showed as saved is there, the next start goes on."""

import os
import random
import sqlite3
import tomllib
from contextlib import closing

import psutil
import pytest

from assistant.app import Assistant
from assistant.store.rows import Status
from tests.fakes.killed_window import KilledWindow, processes_at

LOST_AT_MOST_S = 1.5
"""A second between two savings, and what a window on a busy computer takes to come to it."""
DRAFT_LAG_S = 0.4 + 0.6
"""The pause after which what is typed is kept, and the same."""


class Home:
    """A home in which windows are killed one after the other, and all that must be in it."""

    def __init__(self, paths):
        self.paths = paths
        self.questions = {}
        self.ends = {}
        self.drafts = {}
        self.worst_s = 0.0
        self.kinds = {"cut": 0, "questions": 0, "ends": 0, "early": 0}

    def kill_and_check(self, window):
        """Look at the database as it lies there, then start the program and look again."""
        _gone, alive = psutil.wait_procs(processes_at(os.environ["INKSTONE_HOME"]), timeout=10)
        assert alive == [], "a worker outlived the window"
        assert window.of("crashed") == []
        self.questions |= window.questions()
        self.ends |= window.ends()
        with closing(sqlite3.connect(self.paths.database)) as database:
            cut = self.check_messages(database, window)
            self.check_trash(database, window)
            self.check_drafts(database, window)
        self.check_settings()
        self.check_next_start(cut)
        self.count(window, cut)

    def check_messages(self, database, window):
        """Return the answers that were cut, with their text."""
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = database.execute("SELECT id, role, status, content FROM message").fetchall()
        stored = {number: (status, content) for number, _role, status, content in rows}
        asked = {number: content for number, role, _status, content in rows if role == "user"}
        assert {number: asked.get(number) for number in self.questions} == self.questions
        assert {number: stored.get(number) for number in self.ends} == self.ends
        cut = {number: content for number, (status, content) in stored.items() if status == "streaming"}
        self.worst_s = max([self.worst_s, *(window.lost_s(number, text) for number, text in cut.items())])
        assert self.worst_s <= LOST_AT_MOST_S
        return cut

    def check_trash(self, database, window):
        rows = dict(database.execute("SELECT id, deleted_at IS NOT NULL FROM conversation"))
        if not window.is_cut_in("delete", "undo", "ask"):
            told = window.trash()
            assert {number: bool(rows[number]) for number in told} == told

    def check_drafts(self, database, window):
        before, self.drafts = self.drafts, dict(database.execute("SELECT conversation_id, content FROM draft"))
        for number in {event["conversation"] or 0 for event in window.of("typed")} | set(before) | set(self.drafts):
            possible = window.possible_drafts(number, before.get(number, ""), DRAFT_LAG_S)
            assert self.drafts.get(number, "") in possible

    def check_settings(self):
        if self.paths.settings.exists():
            assert set(tomllib.loads(self.paths.settings.read_text())) <= {"appearance", "window", "model"}

    def check_next_start(self, cut):
        assistant = Assistant(self.paths)
        assert assistant.open() == []
        try:
            (opened,) = assistant.open_store()
            assert opened.repaired == len(cut)
            for number, text in cut.items():
                answer = assistant.chats.message(number)
                assert (answer.status, answer.content) == (Status.INTERRUPTED, text)
        finally:
            assistant.close()

    def count(self, window, cut):
        found = (len(cut), len(window.questions()), len(window.ends()), not window.of("ready"))
        self.kinds = {kind: self.kinds[kind] + more for kind, more in zip(self.kinds, found, strict=True)}


def kill_again_and_again(paths, rounds, **options):
    """Kill at random points; every seventh time soon after the start. Prints what came of it."""
    dice = random.Random(rounds)
    home = Home(paths)
    for number in range(rounds):
        is_early = number % 7 == 5
        seconds = dice.uniform(0.1, 1.5) if is_early else dice.uniform(0.1, 5)
        home.kill_and_check(KilledWindow(dice.random(), seconds, is_early=is_early, **options))
    print(f"{rounds} of {rounds} rounds, {home.kinds}, at most {home.worst_s:.2f} s of text lost")
    assert home.kinds["questions"] >= rounds
    assert rounds < 20 or home.kinds["cut"] > rounds / 4


@pytest.mark.slow
@pytest.mark.usefixtures("bare_children")
def test_killed_at_random_the_window_loses_at_most_the_last_second(home):
    kill_again_and_again(home, 4)


@pytest.mark.slow
@pytest.mark.usefixtures("bare_children")
def test_killed_with_a_real_model_the_window_loses_at_most_the_last_second(home):
    kill_again_and_again(home, 2, is_real=True)


@pytest.mark.long
def test_two_hundred_kills_of_the_window_lose_at_most_the_last_second(home):
    kill_again_and_again(home, 200)


@pytest.mark.long
def test_thirty_kills_with_a_real_model_lose_at_most_the_last_second(home):
    kill_again_and_again(home, 30, is_real=True)
