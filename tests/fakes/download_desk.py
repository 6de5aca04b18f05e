"""A queue of downloads from a fake hub, with everything around it that the program gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.changes import Change
from assistant.errors import AssistantError
from assistant.ledger import Ledger
from assistant.mailbox import Mailbox
from assistant.models.download_run import DownloadEvent
from assistant.models.download_state import Download, DownloadState
from assistant.models.downloads import DownloadOptions, Downloads
from assistant.models.offers import offers
from assistant.models.remote import Location, Offer, RemoteFile, Repository
from assistant.network import Network, NetworkOptions
from tests.fakes.hub import FakeHub, Fault, gguf_bytes

PATIENCE_S = 30
Q4, Q8 = gguf_bytes(1_400_000, seed=1), gguf_bytes(1_600_000, seed=2)
HELD = 700_000
"""Where the server stands still."""
SEEN = HELD - (256 << 10)
"""What is on the disk and told by then: the last quarter of a MiB may still be on its way."""
NAME = "maker/Tiny-GGUF"


@dataclass
class Desk:
    """Owns the mailbox and pumps it. ``arrived`` are the finished ones, ``changes`` all that was reported."""

    hub: FakeHub
    home: Path
    options: DownloadOptions
    network_options: NetworkOptions = field(default_factory=NetworkOptions)
    clock: Callable[[], float] | None = None
    refusal: AssistantError | None = None
    """What the hub says instead of where the bytes are."""
    arrived: list[Download] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mailbox = Mailbox()
        self.network = Network(Ledger(None), lambda: self.network_options)
        clock = {"clock": self.clock} if self.clock else {}
        self.downloads = Downloads(
            self.home / "downloads",
            lambda: self.options,
            self.network,
            self.locate,
            self.mailbox,
            pin=self.pin,
            arrived=self._arrive,
            **clock,
        )

    def locate(self, repository: str, commit: str, file: RemoteFile) -> Location:
        """Give the hub's own address, which leads to the CDN."""
        if self.refusal:
            raise self.refusal
        return Location(f"{self.hub.endpoint}/{repository}/resolve/{commit}/{file.name}")

    def pin(self, repository: str, files: Sequence[RemoteFile]) -> tuple[str, tuple[RemoteFile, ...]]:
        """Say what the files of the newest commit are."""
        if self.refusal:
            raise self.refusal
        now = self.repository(repository)
        there = {file.name: file for offer in now.offers for file in offer.everything}
        return now.commit, tuple(there[file.name] for file in files)

    def again(self, **options: object) -> Desk:
        """Close, and open as the next start of the program does."""
        self.close()
        desk = replace(self, options=replace(self.options, **options), arrived=[], changes=[])
        desk.changes += desk.downloads.open()
        return desk

    def start(self, name: str, offer: int = 0, commit: str = "") -> str:
        """Start an offer of a repository and return the download's id."""
        repository = self.repository(name, commit)
        self.changes += self.downloads.start(repository, repository.offers[offer])
        return self.downloads.of_repository(name)[-1].id

    def repository(self, name: str, commit: str = "") -> Repository:
        """Return what the hub's API would tell of a repository."""
        found = self.hub.repositories[name].at(commit or "main")
        assert found
        files = [RemoteFile(name, file.size_bytes, file.sha256) for name, file in found[1].items()]
        return Repository(name, found[0], licence="apache-2.0", offers=offers(files), has_details=True)

    def wait(self, is_reached: Callable[[], bool]) -> None:
        """Pump until something is so."""
        while not is_reached():
            assert self.mailbox.wait(PATIENCE_S), f"nothing more came: {self.states()}"
            self.pump()

    def wait_for(self, download_id: str, *states: DownloadState) -> Download:
        """Pump until a download is in one of these states."""
        self.wait(lambda: self.downloads.get(download_id).state in states)
        return self.downloads.get(download_id)

    def done(self, download_id: str) -> Download:
        """Pump until a download has ended well."""
        download = self.wait_for(download_id, DownloadState.DONE, DownloadState.FAILED)
        assert download.state is DownloadState.DONE, download.error
        return download

    def pump(self) -> None:
        for event in self.mailbox.drain():
            if isinstance(event, DownloadEvent):
                self.changes += self.downloads.apply(event)

    def states(self) -> dict[str, DownloadState]:
        return {download.repository: download.state for download in self.downloads.all()}

    def close(self) -> None:
        self.downloads.close()
        self.network.close()
        self.mailbox.close()

    def _arrive(self, download: Download) -> str:
        self.arrived.append(download)
        return f"id-of-{download.repository}"


def sizes(offer: Offer) -> Sequence[int]:
    """Return the sizes of an offer's files."""
    return [file.size_bytes for file in offer.everything]


def tiny(hub: FakeHub) -> FakeHub:
    """Put a small model in two quantizations on a hub."""
    hub.add(NAME, {"Tiny-Q4_K_M.gguf": Q4, "Tiny-Q8_0.gguf": Q8, "README.md": "# Tiny"})
    return hub


def held(desk: Desk) -> str:
    """Start a download that stands still in the middle, and wait until it does."""
    desk.hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=HELD)
    download_id = desk.start(NAME)
    desk.wait(lambda: desk.downloads.get(download_id).bytes_done >= SEEN)
    return download_id


def part(number: int) -> bytes:
    """Return one of the two parts of a split model."""
    return gguf_bytes(1_400_000, seed=number, **{"split.count": 2, "split.no": number - 1})
