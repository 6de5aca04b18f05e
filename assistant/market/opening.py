"""Opens everything between the models on this computer and the hub, in order, and closes it in the other."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.changes import Change, LedgerChanged
from assistant.errors import RemoteFileNotFound
from assistant.ledger import Entry, Ledger
from assistant.market.account import Account
from assistant.market.intake import Intake
from assistant.market.judging import Judge
from assistant.market.market import Market
from assistant.market.shelf import Shelf
from assistant.models import library
from assistant.models.download_run import DownloadEvent
from assistant.models.download_state import Download
from assistant.models.downloads import DownloadOptions, Downloads
from assistant.models.hub import Hub
from assistant.models.listing import folders_of, our_folders
from assistant.models.remote import RemoteFile
from assistant.models.token import TokenKeeper
from assistant.network import Network, NetworkOptions
from assistant.tasks import TaskEnded, Tasks

if TYPE_CHECKING:
    from assistant.engine.engine import Engine
    from assistant.engine.protocol import Sampling
    from assistant.mailbox import Mailbox
    from assistant.model_choice import ModelChoice
    from assistant.paths import Paths
    from assistant.settings import Settings


@dataclass(frozen=True)
class LedgerWritten:
    """The event that a request has ended and stands in the ledger."""

    entry: Entry


class Opened:
    """The counter and what stands behind it. Main thread only; ``close`` waits a second at most."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        mailbox: Mailbox,
        engine: Engine,
        choice: ModelChoice,
        common_sampling: Callable[[], Sampling],
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._options = self._read_options()
        self.ledger = Ledger(paths.ledger, lambda entry: mailbox.post(LedgerWritten(entry)))
        self.network = Network(self.ledger, lambda: self._options)
        self.tasks = Tasks(mailbox)
        keeper = TokenKeeper(paths, self.network.cutting)
        self.hub = Hub(self.network, lambda: self._options.endpoint, keeper.get)
        self.downloads = Downloads(
            paths.downloads,
            self._download_options,
            self.network,
            self.hub.locate,
            mailbox,
            pin=self._pin,
            arrived=self._arrived,
        )
        self._stopping = threading.Event()
        self.judge = Judge(paths, self.hub, self.tasks, engine, choice)
        shelf = Shelf(
            paths, settings, choice, self.downloads, self.hub, self.tasks, common_sampling, stopping=self._stopping
        )
        self.market = Market(
            self.hub,
            self.tasks,
            engine,
            choice,
            judge=self.judge,
            downloads=self.downloads,
            library=shelf,
            intake=Intake(paths, settings, self.tasks, self._stopping),
            account=Account(keeper, self.hub, self.tasks),
            is_offline=lambda: self._options.is_offline,
        )

    def apply(self, event: object) -> list[Change]:
        """Take an event out of the mailbox; nothing for those of others."""
        match event:
            case TaskEnded():
                return self.tasks.apply(event)
            case DownloadEvent():
                return self.downloads.apply(event)
            case LedgerWritten():
                return [LedgerChanged()]
        return []

    def heed_setting(self, name: str) -> list[Change]:
        """A setting has another value: what it stops is stopped at once, what it allows goes on."""
        if not name.startswith("network."):
            return []
        before, self._options = self._options, self._read_options()
        is_offline = self._options.is_offline
        if is_offline and not before.is_offline:
            self.network.shut()
        return self.downloads.heed_network(is_offline=is_offline)

    def close(self) -> None:
        """Cut every connection, stop the downloads, wait for every thread."""
        self.network.close()
        self.judge.close()
        self._stopping.set()
        self.downloads.close()
        self.tasks.close()

    def _read_options(self) -> NetworkOptions:
        """Return what the threads may know of the settings: a value of its own, since they change on the main one."""
        settings = self._settings
        return NetworkOptions(
            is_offline=settings.get("network.offline", bool),
            proxy=settings.get("network.proxy", str).strip(),
            endpoint=settings.get("network.endpoint", str).strip() or os.environ.get("HF_ENDPOINT", "").strip(),
        )

    def _download_options(self) -> DownloadOptions:
        return DownloadOptions(
            folder=our_folders(self._paths, folders_of(self._settings))[0],
            parallel=self._settings.get("network.parallel_downloads", int),
            goes_on=self._settings.get("network.resume_downloads", bool),
        )

    def _pin(self, name: str, files: Sequence[RemoteFile]) -> tuple[str, tuple[RemoteFile, ...]]:
        """Return the commit that a repository is at, and what its files of the same names are in it. In a thread."""
        repository = self.hub.repository(name)
        there = {file.name: file for offer in repository.offers for file in offer.everything}
        for file in files:
            if file.name not in there:
                candidates = ", ".join(offer.id for offer in repository.offers)
                raise RemoteFileNotFound(name=file.name, repository=name, candidates=candidates)
        return repository.commit, tuple(there[file.name] for file in files)

    def _arrived(self, download: Download) -> str:
        """Put a finished download on the shelf and return its id there."""
        return library.downloaded(download, self._paths, folders_of(self._settings)).id
