"""Hundreds of questions in one process, a crash of the model now and then: nothing grows, nothing stays behind."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.fakes.soak import CRASH_EVERY

GROWTH_BYTES = 10_000_000

pytestmark = pytest.mark.usefixtures("bare_children")


def soak(home, count, warm_up, *where):
    """Ask ``count`` questions; returns what was held after ``warm_up`` of them, after the last, and when closed."""
    command = [sys.executable, "-m", "tests.fakes.soak", str(count), str(warm_up), *where]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    found = json.loads(run.stdout)
    assert found["answered"] == count
    print(f"{count} questions, {(found['last']['rss_bytes'] - found['warm']['rss_bytes']) / 1e6:.1f} MB more", found)
    with closing(sqlite3.connect(home.database)) as database:
        answers = dict(database.execute("SELECT status, count(*) FROM message WHERE role = 'assistant' GROUP BY 1"))
    crashes = (count + CRASH_EVERY // 2) // CRASH_EVERY
    assert answers == {"complete": count - crashes, "failed": crashes}
    return found["warm"], found["last"], found["closed"]


def check_nothing_is_left(warm, last, closed):
    for what in ("handles", "threads", "python_threads", "processes"):
        assert last[what] <= warm[what], f"more {what} than after the warm-up"
        assert closed[what] < warm[what]
    assert (closed["python_threads"], closed["processes"]) == (1, 0)


@pytest.mark.slow
@pytest.mark.parametrize("where", [(), ("window",)], ids=["assistant", "window"])
def test_many_questions_leave_no_handle_no_thread_and_no_process(home, where):
    check_nothing_is_left(*soak(home, 130, 40, *where))


@pytest.mark.long
@pytest.mark.parametrize("where", [(), ("window",)], ids=["assistant", "window"])
def test_a_thousand_questions_take_no_more_than_ten_megabytes(home, where):
    warm, last, closed = soak(home, 1000, 100, *where)
    check_nothing_is_left(warm, last, closed)
    assert last["rss_bytes"] - warm["rss_bytes"] < GROWTH_BYTES
