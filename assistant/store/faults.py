"""What SQLite complains about, as errors a person can act on."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from assistant.errors import (
    DatabaseDamaged,
    DatabaseLocked,
    DatabaseReadOnly,
    DiskFailed,
    DiskFull,
    StoreError,
)
from assistant.i18n import N_, Sentence

UNREADABLE_TEXT = N_("a text in it cannot be read")

_BY_CODE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_BUSY: DatabaseLocked,
    sqlite3.SQLITE_LOCKED: DatabaseLocked,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_PERM: DatabaseReadOnly,
    sqlite3.SQLITE_CANTOPEN: DatabaseReadOnly,
    sqlite3.SQLITE_FULL: DiskFull,
    # how a quota (EDQUOT) and a limit on a file's size (EFBIG) show; only ENOSPC becomes SQLITE_FULL
    sqlite3.SQLITE_IOERR_WRITE: DiskFull,
    sqlite3.SQLITE_IOERR_TRUNCATE: DiskFull,
    sqlite3.SQLITE_IOERR_SHMSIZE: DiskFull,
    sqlite3.SQLITE_IOERR: DiskFailed,
    sqlite3.SQLITE_IOERR_SHORT_READ: DatabaseDamaged,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
}
"""The most exact code that is listed wins: the extended one, else its last byte, the primary one."""


def of_system(error: OSError, path: Path) -> StoreError:
    """Return what the system's refusal about ``path`` means for the database."""
    if error.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", None)):
        return DiskFull(path=path)
    return DiskFailed(path=path) if error.errno == errno.EIO else DatabaseReadOnly(path=path)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what SQLite raises inside as a StoreError about ``path``; mistakes of ours pass unchanged."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        code: int | None = getattr(original, "sqlite_errorcode", None)
        if code is None and isinstance(original, sqlite3.OperationalError):
            # the driver's own complaint about a text that is not UTF-8; it quotes it, so it must not go on
            raise DatabaseDamaged(path=path, reason=Sentence(UNREADABLE_TEXT)) from None
        store_error = _store_error(original, code, path) if code else None
        if store_error is None:
            raise
        raise store_error from error


def _store_error(original: BaseException | None, code: int, path: Path) -> StoreError | None:
    kind = _BY_CODE.get(code) or _BY_CODE.get(code & 0xFF)
    if kind is DatabaseDamaged:
        return DatabaseDamaged(path=path, reason=str(original))
    return kind(path=path) if kind else None
