"""The transfer of one file: as often as it takes, from where it broke off, and never more trusted than its checksum."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from assistant.errors import (
    AssistantError,
    ChecksumWrong,
    FileChanged,
    HubFailed,
    HubUnintelligible,
    HubUnreachable,
    NetworkError,
)
from assistant.i18n import Sentence
from assistant.models.checksum import Stopped
from assistant.models.part_file import PartFile
from assistant.models.patience import asked_wait, backoff, wait_after
from assistant.models.remote import Location, RemoteFile
from assistant.network import Cutter, Purpose
from assistant.network.address import host_of, origin_of
from assistant.network.reasons import LOST

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.network import Network, Response

__all__ = ["Location", "Stopped", "Transfer", "TransferProgress", "TransferState", "backoff"]

STALL_S = 30.0
"""So long nothing may come before the connection is dropped."""
PROGRESS_S = 0.1
GATHERED_BYTES = 1 << 18
"""So much is hashed and written at once where it comes in small pieces, or what came in ``PROGRESS_S``."""
SMALL_BYTES = 1 << 14
BREATH_S = 0.004
"""After so few bytes there is a moment's rest, in which more gather in the system: reading packet by packet costs much
more processor time, which a model may want meanwhile (3.9 instead of 2.4 s a GiB at 32 MiB/s)."""
RANGES_TRIED = 3
"""Ranges that the server gets wrong in a row before the file is fetched from its beginning."""
_MOVED = {301, 302, 303, 307, 308}
_LINK_ENDED = {401, 403, 404, 410}


class TransferState(Enum):
    """What a transfer is doing."""

    RESOLVING = "resolving"
    DOWNLOADING = "downloading"
    WAITING = "waiting"
    """For the time of the next try."""
    VERIFYING = "verifying"
    """At the end; and before anything comes, while what was there already is hashed."""


@dataclass(frozen=True)
class TransferProgress:
    """How far it is. ``attempts`` failed since the last byte came, the last one with ``problem``.

    While VERIFYING what was there already, ``bytes_done`` is what has been hashed; ``wait_s`` is how long WAITING
    lasts.
    """

    state: TransferState
    bytes_done: int = 0
    attempts: int = 0
    problem: AssistantError | None = None
    wait_s: float = 0.0


class Transfer:
    """Brings one file to ``part``. ``run`` once, in a thread of its own; ``stop`` and ``hurry`` from any.

    ``locate`` asks the hub where the bytes are, before every try; ``waits`` gives the seconds after the n-th failure;
    ``on_progress`` is called in the thread of ``run``, at each change of state and else ten times a second at most, and
    may raise to end it. A size or checksum that ``file`` lacks is taken from the first location.
    """

    def __init__(
        self,
        network: Network,
        locate: Callable[[], Location],
        part: Path,
        file: RemoteFile,
        *,
        on_progress: Callable[[TransferProgress], None],
        waits: Callable[[int], float] = backoff,
        clock: Callable[[], float] = time.monotonic,
        stall_s: float = STALL_S,
    ) -> None:
        self._network = network
        self._locate = locate
        self._path = part
        self._file = file
        self._on_progress = on_progress
        self._waits = waits
        self._clock = clock
        self._stall_s = stall_s
        self._cutter = Cutter()
        self._woken = threading.Event()
        self._progress = TransferProgress(TransferState.RESOLVING)
        self._told = self._progress
        self._told_at = clock() - PROGRESS_S
        self._wrong_ranges = 0
        self._wrong_checksums = 0

    def stop(self) -> None:
        """Have ``run`` end within 0.3 s with Stopped, whatever it waits for; what has come is kept. Returns at once."""
        self._cutter.cut()
        self._woken.set()

    def hurry(self) -> None:
        """Try again now if it is waiting to."""
        self._woken.set()

    def run(self) -> None:
        """Return when all bytes are in ``part``, on the disk, and right by their checksum where one is known.

        Connections that fail are tried again for ever. Raises Stopped; NetworkOff; what ``locate`` refuses with;
        HubUnintelligible, ProxyUnusable, HubFailed when that came again and again; FileChanged; ChecksumWrong (the part
        is gone then); NotEnoughSpace, FileTooBigForDisk, FolderNotWritable, DiskFailed; DownloadExists when another
        process brings the same file.
        """
        with self._network.under(self._cutter), PartFile(self._path, self._file.name) as part:
            try:
                self._bring(part)
            except NetworkError as error:
                self._heed_stop(error)
                raise

    def _bring(self, part: PartFile) -> None:
        self._heed_stop()
        part.take_over(self._file.size_bytes or None, self._hashed)
        while True:
            try:
                if not self._is_whole(part):
                    self._try(part)
                if self._is_whole(part) and self._is_right(part):
                    return
            except NetworkError as problem:
                self._heed_stop(problem)
                self._wait_after(problem, part)

    def _hashed(self, count: int) -> None:
        self._heed_stop()
        self._tell(TransferState.VERIFYING, count)

    def _is_whole(self, part: PartFile) -> bool:
        return part.size == self._file.size_bytes > 0

    def _is_right(self, part: PartFile) -> bool:
        """Compare the checksum; a wrong one is forgiven once. Raises ChecksumWrong."""
        self._tell(TransferState.VERIFYING, part.size)
        if self._file.sha256 in ("", part.sha256):
            part.sync()
            return True
        self._wrong_checksums += 1
        if self._wrong_checksums > 1:
            part.delete()
            raise ChecksumWrong(name=self._file.name)
        part.start_over()
        return False

    # --- one try ------------------------------------------------------------------------------------------------------

    def _try(self, part: PartFile) -> None:
        """Fetch what is missing. Raises NetworkError when it breaks off; all that came before is in the part."""
        self._tell(TransferState.RESOLVING, part.size)
        location = self._find()
        if part.size > self._file.size_bytes:
            part.start_over()
        response = self._request(location, part.size)
        if response.status in _LINK_ENDED:  # the address had its time
            response.close()
            response = self._request(self._find(), part.size)
        with response:
            if self._is_rest(response, part):
                self._stream(response, part)

    def _find(self) -> Location:
        """Ask where the bytes are. Raises FileChanged when they are not those that were begun."""
        location = self._locate()
        self._heed_stop()
        size, sha256 = location.size_bytes or self._file.size_bytes, location.sha256 or self._file.sha256
        if (self._file.size_bytes or size, self._file.sha256 or sha256) != (size, sha256):
            raise FileChanged(name=self._file.name)
        self._file = replace(self._file, size_bytes=size, sha256=sha256)
        if not size:
            raise HubUnintelligible(host=host_of(location.url))
        return location

    def _request(self, location: Location, have: int) -> Response:
        """Ask for the bytes from ``have`` on; redirects are followed, secrets are not taken along to another origin."""
        url, headers = location.url, {**location.headers, "Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        for _hop in range(6):
            response = self._network.open(
                "GET", url, purpose=Purpose.DOWNLOAD, headers=headers, timeout_s=self._stall_s
            )
            if response.status not in _MOVED or "location" not in response.headers:
                return response
            response.close()
            following = _following(url, response)
            if origin_of(following) != origin_of(url):
                headers = {name: headers[name] for name in ("Accept-Encoding", "Range") if name in headers}
            url = following
        raise HubUnintelligible(host=response.host)

    def _is_rest(self, response: Response, part: PartFile) -> bool:
        """Say whether the body is what is missing, after making room for it if it is all of the file.

        False when the try shall be made anew from the beginning. Raises NetworkError for anything else.
        """
        if response.status >= 400 and response.status != 416:
            raise HubFailed(host=response.host, status=response.status, wait_s=asked_wait(response.headers))
        if response.headers.get("content-type", "").lower().startswith("text/html"):
            raise HubUnintelligible(host=response.host)  # the login page of some network
        size = self._file.size_bytes
        if response.status == 200 and response.length in (size, None):
            if part.size:
                part.start_over()
            return True
        if response.status == 206 and _span(response) == (part.size, size):
            self._wrong_ranges = 0
            return True
        if response.status in (206, 416):
            return self._refuse_range(response, part)
        raise HubUnintelligible(host=response.host)

    def _refuse_range(self, response: Response, part: PartFile) -> bool:
        self._wrong_ranges += 1
        if self._wrong_ranges >= RANGES_TRIED:
            self._wrong_ranges = 0
            part.start_over()
            return False
        if response.status == 206:
            raise HubUnintelligible(host=response.host)
        raise HubFailed(host=response.host, status=response.status)

    def _stream(self, response: Response, part: PartFile) -> None:
        """Take the body. Small pieces are gathered, since each costs the same to hash, write and report."""
        gathered, due = 0, self._clock() + PROGRESS_S
        try:
            while left := self._file.size_bytes - part.size - gathered:
                count = response.readinto_within(part.room[gathered : gathered + left], PROGRESS_S)
                if count == 0:
                    raise HubUnreachable(host=response.host, reason=Sentence(LOST))
                gathered += count or 0
                if count is None or gathered >= GATHERED_BYTES or self._clock() >= due:
                    ready, gathered = gathered, 0
                    self._keep(part, ready)
                    due = self._clock() + PROGRESS_S
                elif 0 < (count or 0) < SMALL_BYTES:
                    time.sleep(BREATH_S)
                if count is None and self._told != self._progress:
                    self._say()
        finally:
            self._keep(part, gathered)

    def _keep(self, part: PartFile, count: int) -> None:
        if count:
            part.append(count, self._file.size_bytes - part.size)
            self._progress = replace(self._progress, attempts=0, problem=None)
            self._heed_stop()
            self._tell(TransferState.DOWNLOADING, part.size)

    # --- between tries ------------------------------------------------------------------------------------------------

    def _wait_after(self, problem: NetworkError, part: PartFile) -> None:
        """Wait for the next try. Raises ``problem`` itself when there shall be none."""
        attempts = self._progress.attempts + 1
        wait_s = wait_after(problem, attempts, self._waits)
        self._woken.clear()
        self._heed_stop()
        self._progress = TransferProgress(TransferState.WAITING, part.size, attempts, problem, wait_s)
        self._say()
        self._woken.wait(wait_s)
        self._heed_stop()

    def _heed_stop(self, cause: AssistantError | None = None) -> None:
        if self._cutter.is_cut:
            raise Stopped from cause

    def _tell(self, state: TransferState, bytes_done: int) -> None:
        is_news = state is not self._progress.state
        self._progress = replace(self._progress, state=state, bytes_done=bytes_done, wait_s=0.0)
        if is_news or self._clock() - self._told_at >= PROGRESS_S:
            self._say()

    def _say(self) -> None:
        self._told, self._told_at = self._progress, self._clock()
        self._on_progress(self._progress)


def _following(url: str, response: Response) -> str:
    """Return where ``url`` redirects to. Raises HubUnintelligible when that is no address."""
    try:
        return urljoin(url, response.headers["location"])
    except ValueError as error:
        raise HubUnintelligible(host=response.host) from error


def _span(response: Response) -> tuple[int, int] | None:
    """Return where the body of a 206 begins and how large the file is, by its Content-Range."""
    unit, _space, rest = response.headers.get("content-range", "").strip().partition(" ")
    span, _slash, total = rest.partition("/")
    first = span.partition("-")[0]
    if unit.lower() != "bytes" or not (first.isdecimal() and total.isdecimal()):
        return None
    return int(first), int(total)
