"""Databases as earlier schemas left them, kept as SQL in ``tests/data/old_databases``, one file a schema.

``python -m tests.fakes.old_databases`` records the schema of today, with something in every table. A record is never
changed afterwards.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from assistant.store.migrations import STEPS
from assistant.store.rows import Setup, Status
from tests.fakes.stores import USAGE, Clock, opened, say

FOLDER = Path(__file__).parent.parent / "data" / "old_databases"


def records():
    """Every record, the oldest first."""
    return sorted(FOLDER.glob("*.sql"), key=lambda file: int(file.stem))


def rebuild(record: Path, path: Path):
    """Make a database of a record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(record.read_text(encoding="utf-8"))


def schema_of(path: Path):
    """The statements that made the tables and indexes, by name."""
    with closing(sqlite3.connect(path)) as raw:
        return dict(raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def fill(store):
    """Put something into every table: versions, each status, a trash, drafts, names of many scripts."""
    conversations = store.conversations
    tea = conversations.create("茶 Tea", "Be brief.", {"temperature": 0.5}, "small")
    first = say(store, tea.id, "Which tea?", "And\nwhy? 🍵")
    say(store, tea.id, "Which coffee?", parent_id=None)
    conversations.select(first[0])
    conversations.answer(first[0], content="being written")
    conversations.finish(conversations.answer(first[0]).id, "cut", Status.STOPPED, USAGE)
    crashed = conversations.start("And now?", title="second")[2]
    conversations.finish(crashed.id, "", Status.FAILED, USAGE, "engine_crashed", {"reason": "killed"})
    conversations.rename(crashed.conversation_id, "by hand")
    conversations.delete(conversations.start("forget this")[0].id)
    store.drafts.set_new("for a new one", Setup("Be kind.", {"top_k": 7}))
    store.drafts.set(tea.id, "not sent")
    store.checked()


def dump(path: Path):
    """The whole database as SQL."""
    with closing(sqlite3.connect(path)) as raw:
        marks = [
            f"PRAGMA {name}={raw.execute(f'PRAGMA {name}').fetchone()[0]};"
            for name in ("application_id", "user_version")
        ]
        return "\n".join([*marks, *raw.iterdump()]) + "\n"


def main():
    """Record the schema of today."""
    target = FOLDER / f"{len(STEPS)}.sql"
    if target.exists():
        sys.exit(f"{target} is there already")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inkstone.db"
        with opened(path, now=Clock()) as store:
            fill(store)
            text = dump(path)
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
