"""What is given up when a model does not load as asked for: one step at a time, and told in words.

First layers leave the graphics card, then the context becomes shorter, then what is kept of it coarser. Only a failure
for want of memory, or of a process that died, leads to a step, and only to one that can change it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from assistant.engine.placement import DEFAULT_CONTEXT, SHORT_CONTEXT
from assistant.errors import EngineCrashed, EngineHung, ModelOutOfMemory, ModelTooBig
from assistant.i18n import N_, Sentence, ngettext

if TYPE_CHECKING:
    from assistant.engine.protocol import Load
    from assistant.errors import AssistantError

SMALL_CACHE = "q8_0"


class StepKind(Enum):
    """What a step changes."""

    FEWER_LAYERS = "fewer_layers"
    NO_GPU = "no_gpu"
    SHORTER_CONTEXT = "shorter_context"
    SMALLER_CACHE = "smaller_cache"


@dataclass(frozen=True)
class Step:
    """Something given up. ``value``: the layers left on the graphics card, or the tokens of the context, else 0."""

    kind: StepKind
    value: int = 0

    @property
    def words(self) -> str:
        """A phrase that goes after “with”, in the language in use."""
        if self.kind is StepKind.FEWER_LAYERS:
            return ngettext(
                "{count} layer on the graphics card", "{count} layers on the graphics card", self.value
            ).format(count=self.value)
        return str(Sentence(_WORDS[self.kind], {"count": f"{self.value:,}"}))


_WORDS = {
    StepKind.NO_GPU: N_("the processor alone"),
    StepKind.SHORTER_CONTEXT: N_("a context of {count} tokens"),
    StepKind.SMALLER_CACHE: N_("a compressed context cache"),
}


@dataclass(frozen=True)
class Attempt:
    """A try at loading that failed. ``layers`` and ``trained_context`` are the model's, 0 when not known.

    ``has_gpu``: there is a graphics card that takes layers. ``has_weights``: the weights had been read, so that only
    the context can have been at fault.
    """

    load: Load
    layers: int = 0
    trained_context: int = 0
    has_gpu: bool = False
    has_weights: bool = False


def next_load(attempt: Attempt, error: AssistantError) -> Load | None:
    """Return what to try after ``error``; ``None`` when nothing that can be given up would help."""
    load = attempt.load
    has_died = isinstance(error, EngineCrashed | EngineHung)
    if not has_died and not isinstance(error, ModelTooBig | ModelOutOfMemory):
        return None
    if attempt.has_gpu and load.gpu_layers and not isinstance(error, ModelTooBig):  # that one is about main memory
        return replace(load, gpu_layers=_fewer_layers(load.gpu_layers, attempt.layers))
    if has_died and not attempt.has_weights:
        return None
    length = load.context_length or min(DEFAULT_CONTEXT, attempt.trained_context or DEFAULT_CONTEXT)
    if length > SHORT_CONTEXT:
        return replace(load, context_length=max(SHORT_CONTEXT, length // 2))
    return replace(load, cache_type=SMALL_CACHE) if load.cache_type == "f16" else None


def given_up(asked: Load, got: Load) -> tuple[Step, ...]:
    """Return what is different in ``got`` from what was asked for, in the order it is given up."""
    steps = []
    if got.gpu_layers != asked.gpu_layers:
        kind = StepKind.FEWER_LAYERS if got.gpu_layers else StepKind.NO_GPU
        steps.append(Step(kind, got.gpu_layers))
    if got.context_length != asked.context_length:
        steps.append(Step(StepKind.SHORTER_CONTEXT, got.context_length))
    if got.cache_type != asked.cache_type:
        steps.append(Step(StepKind.SMALLER_CACHE))
    return tuple(steps)


def _fewer_layers(now: int, all_layers: int) -> int:
    """Return half the layers, none when that would be less than a quarter of all: it would hardly be faster."""
    half = (now if now > 0 else all_layers) // 2
    return half if half and half * 4 >= all_layers else 0
