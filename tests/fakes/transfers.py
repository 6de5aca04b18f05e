"""Transfers of one file from the fake hub, watched; and as a program that can be killed.

``python -m tests.fakes.transfers HUB_ENDPOINT COMMIT PART`` prints how many bytes are kept, a line each time.
"""

from __future__ import annotations

import hashlib
import random
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from assistant.errors import AssistantError, HubFailed, HubUnintelligible
from assistant.ledger import Ledger
from assistant.models.remote import Location, RemoteFile
from assistant.models.transfer import Stopped, Transfer, TransferProgress, TransferState
from assistant.network import Network, NetworkOptions, Purpose
from tests.fakes.door import Door
from tests.fakes.hub import FakeHub

MIB = 1 << 20
NAME = "Tiny-Q4_K_M.gguf"
CONTENT = random.Random(1).randbytes(3 * MIB + 12_345)
FILE = RemoteFile(NAME, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
REPOSITORY = "maker/Tiny-GGUF"


def located(network: Network, endpoint: str, commit: str) -> Location:
    """Ask as the hub's client does: HEAD, without following the redirect."""
    url = f"{endpoint}/{REPOSITORY}/resolve/{commit}/{NAME}"
    with network.open("HEAD", url, purpose=Purpose.DETAILS) as answer:
        if answer.status == 200:
            raise HubUnintelligible(host=answer.host)
        if answer.status != 302:
            raise HubFailed(host=answer.host, status=answer.status)
        headers = answer.headers
        sha256 = headers["x-linked-etag"].strip('"')
        return Location(headers["location"], {}, int(headers["x-linked-size"]), sha256, headers["x-repo-commit"])


class Bench:
    """A hub with one file, and transfers of it."""

    def __init__(self, hub: FakeHub, door: Door, folder: Path) -> None:
        self.hub = hub
        self.door = door
        self.part = folder / f"{NAME}.part"
        self.told: list[TransferProgress] = []
        self.heard = threading.Condition()
        self.located = 0
        self.commit = hub.add(REPOSITORY, {NAME: CONTENT}).commit

    def locate(self) -> Location:
        self.located += 1
        return located(self.door.network, self.hub.endpoint, self.commit)

    def transfer(self, file: RemoteFile = FILE, **values: object) -> Transfer:
        values = {"locate": self.locate, "on_progress": self.hear, "waits": lambda _attempt: 0.0, **values}
        return Transfer(self.door.network, values.pop("locate"), self.part, file, **values)

    def hear(self, progress: TransferProgress) -> None:
        with self.heard:
            self.told.append(progress)
            self.heard.notify_all()

    def wait_for(self, condition: Callable[[TransferProgress], bool]) -> TransferProgress:
        with self.heard:
            assert self.heard.wait_for(lambda: any(map(condition, self.told)), 20)
            return next(filter(condition, self.told))

    def stop_at(self, place: int) -> None:
        """Run, and stop as soon as more than ``place`` bytes are kept."""

        def heed(told: TransferProgress) -> None:
            if told.bytes_done > place:
                transfer.stop()

        transfer = self.transfer(on_progress=heed)
        with suppress(Stopped):
            transfer.run()

    @property
    def problems(self) -> list[AssistantError | None]:
        return [told.problem for told in self.told if told.state is TransferState.WAITING]

    @property
    def starts(self) -> list[int]:
        """Where each request for bytes began."""
        return [one.range_start for one in self.hub.log.of("cdn", NAME)]

    def again(self) -> int:
        """Return how many bytes the hub sent more than once."""
        return self.hub.log.bytes_sent("cdn", NAME) - len(CONTENT)

    def received_again(self) -> int:
        """Return how many bytes came here more than once; a reset takes what lies unread in the system with it."""
        entries = [one for one in self.door.ledger.entries() if one.purpose == "download"]
        return sum(one.bytes_received for one in entries) - len(CONTENT)

    def is_right(self) -> bool:
        return self.part.read_bytes() == CONTENT


class Running:
    """A transfer in its thread, and what it raised."""

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.transfer.run()
        except (AssistantError, Stopped) as error:
            self.error = error

    def ended(self) -> BaseException | None:
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.error


def main() -> None:
    """Bring the file, and say on stdout what is kept."""
    endpoint, commit, part = sys.argv[1:]
    network = Network(Ledger(None), NetworkOptions)
    Transfer(
        network,
        lambda: located(network, endpoint, commit),
        Path(part),
        FILE,
        on_progress=lambda told: print(told.bytes_done, flush=True),
    ).run()


if __name__ == "__main__":
    main()
