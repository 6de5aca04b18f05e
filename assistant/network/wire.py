"""A connection as bytes: TCP, TLS over it, and a way to end every wait from another thread.

Sockets never block here: each wait is for at most ``SLICE_S``, so that a cut is seen on every system, even where
shutting a socket down does not wake whoever waits for it.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import socket
import ssl
import sys
import threading
import time
from itertools import zip_longest
from typing import TYPE_CHECKING, Protocol

from assistant.network.reasons import CutOff

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from _typeshed import WriteableBuffer

    T = TypeVar("T")

SLICE_S = 0.1
_UNDER_WAY = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY}
Address = tuple[socket.AddressFamily, str, int]


class _Stream(Protocol):
    """A socket that does not block, or TLS inside such a one."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill the buffer as far as there are bytes; 0 at the end."""

    def send(self, data: memoryview, /) -> int:
        """Send some of it; returns how much."""


class Wire:
    """One connection. Used by one thread; ``cut`` may be called by any.

    Every wait ends with TimeoutError after ``timeout_s`` without a byte, or at ``deadline`` (by ``time.monotonic``)
    while one is set; with CutOff when it was cut; with another OSError when the connection failed. ``quiet_s`` is how
    long a file made of it waits before it says that there is nothing yet; ``None``: till the end.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.deadline: float | None = None
        self.quiet_s: float | None = None
        self._heard_at = time.monotonic()
        self.received = 0
        self.sent = 0
        self.is_at_end = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._stream: _Stream | None = None
        self._is_tls = False
        self._is_cut = False

    def cut(self) -> None:
        """End it now; a thread that waits for it gets CutOff."""
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # not connected yet, or not any more
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not that of TLS, which forgets its keys

    def close(self) -> None:
        """Give the socket back."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = self._stream = None

    def connect(self, host: str, port: int, family: int = socket.AF_UNSPEC) -> None:
        """Look the name up and connect to the first of its addresses that answers; time is shared among them."""
        addresses = self.resolve(host, port, family)
        failure: OSError = OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
        for index, address in enumerate(addresses):
            left = self._end() - time.monotonic()
            try:
                return self._connect(address, time.monotonic() + left / (len(addresses) - index))
            except CutOff:
                raise
            except OSError as error:
                failure = error
        raise failure

    def resolve(self, host: str, port: int, family: int = socket.AF_UNSPEC) -> Sequence[Address]:
        """Return the addresses of a name. The system cannot be stopped looking, so a thread is left to it.

        Raises socket.gaierror or UnicodeError for a name that is not there.
        """
        found: list[Sequence[Address] | OSError | UnicodeError] = []
        done = threading.Event()

        def look_up() -> None:
            try:
                found.append(_addresses(host, port, family))
            except (OSError, UnicodeError) as error:
                found.append(error)
            done.set()

        threading.Thread(target=look_up, name="look-up", daemon=True).start()
        end = self._end()
        while not done.wait(SLICE_S):
            self._refuse_when_cut()
            if time.monotonic() >= end:
                raise TimeoutError
        self._refuse_when_cut()
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Speak TLS from here on, inside the TLS there is, if any. Raises ssl.SSLError."""
        from assistant.network.tls import InnerTls

        with self._lock:
            if self._is_cut or self._socket is None or self._stream is None:
                raise CutOff
            if self._is_tls:
                inner = InnerTls(self._stream, context, host)
                self._stream, shake_hands = inner, inner.do_handshake
            else:
                secured = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
                self._socket = self._stream = secured
                shake_hands = secured.do_handshake
            self._is_tls = True
        self._patiently(shake_hands)

    def recv_into(self, buffer: memoryview) -> int:
        """Wait for bytes and return how many came, 0 at the end; all that is there, as far as it fits."""
        stream = self._open_stream()
        count = self._patiently(lambda: stream.recv_into(buffer))
        while self._is_tls and 0 < count < len(buffer):  # a record of TLS is 16 KiB, and many may be there
            try:
                more = stream.recv_into(buffer[count:])
            except OSError:  # nothing more at the moment; what is wrong is met again by the next call
                break
            if not more:
                break
            count += more
        self._refuse_when_cut()
        self.is_at_end = not count
        self.received += count
        self._heard_at = time.monotonic()
        return count

    def recv(self, most: int) -> bytes:
        """Return at least one byte and at most so many, none at the end."""
        buffer = bytearray(most)
        return bytes(buffer[: self.recv_into(memoryview(buffer))])

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        stream = self._open_stream()
        view = memoryview(data)
        while view:
            part = view
            count = self._patiently(lambda: stream.send(part), is_for_writing=True)  # noqa: B023 - called at once
            self.sent += count
            view = view[count:]

    def makefile(self, mode: str, *args: object) -> io.BufferedReader:
        """Return it as a file to read, as ``http.client`` wants it."""
        return io.BufferedReader(_Reader(self), 16_384)

    def _connect(self, address: Address, end: float) -> None:
        family, host, port = address
        self.close()
        connecting = socket.socket(family, socket.SOCK_STREAM)
        with self._lock:
            self._socket = self._stream = connecting
        connecting.setblocking(False)
        with contextlib.suppress(OSError):
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = connecting.connect_ex((host, port))
        if code not in _UNDER_WAY:
            raise OSError(code, os.strerror(code))
        self._wait(True, end)
        code = connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def _patiently(self, action: Callable[[], T], is_for_writing: bool = False) -> T:
        """Do it as soon as the socket is ready for it."""
        while True:
            self._refuse_when_cut()
            try:
                return action()
            except BlockingIOError:
                waits_for_writing = is_for_writing
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as wish:
                waits_for_writing = isinstance(wish, ssl.SSLWantWriteError)
            except OSError:
                self._refuse_when_cut()  # whatever it looks like, it was us
                raise
            self._wait(waits_for_writing, self._end())

    def _wait(self, is_for_writing: bool, end: float) -> None:
        """Return when the socket is ready, by slices of time. Raises _Quiet, TimeoutError and CutOff."""
        waiting = self._socket
        if waiting is None:
            raise CutOff
        quiet_end = end if self.quiet_s is None else time.monotonic() + self.quiet_s
        while True:
            now = time.monotonic()
            if now >= end:
                raise TimeoutError
            if now >= quiet_end:
                raise _Quiet
            left = min(end, quiet_end) - now
            is_ready = _is_ready(waiting, is_for_writing, min(left, SLICE_S))
            self._refuse_when_cut()
            if is_ready:
                return

    def _end(self) -> float:
        return self._heard_at + self.timeout_s if self.deadline is None else self.deadline

    def _open_stream(self) -> _Stream:
        if self._stream is None:
            raise CutOff
        return self._stream

    def _refuse_when_cut(self) -> None:
        if self._is_cut:
            raise CutOff


class _Quiet(Exception):
    """Nothing has come for ``quiet_s``; it may still."""


class _Reader(io.RawIOBase):
    """The reading side of a wire for Python's buffered files; closing it leaves the wire open."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        try:
            return self._wire.recv_into(memoryview(buffer).cast("B"))
        except _Quiet:
            return None


def _addresses(host: str, port: int, family: int) -> Sequence[Address]:
    """Return where a name leads, both versions of IP by turns, so that one that is broken costs one try."""
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    addresses = [(address_family, str(address[0]), int(address[1])) for address_family, _t, _p, _c, address in found]
    kinds = [[one for one in addresses if one[0] == kind] for kind in dict.fromkeys(one[0] for one in addresses)]
    return [one for turn in zip_longest(*kinds) for one in turn if one]


def _is_ready(waiting: socket.socket, is_for_writing: bool, timeout_s: float) -> bool:
    if sys.platform == "win32":  # there a connection that failed is told as an exception
        readable, writable = ([], [waiting]) if is_for_writing else ([waiting], [])
        return any(select.select(readable, writable, [waiting], timeout_s))
    poll = select.poll()
    poll.register(waiting, select.POLLOUT if is_for_writing else select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))
