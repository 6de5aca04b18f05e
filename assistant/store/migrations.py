"""How the database came to be what it is: named steps in order, each run once.

To change the schema, append a ``Step`` to ``STEPS`` and bring ``tables`` up to date; never edit a step that was
released. Then run ``python -m tests.fakes.old_databases`` to record what the new schema looks like.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from assistant.store.backup import copy_database
from assistant.store.database import Database
from assistant.store.files import APPLICATION_ID

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """One change of the schema: a name for the log, and the statements."""

    name: str
    statements: tuple[str, ...]


STEPS: tuple[Step, ...] = (
    Step(
        "conversations, messages, drafts and runs",
        (
            """CREATE TABLE conversation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    leaf_id INTEGER,
    system_prompt TEXT NOT NULL,
    sampling TEXT NOT NULL,
    model_id TEXT NOT NULL,
    is_named INTEGER NOT NULL,
    message_count INTEGER NOT NULL,
    FOREIGN KEY (id, leaf_id) REFERENCES message (conversation_id, id) DEFERRABLE INITIALLY DEFERRED
)""",
            # a message's parent is of the same conversation and older, so there are no circles
            """CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    parent_id INTEGER CHECK (parent_id < id),
    chosen_child_id INTEGER,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    status TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'failed')),
    run_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    model TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    reused_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    prompt_ms REAL NOT NULL,
    duration_ms REAL NOT NULL,
    error_kind TEXT NOT NULL,
    error_values TEXT NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (conversation_id, id),
    FOREIGN KEY (conversation_id, parent_id) REFERENCES message (conversation_id, id)
)""",
            "CREATE INDEX message_by_parent ON message (conversation_id, parent_id)",
            "CREATE INDEX message_streaming ON message (run_id) WHERE status = 'streaming'",
            "CREATE INDEX conversation_by_change ON conversation (updated_at, id) WHERE deleted_at IS NULL",
            # conversation 0 is the one that does not exist yet
            """CREATE TABLE draft (
    conversation_id INTEGER PRIMARY KEY,
    content TEXT NOT NULL,
    updated_at INTEGER NOT NULL
)""",
            "CREATE TABLE run (id TEXT PRIMARY KEY, pid INTEGER NOT NULL, started_at INTEGER NOT NULL)",
            "CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
        ),
    ),
    Step(
        "what a conversation that does not exist yet is set to",
        (
            "ALTER TABLE draft ADD COLUMN system_prompt TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE draft ADD COLUMN sampling TEXT NOT NULL DEFAULT '{}'",
        ),
    ),
)


def upgrade(database: Database, steps: Sequence[Step] = STEPS) -> int:
    """Run the steps that the file has not seen, all of them or none; returns how many.

    A file that holds something is copied beside itself first, as ``inkstone.before-2.db`` when step 2 is the first
    to run. Raises StoreError; the file is then as it was.
    """
    with database.write() as connection:
        version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        pending = steps[version:]
        if pending and version:
            copy_database(database.path, copy_before(database.path, version + 1))
        for number, step in enumerate(pending, version + 1):
            _run(connection, number, step)
    return len(pending)


def copy_before(path: Path, step: int) -> Path:
    """Return where the copy lies that was made before a step, from 1, was run."""
    return path.with_name(f"{path.stem}.before-{step}{path.suffix}")


def _run(connection: Connection, number: int, step: Step) -> None:
    for statement in step.statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version={number}")
    _log.info("step %d of the schema: %s", number, step.name)
