"""The database as a file: made for this user alone, and looked at before SQLite may touch it."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from assistant.errors import DatabaseDamaged, DatabaseReadOnly, DatabaseTooNew
from assistant.i18n import N_, Sentence
from assistant.store.faults import of_system, translated

APPLICATION_ID = 0x496E6B73
"""“Inks” in the file's header."""

NOT_A_FILE = N_("it is not an ordinary file")
CUT_OFF = N_("its end is missing")
NOT_OURS = N_("it belongs to another program")
WITHOUT_ITS_DATA = N_("it is empty, but “{log}” still holds a part of it")

SMALLEST_SIZE_BYTES = 512
"""SQLite's smallest page. It takes what is shorter for an empty file and writes over it."""

_log = logging.getLogger(__name__)


def beside(path: Path, ending: str) -> Path:
    """Return the file that SQLite keeps beside a database: ``-wal`` or ``-shm``."""
    return path.with_name(path.name + ending)


def prepare(path: Path, known_version: int, busy_timeout_s: float) -> None:
    """Make an empty file where there is none, or look whether the one there may be opened; changes nothing then.

    Raises DatabaseReadOnly, DatabaseDamaged, DatabaseTooNew or DiskFull.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _refuse_a_log_alone(path)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            return
        if not stat.S_ISREG(path.stat().st_mode):
            raise DatabaseDamaged(path=path, reason=Sentence(NOT_A_FILE))
        size_bytes = path.stat().st_size
    except OSError as error:
        raise of_system(error, path) from error
    if size_bytes == 0:
        _refuse_a_log_alone(path)
    elif size_bytes < SMALLEST_SIZE_BYTES:
        raise DatabaseDamaged(path=path, reason=Sentence(CUT_OFF))
    elif os.access(path, os.R_OK):
        _look_inside(path, known_version, busy_timeout_s)
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)):
        raise DatabaseReadOnly(path=path)


def refuse_other_versions(path: Path, application_id: int, version: int, known_version: int) -> None:
    """Raise DatabaseDamaged for another program's database, DatabaseTooNew for a later Inkstone's."""
    if application_id not in (0, APPLICATION_ID) or (application_id == 0 and version):
        raise DatabaseDamaged(path=path, reason=Sentence(NOT_OURS))
    if version > known_version:
        raise DatabaseTooNew(path=path, found=version, known=known_version)


def keep_private(path: Path) -> None:
    """Let nobody but this user read the database and what lies beside it."""
    for file in (path, beside(path, "-wal"), beside(path, "-shm")):
        try:
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)
        except FileNotFoundError:
            continue
        except OSError as error:
            _log.info("the permissions of %s stay as they are: %s", file.name, error.strerror)


def uri(path: Path, options: str) -> str:
    """Return the address by which SQLite opens ``path`` with ``options``."""
    return f"{path.absolute().as_uri()}?{options}"


def _refuse_a_log_alone(path: Path) -> None:
    """SQLite deletes the log of an empty database; it may be all that is left of a full one."""
    log = beside(path, "-wal")
    if log.exists() and log.stat().st_size:
        raise DatabaseDamaged(path=path, reason=Sentence(WITHOUT_ITS_DATA, {"log": log}))


def _look_inside(path: Path, known_version: int, busy_timeout_s: float) -> None:
    """Read the header without locks, without a log, without a trace.

    Where there is a log the newest header may be in it; then only SQLite itself can tell, and may only read.
    """
    log = beside(path, "-wal")
    has_log = log.exists() and log.stat().st_size > 0
    try:
        header = _read_header(path, has_log, busy_timeout_s)
    except DatabaseDamaged:
        if has_log or not log.exists():
            raise
        # another process began to write while we read without locks
        header = _read_header(path, True, busy_timeout_s)
    application_id, version, tables = header
    if tables and application_id == 0:
        raise DatabaseDamaged(path=path, reason=Sentence(NOT_OURS))
    refuse_other_versions(path, application_id, version, known_version)


def _read_header(path: Path, has_log: bool, busy_timeout_s: float) -> tuple[int, int, int]:
    address = uri(path, "mode=ro" if has_log else "immutable=1")
    with translated(path), closing(sqlite3.connect(address, uri=True, timeout=busy_timeout_s)) as raw:
        application_id, version = read_marks(raw)
        tables: int = raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not has_log and path.stat().st_size < _pragma(raw, "page_count") * _pragma(raw, "page_size"):
            raise DatabaseDamaged(path=path, reason=Sentence(CUT_OFF))
    return application_id, version, tables


def read_marks(raw: sqlite3.Connection) -> tuple[int, int]:
    """Return the application id and the schema's version."""
    return _pragma(raw, "application_id"), _pragma(raw, "user_version")


def _pragma(raw: sqlite3.Connection, name: str) -> int:
    value: int = raw.execute(f"PRAGMA {name}").fetchone()[0]
    return value
