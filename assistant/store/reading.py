"""Conversations and messages as they are, in frozen rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from assistant.errors import ConversationNotFound, MessageNotFound
from assistant.store.database import Database
from assistant.store.rows import Conversation, Message, Role, Said
from assistant.store.tables import (
    as_conversation,
    as_message,
    as_said,
    conversation,
    conversation_columns,
    message,
    message_columns,
    possible,
)
from assistant.store.tree import Tree

_CONVERSATION = conversation_columns.where(conversation.c.id == bindparam("id"), conversation.c.deleted_at.is_(None))
_CONVERSATIONS = conversation_columns.where(conversation.c.deleted_at.is_(None)).order_by(
    conversation.c.updated_at.desc(), conversation.c.id.desc()
)
_LINKS = (
    select(message.c.id, message.c.parent_id, message.c.chosen_child_id)
    .where(message.c.conversation_id == bindparam("id"))
    .order_by(message.c.id)
)
_MESSAGES = message_columns.where(message.c.conversation_id == bindparam("id")).order_by(message.c.id)
_MESSAGE = message_columns.where(message.c.id == bindparam("id"))
_VERSIONS = message_columns.where(
    message.c.conversation_id == bindparam("conversation_id"),
    message.c.parent_id.is_not_distinct_from(bindparam("parent_id")),
).order_by(message.c.id)
_COUNT_VERSIONS = select(func.count(), func.count().filter(message.c.id <= bindparam("id"))).where(
    message.c.conversation_id == bindparam("conversation_id"),
    message.c.parent_id.is_not_distinct_from(bindparam("parent_id")),
)
_PATH = (
    select(message.c.id, message.c.parent_id, message.c.role, message.c.content)
    .where(message.c.id == bindparam("id"))
    .cte(recursive=True)
)
_PATH = _PATH.union_all(
    select(message.c.id, message.c.parent_id, message.c.role, message.c.content).join(
        _PATH, message.c.id == _PATH.c.parent_id
    )
)
_UPWARDS = select(_PATH.c.parent_id, _PATH.c.id, _PATH.c.role, _PATH.c.content)
"""A message and those above it, the nearest first; SQLite finds each only when it is asked for."""


class Reader:
    """What can be asked about conversations outside the trash. Main thread only; every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, conversation_id: int) -> Conversation:
        """One conversation. Raises ConversationNotFound, also for one in the trash."""
        with self._database.read() as connection:
            return read_conversation(connection, conversation_id)

    def message(self, message_id: int) -> Message:
        """One message, wherever it is. Raises MessageNotFound."""
        with self._database.read() as connection:
            return read_message(connection, message_id)

    def branch(self, conversation_id: int) -> list[Message]:
        """The messages that are visible, root first. Raises ConversationNotFound."""
        with self._database.read() as connection:
            leaf_id = read_conversation(connection, conversation_id).leaf_id
            if leaf_id is None:
                return []
            rows = connection.execute(_MESSAGES, {"id": conversation_id}).all()
        tree = _tree_of(rows)
        path = set(tree.path(leaf_id))
        return [as_message(row, *tree.version(row[0])) for row in rows if row[0] in path]

    def tail(self, message_id: int, characters: int) -> tuple[list[Said], bool]:
        """The end of the branch down to a message, its root's side first, and whether that is the whole of it.

        Nothing above is read once there are more than ``characters``, but it always begins with a question. 2 µs a
        message. Raises MessageNotFound.
        """
        tail: list[Said] = []
        is_whole = False
        with self._database.read() as connection, connection.execute(_UPWARDS, {"id": possible(message_id)}) as rows:
            for parent_id, *row in rows:
                is_whole = parent_id is None
                tail.append(as_said(row))
                characters -= len(tail[-1].content)
                if characters < 0 and tail[-1].role is Role.USER:
                    break
        if not tail:
            raise MessageNotFound(id=message_id)
        return tail[::-1], is_whole

    def messages(self, conversation_id: int) -> list[Message]:
        """Every version of every message, oldest first. Raises ConversationNotFound."""
        with self._database.read() as connection:
            read_conversation(connection, conversation_id)
            rows = connection.execute(_MESSAGES, {"id": conversation_id}).all()
        tree = _tree_of(rows)
        return [as_message(row, *tree.version(row[0])) for row in rows]

    def versions(self, message_id: int) -> list[Message]:
        """A message and its siblings, oldest first. Raises MessageNotFound."""
        with self._database.read() as connection:
            one = read_message(connection, message_id)
            values = {"conversation_id": one.conversation_id, "parent_id": one.parent_id}
            rows = connection.execute(_VERSIONS, values).all()
        return [as_message(row, version, len(rows)) for version, row in enumerate(rows, 1)]

    # the last in the class: below it ``list`` would mean this method in annotations
    def list(self) -> list[Conversation]:
        """All conversations outside the trash, the one changed last first."""
        with self._database.read() as connection:
            return [as_conversation(row) for row in connection.execute(_CONVERSATIONS)]


def read_conversation(connection: Connection, conversation_id: int) -> Conversation:
    """One conversation outside the trash. Raises ConversationNotFound."""
    row = connection.execute(_CONVERSATION, {"id": possible(conversation_id)}).first()
    if row is None:
        raise ConversationNotFound(id=conversation_id)
    return as_conversation(row)


def read_message(connection: Connection, message_id: int) -> Message:
    """One message with its place among its versions. Raises MessageNotFound."""
    row = connection.execute(_MESSAGE, {"id": possible(message_id)}).first()
    if row is None:
        raise MessageNotFound(id=message_id)
    alone = as_message(row, 1, 1)
    versions, version = count_versions(connection, alone.conversation_id, alone.parent_id, message_id)
    return as_message(row, version, versions) if versions > 1 else alone


def count_versions(
    connection: Connection, conversation_id: int, parent_id: int | None, message_id: int
) -> tuple[int, int]:
    """Return how many children ``parent_id`` has, and how many of them are not younger than ``message_id``."""
    values = {"conversation_id": conversation_id, "parent_id": parent_id, "id": message_id}
    versions, version = connection.execute(_COUNT_VERSIONS, values).one()
    return versions, version


def read_tree(connection: Connection, conversation_id: int) -> Tree:
    """The links of a conversation with the children that were chosen."""
    return Tree(connection.execute(_LINKS, {"id": conversation_id}))


def _tree_of(rows: Sequence[Sequence[Any]]) -> Tree:  # Any: one row type for all columns
    """The links of whole rows, without what was chosen."""
    return Tree((row[0], row[2], None) for row in rows)
