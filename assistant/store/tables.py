"""The tables as they are now, and how their rows become the frozen ones that the store hands out.

``migrations`` makes them; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Float, Integer, MetaData, Table, Text, select

from assistant.store.rows import Conversation, Message, Role, Said, Status, Usage

metadata = MetaData()

conversation = Table(
    "conversation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("updated_at", Integer, nullable=False),
    Column("deleted_at", Integer),
    Column("leaf_id", Integer),
    Column("system_prompt", Text, nullable=False),
    Column("sampling", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("is_named", Integer, nullable=False),
    Column("message_count", Integer, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", Integer, nullable=False),
    Column("parent_id", Integer),
    Column("chosen_child_id", Integer),
    Column("role", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("model", Text, nullable=False),
    Column("finish_reason", Text, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("reused_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("prompt_ms", Float, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Column("error_kind", Text, nullable=False),
    Column("error_values", Text, nullable=False),
    Column("content", Text, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("conversation_id", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("updated_at", Integer, nullable=False),
    Column("system_prompt", Text, nullable=False),
    Column("sampling", Text, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("started_at", Integer, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)

conversation_columns = select(
    conversation.c.id,
    conversation.c.title,
    conversation.c.created_at,
    conversation.c.updated_at,
    conversation.c.leaf_id,
    conversation.c.system_prompt,
    conversation.c.sampling,
    conversation.c.model_id,
    conversation.c.is_named,
    conversation.c.message_count,
)
"""What ``as_conversation`` unpacks, in its order."""

message_columns = select(
    message.c.id,
    message.c.conversation_id,
    message.c.parent_id,
    message.c.role,
    message.c.content,
    message.c.status,
    message.c.created_at,
    message.c.model,
    message.c.error_kind,
    message.c.error_values,
    message.c.finish_reason,
    message.c.prompt_tokens,
    message.c.reused_tokens,
    message.c.completion_tokens,
    message.c.prompt_ms,
    message.c.duration_ms,
)
"""What ``as_message`` unpacks, in its order."""

_ROLES = {role.value: role for role in Role}
_STATUSES = {status.value: status for status in Status}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_USAGE = Usage()
_NOTHING: Mapping[str, Any] = {}  # Any: whatever JSON holds


def as_conversation(row: Sequence[Any]) -> Conversation:  # Any: one row type for all columns
    """Make the conversation of a row of ``conversation_columns``."""
    (number, title, created, updated, leaf_id, prompt, sampling, model_id, is_named, count) = row
    times = from_microseconds(created), from_microseconds(updated)
    return Conversation(
        number, title, *times, leaf_id, prompt, from_json(sampling), model_id, is_named=bool(is_named), messages=count
    )


def as_message(row: Sequence[Any], version: int, versions: int) -> Message:  # Any: one row type for all columns
    """Make the message of a row of ``message_columns``. 4 µs."""
    (number, conversation_id, parent_id, role, content, status, created, model, kind, values, *usage) = row
    return Message(
        number,
        conversation_id,
        parent_id,
        _ROLES[role],
        content,
        _STATUSES[status],
        from_microseconds(created),
        model,
        Usage(*usage) if any(usage) else _NO_USAGE,
        kind,
        from_json(values),
        version,
        versions,
    )


def as_said(row: Sequence[Any]) -> Said:  # Any: one row type for all columns
    """Make what was said of a row of ``id``, ``role``, ``content``."""
    number, role, content = row
    return Said(number, _ROLES[role], content)


def to_microseconds(time: datetime) -> int:
    """Return an aware time as whole microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(number: int) -> datetime:
    """Return the aware UTC time of ``to_microseconds``."""
    return datetime.fromtimestamp(number / 1e6, UTC)  # exact: a double holds microseconds until the year 2255


def to_json(values: Mapping[str, object]) -> str:
    """Return ``values`` as JSON; what JSON does not know (a path, a sentence) as its text."""
    return storable(json.dumps(dict(values), ensure_ascii=False, default=str)) if values else "{}"


def from_json(text: str) -> Mapping[str, Any]:  # Any: whatever JSON holds
    """Return the values of ``to_json``."""
    if text == "{}":
        return _NOTHING
    values: dict[str, Any] = json.loads(text)  # Any: whatever JSON holds
    return values


def possible(number: int) -> int:
    """Return ``number`` where SQLite can look for it; 0, the id of nothing, where it is too long for that."""
    return number if -(2**63) <= number < 2**63 else 0


def storable(text: str) -> str:
    """Return ``text`` as SQLite can keep it: halves of surrogate pairs, which a terminal can hand in, are replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
