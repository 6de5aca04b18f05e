from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from assistant.errors import DatabaseDamaged, DatabaseTooNew, DiskFull
from assistant.store.check import check
from assistant.store.database import Database
from assistant.store.migrations import STEPS, Step, copy_before, upgrade
from assistant.store.rows import Setup, Status
from assistant.store.tables import metadata
from tests.fakes import old_databases
from tests.fakes.stores import everything, files_limited_to, opened, texts

BROKEN = Step(
    "breaks in the middle", ("CREATE TABLE half (id INTEGER)", "ALTER TABLE message ADD COLUMN x", "NONSENSE")
)
GOOD = Step("adds a column", ("ALTER TABLE message ADD COLUMN rating INTEGER NOT NULL DEFAULT 0",))


@pytest.fixture
def path(tmp_path):
    """A database as the schema of today made it."""
    path = tmp_path / "inkstone.db"
    old_databases.rebuild(old_databases.records()[-1], path)
    return path


def upgraded(path, *more):
    """Open a database as a program would that knows ``more`` steps; returns how many were run."""
    steps = (*STEPS, *more)
    database = Database.open(path, len(steps))
    try:
        return upgrade(database, steps)
    finally:
        database.close()


def contents(path):
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as raw:
        return list(raw.iterdump())


@pytest.mark.parametrize("record", old_databases.records(), ids=lambda record: record.stem)
def test_every_recorded_database_opens_with_all_it_holds(tmp_path, record):
    path = tmp_path / "inkstone.db"
    old_databases.rebuild(record, path)

    with opened(path, "now") as store:
        assert store.repair() == 2
        assert [one.title for one in store.conversations.list()] == ["by hand", "茶 Tea"]
        tea = store.conversations.list()[1]
        assert (tea.system_prompt, tea.sampling, tea.messages) == ("Be brief.", {"temperature": 0.5}, 8)
        assert texts(store.conversations.branch(tea.id)) == ["Which tea?", "cut"]
        assert len(texts(store.conversations.messages(tea.id))) == 8
        assert store.conversations.message(7).status is Status.INTERRUPTED
        assert store.drafts.get(None) == "for a new one"
        assert store.drafts.setup() == (Setup() if record.stem == "1" else Setup("Be kind.", {"top_k": 7}))
        assert store.check() == ""


@pytest.mark.parametrize("record", old_databases.records(), ids=lambda record: record.stem)
def test_every_recorded_database_becomes_what_a_new_one_is(tmp_path, record):
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    old_databases.rebuild(record, old)
    for path in (old, new):
        with opened(path):
            pass

    assert old_databases.schema_of(old) == old_databases.schema_of(new)


def test_the_schema_of_today_is_recorded():
    assert old_databases.records()[-1].stem == str(len(STEPS)), "run python -m tests.fakes.old_databases"


def test_a_new_database_is_the_recorded_one(tmp_path):
    old_databases.rebuild(old_databases.records()[-1], tmp_path / "recorded.db")
    with opened(tmp_path / "new.db"):
        pass
    recorded, new = (old_databases.schema_of(tmp_path / name) for name in ("recorded.db", "new.db"))
    assert recorded == new, "a released step was edited, or a new one not recorded"


def test_the_tables_are_declared_as_they_are_made(tmp_path):
    with opened(tmp_path / "new.db") as store:
        ask = store._database.raw.execute
        made = {name: [column[1] for column in ask(f"PRAGMA table_info({name})")] for name in metadata.tables}

    assert set(metadata.tables) < set(old_databases.schema_of(tmp_path / "new.db"))
    assert made == {name: [column.name for column in table.columns] for name, table in metadata.tables.items()}


def test_a_new_database_needs_no_copy(tmp_path):
    with opened(tmp_path / "new.db"):
        pass
    assert list(everything(tmp_path)) == ["new.db"]


def test_a_copy_is_kept_before_a_step(path):
    before = contents(path)

    assert upgraded(path, GOOD) == 1

    copy = copy_before(path, len(STEPS) + 1)
    assert sorted(everything(path.parent)) == sorted([path.name, copy.name])
    assert contents(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert check(copy) == []
    assert contents(path) != before


def test_the_copy_can_be_put_in_the_databases_place(path):
    upgraded(path, GOOD)
    copy_before(path, len(STEPS) + 1).replace(path)

    with opened(path) as store:
        assert len(store.conversations.list()) == 2


def test_every_step_since_the_oldest_schema_is_run_after_one_copy(tmp_path):
    path = tmp_path / "inkstone.db"
    old_databases.rebuild(old_databases.records()[0], path)
    before = contents(path)

    assert upgraded(path) == len(STEPS) - 1

    copy = copy_before(path, 2)
    assert sorted(everything(path.parent)) == sorted([path.name, copy.name])
    assert contents(copy) == before


def test_steps_are_run_once(path):
    assert upgraded(path, GOOD) == 1
    assert upgraded(path, GOOD) == 0
    with pytest.raises(DatabaseTooNew):
        upgraded(path)


@pytest.mark.parametrize("steps", [(BROKEN,), (GOOD, BROKEN)])
def test_a_step_that_breaks_leaves_nothing_behind(path, steps):
    before = contents(path)

    with pytest.raises(Exception, match="NONSENSE"):
        upgraded(path, *steps)

    assert contents(path) == before
    with opened(path) as store:
        assert len(store.conversations.list()) == 2
    assert upgraded(path, GOOD) == 1


def test_a_broken_first_step_leaves_an_empty_file(tmp_path):
    path = tmp_path / "new.db"
    database = Database.open(path, 1)
    with pytest.raises(Exception, match="NONSENSE"):
        upgrade(database, (Step("broken", ("CREATE TABLE half (id INTEGER)", "NONSENSE")),))
    database.close()

    with opened(path) as store:
        assert store.conversations.list() == []


def test_a_damaged_database_is_not_migrated(path):
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DELETE FROM message WHERE id = 1")
    before = contents(path)

    with pytest.raises(DatabaseDamaged):
        upgraded(path, GOOD)

    assert contents(path) == before
    assert list(everything(path.parent)) == [path.name]


def test_no_room_for_the_copy_means_no_migration(path):
    before = contents(path)

    with files_limited_to(20_000), pytest.raises(DiskFull):
        upgraded(path, GOOD)

    assert contents(path) == before
    assert list(everything(path.parent)) == [path.name]
    assert upgraded(path, GOOD) == 1


def test_a_second_process_waits_for_the_first_to_migrate(path):
    """Whoever gets the write lock second finds nothing left to do."""
    steps = (*STEPS, GOOD)
    first, second = Database.open(path, len(steps)), Database.open(path, len(steps))

    assert [upgrade(first, steps), upgrade(second, steps)] == [1, 0]

    first.close()
    second.close()
