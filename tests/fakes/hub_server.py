"""A small HTTP server of the fake hub: threads that are all joined on close, answers that go wrong as asked for."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.hub_faults import Fault, Faults, Log, Logged, Rule

PIECE_BYTES = 1 << 18
LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>Log in to go online.</body></html>"
EXPIRED_PAGE = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


@dataclass(frozen=True)
class Request:
    """What a client asks for: ``path`` decoded, header names in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""
    target: str = ""


@dataclass(frozen=True)
class Answer:
    """What it gets. ``start`` and ``stop`` cut the body out of ``content`` (bytes, or a file); None: to the end."""

    status: int = 200
    content: bytes | Path = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    start: int = 0
    stop: int | None = None

    @property
    def total(self) -> int:
        """The size of all of ``content``."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    @property
    def span(self) -> tuple[int, int]:
        """Where the body begins and ends in ``content``."""
        return self.start, self.total if self.stop is None else self.stop

    def pieces(self, piece_bytes: int) -> Iterator[bytes | memoryview]:
        """Yield the body in pieces."""
        start, stop = self.span
        if isinstance(self.content, bytes):
            view = memoryview(self.content)
            for at in range(start, stop, piece_bytes):
                yield view[at : min(at + piece_bytes, stop)]
            return
        buffer = bytearray(min(piece_bytes, max(1, stop - start)))
        with self.content.open("rb", buffering=0) as file:
            file.seek(start)
            while start < stop and (count := file.readinto(memoryview(buffer)[: stop - start])):
                start += count
                yield memoryview(buffer)[:count]


class Origin:
    """One origin on loopback. ``answer`` is called in a thread of each connection."""

    def __init__(self, place: str, answer: Callable[[Request], Answer], faults: Faults, log: Log) -> None:
        self.place = place
        self.answer = answer
        self.faults = faults
        self.log = log
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._acceptor = threading.Thread(target=self._accept, name=f"fake {place}")
        self._acceptor.start()

    def close(self) -> None:
        """End every connection and join every thread."""
        if self.closing.is_set():
            return
        self.closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        self._acceptor.join()
        self._listener.close()
        self.cut_all()
        for thread in list(self._threads):
            thread.join()

    def cut_all(self) -> None:
        """End every connection that is open now, as a server that is restarted does."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            connection, _address = self._listener.accept()
            if self.closing.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), name=f"fake {self.place} connection")
            with self._lock:
                self._connections.add(connection)
                self._threads.add(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            _Handler(connection, self)
        except OSError:
            return  # the client went away, as it may
        finally:
            with self._lock:
                self._connections.discard(connection)
                self._threads.discard(threading.current_thread())
            connection.close()


class _Gone(Exception):
    """The client left, or the test is over."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "FakeHub"
    sys_version = ""

    def __init__(self, connection: socket.socket, origin: Origin) -> None:
        self.origin = origin
        self._generation = 0
        super().__init__(connection, connection.getpeername(), None)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        path, query = unquote(parts.path), parse_qs(parts.query, keep_blank_values=True)
        request = Request(self.command, path, query, headers, body, self.path)
        entry = Logged(
            self.origin.place,
            request.method,
            path,
            parts.query,
            headers.get("range", ""),
            headers.get("authorization", ""),
            headers,
        )
        self.origin.log.add(entry)
        try:
            self._respond(request, entry)
        except _Gone:
            self.close_connection = True
        except OSError:
            self.close_connection = True
        finally:
            self.origin.log.end(entry)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def _respond(self, request: Request, entry: Logged) -> None:
        answer = self.origin.answer(request)
        self._generation = self.origin.faults.generation
        rules = self.origin.faults.take(self.origin.place, request.method, request.path, answer.span)
        slow, delay = (next((one for one in rules if one.fault is fault), None) for fault in (Fault.SLOW, Fault.DELAY))
        main = next((one for one in rules if one not in (slow, delay)), None)
        entry.fault = main.fault if main else rules[0].fault if rules else None
        if delay is not None:
            self._wait(delay.seconds)
        cut = main.cut(answer.start) if main else None
        if main is not None and cut is None and main.fault in (Fault.DROP, Fault.RESET, Fault.STALL):
            self._break(main)
        answer = _changed(answer, main)
        entry.status = answer.status
        self._head(answer)
        if request.method != "HEAD":
            self._body(answer, entry, main, slow)

    def _head(self, answer: Answer) -> None:
        start, stop = answer.span
        reason = HTTPStatus(answer.status).phrase if answer.status in iter(HTTPStatus) else ""
        self.send_response(answer.status, reason)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()

    def _body(self, answer: Answer, entry: Logged, main: Rule | None, slow: Rule | None) -> None:
        cut = main.cut(answer.start) if main else None
        if main is not None and cut is not None and cut < 0:
            cut = 0
        sent = 0
        for piece in answer.pieces(max(1, slow.bytes_per_s // 20) if slow else PIECE_BYTES):
            rest = piece
            if main is not None and cut is not None and sent <= cut < sent + len(piece):
                rest = self._fault(piece, cut - sent, entry, main)
            self._send(rest, entry)
            sent += len(piece)
            if slow is not None:
                self._wait(len(piece) / slow.bytes_per_s)
        if main is not None and cut is not None and cut >= sent and main.fault is not Fault.CORRUPT:
            self._break(main)

    def _fault(self, piece: bytes | memoryview, at: int, entry: Logged, rule: Rule) -> bytes | memoryview:
        """Let ``rule`` happen at the byte ``at`` of ``piece``; return what is still to be sent of it."""
        if rule.fault is Fault.CORRUPT:
            flipped = bytearray(piece)
            flipped[at] ^= 0xFF
            return bytes(flipped)
        self._send(piece[:at], entry)
        self._break(rule)
        return piece[at:]

    def _send(self, piece: bytes | memoryview, entry: Logged) -> None:
        self.origin.log.count(entry, len(piece))  # before, so that who has it all finds it in the log
        try:
            self.connection.sendall(piece)
        except OSError:
            self.origin.log.count(entry, -len(piece))
            raise

    def _break(self, rule: Rule) -> None:
        if rule.fault is Fault.STALL:
            self._wait(rule.seconds)
        elif rule.fault is Fault.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
            raise _Gone
        elif rule.fault is Fault.DROP:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise _Gone

    def _wait(self, seconds: float | None) -> None:
        """Wait; leave when the client does or the hub is closed, go on when the faults are cleared."""
        end = None if seconds is None else time.monotonic() + seconds
        while self.origin.faults.generation == self._generation:
            left = 0.02 if end is None else min(0.02, end - time.monotonic())
            if left <= 0:
                return
            if self.origin.closing.wait(left) or self._is_left():
                raise _Gone

    def _is_left(self) -> bool:
        try:
            self.connection.settimeout(0)
            return not self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.connection.settimeout(None)


def _changed(answer: Answer, rule: Rule | None) -> Answer:
    """Return the answer as a fault that concerns all of it makes it."""
    if rule is None:
        return answer
    start, stop = answer.span
    whole = {name: value for name, value in answer.headers.items() if name != "Content-Range"}
    if rule.fault is Fault.STATUS:
        return Answer(rule.status, rule.body, {"Content-Type": "application/json", **rule.headers})
    if rule.fault is Fault.HTML:
        return Answer(200, LOGIN_PAGE, {"Content-Type": "text/html; charset=utf-8"})
    if rule.fault is Fault.EXPIRED:
        return Answer(403, EXPIRED_PAGE, {"Content-Type": "application/xml"})
    if rule.fault is Fault.IGNORE_RANGE and answer.status == 206:
        return Answer(200, answer.content, whole)
    if rule.fault is Fault.WRONG_RANGE and answer.status == 206:
        count = stop - start
        moved = {**whole, "Content-Range": f"bytes 0-{count - 1}/{answer.total}"}
        return Answer(206, answer.content, moved, 0, count)
    if rule.fault is Fault.SHORT:
        end = min(stop, start + (rule.cut(start) or 0))
        kept = dict(answer.headers)
        if "Content-Range" in kept:
            kept["Content-Range"] = f"bytes {start}-{end - 1}/{answer.total}"
        return replace(answer, stop=end, headers=kept)
    return answer
