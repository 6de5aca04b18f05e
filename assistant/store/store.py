"""The store: one SQLite file with everything that is remembered, opened for one run of the program."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from assistant.errors import DiskFull, StoreError
from assistant.store import repair
from assistant.store.check import check
from assistant.store.conversations import Conversations
from assistant.store.database import BUSY_TIMEOUT_S, Database
from assistant.store.drafts import Drafts
from assistant.store.faults import of_system
from assistant.store.migrations import STEPS, upgrade
from assistant.store.runs import RunLock
from assistant.store.tables import fact, to_microseconds
from assistant.store.writing import utc_now

CHECK_EVERY = timedelta(days=7)

_CHECKED_AT = "checked_at"
_log = logging.getLogger(__name__)


class Store:
    """Everything that is remembered. Main thread only, ``check`` excepted.

    ``conversations`` and ``drafts`` hold the abilities; ``run_id`` marks the answers that this process writes.
    """

    def __init__(self, database: Database, run: RunLock, now: Callable[[], datetime]) -> None:
        self._database = database
        self._run = run
        self._now = now
        self._is_open = True
        self._found_dead_runs = False
        self.path = database.path
        self.run_id = run.run_id
        self.conversations = Conversations(database, run.run_id, now)
        self.drafts = Drafts(database, now)

    @classmethod
    def open(
        cls,
        path: Path,
        run_id: str,
        *,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        now: Callable[[], datetime] = utc_now,
    ) -> Store:
        """Open the database at ``path``, made when missing, and bring it up to date; a copy is kept before that.

        ``run_id`` is letters, digits and dashes, different for each start. Blocks while another process holds the
        file, at most ``busy_timeout_s``. Raises StoreError; the file is then as it was. A full disk is a reason only
        where there is no database yet: what is there can be read.
        """
        database = Database.open(path, len(STEPS), busy_timeout_s)
        run = None
        try:
            upgrade(database)
            run = _come_alive(path, run_id)
            with _full_disk_is_no_reason("this run is not on the list"):
                repair.register(database, run.run_id, now())
        except BaseException:
            database.close()
            if run:
                run.release()
            raise
        return cls(database, run, now)

    def repair(self) -> int:
        """Mark what dead processes were writing as interrupted; returns how many answers. Others are left alone.

        On a full disk nothing is marked, and 0 returned.
        """
        repaired = dead_runs = 0
        with _full_disk_is_no_reason("answers of dead runs are not marked"):
            repaired, dead_runs = repair.repair(self._database, self.run_id)
        self._found_dead_runs = self._found_dead_runs or dead_runs > 0
        return repaired

    @property
    def is_check_due(self) -> bool:
        """Whether ``check`` should be run: ``repair`` found an unclean exit, or none was within a week."""
        with self._database.read() as connection:
            checked_at = connection.execute(select(fact.c.value).where(fact.c.name == _CHECKED_AT)).scalar()
        if checked_at is None or self._found_dead_runs:
            return True
        return not 0 <= to_microseconds(self._now()) - checked_at < CHECK_EVERY // timedelta(microseconds=1)

    def check(self) -> str:
        """Read the whole file; returns what is wrong with it in SQLite's words, empty when nothing is.

        May be called from any thread, on a connection of its own: 240 ms at 100,000 messages. Raises StoreError when
        nothing can be read.
        """
        return "; ".join(check(self.path))

    def checked(self) -> None:
        """Note that ``check`` found nothing wrong now."""
        values = {"value": to_microseconds(self._now())}
        with self._database.write() as connection:
            row = insert(fact).values(name=_CHECKED_AT, **values)
            connection.execute(row.on_conflict_do_update(index_elements=[fact.c.name], set_=values))
        self._found_dead_runs = False

    def close(self) -> None:
        """Give the file back; answers still being written are marked as interrupted. Safe to call twice."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            repair.unregister(self._database, self.run_id)
        except StoreError as error:
            _log.info("the next start has to repair the database: %s", error.kind)
        finally:
            self._database.close()
            self._run.release()


def _come_alive(path: Path, run_id: str) -> RunLock:
    try:
        return RunLock.take(path, run_id)
    except OSError as error:
        raise of_system(error, path) from error


@contextmanager
def _full_disk_is_no_reason(consequence: str) -> Iterator[None]:
    """Go on although the disk is full, and note what was left out."""
    try:
        yield
    except DiskFull:
        _log.info("the disk is full: %s", consequence)
