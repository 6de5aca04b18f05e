"""The counter itself: the catalog, the hub's search, and the outlook of every offer on this computer."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.engine.bandwidth import bandwidth, known_bandwidth
from assistant.engine.measure import Measuring
from assistant.errors import AssistantError
from assistant.exact_memory import exact_buffers
from assistant.market.judging import verdicts
from assistant.market.values import Computer, Listing, Outlook
from assistant.memory import GIB, memory
from assistant.models import library
from assistant.models.catalog import CatalogEntry, catalog, entry_for
from assistant.models.fit import Accelerator, Buffers, Verdict, default_context_length, estimate
from assistant.models.gguf import read_header
from assistant.models.header import Header, Tensors, header_of
from assistant.models.hollow import parts_of
from assistant.models.model_file import Owner
from assistant.models.recommend import Recommendation, recommended
from assistant.models.remote import Group, Offer, Query, Repository
from assistant.models.space import free_bytes
from assistant.models.speed import Rates, Speed, speed

if TYPE_CHECKING:
    from assistant.engine.engine import Engine
    from assistant.market.account import Account
    from assistant.market.shelf import Shelf
    from assistant.model_choice import ModelChoice
    from assistant.models.downloads import Downloads
    from assistant.models.hub import Hub
    from assistant.models.model_file import ModelFile
    from assistant.paths import Paths
    from assistant.tasks import Tasks

MODELS_KEPT_S = 1.0
"""So old may the list be that measured speeds are taken from; making it costs a millisecond and more."""
BYTES_A_PARAMETER = 0.65
"""Of a model of four to five bits with its context, to say about how large a model may be."""


@dataclass(frozen=True)
class _Key:
    """What a header was read of."""

    repository: str
    file: str


class Market:
    """What models there are and how they would do here. Main thread only; questions to the hub are tasks.

    A method that returns an int starts a task, whose ``TaskFinished`` brings the value named in its docstring or the
    error of the world that it met.
    """

    def __init__(
        self,
        paths: Paths,
        hub: Hub,
        tasks: Tasks,
        engine: Engine,
        choice: ModelChoice,
        downloads: Downloads,
        library: Shelf,
        account: Account,
        is_offline: Callable[[], bool],
    ) -> None:
        self._paths = paths
        self._hub = hub
        self._tasks = tasks
        self._engine = engine
        self._choice = choice
        self.downloads = downloads
        self.library = library
        self.account = account
        self._is_offline = is_offline
        self._headers: dict[_Key, Header] = {}
        self._exact: dict[tuple[_Key, int], Buffers] = {}
        self._bandwidth = 0
        self._measuring = Measuring()
        self._models: tuple[float, Sequence[ModelFile]] | None = None

    @property
    def is_offline(self) -> bool:
        """Whether the network switch is off."""
        return self._is_offline()

    def close(self) -> None:
        """Have what is being measured given up."""
        self._measuring.close()

    # --- this computer ----------------------------------------------------------------------------------------------

    def computer(self) -> Computer:
        """Return what this computer has; some milliseconds."""
        import psutil

        here = memory()
        folder = self.downloads.folder
        gpu = self._gpu()
        try:
            disk_free = free_bytes(folder)
        except OSError:
            disk_free = 0
        room = max(gpu.free_bytes if gpu else 0, here.available_bytes - max(GIB, here.available_bytes // 20))
        return Computer(
            memory_bytes=here.total_bytes,
            available_bytes=here.available_bytes,
            cores=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
            folder=folder,
            features=_features(),
            gpu=self._gpu_name(),
            gpu_bytes=gpu.total_bytes if gpu else 0,
            disk_free_bytes=disk_free,
            models_bytes=sum(model.size_bytes for model in self._choice.all() if model.owner is Owner.OURS),
            model_bytes=_resident_bytes(self._engine.worker_pid),
            most_parameters=max(0, int(room / BYTES_A_PARAMETER)),
        )

    def measure_computer(self) -> int | None:
        """Measure the memory's bandwidth unless it is known: the task brings bytes a second, 0 when it cannot be.

        Returns ``None`` when it is known. Takes some seconds of every core, once.
        """
        self._bandwidth = self._bandwidth or known_bandwidth(self._paths.cache)
        if self._bandwidth:
            return None
        folder, among = self._paths.cache, self._measuring
        return self._tasks.start(lambda: bandwidth(folder, among=among), "bandwidth")

    # --- what there is ----------------------------------------------------------------------------------------------

    def recommendation(self) -> Recommendation:
        """Return the model of the catalog that suits this computer, and why."""
        return recommended(memory(), bandwidth=self._known_bandwidth(), accelerator=self._gpu())

    def suggestions(self) -> list[Listing]:
        """Return the catalog that came with the program: the recommended one first, then from large to small."""
        best = self.recommendation().entry
        rows = sorted(catalog(), key=lambda entry: (entry is not best, not entry.is_chat, -entry.parameters))
        return [_listing(entry, is_recommended=entry is best) for entry in rows]

    def search(self, query: Query, page: str = "") -> int:
        """Ask the hub: a ``Page``."""
        return self._tasks.start(lambda: self._hub.search(query, page), "search")

    def details(self, repository: str, revision: str = "") -> int:
        """Ask for a repository with its offers: a ``Repository``."""
        return self._tasks.start(lambda: self._hub.repository(repository, revision), "details")

    def readme(self, repository: Repository) -> int:
        """Ask for the model card: its Markdown, untrusted."""
        return self._tasks.start(lambda: self._hub.readme(repository), "card")

    def drop(self, task: int) -> None:
        """Have nothing reported of a task that nobody waits for any more."""
        self._tasks.forget(task)

    @property
    def endpoint(self) -> str:
        """The address of the hub in use."""
        return self._hub.endpoint

    def page_address(self, repository: str) -> str:
        """Return where a repository can be read in a browser."""
        return f"{self._hub.endpoint}/{repository}"

    # --- will it run ------------------------------------------------------------------------------------------------

    def outlook(self, repository: Repository, offer: Offer, context_length: int = 0) -> Outlook:
        """Judge an offer at a context length, 0 for the one it would get; from what is known now, at once."""
        key = _Key(repository.name, offer.files[0].name)
        entry = entry_for(key.repository, key.file)
        header = self._header(key, offer, repository, entry)
        here, gpu = memory(), self._gpu()
        length = context_length or default_context_length(header, here.available_bytes)
        fit = estimate(
            header,
            length,
            here.available_bytes,
            total_bytes=here.total_bytes,
            accelerator=gpu,
            exact=self._exact.get((key, length)),
        )
        installed = library.model_of(repository.name, offer, self._models_of_late())
        pace = self._speed(header, None if key in self._headers else entry, installed)
        return Outlook(
            fit=fit,
            is_exact=not fit.is_rough,
            tokens_per_s=pace.tokens_per_s,
            is_measured=pace.is_measured,
            longest=header.context_length or repository.context_length,
        )

    def outlook_of(self, model: ModelFile, context_length: int = 0) -> Outlook:
        """Judge a model on this computer. Reads its header, some ten milliseconds. Raises ModelError."""
        header, here = read_header(model.path), memory()
        length = context_length or default_context_length(header, here.available_bytes)
        fit = estimate(header, length, here.available_bytes, total_bytes=here.total_bytes, accelerator=self._gpu())
        pace = self._speed(header, None, model)
        return Outlook(fit, not fit.is_rough, pace.tokens_per_s, pace.is_measured, header.context_length)

    def verdicts(self, models: Sequence[ModelFile]) -> int:
        """Judge models on this computer: a mapping from their ids to ``Verdict``, without those that have a problem."""
        here, gpu, judged = memory(), self._gpu(), tuple(models)
        return self._tasks.start(lambda: verdicts(judged, here, gpu), "verdicts")

    def measure(self, repository: Repository, offer: Offer) -> int:
        """Have the file's header read and llama.cpp itself say what it needs, so that ``outlook`` becomes exact."""
        key = _Key(repository.name, offer.files[0].name)
        here = library.model_of(repository.name, offer, self._choice.all())
        path = here.path if here else None
        available = memory().available_bytes

        def measure() -> None:
            header = read_header(path) if path else self._hub.header(repository, offer)
            self._headers[key] = header
            length = default_context_length(header, available)
            with suppress(AssistantError):  # else the formula stands
                parts = parts_of(path) if path else self._hub.parts(repository, offer)
                self._exact[key, length] = exact_buffers(parts, length, self._paths.cache, among=self._measuring)

        return self._tasks.start(measure, "measure")

    def _header(self, key: _Key, offer: Offer, repository: Repository, entry: CatalogEntry | None) -> Header:
        """Return the best that is known of an offer's header without asking anybody."""
        if known := self._headers.get(key):
            return known
        relative = next((known for at, known in tuple(self._headers.items()) if at.repository == key.repository), None)
        if relative:
            return replace(relative, size_bytes=offer.size_bytes, tensor_bytes=offer.size_bytes)
        if entry:
            return entry.header
        size = offer.size_bytes
        tensors = Tensors(bytes=size, parameters=repository.parameters)
        header = header_of(Path(key.file), {}, size, 3, tensors)
        return replace(header, context_length=repository.context_length)

    def _speed(self, header: Header, entry: CatalogEntry | None, here: ModelFile | None) -> Speed:
        rates = Rates(here.tokens_per_s, here.prompt_tokens_per_s) if here else None
        known = self._known_bandwidth()
        if entry:
            return entry.speed(known, measured=rates)
        return speed(header, known, measured=rates)

    def _models_of_late(self) -> Sequence[ModelFile]:
        """Return the models on this computer as they were a moment ago: a page judges many offers in one go."""
        now = time.monotonic()
        if self._models is None or now - self._models[0] > MODELS_KEPT_S:
            self._models = (now, self._choice.all())
        return self._models[1]

    def _known_bandwidth(self) -> int:
        self._bandwidth = self._bandwidth or known_bandwidth(self._paths.cache)
        return self._bandwidth

    def _gpu(self) -> Accelerator | None:
        hello = self._engine.hello
        found = [device for device in hello.devices if device.kind == "gpu"] if hello else []
        if not found:
            return None
        return Accelerator(
            sum(device.free_bytes for device in found),
            sum(device.total_bytes for device in found),
            is_unified=sys.platform == "darwin",
        )

    def _gpu_name(self) -> str:
        hello = self._engine.hello
        return next((device.description for device in hello.devices if device.kind == "gpu"), "") if hello else ""


def fits(outlook: Outlook) -> bool:
    """Say whether it can be run without a warning."""
    return outlook.fit.verdict is not Verdict.TOO_BIG


def _listing(entry: CatalogEntry, *, is_recommended: bool) -> Listing:
    offer = Offer(
        id=entry.quantization,
        quantization=entry.quantization,
        group=Group.BALANCED,
        files=(entry.file,),
        projector=entry.projector,
        is_recommended=True,
    )
    repository = replace(entry.as_repository(), offers=(offer,), has_details=True)
    return Listing(repository, entry.name, entry.maker, entry.about, is_recommended, is_suggested=True)


def _resident_bytes(pid: int | None) -> int:
    """Return what a process holds of the main memory, 0 when there is none."""
    import psutil

    if pid is None:
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _features() -> str:
    """Return the widest arithmetic of this processor that llama.cpp uses; empty where it cannot be told."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    flags = next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), "").split()
    known: Sequence[tuple[str, str]] = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"), ("asimd", "NEON"))
    return next((name for flag, name in known if flag in flags), "")
