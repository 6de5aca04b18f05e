"""The one connection to the SQLite file: how it is opened, and the two kinds of transaction on it.

SQLAlchemy on sqlite3 begins no transaction before DDL and so leaves half a migration behind. Two engine listeners
change that: the driver is put in autocommit, and every transaction begins with an explicit statement of ours.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from assistant.errors import DatabaseLocked
from assistant.store.faults import translated
from assistant.store.files import keep_private, prepare, read_marks, refuse_other_versions, uri

BUSY_TIMEOUT_S = 5.0
"""So long another process may hold the file before DatabaseLocked is raised."""

_RETRY_S = 0.02


class Database:
    """One open file. One thread at a time may use it; transactions do not nest."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self.path = path
        self._connection = connection
        self._is_reading = False
        event.listen(connection.engine, "begin", self._begin)

    @classmethod
    def open(cls, path: Path, known_version: int, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Database:
        """Open ``path``, made when missing; refuse it, untouched, when it is not ours or newer than ``known_version``.

        Blocks for at most about ``busy_timeout_s``. Raises DatabaseDamaged, DatabaseLocked, DatabaseReadOnly,
        DatabaseTooNew, DiskFull or DiskFailed.
        """
        prepare(path, known_version, busy_timeout_s)
        address = uri(path, "mode=rw")
        engine = create_engine(
            "sqlite+pysqlite://",
            # the thread that opens need not be the one that uses it afterwards
            creator=lambda: sqlite3.connect(address, uri=True, timeout=busy_timeout_s, check_same_thread=False),
            poolclass=NullPool,
            hide_parameters=True,  # what people write must not get into logs by way of an exception
        )
        event.listen(engine, "connect", _set_up)
        with translated(path):
            connection = engine.connect()
        database = cls(path, connection)
        try:
            with translated(path):
                refuse_other_versions(path, *read_marks(database.raw), known_version)
                _use_write_ahead_log(database.raw, path, busy_timeout_s)
                with database.write():
                    pass  # a file that cannot be written is found here
            keep_private(path)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def raw(self) -> sqlite3.Connection:
        """The driver's connection, for what SQLAlchemy has no words for."""
        raw = self._connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        return raw

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database; writers neither wait for it nor hold it up."""
        self._is_reading = True
        try:
            with translated(self.path), self._connection.begin():
                yield self._connection
        finally:
            self._is_reading = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its beginning, DDL included; undone when an exception leaves it.

        On the disk when the block is left. Raises StoreError.
        """
        with translated(self.path), self._connection.begin():
            yield self._connection

    def close(self) -> None:
        """Give the file back. Safe to call twice."""
        with translated(self.path):
            self._connection.close()

    def _begin(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if self._is_reading else "BEGIN IMMEDIATE")


def _set_up(raw: sqlite3.Connection, _record: object) -> None:
    """Set what holds for one connection and is not kept in the file."""
    raw.isolation_level = None
    raw.execute("PRAGMA foreign_keys=ON")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA trusted_schema=OFF")
    raw.execute("PRAGMA cell_size_check=ON")
    raw.execute("PRAGMA journal_size_limit=33554432")


def _use_write_ahead_log(raw: sqlite3.Connection, path: Path, busy_timeout_s: float) -> None:
    """Switch to WAL. Two processes that make the file together are told to wait at once, so wait here."""
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            with translated(path):
                raw.execute("PRAGMA journal_mode=WAL").fetchone()
            return
        except DatabaseLocked:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
