"""Whether the database is sound. Reads all of it: 240 ms at 100,000 messages, so not on the main thread."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.store.faults import translated
from assistant.store.files import uri

MOST_PROBLEMS = 20


def check(path: Path, busy_timeout_s: float = 5.0) -> list[str]:
    """Return what is wrong with the database, in SQLite's words; an empty list when nothing is.

    Opens the file on its own, only to read, so any thread may call it. Raises StoreError when nothing can be read.
    """
    with translated(path), closing(sqlite3.connect(uri(path, "mode=ro"), uri=True, timeout=busy_timeout_s)) as raw:
        return problems(raw)


def problems(raw: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong in its pages, and rows that point to none."""
    found: list[str] = []
    try:
        found += [row[0] for row in raw.execute(f"PRAGMA quick_check({MOST_PROBLEMS})") if row[0] != "ok"]
        orphans = raw.execute("PRAGMA foreign_key_check").fetchmany(MOST_PROBLEMS)
        found += [f"row {row[1]} of {row[0]} points to no {row[2]}" for row in orphans]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        found.append(str(error))  # so damaged that the check could not go on
    return found
