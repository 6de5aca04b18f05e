"""A model run by llama.cpp: what a worker opens when it is not in a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.engine import hardware, placement
from assistant.engine.binding import LlamaError, last_words, supports_gpu, version
from assistant.engine.cache import Cache
from assistant.engine.generation import LlamaGeneration, Runtime
from assistant.engine.jinja import TemplateError
from assistant.engine.llama_context import Context
from assistant.engine.llama_model import Model
from assistant.engine.model_files import model_files
from assistant.engine.protocol import BACKGROUND, ModelFacts
from assistant.engine.sampling import recommended
from assistant.engine.template import CHATML_END, ChatTemplate
from assistant.engine.tokens import Tokenizer
from assistant.errors import (
    AssistantError,
    ModelLoadFailed,
    ModelNotFound,
    ModelTooBig,
    ModelUnsupported,
    NotAModelFile,
    TemplateFailed,
)

if TYPE_CHECKING:
    from assistant.engine.protocol import Device, Generate, Load, Turn
    from assistant.engine.running import Stop
    from assistant.engine.tokens import Prompt

__all__ = ["LlamaModel", "open_model", "version"]

SEQUENCES = 10
"""The visible conversation, up to eight alternatives, and the background."""
_GIB = 1 << 30


def open_model(load: Load, go_on: Callable[[float], bool]) -> LlamaModel:
    """Load a model as ``load`` says; ``go_on`` hears the fraction done and may answer False.

    Raises ModelNotFound, NotAModelFile, ModelTooBig, ModelUnsupported, ModelLoadFailed, and Aborted.
    """
    path = Path(load.path)
    _check_file(path)
    try:
        return _Loading(path, load, go_on).run()
    except LlamaError as error:
        failed = ModelLoadFailed(path=load.path, reason=error.reason)
        failed.add_note(last_words().text)
        raise failed from error


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except FileNotFoundError as error:
        raise ModelNotFound(name=str(path)) from error
    except OSError as error:
        raise ModelLoadFailed(path=str(path), reason=error.strerror or str(error)) from error
    if magic != b"GGUF":
        raise NotAModelFile(path=str(path))


class _Loading:
    """The way to a loaded model, with a step down wherever something does not fit."""

    def __init__(self, path: Path, load: Load, go_on: Callable[[float], bool]) -> None:
        self._path = path
        self._load = load
        self._go_on = go_on
        self._gpus: list[Device] = placement.gpus(hardware.devices()) if supports_gpu() else []
        self._gpu_bytes = sum(device.free_bytes for device in self._gpus)
        self._main_bytes = hardware.memory().available_bytes
        self._weights_bytes = sum(file.stat().st_size for file in model_files(path) if file.exists())
        self._notes: list[str] = []

    def run(self) -> LlamaModel:
        tries = placement.layers_to_try(self._load.gpu_layers, self._weights_bytes, self._gpu_bytes)
        if self._gpus and self._load.gpu_layers and tries == [0]:
            self._notes.append("no layers on the GPU: the model does not fit into its free memory")
        for layers in tries[:-1]:
            try:
                return self._with_layers(layers)
            except LlamaError as error:
                self._notes.append(f"{'all' if layers < 0 else layers} layers on the GPU failed: {error}")
        return self._with_layers(tries[-1])

    def _with_layers(self, layers: int) -> LlamaModel:
        if layers == 0 and self._weights_bytes > self._main_bytes:
            raise self._too_big(self._weights_bytes)
        model = Model(self._path, layers, self._go_on)
        try:
            context = self._context(model, layers)
        except (LlamaError, AssistantError):
            model.close()
            raise
        return LlamaModel(model, context, self._facts(model, context, layers))

    def _context(self, model: Model, layers: int) -> Context:
        if not model.only_decodes:
            raise self._unsupported(model)
        for length in placement.contexts_to_try(self._length(model, layers)):
            try:
                context = self._new_context(model, length, on_gpu=layers != 0)
            except LlamaError as error:
                self._notes.append(f"a context of {length} tokens failed: {error}")
                continue
            if context.can_write:
                return context
            context.close()
            raise self._unsupported(model)
        raise LlamaError(last_words().complaint)

    def _length(self, model: Model, layers: int) -> int:
        """Return the length that fits, at a place where the weights may take room as well."""
        room = (self._gpu_bytes if layers else self._main_bytes) - self._weights_bytes - placement.RESERVE_BYTES
        if room < placement.MIN_CONTEXT * model.kv_bytes_per_token and not layers:
            raise self._too_big(self._main_bytes - room + placement.MIN_CONTEXT * model.kv_bytes_per_token)
        length = placement.fitting_context(
            self._load.context_length, model.trained_context, model.kv_bytes_per_token, room
        )
        if length < self._load.context_length:
            self._notes.append(f"a context of {length} tokens instead of {self._load.context_length}")
        return length

    def _new_context(self, model: Model, length: int, *, on_gpu: bool) -> Context:
        writing, reading = placement.threads(self._load.threads)
        batch = placement.GPU_BATCH if on_gpu else placement.CPU_BATCH
        return Context(model, length, batch=batch, sequences=SEQUENCES, threads=writing, prompt_threads=reading)

    def _facts(self, model: Model, context: Context, layers: int) -> ModelFacts:
        return ModelFacts(
            description=model.description,
            architecture=model.value("general.architecture"),
            context_length=context.length,
            trained_context_length=model.trained_context,
            parameters=model.parameters,
            weights_bytes=model.size_bytes,
            vocabulary=model.vocabulary.size,
            gpu_layers=model.layers if layers < 0 else min(layers, model.layers),
            layers=model.layers,
            device=self._device() if layers else "CPU",
            threads=placement.threads(self._load.threads)[0],
            recommended=recommended(model.value),
            notes=tuple(self._notes),
        )

    def _device(self) -> str:
        return " + ".join(f"{device.name} ({device.description})" for device in self._gpus)

    def _too_big(self, needed_bytes: int) -> ModelTooBig:
        needed, available = (round(size / _GIB, 1) for size in (needed_bytes, self._main_bytes))
        return ModelTooBig(path=str(self._path), needed_gib=needed, available_gib=available)

    def _unsupported(self, model: Model) -> ModelUnsupported:
        return ModelUnsupported(path=str(self._path), architecture=model.value("general.architecture"))


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
