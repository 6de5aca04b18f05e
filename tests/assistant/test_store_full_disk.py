from __future__ import annotations

import subprocess

import pytest

from assistant.errors import DiskFull
from assistant.store.rows import Status
from tests.fakes.stores import USAGE, files_limited_to, opened, say, texts

LONG = "x" * 100_000


@pytest.fixture
def path(tmp_path):
    """A place for a database."""
    return tmp_path / "inkstone.db"


def fill_up(store, conversation_id):
    """Ask until there is no room; returns what was said before that."""
    parent = None
    said = []
    try:
        for number in range(1_000):
            parent = say(store, conversation_id, f"{number} {LONG}", parent_id=parent)[1]
            said += [f"{number} {LONG}", f"answer to {number} {LONG}"]
    except DiskFull:
        return said
    return pytest.fail("there was always room")


def test_a_full_disk_is_said_and_nothing_old_is_lost(path):
    with opened(path) as store:
        made = store.conversations.create("Tea")
        with files_limited_to(2_000_000):
            said = fill_up(store, made.id)
            assert texts(store.conversations.branch(made.id))[: len(said)] == said
            with pytest.raises(DiskFull) as error:
                store.conversations.create(LONG)
            assert str(path) in error.value.message
        answer = store.conversations.ask(made.id, "and now?", parent_id=None)[1]
        store.conversations.finish(answer.id, LONG, Status.COMPLETE, USAGE)
        assert store.check() == ""
    with opened(path) as store:
        assert texts(store.conversations.messages(made.id))[: len(said)] == said


def test_an_answer_is_kept_as_far_as_it_was_saved_when_the_disk_fills(path):
    with opened(path) as store:
        _, _, answer = store.conversations.start("hello")
        store.conversations.save_text(answer.id, "so far")
        with files_limited_to(path.with_name("inkstone.db-wal").stat().st_size):
            with pytest.raises(DiskFull):
                store.conversations.save_text(answer.id, LONG)
            with pytest.raises(DiskFull):
                store.conversations.finish(answer.id, LONG, Status.COMPLETE, USAGE)
            kept = store.conversations.message(answer.id)
            assert (kept.content, kept.status) == ("so far", Status.STREAMING)
        store.conversations.finish(answer.id, LONG, Status.COMPLETE, USAGE)


def test_a_new_database_on_a_full_disk_is_made_later(path):
    with files_limited_to(3_000), pytest.raises(DiskFull), opened(path):
        pass
    with opened(path) as store:
        assert store.conversations.list() == []


def test_closing_on_a_full_disk_raises_nothing(path):
    with opened(path, "full") as store:
        made = store.conversations.create("Tea")
        with files_limited_to(path.with_name("inkstone.db-wal").stat().st_size):
            store.close()
    with opened(path, "next") as store:
        assert store.conversations.list() == [made]
        assert store.repair() == 0
        assert store.is_check_due


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 1 MB; only where this user may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", tmp_path]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_disk_without_room_is_said_and_survived(tiny_disk):
    path = tiny_disk / "inkstone.db"
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    with opened(path) as store:
        made = store.conversations.create("Tea")
        said = fill_up(store, made.id)
        assert texts(store.conversations.branch(made.id))[: len(said)] == said
        ballast.unlink()
        store.conversations.ask(made.id, "and now?", parent_id=None)
        assert store.check() == ""
    with opened(path) as store:
        assert texts(store.conversations.messages(made.id))[: len(said)] == said


def test_a_full_disk_is_no_reason_not_to_read(path):
    with opened(path, "one") as one:
        made, _, answer = one.conversations.start("hello")
        store_drafts(one, 20)
        one._database.raw.execute("UPDATE message SET run_id = 'dead'")
        with files_limited_to(32_768), opened(path, "two") as two:  # the log is longer than that already
            assert two.repair() == 0
            assert texts(two.conversations.branch(made.id)) == ["hello", ""]
            with pytest.raises(DiskFull):
                two.drafts.set(None, "more")
        assert one.repair() == 1
        assert one.conversations.message(answer.id).status is Status.INTERRUPTED


def store_drafts(store, count):
    """Make the log grow."""
    for number in range(count):
        store.drafts.set(number, "x" * 4_000)
