"""How a conversation grows: questions and answers are added beside and below each other, none takes another's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from assistant.errors import ConversationNotFound, MessageNotFound
from assistant.store.database import Database
from assistant.store.reading import Reader, count_versions, read_conversation, read_message, read_tree
from assistant.store.rows import Conversation, Message, Role, Status, Usage
from assistant.store.tables import conversation, message, storable, to_json, to_microseconds

_BLANK = {
    "chosen_child_id": None,
    "finish_reason": "",
    "prompt_tokens": 0,
    "reused_tokens": 0,
    "completion_tokens": 0,
    "prompt_ms": 0.0,
    "duration_ms": 0.0,
    "error_kind": "",
    "error_values": "{}",
}
"""The columns of a message that has just begun."""

# bound names differ from the columns' names, which SQLAlchemy keeps for values
_LEAF = select(conversation.c.leaf_id).where(conversation.c.id == bindparam("id"), conversation.c.deleted_at.is_(None))
_PARENT = select(message.c.conversation_id).where(message.c.id == bindparam("id"))
_STATUS = select(message.c.status, message.c.run_id).where(message.c.id == bindparam("id"))
_INSERT = insert(message)
_CHANGE = update(message).where(message.c.id == bindparam("number"))
_SAVE = _CHANGE.values(content=bindparam("text"))
_CHOOSE = _CHANGE.values(chosen_child_id=bindparam("child"))
_END = _CHANGE.values(
    status=bindparam("now_status"),
    error_kind=bindparam("kind"),
    error_values=bindparam("values"),
    finish_reason=bindparam("reason"),
    prompt_tokens=bindparam("prompt"),
    reused_tokens=bindparam("reused"),
    completion_tokens=bindparam("completion"),
    prompt_ms=bindparam("prompt_time"),
    duration_ms=bindparam("time"),
)
_END_WITH_TEXT = _END.values(content=bindparam("text"))
_RESUME = _END.values(run_id=bindparam("run"))
_SHOW = update(conversation).where(conversation.c.id == bindparam("number")).values(leaf_id=bindparam("leaf"))
_GROW = _SHOW.values(updated_at=bindparam("now"), message_count=conversation.c.message_count + bindparam("added"))


def utc_now() -> datetime:
    """The time now, aware."""
    return datetime.now(UTC)


class Writer(Reader):
    """Adds messages and writes the answers that are on their way. Main thread only.

    Every method is one transaction, on the disk when it returns; when it raises StoreError nothing has changed.
    ``run_id`` marks the answers of this process.
    """

    def __init__(self, database: Database, run_id: str, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(database)
        self._run_id = run_id
        self._now = now

    def ask(
        self, conversation_id: int, text: str, *, parent_id: int | None, model: str = ""
    ) -> tuple[Message, Message]:
        """Add a question below ``parent_id`` and an empty answer being written; both become visible.

        ``parent_id`` None is for the first question, or another version of it. Raises ConversationNotFound, and
        MessageNotFound for a parent that is not in this conversation.
        """
        with self._database.write() as connection:
            return self._ask(connection, conversation_id, text, parent_id, model)

    def answer(
        self, parent_id: int, *, model: str = "", content: str = "", status: Status = Status.STREAMING
    ) -> Message:
        """Add an answer below ``parent_id``, beside those that are there; it becomes visible.

        ``content`` is what it begins with, or all of it when ``status`` says that it is not being written. Raises
        MessageNotFound or ConversationNotFound.
        """
        with self._database.write() as connection:
            conversation_id = connection.execute(_PARENT, {"id": parent_id}).scalar()
            if conversation_id is None:
                raise MessageNotFound(id=parent_id)
            is_at_the_end = _leaf_of(connection, conversation_id) == parent_id
            answer = Message(
                *(0, conversation_id, parent_id, Role.ASSISTANT, storable(content), status, self._now()),
                model=storable(model),
            )
            answer = self._append(connection, answer, has_siblings=not is_at_the_end)
            _grow(connection, answer, added=1, is_at_the_end=is_at_the_end)
        return answer

    def resume(self, message_id: int) -> Message:
        """Let an answer that was cut be written on in its own place; its text stays until it is saved over.

        Raises MessageNotFound; ValueError when it is no answer or being written already.
        """
        with self._database.write() as connection:
            old = read_message(connection, message_id)
            if old.role is not Role.ASSISTANT or old.status is Status.STREAMING:
                raise ValueError(f"message {message_id} cannot be resumed: {old.role}, {old.status}")
            values = _end_values(message_id, Status.STREAMING, Usage(), "", {})
            connection.execute(_RESUME, values | {"run": self._run_id})
            return read_message(connection, message_id)

    def save_text(self, message_id: int, content: str) -> None:
        """Keep the text so far of an answer being written. Raises MessageNotFound; ValueError when it is at its end."""
        with self._database.write() as connection:
            self._require_own(connection, message_id)
            connection.execute(_SAVE, {"number": message_id, "text": storable(content)})

    def finish(
        self,
        message_id: int,
        content: str,
        status: Status,
        usage: Usage,
        error_kind: str = "",
        error_values: Mapping[str, object] | None = None,
    ) -> Message:
        """Keep the whole text of an answer and how it ended; returns it as it is now.

        Raises MessageNotFound; ValueError when it is at its end already.
        """
        with self._database.write() as connection:
            self._require_own(connection, message_id)
            values = _end_values(message_id, status, usage, error_kind, error_values or {})
            connection.execute(_END_WITH_TEXT, values | {"text": storable(content)})
            return read_message(connection, message_id)

    def select(self, message_id: int) -> Conversation:
        """Make a message visible, with what was last visible below it.

        Raises MessageNotFound or ConversationNotFound.
        """
        with self._database.write() as connection:
            conversation_id = connection.execute(_PARENT, {"id": message_id}).scalar()
            if conversation_id is None:
                raise MessageNotFound(id=message_id)
            _leaf_of(connection, conversation_id)
            leaf_id = _choose(connection, conversation_id, message_id)
            connection.execute(_SHOW, {"number": conversation_id, "leaf": leaf_id})
            return read_conversation(connection, conversation_id)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _ask(
        self, connection: Connection, conversation_id: int, text: str, parent_id: int | None, model: str
    ) -> tuple[Message, Message]:
        leaf_id = _leaf_of(connection, conversation_id)
        if parent_id is not None and connection.execute(_PARENT, {"id": parent_id}).scalar() != conversation_id:
            raise MessageNotFound(id=parent_id)
        now = self._now()
        question = Message(0, conversation_id, parent_id, Role.USER, storable(text), Status.COMPLETE, now)
        question = self._append(connection, question, has_siblings=parent_id != leaf_id)
        answer = Message(0, conversation_id, question.id, Role.ASSISTANT, "", Status.STREAMING, now, storable(model))
        answer = self._append(connection, answer, has_siblings=False)
        _grow(connection, answer, added=2, is_at_the_end=parent_id == leaf_id)
        return question, answer

    def _append(self, connection: Connection, new: Message, *, has_siblings: bool) -> Message:
        """Insert a message; returns it with its id and its place among its siblings, the last."""
        row = {
            "conversation_id": new.conversation_id,
            "parent_id": new.parent_id,
            "role": new.role.value,
            "status": new.status.value,
            "run_id": self._run_id,
            "created_at": to_microseconds(new.created_at),
            "model": new.model,
            "content": new.content,
        }
        number: int = connection.execute(_INSERT, _BLANK | row).lastrowid
        versions = 1
        if has_siblings:
            versions, _place = count_versions(connection, new.conversation_id, new.parent_id, number)
        return replace(new, id=number, version=versions, versions=versions)

    def _require_own(self, connection: Connection, message_id: int) -> None:
        """Refuse to write on an answer that has its end, unless only a repair thought so, and it is ours."""
        row = connection.execute(_STATUS, {"id": message_id}).first()
        if row is None:
            raise MessageNotFound(id=message_id)
        status, run_id = row
        is_ours = status == Status.INTERRUPTED.value and run_id == self._run_id
        if status != Status.STREAMING.value and not is_ours:
            raise ValueError(f"message {message_id} is not being written: {status}")


def _leaf_of(connection: Connection, conversation_id: int) -> int | None:
    """Return the last visible message of a conversation outside the trash. Raises ConversationNotFound."""
    row = connection.execute(_LEAF, {"id": conversation_id}).first()
    if row is None:
        raise ConversationNotFound(id=conversation_id)
    leaf_id: int | None = row[0]
    return leaf_id


def _grow(connection: Connection, last: Message, *, added: int, is_at_the_end: bool) -> None:
    """Make the youngest message visible and count what was added.

    At the end of the visible branch there is nothing to choose: the only child is shown.
    """
    if not is_at_the_end:
        _choose(connection, last.conversation_id, last.id)
    values = {"number": last.conversation_id, "leaf": last.id, "added": added}
    connection.execute(_GROW, values | {"now": to_microseconds(last.created_at)})


def _choose(connection: Connection, conversation_id: int, message_id: int) -> int:
    """Have every message above ``message_id`` show the way to it; returns the leaf shown below it."""
    tree = read_tree(connection, conversation_id)
    choices = [{"number": parent, "child": child} for parent, child in tree.choices(message_id).items()]
    if choices:
        connection.execute(_CHOOSE, choices)
    return tree.end(message_id)


def _end_values(
    message_id: int, status: Status, usage: Usage, error_kind: str, error_values: Mapping[str, object]
) -> dict[str, object]:
    """Return the values of ``_END``."""
    return {
        "number": message_id,
        "now_status": status.value,
        "kind": error_kind,
        "values": to_json(error_values),
        "reason": usage.finish_reason,
        "prompt": usage.prompt_tokens,
        "reused": usage.reused_tokens,
        "completion": usage.completion_tokens,
        "prompt_time": usage.prompt_ms,
        "time": usage.duration_ms,
    }
