"""Whether models would run on this computer, those on the hub and those that are here, and how fast."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.engine.bandwidth import bandwidth, known_bandwidth
from assistant.engine.hardware import is_gpu_build
from assistant.engine.measure import Measuring
from assistant.engine.probe import probe
from assistant.errors import AssistantError, ModelError
from assistant.exact_memory import exact_buffers
from assistant.market.values import Outlook
from assistant.memory import memory
from assistant.models import library
from assistant.models.catalog import CatalogEntry, entry_for
from assistant.models.fit import Accelerator, Buffers, Verdict, default_context_length, estimate
from assistant.models.gguf import read_header
from assistant.models.header import Header, Tensors, header_of
from assistant.models.hollow import parts_of
from assistant.models.recommend import USUAL_GPU_BANDWIDTH, Recommendation, ranked, recommended
from assistant.models.speed import Rates, Speed, speed

if TYPE_CHECKING:
    from assistant.changes import Change
    from assistant.engine.engine import Engine
    from assistant.engine.protocol import Hello
    from assistant.memory import Memory
    from assistant.model_choice import ModelChoice
    from assistant.models.fit import Fit
    from assistant.models.hub import Hub
    from assistant.models.model_file import ModelFile
    from assistant.models.remote import Offer, Repository
    from assistant.paths import Paths
    from assistant.tasks import Tasks

MODELS_KEPT_S = 1.0
"""So old may the list be that measured speeds are taken from; making it costs a millisecond and more."""
MOST_KEPT = 64
"""Headers of files here that are not read again while the files stay the same."""


@dataclass(frozen=True)
class _Key:
    """What a header was read of."""

    repository: str
    file: str


@dataclass(frozen=True)
class _Measured:
    """What a file says of itself, and llama.cpp of its needs at a context length; ``None`` when it would not."""

    header: Header
    context_length: int
    buffers: Buffers | None


class Judge:
    """Judges models by one measure: this computer's memory and graphics card as they are now. Main thread only.

    A method that returns an int starts a task, whose ``TaskFinished`` brings the value named in its docstring or the
    error of the world that it met.
    """

    def __init__(self, paths: Paths, hub: Hub, tasks: Tasks, engine: Engine, choice: ModelChoice) -> None:
        self._paths = paths
        self._hub = hub
        self._tasks = tasks
        self._engine = engine
        self._choice = choice
        self._headers: dict[_Key, Header] = {}
        self._exact: dict[tuple[_Key, int], Buffers] = {}
        self._bandwidth = 0
        self._measuring = Measuring()
        self._models: tuple[float, Sequence[ModelFile]] | None = None

    def close(self) -> None:
        """Have what is being measured given up."""
        self._measuring.close()

    @property
    def gpu(self) -> Accelerator | None:
        """The memory of the graphics cards, ``None`` without one, or before the engine has told."""
        hello = self._engine.hello
        found = [device for device in hello.devices if device.kind == "gpu"] if hello else []
        if not found:
            return None
        return Accelerator(
            sum(device.free_bytes for device in found),
            sum(device.total_bytes for device in found),
            is_unified=sys.platform == "darwin",
        )

    def ask_devices(self) -> int | None:
        """Ask for the graphics cards unless a worker has told: a task that brings nothing. ``None``: nothing to ask."""
        if self._engine.hello or not is_gpu_build():
            return None
        command = self._engine.command
        return self._tasks.start(lambda: probe(command), "devices", ended=self._learn)

    def measure_computer(self) -> int | None:
        """Measure the memory's bandwidth unless it is known: the task brings bytes a second, 0 when it cannot be.

        Returns ``None`` when it is known. Takes some seconds of every core, once.
        """
        if self._known_bandwidth():
            return None
        folder, among = self._paths.cache, self._measuring
        return self._tasks.start(lambda: bandwidth(folder, among=among), "bandwidth")

    def recommendation(self) -> Recommendation:
        """Return the model of the catalog that suits this computer, and why."""
        return recommended(memory(), bandwidth=self._known_bandwidth(), accelerator=self.gpu)

    def ranked(self, best: CatalogEntry) -> list[CatalogEntry]:
        """Return the catalog, ``best`` first, then what is of use on this computer: as ``recommend.ranked``."""
        return ranked(best, memory(), bandwidth=self._known_bandwidth(), accelerator=self.gpu)

    def outlook(self, repository: Repository, offer: Offer, context_length: int = 0) -> Outlook:
        """Judge an offer at a context length, 0 for the one it would get; from what is known now, at once."""
        key = _key(repository, offer)
        entry = entry_for(key.repository, key.file)
        header = self._header(key, offer, repository, entry)
        here = memory()
        length = context_length or default_context_length(header, here.available_bytes)
        fit = _fit(header, here, self.gpu, length, self._exact.get((key, length)))
        installed = library.model_of(repository.name, offer, self._models_of_late())
        pace = self._speed(fit, header, None if key in self._headers else entry, installed)
        longest = header.context_length or repository.context_length
        return Outlook(fit, not fit.is_rough, pace.tokens_per_s, pace.is_measured, longest)

    def outlook_of(self, model: ModelFile, context_length: int = 0) -> Outlook:
        """Judge a model on this computer. Reads its header, some ten milliseconds. Raises ModelError."""
        header = _header(model.path, *_state(model.path))
        fit = _fit(header, memory(), self.gpu, context_length)
        pace = self._speed(fit, header, None, model)
        return Outlook(fit, not fit.is_rough, pace.tokens_per_s, pace.is_measured, header.context_length)

    def verdicts(self, models: Sequence[ModelFile]) -> int:
        """Judge models on this computer: a mapping from their ids to ``Verdict``, without those that have a problem."""
        here, gpu, judged = memory(), self.gpu, tuple(models)
        return self._tasks.start(lambda: verdicts(judged, here, gpu), "verdicts")

    def measure(self, repository: Repository, offer: Offer) -> int:
        """Have the file's header read and llama.cpp itself say what it needs, so that ``outlook`` becomes exact."""
        key = _key(repository, offer)
        here = library.model_of(repository.name, offer, self._choice.all())
        path = here.path if here else None
        hub, folder, among, available = self._hub, self._paths.cache, self._measuring, memory().available_bytes

        def measure() -> _Measured:
            header = read_header(path) if path else hub.header(repository, offer)
            length = default_context_length(header, available)
            with suppress(AssistantError):  # else the formula stands
                parts = parts_of(path) if path else hub.parts(repository, offer)
                return _Measured(header, length, exact_buffers(parts, length, folder, among=among))
            return _Measured(header, length, None)

        def ended(measured: _Measured) -> list[Change]:
            self._headers[key] = measured.header
            if measured.buffers:
                self._exact[key, measured.context_length] = measured.buffers
            return []

        return self._tasks.start(measure, "measure", ended=ended)

    def _learn(self, hello: Hello | None) -> list[Change]:
        if hello:
            self._engine.learn(hello)
        return []

    def _header(self, key: _Key, offer: Offer, repository: Repository, entry: CatalogEntry | None) -> Header:
        """Return the best that is known of an offer's header without asking anybody."""
        if known := self._headers.get(key):
            return known
        relative = next((known for at, known in self._headers.items() if at.repository == key.repository), None)
        if relative:
            return replace(relative, size_bytes=offer.size_bytes, tensor_bytes=offer.size_bytes)
        if entry:
            return entry.header
        size = offer.size_bytes
        header = header_of(Path(key.file), {}, size, 3, Tensors(bytes=size, parameters=repository.parameters))
        return replace(header, context_length=repository.context_length)

    def _speed(self, fit: Fit, header: Header, entry: CatalogEntry | None, here: ModelFile | None) -> Speed:
        """Return the measured speed, or the one to expect where ``fit`` puts the model."""
        rates = Rates(here.tokens_per_s, here.prompt_tokens_per_s) if here else None
        known, share = self._known_bandwidth(), fit.gpu_bytes / fit.total_bytes
        if entry:
            return entry.speed(known, gpu_share=share, gpu_bandwidth=USUAL_GPU_BANDWIDTH, measured=rates)
        return speed(header, known, gpu_share=share, gpu_bandwidth=USUAL_GPU_BANDWIDTH, measured=rates)

    def _models_of_late(self) -> Sequence[ModelFile]:
        """Return the models on this computer as they were a moment ago: a page judges many offers in one go."""
        now = time.monotonic()
        if self._models is None or now - self._models[0] > MODELS_KEPT_S:
            self._models = (now, self._choice.all())
        return self._models[1]

    def _known_bandwidth(self) -> int:
        self._bandwidth = self._bandwidth or known_bandwidth(self._paths.cache)
        return self._bandwidth


def verdicts(models: Sequence[ModelFile], here: Memory, gpu: Accelerator | None) -> dict[str, Verdict]:
    """Return the verdict of each model by its id, at the context length it would get; none for a file with a problem.

    Any thread. Reads each header once, 15 to 80 ms; a file that vanished meanwhile is left out.
    """
    found: dict[str, Verdict] = {}
    for model in models:
        if model.problem is not None:
            continue
        with suppress(ModelError):
            found[model.id] = _fit(_header(model.path, *_state(model.path)), here, gpu).verdict
    return found


def _key(repository: Repository, offer: Offer) -> _Key:
    return _Key(repository.name, offer.files[0].name)


def _fit(
    header: Header, here: Memory, gpu: Accelerator | None, context_length: int = 0, exact: Buffers | None = None
) -> Fit:
    """Return the need of a model at a context length, 0 for the one it would get, next to what there is."""
    length = context_length or default_context_length(header, here.available_bytes)
    return estimate(header, length, here.available_bytes, total_bytes=here.total_bytes, accelerator=gpu, exact=exact)


@lru_cache(maxsize=MOST_KEPT)
def _header(path: Path, _changed_ns: int, _size: int) -> Header:
    return read_header(path)


def _state(path: Path) -> tuple[int, int]:
    """Return what tells a file from a later one at the same place."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
