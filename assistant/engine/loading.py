"""The way to a loaded model: which layers go where, how long the context is, and why it cannot be had.

One try: what to give up when it fails is decided outside, where a worker that died is seen too (``steps``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.engine import hardware, placement
from assistant.engine.binding import LlamaError, supports_gpu
from assistant.engine.llama_context import Context
from assistant.engine.llama_measure import UnallocatedModel
from assistant.engine.llama_model import Model
from assistant.engine.model_files import model_files
from assistant.engine.placement import CPU_BATCH, GPU_BATCH, SEQUENCES
from assistant.engine.protocol import ModelFacts
from assistant.engine.sampling import recommended
from assistant.errors import AssistantError, ModelOutOfMemory, ModelTooBig, ModelUnsupported
from assistant.memory import GIB, memory

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.engine.measure import Measured
    from assistant.engine.protocol import Device, Load
    from assistant.memory import Memory


@dataclass(frozen=True)
class Place:
    """What there is to load a model into. No ``gpus`` where this build has no use for them."""

    memory: Memory
    gpus: tuple[Device, ...] = ()

    @classmethod
    def here(cls) -> Place:
        """Return this computer."""
        return cls(memory(), tuple(placement.gpus(hardware.devices())) if supports_gpu() else ())

    @property
    def gpu_bytes(self) -> int:
        """The free memory of all GPUs together."""
        return sum(gpu.free_bytes for gpu in self.gpus)

    @property
    def gpu_names(self) -> str:
        """The GPUs in words."""
        return " + ".join(f"{gpu.name} ({gpu.description})" for gpu in self.gpus)


@dataclass(frozen=True)
class _Need:
    """What the model would take, exactly, at a context length that it can have."""

    measured: Measured
    length: int
    layers: int


class Loading:
    """Loads a model as ``load`` says; ``go_on`` hears the fraction done and may answer False."""

    def __init__(self, path: Path, load: Load, go_on: Callable[[float], bool], place: Place) -> None:
        self._path = path
        self._load = load
        self._go_on = go_on
        self._place = place
        self._memory = place.memory
        self._weights_bytes = sum(file.stat().st_size for file in model_files(path) if file.exists())
        self._notes: list[str] = []

    def run(self) -> tuple[Model, Context, ModelFacts]:
        """Load it. Raises LlamaError for a file that cannot be used, and what ``llama.open_model`` raises."""
        layers = self._layers()
        if layers == 0:
            self._check_room(self._weights_bytes)
        model = self._model(layers)
        try:
            context = self._context(model, layers)
        except (LlamaError, AssistantError):
            model.close()
            raise
        return model, context, self._facts(model, context, layers)

    # --- the weights ------------------------------------------------------------------------------------------------

    def _layers(self) -> int:
        """Return how many layers go to the GPU, −1 for all."""
        wanted = self._load.gpu_layers
        if not self._place.gpus or wanted >= 0:
            return wanted if self._place.gpus else 0
        need = self._need(GPU_BATCH)
        layers = placement.layers_that_fit(need.measured, need.layers, self._place.gpu_bytes)
        if layers >= 0:
            self._notes.append(f"{layers} of {need.layers} layers on the GPU: more do not fit into its free memory")
        return layers

    def _model(self, layers: int) -> Model:
        try:
            return Model(self._path, layers, self._go_on)
        except LlamaError as error:
            with closing(UnallocatedModel(self._path, 0)):  # raises when the file itself is at fault
                raise self._out_of_memory(error) from error

    def _need(self, batch: int) -> _Need:
        with closing(UnallocatedModel(self._path, 0)) as model:
            length = self._longest(model.trained_context)
            measured = model.measure(length, batch=batch, sequences=SEQUENCES, cache_type=self._load.cache_type)
            return _Need(measured, length, model.layers)

    # --- the context ------------------------------------------------------------------------------------------------

    def _context(self, model: Model, layers: int) -> Context:
        if not model.only_decodes:
            raise self._unsupported(model)
        longest = self._longest(model.trained_context)
        if longest < self._load.context_length:
            self._notes.append(f"a context of {longest} tokens instead of {self._load.context_length}")
        length = longest if layers or self._has_ample_room(model, longest) else self._fitting_length()
        try:
            context = self._new_context(model, length, on_gpu=layers != 0)
        except LlamaError as error:
            raise self._out_of_memory(error) from error
        if context.can_write:
            return context
        context.close()
        raise self._unsupported(model)

    def _longest(self, trained: int) -> int:
        """Return the context length that is wished for, as far as the model was trained for it."""
        wished = self._load.context_length or placement.DEFAULT_CONTEXT
        return min(wished, trained) if trained > 0 else wished

    def _has_ample_room(self, model: Model, length: int) -> bool:
        """Say whether there is no question that it fits, even if all layers keep everything."""
        most = self._weights_bytes + model.kv_bytes_per_token * length + placement.RESERVE_BYTES
        return most <= self._memory.available_bytes and not model.is_recurrent

    def _fitting_length(self) -> int:
        """Return the context length to have in the main memory. Raises ModelTooBig when none can be had."""
        need = self._need(CPU_BATCH)
        fixed = need.measured.total_bytes - need.measured.kv_bytes + placement.OVERHEAD_BYTES
        a_token = -(-need.measured.kv_bytes // need.length)
        length = need.length
        if not self._load.context_length:
            room = self._memory.available_bytes - fixed - placement.RESERVE_BYTES
            length = placement.fitting_context(need.length, 0, a_token, room)
            short = min(placement.SHORT_CONTEXT, need.length)
            if length < short and self._has_room(fixed + a_token * short):
                length = short
        self._check_room(fixed + a_token * length)
        return length

    def _new_context(self, model: Model, length: int, *, on_gpu: bool) -> Context:
        writing, reading = placement.threads(self._load.threads)
        return Context(
            model,
            length,
            batch=GPU_BATCH if on_gpu else CPU_BATCH,
            sequences=SEQUENCES,
            threads=writing,
            prompt_threads=reading,
            cache_type=self._load.cache_type,
        )

    # --- what is said of it -----------------------------------------------------------------------------------------

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
            device=self._place.gpu_names if layers else "CPU",
            threads=placement.threads(self._load.threads)[0],
            cache_type=self._load.cache_type,
            recommended=recommended(model.value),
            notes=tuple(self._notes),
        )

    def _has_room(self, needed_bytes: int) -> bool:
        return self._load.is_forced or needed_bytes <= placement.most_bytes(self._memory)

    def _check_room(self, needed_bytes: int) -> None:
        if not self._has_room(needed_bytes):
            most = placement.most_bytes(self._memory)
            needed, available = (round(size / GIB, 1) for size in (needed_bytes, most))
            raise ModelTooBig(path=str(self._path), needed_gib=needed, available_gib=available)

    def _out_of_memory(self, error: LlamaError) -> ModelOutOfMemory:
        return ModelOutOfMemory(path=str(self._path), reason=error.reason)

    def _unsupported(self, model: Model) -> ModelUnsupported:
        return ModelUnsupported(path=str(self._path), architecture=model.value("general.architecture"))
