"""The first bytes of a file on the hub: a model's header is read without downloading the model."""

from __future__ import annotations

import time
from collections.abc import Callable

from assistant.errors import HubFailed, HubUnintelligible, HubUnreachable
from assistant.i18n import Sentence
from assistant.models.patience import asked_wait
from assistant.models.remote import Location
from assistant.network import Network, Purpose, Response
from assistant.network.reasons import TIMED_OUT

HEAD_BYTES = 256 << 10
"""Enough of a header for the memory formulas: all numbers come before the words of the vocabulary."""
MOST_BYTES = 64 << 20
"""More than any real header; what goes on is treated as a file that ends there."""
_STEP = 1 << 16
_LINK_ENDED = (401, 403, 410)


class Beginning:
    """A file that can be read and sought like one that is here; its bytes come when they are needed. One thread.

    ``locate`` is asked where it is, and once more should that address have ended. The first ``HEAD_BYTES`` are one
    request; all that follows comes by a second one, read as far as needed. Close it. Reading raises NetworkError.
    """

    def __init__(
        self,
        network: Network,
        locate: Callable[[], Location],
        size_bytes: int,
        timeout_s: float,
        patience_s: float,
    ) -> None:
        """``size_bytes``: 0 when it is not known; then its location says. May raise NetworkError."""
        self._network = network
        self._locate = locate
        self._timeout_s = timeout_s
        self._until = time.monotonic() + patience_s
        self._location: Location | None = None if size_bytes else locate()
        self.size_bytes = self._location.size_bytes if self._location else size_bytes
        self._end = min(self.size_bytes, MOST_BYTES)
        self._bytes = bytearray()
        self._at = 0
        self._rest: Response | None = None

    def head(self) -> bytes:
        """Return the first bytes, as one small request gives them."""
        self._fetch(min(HEAD_BYTES, self._end))
        return bytes(self._bytes)

    def seek(self, offset: int, /) -> int:
        """Go to ``offset`` from the beginning."""
        self._at = offset
        return offset

    def read(self, size: int, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        stop = min(self._at + size, self._end)
        self._fetch(stop)
        taken = bytes(self._bytes[self._at : stop])
        self._at += len(taken)
        return taken

    def taken(self, count: int) -> bytes:
        """Return the first ``count`` bytes of those that have come."""
        return bytes(self._bytes[:count])

    def close(self) -> None:
        """End the request that is open."""
        if self._rest is not None:
            self._rest.close()
            self._rest = None

    def _fetch(self, stop: int) -> None:
        if not self._bytes and self._end:
            last = min(HEAD_BYTES, self._end) - 1
            with self._open(f"bytes=0-{last}") as response:
                self._take(response, last + 1)
        if len(self._bytes) < stop:
            if self._rest is None:
                self._rest = self._open(f"bytes={len(self._bytes)}-")
            self._take(self._rest, stop)

    def _take(self, response: Response, stop: int) -> None:
        step = memoryview(bytearray(_STEP))
        while len(self._bytes) < stop and (count := response.readinto(step[: stop - len(self._bytes)])):
            self._bytes += step[:count]
            if time.monotonic() > self._until:
                raise HubUnreachable(host=response.host, reason=Sentence(TIMED_OUT))

    def _open(self, wanted: str) -> Response:
        response = self._ask(wanted, anew=False)
        if response.status in _LINK_ENDED:
            response.close()
            response = self._ask(wanted, anew=True)
        start = len(self._bytes)
        is_right = response.status == 206 or (response.status == 200 and start == 0)
        said = response.headers.get("content-range", f"bytes {start}-")
        if is_right and said.startswith(f"bytes {start}-") and not _is_page(response):
            return response
        response.close()
        if response.status >= 400 and response.status != 416:
            raise HubFailed(host=response.host, status=response.status, wait_s=asked_wait(response.headers))
        raise HubUnintelligible(host=response.host)

    def _ask(self, wanted: str, *, anew: bool) -> Response:
        if self._location is None or anew:
            self._location = self._locate()
        headers = {**self._location.headers, "Range": wanted, "Accept-Encoding": "identity"}
        return self._network.open(
            "GET", self._location.url, purpose=Purpose.HEADER, headers=headers, timeout_s=self._timeout_s
        )


def _is_page(response: Response) -> bool:
    return response.headers.get("content-type", "").lower().startswith("text/html")
