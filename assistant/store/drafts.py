"""What was typed and not sent yet, and what the next new conversation is set to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from assistant.store.database import Database
from assistant.store.rows import Setup
from assistant.store.tables import draft, from_json, storable, to_json, to_microseconds
from assistant.store.writing import utc_now

_UNBORN = 0
"""Stands for the conversation that does not exist yet; ids begin at 1."""
_NOTHING = {"content": "", "system_prompt": "", "sampling": to_json({})}


class Drafts:
    """One text for each conversation, and one for the next new one, ``None``, beside what that is set to.

    Main thread only; raises StoreError.
    """

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
        self._set(conversation_id or _UNBORN, content=storable(text))

    def setup(self) -> Setup:
        """What the next new conversation is set to."""
        with self._database.read() as connection:
            wanted = select(draft.c.system_prompt, draft.c.sampling).where(draft.c.conversation_id == _UNBORN)
            row = connection.execute(wanted).first()
        return Setup(row[0], from_json(row[1])) if row else Setup()

    def set_new(self, text: str, setup: Setup) -> None:
        """Keep what was typed for the next new conversation and what that is set to, both at once."""
        prompt, sampling = storable(setup.system_prompt), to_json(setup.sampling)
        self._set(_UNBORN, content=storable(text), system_prompt=prompt, sampling=sampling)

    def _set(self, number: int, **values: str) -> None:
        """Change a row and leave the rest of it; a row that says nothing any more is removed."""
        changed = {**values, "updated_at": to_microseconds(self._now())}
        says_nothing = [draft.c[name] == value for name, value in _NOTHING.items()]
        with self._database.write() as connection:
            if values.items() <= _NOTHING.items():
                connection.execute(update(draft).where(draft.c.conversation_id == number).values(changed))
                connection.execute(delete(draft).where(draft.c.conversation_id == number, *says_nothing))
            else:
                row = insert(draft).values(**_NOTHING | changed, conversation_id=number)
                connection.execute(row.on_conflict_do_update(index_elements=[draft.c.conversation_id], set_=changed))
