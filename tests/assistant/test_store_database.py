"""How the file is opened, and what is refused: each a typed error, and the file as it was."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from assistant.errors import DatabaseDamaged, DatabaseLocked, DatabaseReadOnly, DatabaseTooNew, DiskFailed, StoreError
from assistant.store import files
from assistant.store.check import check
from assistant.store.faults import translated
from assistant.store.migrations import STEPS
from assistant.store.store import Store
from tests.fakes.stores import as_a_mere_user, everything, opened, say, texts


@pytest.fixture
def path(tmp_path):
    """A place for a database."""
    return tmp_path / "home" / "inkstone.db"


@pytest.fixture
def full(path):
    """A database with something in it."""
    with opened(path) as store:
        made = store.conversations.create("Tea")
        say(store, made.id, *("x" * 2_000 for _ in range(50)))
    return path


def refused(path, error):
    """Opening raises ``error``, with a sentence, and leaves no trace in the folder."""
    before = everything(path.parent)
    before.pop("inkstone.db-shm", None)  # memory shared by those who have it open
    with pytest.raises(error) as raised:
        Store.open(path, "run", busy_timeout_s=0.1)
    assert str(path) in raised.value.message
    assert raised.value.hint
    after = everything(path.parent)
    after.pop("inkstone.db-shm", None)
    assert after == before
    return raised.value


# --- opening ---


def test_only_the_user_can_read_what_is_kept(path):
    before = os.umask(0)
    try:
        with opened(path) as store:
            store.conversations.start("hello")
            modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert modes == {"inkstone.db": 0o600, "inkstone.db-wal": 0o600, "inkstone.db-shm": 0o600, "runs": 0o700}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_database_that_others_could_read_is_closed_to_them(full):
    full.chmod(0o644)
    with opened(full):
        assert full.stat().st_mode & 0o777 == 0o600
        assert full.with_name("inkstone.db-wal").stat().st_mode & 0o777 == 0o600


def test_every_commit_reaches_the_disk(path):
    with opened(path) as store:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "user_version", "application_id")
        values = [store._database.raw.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]

    assert values == ["wal", 2, 1, 5000, len(STEPS), files.APPLICATION_ID]


def test_closing_leaves_one_file_and_can_be_repeated(full):
    store = Store.open(full, "run")
    store.close()
    store.close()

    assert list(everything(full.parent)) == ["inkstone.db"]
    assert list((full.parent / "runs").iterdir()) == []


def test_any_name_of_a_file_can_be_opened(tmp_path):
    path = tmp_path / "100% #?&=;  ünï 中文" / "a?b#c%20d.db"
    with opened(path) as store:
        store.conversations.create("Tea")
    with opened(path) as store:
        assert [one.title for one in store.conversations.list()] == ["Tea"]
    assert list(everything(path.parent)) == [path.name]


def test_opening_does_not_import_the_object_mapper():
    code = (
        "import sys, tempfile, pathlib; from assistant.store.store import Store\n"
        "store = Store.open(pathlib.Path(tempfile.mkdtemp()) / 'a.db', 'run'); store.close()\n"
        "print([name for name in sys.modules if name.startswith('sqlalchemy.orm')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_two_stores_in_one_process_do_not_take_each_others_locks(full):
    with opened(full, "one") as one, opened(full, "two") as two:
        made = one.conversations.list()[0]
        two.conversations.rename(made.id, "by two")
        assert check(full) == []
        assert one.conversations.get(made.id).title == "by two"
        one.conversations.rename(made.id, "by one")
        assert two.conversations.get(made.id).title == "by one"


# --- refused ---


def test_a_file_that_is_no_database_is_refused(full):
    full.write_bytes(b"Dear diary,\n" * 1_000)
    refused(full, DatabaseDamaged)


def test_a_short_file_that_is_no_database_is_refused(full):
    full.write_bytes(b"x")
    refused(full, DatabaseDamaged)


def test_a_zeroed_header_is_refused(full):
    full.write_bytes(bytes(100) + full.read_bytes()[100:])
    refused(full, DatabaseDamaged)


def test_a_file_of_nothing_but_zeros_is_refused(full):
    full.write_bytes(bytes(full.stat().st_size))
    refused(full, DatabaseDamaged)


@pytest.mark.parametrize("kept", [50, 99, 4096, 8192, -4096, -1])
def test_a_truncated_database_is_refused(full, kept):
    full.write_bytes(full.read_bytes()[:kept])
    refused(full, DatabaseDamaged)


def test_a_damaged_schema_is_refused(full):
    data = bytearray(full.read_bytes())
    data[100:4096] = os.urandom(3996)
    full.write_bytes(data)
    refused(full, DatabaseDamaged)


def test_damage_further_in_is_found_by_reading_and_by_the_check(full):
    data = bytearray(full.read_bytes())
    size = len(data)
    data[size // 2 : size // 2 + 20_000] = bytes(20_000)
    full.write_bytes(data)

    with opened(full) as store:
        assert store.check()
        with pytest.raises(DatabaseDamaged):
            store.conversations.messages(1)
    assert check(full)


def test_rows_that_point_nowhere_are_found_by_the_check(full):
    with closing(sqlite3.connect(full)) as raw, raw:
        raw.execute("DELETE FROM message WHERE id = 1")

    assert "points to no message" in check(full)[0]


def test_an_empty_file_is_a_new_database(path):
    path.parent.mkdir()
    path.touch()
    with opened(path) as store:
        assert store.conversations.list() == []


@pytest.mark.parametrize("is_there", [True, False])
def test_an_empty_database_with_a_full_log_is_not_thrown_away(full, is_there):
    with opened(full) as store:
        store.conversations.create("only in the log")
        log = full.with_name("inkstone.db-wal").read_bytes()
    full.unlink()
    if is_there:
        full.touch()
    full.with_name("inkstone.db-wal").write_bytes(log)

    assert "inkstone.db-wal" in refused(full, DatabaseDamaged).message


def test_another_programs_database_is_refused(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE bookmarks (url TEXT)")
    assert "another program" in refused(path, DatabaseDamaged).message


def test_another_application_id_is_refused(full):
    with closing(sqlite3.connect(full)) as raw:
        raw.execute("PRAGMA application_id=1")
    assert "another program" in refused(full, DatabaseDamaged).message


def newer(path):
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version={len(STEPS) + 1}")
    return raw


def test_a_newer_database_is_refused(full):
    newer(full).close()
    error = refused(full, DatabaseTooNew)
    assert (error.values["found"], error.values["known"]) == (len(STEPS) + 1, len(STEPS))


def test_a_newer_database_in_use_by_a_newer_inkstone_is_refused(full):
    with closing(newer(full)) as raw:
        refused(full, DatabaseTooNew)
        raw.execute("PRAGMA user_version")  # it still works


def test_a_folder_in_its_place_is_refused(path):
    path.mkdir(parents=True)
    refused(path, DatabaseDamaged)


def test_a_pipe_in_its_place_is_refused_and_not_waited_for(path):
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(DatabaseDamaged):
        Store.open(path, "run")


def test_a_file_where_the_folder_should_be_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseReadOnly):
        Store.open(tmp_path / "file" / "inkstone.db", "run")


@pytest.mark.parametrize("mode", ["exclusive", "busy"])
def test_a_database_that_another_program_holds_is_refused(full, mode):
    with closing(sqlite3.connect(full, isolation_level=None)) as other:
        if mode == "exclusive":
            other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE conversation SET title = 'held'")
        with pytest.raises(DatabaseLocked):
            Store.open(full, "run", busy_timeout_s=0.1)
        other.execute("COMMIT")
    with opened(full) as store:
        assert [one.title for one in store.conversations.list()] == ["held"]


def test_a_new_database_that_another_program_is_making_is_waited_for(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            Store.open(path, "run", busy_timeout_s=0.1)
        other.execute("ROLLBACK")
    with opened(path) as store:
        assert store.conversations.list() == []


def test_the_check_of_a_database_that_another_program_holds_says_so(full):
    with closing(sqlite3.connect(full, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            check(full, busy_timeout_s=0.1)
        other.execute("ROLLBACK")


def test_a_writer_waits_for_another_and_then_says_so(full):
    with opened(full, busy_timeout_s=0.1) as store, closing(sqlite3.connect(full, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            store.conversations.create("Coffee")
        assert len(store.conversations.list()) == 1  # readers do not wait
        other.execute("ROLLBACK")
        store.conversations.create("Coffee")
        assert len(store.conversations.list()) == 2


def open_as_a_mere_user(path):
    """Open where permissions hold even for root; what is raised goes on."""
    as_a_mere_user(lambda: Store.open(path, "run").close())


@pytest.mark.parametrize(("locked", "mode"), [("file", 0o400), ("folder", 0o500), ("file", 0)])
def test_what_cannot_be_written_is_refused(full, locked, mode):
    {"file": full, "folder": full.parent}[locked].chmod(mode)
    try:
        with pytest.raises(DatabaseReadOnly):
            open_as_a_mere_user(full)
    finally:
        full.parent.chmod(0o700)
        full.chmod(0o600)
    assert list(everything(full.parent)) == ["inkstone.db"]
    with opened(full) as store:
        assert len(store.conversations.list()) == 1


def test_a_new_database_cannot_be_made_in_a_read_only_folder(path):
    path.parent.mkdir()
    path.parent.chmod(0o500)
    try:
        with pytest.raises(DatabaseReadOnly):
            open_as_a_mere_user(path)
    finally:
        path.parent.chmod(0o700)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
def test_another_users_database_that_may_be_written_is_used_as_it_is(full):
    full.chmod(0o666)
    os.chown(full, 12345, 12345)
    open_as_a_mere_user(full)
    assert full.stat().st_mode & 0o777 == 0o666


def test_a_database_that_becomes_read_only_while_open_is_said_so(full):
    with opened(full) as store:
        store._database.raw.execute("PRAGMA query_only=ON")
        with pytest.raises(DatabaseReadOnly):
            store.conversations.create("x")
        store._database.raw.execute("PRAGMA query_only=OFF")


def test_a_failing_disk_is_named_and_a_mistake_of_ours_is_not(tmp_path):
    broken = sqlite3.OperationalError("disk I/O error")
    broken.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    with pytest.raises(DiskFailed), translated(tmp_path):
        raise broken
    with pytest.raises(sqlite3.OperationalError), translated(tmp_path), closing(sqlite3.connect(":memory:")) as raw:
        raw.execute("SELECT * FROM nothing")


def test_what_was_refused_once_can_be_opened_when_it_is_whole_again(full):
    whole = full.read_bytes()
    full.write_bytes(whole[:5_000])
    refused(full, StoreError)
    full.write_bytes(whole)
    with opened(full) as store:
        assert len(texts(store.conversations.branch(1))) == 100
