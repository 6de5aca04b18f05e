"""The program with a window on a disk that fills up: says so, keeps what is typed, goes on when there is room."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from assistant.errors import DiskFull

pytestmark = pytest.mark.usefixtures("bare_children")


@pytest.fixture
def tiny_disk(home, tmp_path):
    """A home on a file system of 2 MB; only where this user may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", home.data]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield home
    subprocess.run(["umount", "--lazy", home.data], check=True)


def check_story(home, way):
    command = [sys.executable, "-m", "tests.fakes.full_disk_window", way]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    refused, sent = (json.loads(line) for line in run.stdout.splitlines())
    assert (refused["kind"], sent["kind"]) == ("refused", "sent")
    assert refused["notice"] == DiskFull(path=home.database).message
    assert refused["typed"] == "precious words"
    assert refused["contents"] == ["old question"] * 2
    assert sent["contents"] == ["old question"] * 2 + ["precious words"] * 2
    assert sent["typed"] == ""
    with closing(sqlite3.connect(home.database)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert [text for (text,) in database.execute("SELECT content FROM message ORDER BY id")] == sent["contents"]


@pytest.mark.slow
def test_where_no_file_may_grow_the_window_says_so_and_sends_later(home):
    check_story(home, "limit")


@pytest.mark.slow
def test_on_a_disk_without_room_the_window_says_so_and_sends_later(tiny_disk):
    check_story(tiny_disk, "ballast")
