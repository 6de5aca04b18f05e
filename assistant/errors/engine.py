"""Errors about the running model."""

from __future__ import annotations

from assistant.errors.base import AssistantError
from assistant.i18n import N_


class EngineError(AssistantError):
    """Something about the running model."""

    kind = "engine"


class NoModel(EngineError):
    """No values."""

    kind = "no_model"
    template = N_("No model is loaded.")
    advice = N_("Choose a model at the top of the window.")


class EngineCrashed(EngineError):
    """Values: ``reason`` (how the process ended, in words)."""

    kind = "engine_crashed"
    template = N_("The model stopped unexpectedly: {reason}.")
    advice = N_("The text so far is kept. Try again; if it happens each time, choose another model.")


class EngineHung(EngineError):
    """Values: ``seconds`` without a sign of life."""

    kind = "engine_hung"
    template = N_("The model has not answered for {seconds} seconds and was ended.")
    advice = N_("The text so far is kept. Try again.")


class ContextFull(EngineError):
    """Values: ``prompt_tokens``, ``context_length``."""

    kind = "context_full"
    template = N_("This conversation needs {prompt_tokens} tokens, but the model can see only {context_length}.")
    advice = N_("Shorten the message, start a new conversation, or set a longer context length in the settings.")


class TemplateFailed(EngineError):
    """Values: ``reason``."""

    kind = "template_failed"
    template = N_("The model's own chat template failed: {reason}.")
    advice = N_("Try another model, or a newer file of this one.")


class GenerationFailed(EngineError):
    """Values: ``reason``."""

    kind = "generation_failed"
    template = N_("The model could not go on: {reason}.")
    advice = N_("The text so far is kept. Try again.")
