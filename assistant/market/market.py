"""The counter itself: the catalog, the hub's search, what this computer has, and who judges offers by that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.market.values import Computer, Listing, Outlook
from assistant.memory import GIB, memory
from assistant.models.catalog import CatalogEntry
from assistant.models.model_file import Owner
from assistant.models.remote import Group, Offer, Query, Repository
from assistant.models.space import free_bytes

if TYPE_CHECKING:
    from assistant.engine.engine import Engine
    from assistant.market.account import Account
    from assistant.market.intake import Intake
    from assistant.market.judging import Judge
    from assistant.market.shelf import Shelf
    from assistant.model_choice import ModelChoice
    from assistant.models.downloads import Downloads
    from assistant.models.hub import Hub
    from assistant.tasks import Tasks

BYTES_A_PARAMETER = 0.65
"""Of a model of four to five bits with its context, to say about how large a model may be."""


class Market:
    """What models there are and what there is for them here. Main thread only; questions to the hub are tasks.

    ``judge`` says how they would do, ``downloads`` are on their way, ``library`` is here, ``intake``
    takes in what others have put here, ``account`` asks the hub.
    A method that returns an int starts a task, whose ``TaskFinished`` brings the value named in its docstring or the
    error of the world that it met.
    """

    def __init__(
        self,
        hub: Hub,
        tasks: Tasks,
        engine: Engine,
        choice: ModelChoice,
        *,
        judge: Judge,
        downloads: Downloads,
        library: Shelf,
        intake: Intake,
        account: Account,
        is_offline: Callable[[], bool],
    ) -> None:
        self._hub = hub
        self._tasks = tasks
        self._engine = engine
        self._choice = choice
        self.judge = judge
        self.downloads = downloads
        self.library = library
        self.intake = intake
        self.account = account
        self._is_offline = is_offline

    @property
    def is_offline(self) -> bool:
        """Whether the network switch is off."""
        return self._is_offline()

    # --- this computer ----------------------------------------------------------------------------------------------

    def computer(self) -> Computer:
        """Return what this computer has; some milliseconds."""
        import psutil

        here = memory()
        folder = self.downloads.folder
        gpu = self.judge.gpu
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
        """Measure what the judge needs to know of this computer, unless it does: as ``Judge.measure_computer``."""
        return self.judge.measure_computer()

    # --- what there is ----------------------------------------------------------------------------------------------

    def suggestions(self) -> list[Listing]:
        """Return the catalog that came with the program: the recommended one first, then what is of use here."""
        best = self.judge.recommendation().entry
        return [_listing(entry, is_recommended=entry is best) for entry in self.judge.ranked(best)]

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
        """Judge an offer at a context length, 0 for the one it would get: as ``Judge.outlook``."""
        return self.judge.outlook(repository, offer, context_length)

    def measure(self, repository: Repository, offer: Offer) -> int:
        """Ask for what makes ``outlook`` exact: as ``Judge.measure``."""
        return self.judge.measure(repository, offer)

    def _gpu_name(self) -> str:
        hello = self._engine.hello
        return next((device.description for device in hello.devices if device.kind == "gpu"), "") if hello else ""


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
