"""Conversations: made, named, set up, put into the trash and taken back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, update

from assistant.errors import ConversationNotFound
from assistant.store.reading import read_conversation
from assistant.store.rows import Conversation, Message
from assistant.store.tables import conversation, possible, storable, to_json, to_microseconds
from assistant.store.writing import Writer


class Conversations(Writer):
    """All conversations and their messages. Main thread only.

    Every method is one transaction, on the disk when it returns; when it raises StoreError nothing has changed.
    """

    def create(
        self,
        title: str = "",
        system_prompt: str = "",
        sampling: Mapping[str, float] | None = None,
        model_id: str = "",
    ) -> Conversation:
        """Make an empty conversation."""
        with self._database.write() as connection:
            number = self._insert(connection, title, system_prompt, sampling or {}, model_id)
            return read_conversation(connection, number)

    def start(
        self,
        text: str,
        *,
        title: str = "",
        model: str = "",
        system_prompt: str = "",
        sampling: Mapping[str, float] | None = None,
        model_id: str = "",
    ) -> tuple[Conversation, Message, Message]:
        """Make a conversation with its first question and an empty answer being written: all of it or nothing."""
        with self._database.write() as connection:
            number = self._insert(connection, title, system_prompt, sampling or {}, model_id)
            question, answer = self._ask(connection, number, text, None, model)
            return read_conversation(connection, number), question, answer

    def rename(self, conversation_id: int, title: str, is_named: bool = True) -> Conversation:
        """Give a title; ``is_named`` says that a person chose it. Raises ConversationNotFound."""
        now = to_microseconds(self._now())
        return self._change(conversation_id, title=storable(title), is_named=int(is_named), updated_at=now)

    def configure(
        self,
        conversation_id: int,
        *,
        system_prompt: str | None = None,
        sampling: Mapping[str, float] | None = None,
        model_id: str | None = None,
    ) -> Conversation:
        """Set what is given and leave what is None. Raises ConversationNotFound."""
        values: dict[str, str] = {}
        if system_prompt is not None:
            values["system_prompt"] = storable(system_prompt)
        if sampling is not None:
            values["sampling"] = to_json(sampling)
        if model_id is not None:
            values["model_id"] = storable(model_id)
        return self._change(conversation_id, **values) if values else self.get(conversation_id)

    def delete(self, conversation_id: int) -> None:
        """Put a conversation into the trash. Raises ConversationNotFound."""
        with self._database.write() as connection:
            read_conversation(connection, conversation_id)
            _set(connection, conversation_id, deleted_at=to_microseconds(self._now()))

    def restore(self, conversation_id: int) -> Conversation:
        """Take a conversation out of the trash, to where it was. Raises ConversationNotFound."""
        with self._database.write() as connection:
            _set(connection, conversation_id, deleted_at=None)
            return read_conversation(connection, conversation_id)

    def _insert(
        self,
        connection: Connection,
        title: str,
        system_prompt: str,
        sampling: Mapping[str, float],
        model_id: str,
    ) -> int:
        now = to_microseconds(self._now())
        row = {
            "title": storable(title),
            "created_at": now,
            "updated_at": now,
            "system_prompt": storable(system_prompt),
            "sampling": to_json(sampling),
            "model_id": storable(model_id),
            "is_named": 0,
            "message_count": 0,
        }
        number: int = connection.execute(insert(conversation), row).lastrowid
        return number

    def _change(self, conversation_id: int, **values: object) -> Conversation:
        with self._database.write() as connection:
            read_conversation(connection, conversation_id)
            _set(connection, conversation_id, **values)
            return read_conversation(connection, conversation_id)


def _set(connection: Connection, conversation_id: int, **values: object) -> None:
    """Change columns of a conversation. Raises ConversationNotFound."""
    changed = connection.execute(
        update(conversation).where(conversation.c.id == possible(conversation_id)).values(**values)
    )
    if not changed.rowcount:
        raise ConversationNotFound(id=conversation_id)
