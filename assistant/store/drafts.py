"""What was typed and not sent yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from assistant.store.database import Database
from assistant.store.tables import draft, storable, to_microseconds
from assistant.store.writing import utc_now

_UNBORN = 0
"""Stands for the conversation that does not exist yet; ids begin at 1."""


class Drafts:
    """One text for each conversation, and one for the next new one, ``None``. Main thread only; raises StoreError."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def get(self, conversation_id: int | None) -> str:
        """What was typed; empty when nothing was."""
        with self._database.read() as connection:
            wanted = select(draft.c.content).where(draft.c.conversation_id == (conversation_id or _UNBORN))
            return connection.execute(wanted).scalar() or ""

    def set(self, conversation_id: int | None, text: str) -> None:
        """Keep what was typed; empty text forgets it."""
        number = conversation_id or _UNBORN
        with self._database.write() as connection:
            if not text:
                connection.execute(delete(draft).where(draft.c.conversation_id == number))
                return
            values = {"content": storable(text), "updated_at": to_microseconds(self._now())}
            row = insert(draft).values(conversation_id=number, **values)
            connection.execute(row.on_conflict_do_update(index_elements=[draft.c.conversation_id], set_=values))
