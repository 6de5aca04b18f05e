"""TLS with the system's certificates, and TLS inside TLS for proxies that are spoken to over https."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_RECORD = 65_536


class Outer(Protocol):
    """What carries it; does not block."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill the buffer as far as there are bytes; 0 at the end."""

    def send(self, data: memoryview, /) -> int:
        """Send some of it; returns how much."""


def system_context() -> ssl.SSLContext:
    """Return a context that trusts what this computer trusts.

    A new one for each connection: truststore holds a lock of the context while hands are shaken, so a server that
    stalls there would hold up every other one. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` are honoured.
    """
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class InnerTls:
    """TLS over something that is no socket. Raises as a socket of ``ssl`` that does not block does."""

    def __init__(self, outer: Outer, context: ssl.SSLContext, host: str) -> None:
        self._outer = outer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._unsent = b""
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    def do_handshake(self) -> None:
        """Agree on keys; called again after SSLWantReadError or SSLWantWriteError."""
        self._do(self._object.do_handshake)
        self._flush()

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill the buffer as far as there are bytes; 0 at the end."""
        try:
            return self._do(lambda: self._object.read(len(buffer), buffer))  # type: ignore[arg-type,return-value]
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0

    def send(self, data: memoryview, /) -> int:
        """Encrypt all of it; what the outer one does not take yet goes first the next time."""
        count = self._do(lambda: self._object.write(data))
        with contextlib.suppress(ssl.SSLWantWriteError):  # kept, and sent before the next thing is done
            self._flush()
        return count

    def _do(self, action: Callable[[], int | None]) -> int:
        while True:
            self._flush()
            try:
                return action() or 0
            except ssl.SSLWantReadError:
                self._flush()
                self._fetch()

    def _fetch(self) -> None:
        buffer = bytearray(_RECORD)
        try:
            count = self._outer.recv_into(memoryview(buffer))
        except BlockingIOError as error:
            raise ssl.SSLWantReadError from error
        if count:
            self._incoming.write(memoryview(buffer)[:count])
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        self._unsent += self._outgoing.read()
        while self._unsent:
            try:
                count = self._outer.send(memoryview(self._unsent))
            except BlockingIOError as error:
                raise ssl.SSLWantWriteError from error
            self._unsent = self._unsent[count:]
