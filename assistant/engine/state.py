"""What the model's process is doing, as the window shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from assistant.engine.protocol import ModelFacts
from assistant.engine.steps import Step
from assistant.errors import AssistantError


class Phase(Enum):
    """The states of the engine; the value is stable and used by ``--json``."""

    EMPTY = "empty"
    """No model chosen, or unloaded."""
    LOADING = "loading"
    READY = "ready"
    READING = "reading"
    """Evaluating the prompt."""
    WRITING = "writing"
    FAILED = "failed"
    """Crashed, hung or refused the file; ``EngineState.error`` says why. The next request starts it again."""


@dataclass(frozen=True)
class EngineState:
    """A snapshot. ``done`` of ``total``: per mille while loading, tokens while reading, 0 of 0 otherwise.

    ``steps``: what of the wished settings is given up in this try at loading, or was to have it loaded.
    """

    phase: Phase = Phase.EMPTY
    path: Path | None = None
    done: int = 0
    total: int = 0
    facts: ModelFacts | None = None
    error: AssistantError | None = field(default=None, compare=False)
    steps: tuple[Step, ...] = ()
