"""What a dead run left behind: its answers that nobody writes any more."""

from __future__ import annotations

import logging
import os
from datetime import datetime

from sqlalchemy import Update, delete, insert, select, update

from assistant.store.database import Database
from assistant.store.rows import Status
from assistant.store.runs import forget, is_alive
from assistant.store.tables import message, run, to_microseconds

_log = logging.getLogger(__name__)

_STREAMING = message.c.status == Status.STREAMING.value


def register(database: Database, run_id: str, now: datetime) -> None:
    """Write down that a run began; it must hold its lock already."""
    with database.write() as connection:
        connection.execute(delete(run).where(run.c.id == run_id))
        connection.execute(insert(run).values(id=run_id, pid=os.getpid(), started_at=to_microseconds(now)))


def unregister(database: Database, run_id: str) -> None:
    """Write down that a run ended as it should; answers it still wrote are marked as interrupted."""
    with database.write() as connection:
        connection.execute(_interrupt([run_id]))
        connection.execute(delete(run).where(run.c.id == run_id))


def repair(database: Database, own_run_id: str) -> tuple[int, int]:
    """Mark the answers of dead runs as interrupted; returns how many answers, and how many runs ended badly.

    Answers of processes that live are left alone, however long they take.
    """
    with database.write() as connection:
        started = {row[0] for row in connection.execute(select(run.c.id))}
        writing = {row[0] for row in connection.execute(select(message.c.run_id).where(_STREAMING).distinct())}
        others = sorted((started | writing) - {own_run_id})
        dead = [run_id for run_id in others if not is_alive(database.path, run_id)]
        if not dead:
            return 0, 0
        repaired = connection.execute(_interrupt(dead)).rowcount
        connection.execute(delete(run).where(run.c.id.in_(dead)))
    for run_id in dead:
        forget(database.path, run_id)
    _log.info("%d runs did not end well and left %d answers", len(dead), repaired)
    return repaired, len(dead)


def _interrupt(run_ids: list[str]) -> Update:
    return update(message).where(_STREAMING, message.c.run_id.in_(run_ids)).values(status=Status.INTERRUPTED.value)
