"""What the engine is doing and what a model file is, in words for the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.engine.state import EngineState, Phase
from assistant.i18n import _
from ui.widgets.words import size_words

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


def phase_words(state: EngineState) -> str:
    """Return what the engine is doing, in a few words; nothing when it is ready."""
    match state.phase:
        case Phase.EMPTY:
            return ""
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


def find_model(state: EngineState, models: Iterable[ModelFile]) -> ModelFile | None:
    """Return the file the engine runs, if it is one of ``models``."""
    return next((model for model in models if state.path is not None and str(model.path) == str(state.path)), None)


def model_name(state: EngineState, model: ModelFile | None) -> str:
    """Return the name to show for the engine's model; words when there is none."""
    if model is not None:
        return model.name
    return state.path.stem if state.path else _("Choose a model")


def detail_words(model: ModelFile) -> str:
    """Return quantization and size."""
    return " · ".join(part for part in (model.quantization, size_words(model.size_bytes)) if part)
