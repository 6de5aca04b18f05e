"""Measured figures in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.i18n import _
from ui.chat.context_meter import ContextUse
from ui.widgets.words import short_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.store.rows import Message, Usage


def context_words(used: int, total: int) -> str:
    """Return how much of the context is used."""
    return _("{used} of {total} tokens").format(used=short_count(used), total=short_count(total))


def rate_of(usage: Usage) -> float:
    """Return the tokens a second an answer was written with; 0 when that was not measured."""
    seconds = (usage.duration_ms - usage.prompt_ms) / 1000
    return usage.completion_tokens / seconds if usage.completion_tokens > 1 and seconds > 0 else 0.0


def measured(branch: Sequence[Message], context_length: int) -> tuple[ContextUse, float]:
    """Return what the newest answer that was measured took, and its tokens a second; nothing and 0 without one."""
    usage = next((message.usage for message in reversed(branch) if message.usage.prompt_tokens), None)
    if usage is None or not context_length:
        return ContextUse(), 0.0
    return ContextUse(usage.prompt_tokens, usage.completion_tokens, context_length), rate_of(usage)
