"""An answer that is being read, whose bytes are counted and whose end is written down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING

from assistant.errors import HubUnintelligible, HubUnreachable, NetworkError, NetworkOff
from assistant.i18n import Sentence
from assistant.ledger import Entry
from assistant.network import reasons
from assistant.network.reasons import CutOff, reason_of

if TYPE_CHECKING:
    from http.client import HTTPException, HTTPResponse

    from assistant.network.wire import Wire

_STEP = 65_536


class Headers(Mapping[str, str]):
    """The headers of an answer; names in any case, values of a repeated name joined by commas."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            known = self._values.get(name.lower())
            self._values[name.lower()] = value if known is None else f"{known}, {value}"

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass
class Receipt:
    """What will be written down of one request; ``write`` gets it once."""

    host: str
    purpose: str
    wire: Wire
    write: Callable[[Entry], None]
    is_off: Callable[[], bool]
    status: int = 0
    problem: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)

    def close(self) -> None:
        """Close the wire and write the entry."""
        self.wire.close()
        duration_ms = round((time.monotonic() - self.began) * 1000)
        counts = (self.wire.received, self.wire.sent, duration_ms, self.status)
        self.write(Entry(self.at, self.host, self.purpose, *counts, self.problem))

    def failed(self, error: OSError | UnicodeError | HTTPException) -> NetworkError:
        """Remember why it failed and return the error to raise."""
        if isinstance(error, CutOff) and self.is_off():
            self.problem = reasons.SWITCHED_OFF
            return NetworkOff()
        if not isinstance(error, OSError | UnicodeError):
            self.problem = reasons.NOT_HTTP
            return HubUnintelligible(host=self.host)
        self.problem = reason_of(error)
        return HubUnreachable(host=self.host, reason=Sentence(self.problem))


class Response:
    """An answer, its head read already. Used by one thread. Close it, or use ``with``.

    ``host`` is who answered. The body comes as it was sent: nothing is unpacked.
    """

    def __init__(self, answer: HTTPResponse, receipt: Receipt) -> None:
        self._answer = answer
        self._receipt = receipt
        self._left = answer.length
        self._is_closed = False
        self.status = answer.status
        self.reason = answer.reason
        self.headers: Mapping[str, str] = Headers(answer.getheaders())
        self.host = receipt.host

    def __enter__(self) -> Response:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def length(self) -> int | None:
        """How many bytes are still to come; ``None`` when the server does not say."""
        return self._left

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Put what has come into ``buffer`` and return how much; 0 only at the whole end. Blocks for the first byte.

        Raises HubUnreachable when the connection breaks, ends too early, or nothing comes in time; HubUnintelligible
        when it is no longer HTTP that comes; NetworkOff when the network was switched off.
        """
        return self.readinto_within(buffer, None) or 0

    def readinto_within(self, buffer: bytearray | memoryview, quiet_s: float | None) -> int | None:
        """Do as ``readinto``, but return ``None`` when nothing has come for ``quiet_s``; call it again then.

        A chunked body is waited for as long as the timeout of the request allows.
        """
        view = memoryview(buffer).cast("B")
        if self._is_closed or not view or self._left == 0:
            return 0
        try:
            self._receipt.wire.quiet_s = None if self._answer.chunked else quiet_s
            return self._read(view)
        except OSError as error:
            raise self._receipt.failed(error) from error

    def read(self, limit: int) -> bytes:
        """Return the body, or so many bytes of its beginning. Raises as ``readinto`` does."""
        body = bytearray()
        buffer = memoryview(bytearray(min(limit, _STEP)))
        while len(body) < limit and (count := self.readinto(buffer[: limit - len(body)])):
            body += buffer[:count]
        return bytes(body)

    def close(self) -> None:
        """End the connection and write the request into the ledger; again is harmless."""
        if not self._is_closed:
            self._is_closed = True
            self._answer.close()
            self._receipt.close()

    def _read(self, view: memoryview) -> int | None:
        if self._answer.chunked:
            return self._read_chunk(view)
        wanted = view if self._left is None else view[: self._left]
        count: int | None = self._answer.fp.readinto1(wanted)
        if self._left is not None and count is not None:
            if not count:
                raise ConnectionError
            self._left -= count
        return count

    def _read_chunk(self, view: memoryview) -> int:
        from http.client import HTTPException, IncompleteRead

        try:
            data = self._answer.read1(len(view))
        except IncompleteRead as error:
            raise ConnectionError from error
        except HTTPException as error:  # a line without an end
            raise self._receipt.failed(error) from error
        if len(data) > len(view):  # of a chunk of negative length it reads what is there
            raise self._receipt.failed(HTTPException())
        view[: len(data)] = data
        return len(data)
