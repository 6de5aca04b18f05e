"""What is remembered of models from the way they run, and how what is remembered decides how they are loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from assistant.engine.steps import SMALL_CACHE, Step, StepKind
from assistant.models.fit import CACHE_BYTES
from assistant.models.records import LoadSettings
from assistant.models.speed import Rates

if TYPE_CHECKING:
    from assistant.engine.protocol import Done
    from assistant.models.records import Record
    from assistant.settings import Settings

DEFAULT_CACHE = "f16"
_LEAST_TOKENS, _LEAST_PROMPT = 16, 64
"""Fewer take too short a time for a speed."""
_CHANGE = 0.1
_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """How a model shall be loaded, as ``protocol.Load`` has it."""

    context_length: int
    gpu_layers: int
    cache_type: str


def wish(settings: Settings, record: Record) -> Wish:
    """Return how to load a model: as it was made to load here, else as it is set, else as all are."""
    context_length = _first(record.steps.context_length, record.load.context_length)
    gpu_layers = _first(record.steps.gpu_layers, record.load.gpu_layers)
    cache_type = record.steps.cache_type or record.load.cache_type or DEFAULT_CACHE
    return Wish(
        settings.get("model.context_length", int) if context_length is None else context_length,
        settings.get("model.gpu_layers", int) if gpu_layers is None else max(-1, gpu_layers),
        cache_type if cache_type in CACHE_BYTES else DEFAULT_CACHE,
    )


def with_steps(known: LoadSettings, steps: tuple[Step, ...]) -> LoadSettings:
    """Return what had to be given up to load a model, after more of it was."""
    for step in steps:
        if step.kind is StepKind.SHORTER_CONTEXT:
            known = replace(known, context_length=step.value)
        elif step.kind is StepKind.SMALLER_CACHE:
            known = replace(known, cache_type=SMALL_CACHE)
        else:
            known = replace(known, gpu_layers=step.value)
    return known


def rates_of(done: Done) -> Rates:
    """Return the speeds that an answer shows, 0 for what was too short to tell."""
    read, written = done.prompt_tokens - done.reused_tokens, done.completion_tokens
    writing_s, reading_s = (done.duration_ms - done.prompt_ms) / 1000, done.prompt_ms / 1000
    return Rates(
        written / writing_s if written >= _LEAST_TOKENS and writing_s > 0 else 0.0,
        read / reading_s if read >= _LEAST_PROMPT and reading_s > 0 else 0.0,
    )


def is_news(record: Record, rates: Rates, now: datetime | None = None) -> bool:
    """Say whether an answer is worth a note: another speed by a tenth, or a day since the last note."""
    is_due = record.last_used is None or (now or datetime.now(UTC)) - record.last_used >= _AFTER
    return (
        is_due
        or _differs(record.tokens_per_s, rates.tokens_per_s)
        or _differs(record.prompt_tokens_per_s, rates.prompt_tokens_per_s)
    )


def _differs(known: float, measured: float) -> bool:
    return measured > 0 and abs(measured - known) > known * _CHANGE


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
