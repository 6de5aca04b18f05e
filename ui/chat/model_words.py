"""What the engine is doing and what a model file is, in words for the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.engine.state import EngineState, Phase
from assistant.engine.steps import StepKind
from assistant.errors import (
    AssistantError,
    ModelFileDamaged,
    ModelMissing,
    ModelUnreadable,
    ModelUnsupported,
    NotAModelFile,
)
from assistant.i18n import N_, _
from ui.widgets.words import clauses, joined, size_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant.models.library import ModelFile

DOTS = {
    Phase.EMPTY: "text_faint",
    Phase.LOADING: "warn",
    Phase.READY: "ok",
    Phase.READING: "accent",
    Phase.WRITING: "accent",
    Phase.FAILED: "bad",
}
"""The token of the dot for each phase."""
_TRIES = {
    StepKind.FEWER_LAYERS: N_("trying with fewer layers"),
    StepKind.NO_GPU: N_("trying without the graphics card"),
    StepKind.SHORTER_CONTEXT: N_("trying with a shorter context"),
    StepKind.SMALLER_CACHE: N_("trying with a smaller cache"),
}
"""What is tried now, by what was given up last."""


def phase_words(state: EngineState) -> str:
    """Return what the engine is doing, in a few words; nothing when it is ready."""
    match state.phase:
        case Phase.EMPTY:
            return ""
        case Phase.LOADING if state.steps:
            return _(_TRIES[state.steps[-1].kind])
        case Phase.LOADING if state.total:
            return _("loading {percent} %").format(percent=100 * state.done // state.total)
        case Phase.LOADING:
            return _("loading")
        case Phase.READY:
            return ""
        case Phase.READING if state.total:
            return _("reading {done}/{total}").format(done=state.done, total=state.total)
        case Phase.READING:
            return _("reading")
        case Phase.WRITING:
            return _("writing")
        case Phase.FAILED:
            return _("stopped")


def progress_words(state: EngineState) -> str:
    """Return how far the model is with an answer that has no text yet; nothing when it has begun to write."""
    if state.phase is Phase.LOADING:
        return _("Waiting for the model … {percent} %").format(percent=state.done // 10)
    if state.phase is Phase.READING and state.total:
        return _("Reading … {done} of {total} tokens").format(done=state.done, total=state.total)
    return ""


def phase_sentence(state: EngineState) -> str:
    """Return what the engine is doing as a whole sentence, for tooltips and screen readers."""
    match state.phase:
        case Phase.EMPTY:
            return _("No model is loaded.")
        case Phase.LOADING if state.steps:
            return _("It did not load as it is set; now with {steps}.").format(steps=steps_words(state))
        case Phase.LOADING:
            return _("The model is being loaded.")
        case Phase.READY:
            return _("The model is ready.")
        case Phase.READING:
            return _("The model is reading the question: {done} of {total} tokens.").format(
                done=state.done, total=state.total
            )
        case Phase.WRITING:
            return _("The model is writing.")
        case Phase.FAILED:
            return state.error.message if state.error else _("The model stopped unexpectedly.")


def steps_words(state: EngineState) -> str:
    """Return what was given up so far to have the model loaded, to go after “with”."""
    return clauses(*(step.words for step in state.steps))


def find_model(state: EngineState, models: Iterable[ModelFile]) -> ModelFile | None:
    """Return the file the engine runs, if it is one of ``models``."""
    return next((model for model in models if state.path is not None and str(model.path) == str(state.path)), None)


def model_name(state: EngineState, model: ModelFile | None) -> str:
    """Return the name to show for the engine's model; words when there is none."""
    if model is not None:
        return model.name
    return state.path.stem if state.path else _("Choose a model")


def row_words(model: ModelFile) -> str:
    """Return quantization, size and the other program that a model belongs to; or in short why it cannot be used."""
    if model.problem is not None:
        return _(_PROBLEMS[type(model.problem)]) if type(model.problem) in _PROBLEMS else model.problem.message
    size = size_words(model.size_bytes) if model.size_bytes else ""
    return joined(model.quantization, size, model.owner.program)


_PROBLEMS: dict[type[AssistantError], str] = {
    ModelMissing: N_("The file is not where it was"),
    ModelUnreadable: N_("The file cannot be read"),
    NotAModelFile: N_("This is no model file"),
    ModelFileDamaged: N_("The file is damaged or incomplete"),
    ModelUnsupported: N_("A kind of model that cannot be used here"),
}
"""The problems of files, short enough for a list; the whole sentence is in the tool tip."""
