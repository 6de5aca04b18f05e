"""What a worker needs from a model: the wall between its loop and llama.cpp, behind which tests put a scripted one.

The loop opens a model, then moves each generation by short steps, so that between any two it can hear a cancel or let
somebody in a hurry go first. Everything here is called from the worker's main thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistant.engine.reasons import Reason
from assistant.errors import ContextFull

if TYPE_CHECKING:
    from assistant.engine.protocol import Candidate, Generate, Load, ModelFacts


class Aborted(Exception):
    """A step or a load was given up because it was asked to. Nothing of the step remains: it may be taken again."""


class Incomplete(Exception):
    """The prompt would fit, but its first turns were left out because it seemed too long."""


class Stop(Protocol):
    """The shared byte that asks whatever runs now to give up; a step that sees it raises ``Aborted``."""

    @property
    def address(self) -> int:
        """Where the byte lies in memory; a zero byte follows it. Valid as long as the process lives."""

    @property
    def is_set(self) -> bool:
        """Whether to give up."""


@dataclass(frozen=True)
class Piece:
    """What one step of writing gave. ``text`` may be empty: a token can end in the middle of a character.

    ``finish_reason`` is empty but in the last piece: ``stop``, ``length`` or ``context``. ``tokens`` is 1, or 0 for a
    last piece that only says so. ``candidates`` are the likeliest tokens at this place, likeliest first, if asked for.
    """

    text: str
    tokens: int = 1
    finish_reason: str = ""
    candidates: tuple[Candidate, ...] = ()


class Generation(Protocol):
    """An answer being made: ``read`` until it says True, then ``write`` until a piece has a ``finish_reason``."""

    @property
    def prompt_tokens(self) -> int:
        """How long the whole prompt is."""

    @property
    def reused_tokens(self) -> int:
        """How much of the prompt was in the KV cache already."""

    @property
    def evaluated_tokens(self) -> int:
        """How much of the prompt is in the KV cache now."""

    def read(self) -> bool:
        """Evaluate the next chunk of the prompt; True when that was the last one. May raise ``Aborted``."""

    def write(self) -> Piece:
        """Return the next token. May raise ``Aborted``."""

    def close(self) -> None:
        """Free what the generation holds; the KV cache keeps its tokens for the next turn."""


class RunningModel(Protocol):
    """A loaded model. Its methods raise an ``AssistantError`` for what is the world's fault."""

    @property
    def facts(self) -> ModelFacts:
        """What is true of it."""

    def generate(self, command: Generate, stop: Stop) -> Generation:
        """Render and tokenize the prompt and find what of it is in the cache; evaluates nothing yet.

        Raises ContextFull and Incomplete as ``check_prompt`` does.
        """

    def close(self) -> None:
        """Free the memory."""


def check_prompt(command: Generate, prompt_tokens: int, context_length: int) -> None:
    """Raise ContextFull when the prompt is longer than the context, Incomplete when only its end was sent and fits."""
    if prompt_tokens > context_length:
        count = prompt_tokens if command.is_whole else Reason.MORE_THAN(count=prompt_tokens)
        raise ContextFull(prompt_tokens=count, context_length=context_length)
    if not command.is_whole:
        raise Incomplete


OpenModel = Callable[["Load", Callable[[float], bool]], RunningModel]
"""Loads a model, calling the function with the fraction done; when that returns False it raises ``Aborted``."""
