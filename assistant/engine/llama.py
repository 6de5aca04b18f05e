"""A model run by llama.cpp: what a worker opens when it is not in a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.engine.binding import LlamaError, last_words, version
from assistant.engine.cache import Cache
from assistant.engine.generation import LlamaGeneration, Runtime
from assistant.engine.jinja import TemplateError
from assistant.engine.llama_context import Context
from assistant.engine.llama_model import Model
from assistant.engine.loading import Loading, Place
from assistant.engine.model_files import check_file
from assistant.engine.placement import SEQUENCES
from assistant.engine.protocol import BACKGROUND, ModelFacts
from assistant.engine.template import CHATML_END, ChatTemplate
from assistant.engine.tokens import Tokenizer
from assistant.errors import ModelLoadFailed, TemplateFailed

if TYPE_CHECKING:
    from assistant.engine.protocol import Generate, Load, Turn
    from assistant.engine.running import Stop
    from assistant.engine.tokens import Prompt

__all__ = ["LlamaModel", "open_model", "version"]


def open_model(load: Load, go_on: Callable[[float], bool]) -> LlamaModel:
    """Load a model as ``load`` says; ``go_on`` hears the fraction done and may answer False.

    Raises ModelNotFound, NotAModelFile, ModelTooBig, ModelUnsupported, ModelOutOfMemory, ModelLoadFailed, and Aborted.
    """
    path = Path(load.path)
    check_file(path)
    try:
        return LlamaModel(*Loading(path, load, go_on, Place.here()).run())
    except LlamaError as error:
        failed = ModelLoadFailed(path=load.path, reason=error.reason)
        failed.add_note(last_words().text)
        raise failed from error


class LlamaModel:
    """A ``running.RunningModel``."""

    def __init__(self, model: Model, context: Context, facts: ModelFacts) -> None:
        from dataclasses import replace

        vocabulary = model.vocabulary
        tokenizer = Tokenizer(vocabulary)
        self._template = ChatTemplate(
            model.value("tokenizer.chat_template"),
            bos=vocabulary.name(vocabulary.bos),
            eos=vocabulary.name(vocabulary.eos),
            special_names=tokenizer.special_names,
        )
        self._model = model
        self._runtime = Runtime(
            context=context,
            vocabulary=vocabulary,
            cache=Cache(context, SEQUENCES, window=model.window, is_recurrent=model.is_recurrent),
            tokenizer=tokenizer,
            background=SEQUENCES - 1,
            end_text=self._end_text(tokenizer),
        )
        self.facts = replace(
            facts, template="model" if self._template.is_own else "chatml", template_problem=self._template.problem
        )

    def generate(self, command: Generate, stop: Stop) -> LlamaGeneration:
        """Begin an answer. Raises ContextFull, Incomplete and TemplateFailed."""
        if not (command.sequence == BACKGROUND or 0 <= command.sequence < self._runtime.background):
            raise ValueError(f"there is no sequence {command.sequence}")
        return LlamaGeneration(self._runtime, self._prompt(command.turns), command, stop)

    def close(self) -> None:
        """Free the memory."""
        self._runtime.context.close()
        self._model.close()

    def _prompt(self, turns: tuple[Turn, ...]) -> Prompt:
        try:
            return self._runtime.tokenizer.encode(self._template, turns)
        except TemplateError as error:
            raise TemplateFailed(reason=error.reason) from error

    def _end_text(self, tokenizer: Tokenizer) -> str:
        """Return the text that ends an answer, where ChatML is used by a model that has no token for that."""
        is_token = CHATML_END in tokenizer.special_names(CHATML_END)
        return "" if self._template.is_own or is_token else CHATML_END
