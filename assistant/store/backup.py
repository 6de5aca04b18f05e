"""A whole copy of the database beside it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.errors import DatabaseDamaged
from assistant.store.check import problems
from assistant.store.faults import of_system, translated
from assistant.store.files import uri


def copy_database(source: Path, target: Path) -> None:
    """Copy what was last committed to ``source`` to ``target``; whole and sound, or not at all.

    Reads on a connection of its own: SQLite copies nothing from one that holds the write lock. Takes seconds for
    gigabytes. An older ``target`` is replaced at the end. Raises DatabaseDamaged when the copy, and so the source, has
    damage; DiskFull.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with translated(target), closing(sqlite3.connect(part)) as copy:
            with closing(sqlite3.connect(uri(source, "mode=ro"), uri=True)) as original:
                original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            found = problems(copy)
        if found:
            raise DatabaseDamaged(path=source, reason=found[0])
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise of_system(error, target) from error
    finally:
        part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have a file or folder written to the disk, where the system can open it for that."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
