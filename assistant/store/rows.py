"""The rows the store hands out: frozen, detached, safe to keep and to pass to any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Role(Enum):
    """Who speaks in a message. A system prompt belongs to the conversation and is not a message."""

    USER = "user"
    ASSISTANT = "assistant"


class Status(Enum):
    """How far a message got."""

    STREAMING = "streaming"
    """Being written by a live process."""
    COMPLETE = "complete"
    STOPPED = "stopped"
    """Ended by the person."""
    INTERRUPTED = "interrupted"
    """Its process died; the text is what was saved last."""
    FAILED = "failed"
    """The engine died or gave up; ``Message.error_kind`` and ``error_values`` say why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost. Tokens, milliseconds; ``finish_reason`` as in the engine's ``Done``, empty while unknown."""

    finish_reason: str = ""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    completion_tokens: int = 0
    prompt_ms: float = 0.0
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation. ``messages`` counts every version; ``leaf_id`` is the last message of the visible branch.

    ``sampling`` holds only what differs from the defaults, by the names of ``Sampling``'s fields. ``model_id`` empty
    means the default model. ``is_named`` says that a person gave the title.
    """

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    leaf_id: int | None = None
    system_prompt: str = ""
    sampling: Mapping[str, float] = field(default_factory=dict)
    model_id: str = ""
    is_named: bool = False
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Setup:
    """What a conversation has of its own before its first question; see ``Conversation``."""

    system_prompt: str = ""
    sampling: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What a model has to know of a message."""

    id: int
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``version`` of ``versions`` (from 1) among the siblings that share ``parent_id``."""

    id: int
    conversation_id: int
    parent_id: int | None
    role: Role
    content: str
    status: Status
    created_at: datetime
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    error_kind: str = ""
    error_values: Mapping[str, object] = field(default_factory=dict)
    version: int = 1
    versions: int = 1
