"""Which runs of the program are alive: each holds the lock on a file of its own as long as its process lives.

The system gives the lock back whatever ends the process, and no other process can be mistaken for it, as could happen
with process numbers.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import uuid
from pathlib import Path

_log = logging.getLogger(__name__)

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        """Take the lock, or raise PermissionError when another process has it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        """Take the lock, or raise BlockingIOError when another process has it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class RunLock:
    """The sign of life of this run: a locked file in the folder ``runs`` beside the database."""

    def __init__(self, run_id: str, file: Path, descriptor: int) -> None:
        self.run_id = run_id
        self._file = file
        self._descriptor = descriptor

    @classmethod
    def take(cls, database: Path, run_id: str) -> RunLock:
        """Be alive as ``run_id``, or under a longer name when another process lives by that one. Raises OSError."""
        if not is_run_id(run_id):
            raise ValueError(f"not a run id: {run_id!r}")
        file = lock_file(database, run_id)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        if is_held(descriptor):
            os.close(descriptor)
            return cls.take(database, f"{run_id}-{uuid.uuid4().hex}")
        return cls(run_id, file, descriptor)

    def release(self) -> None:
        """Be no longer alive."""
        os.close(self._descriptor)
        self._file.unlink(missing_ok=True)


def lock_file(database: Path, run_id: str) -> Path:
    """Return the file that a run holds locked."""
    return database.parent / "runs" / f"{run_id}.lock"


def is_run_id(text: str) -> bool:
    """Say whether ``text`` can name a run and its file."""
    return re.fullmatch(r"[A-Za-z0-9-]{1,200}", text) is not None


def is_alive(database: Path, run_id: str) -> bool:
    """Say whether a process lives that took ``run_id``."""
    if not is_run_id(run_id):
        return False
    try:
        descriptor = os.open(lock_file(database, run_id), os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # there, and not ours to judge
    try:
        return is_held(descriptor)
    finally:
        os.close(descriptor)


def is_held(descriptor: int) -> bool:
    """Take the lock on an open file; say whether another process has it.

    Where the file system knows no locks nobody has them. A run taken for dead by that loses nothing: what it goes on
    to save is saved, and its answer's status put right.
    """
    try:
        _lock(descriptor)
    except (BlockingIOError, PermissionError):
        return True
    except OSError as error:
        _log.info("no locks on this file system: %s", error.strerror)
    return False


def forget(database: Path, run_id: str) -> None:
    """Remove the file of a run that is dead."""
    if is_run_id(run_id):
        try:
            lock_file(database, run_id).unlink(missing_ok=True)
        except OSError as error:
            _log.info("the lock file of a dead run stays: %s", error.strerror)
