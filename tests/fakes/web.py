"""A server on loopback that does with each connection what a test says, and proxies that stand before it."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

TLS = Path(__file__).parent.parent / "data" / "tls"
AUTHORITY = TLS / "authority.pem"
"""Signed the server's certificate, which is for hub.test, localhost and 127.0.0.1 until 2120."""
Handler = Callable[[socket.socket], None]


def tls_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    return context


class Server:
    """Calls ``handle`` with each connection in a thread; all are cut and joined by ``close``."""

    def __init__(self, handle: Handler, *, is_tls: bool = False) -> None:
        self._handle = handle
        self._context = tls_context() if is_tls else None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._is_closing = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="fake server")]
        self.closing = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.scheme = "https" if is_tls else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        self._threads[0].join()
        self._listener.close()
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(one, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def keep(self, connection: socket.socket) -> socket.socket:
        """Have ``close`` cut this one too."""
        with self._lock:
            self._sockets.append(connection)
        return connection

    def _accept(self) -> None:
        while True:
            connection, _address = self._listener.accept()
            if self.closing.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(self.keep(connection),), name="fake connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            if self._context:
                connection = self.keep(self._context.wrap_socket(connection, server_side=True))
            self._handle(connection)
        connection.close()


def head_of(connection: socket.socket) -> bytes:
    """Read a request or an answer up to its empty line."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(connection, 1)
    return head


def exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def answering(*pieces: bytes, heads: list[bytes] | None = None, linger: bool = False) -> Handler:
    """Read the head of a request (and keep it in ``heads``), send the pieces, end; or wait for the client to."""

    def handle(connection: socket.socket) -> None:
        head = head_of(connection)
        if heads is not None:
            heads.append(head)
        for piece in pieces:
            connection.sendall(piece)
        if linger:
            connection.recv(1)

    return handle


def plain(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class FakeProxy(Server):
    """An HTTP proxy with CONNECT, or a SOCKS 4 or 5 proxy, by ``kind``; every name leads to ``routes``, else loopback.

    ``asked`` collects what was asked for, as host:port. ``refusal`` is a status or a SOCKS code to answer with.
    """

    def __init__(
        self,
        kind: str,
        routes: Mapping[str, int] | None = None,
        *,
        user: str = "",
        password: str = "",
        refusal: int = 0,
        is_tls: bool = False,
    ) -> None:
        self.kind = kind
        self.routes = dict(routes or {})
        self.user, self.password, self.refusal = user, password, refusal
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        handlers = {"http": self._http, "socks5": self._socks5, "socks4": self._socks4}
        super().__init__(handlers[kind], is_tls=is_tls)

    def address(self, kind: str = "", credentials: str = "") -> str:
        return f"{kind or self.kind}://{credentials}127.0.0.1:{self.port}"

    def _http(self, client: socket.socket) -> None:
        head = head_of(client)
        self.heads.append(head)
        method, target = head.split()[:2]
        named = re.match(rb"(?:http://)?([^/]+)", target)
        assert named
        self.asked.append(named[1].decode())
        given = re.search(rb"(?i)\r\nproxy-authorization: Basic (\S+)", head)
        wanted = f"{self.user}:{self.password}".encode()
        if self.user and (given is None or base64.b64decode(given[1]) != wanted):
            client.sendall(plain(b"", "407 Proxy Authentication Required"))
        elif self.refusal:
            client.sendall(plain(b"", f"{self.refusal} No"))
        elif method == b"CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection ")  # the head of an answer may come in pieces
            client.sendall(b"established\r\nVia: fake\r\n\r\n")
            self._relay(client)
        else:
            self._relay(client, head.replace(target, b"/" + target.split(b"/", 3)[3], 1))

    def _socks5(self, client: socket.socket) -> None:
        methods = exactly(client, exactly(client, 2)[1])
        method = 2 if self.user else 0
        if method not in methods:
            client.sendall(b"\x05\xff")
            return
        client.sendall(bytes([5, method]))
        if method:
            exactly(client, 1)
            user, password = (exactly(client, exactly(client, 1)[0]).decode() for _part in range(2))
            is_right = (user, password) == (self.user, self.password)
            client.sendall(bytes([1, 0 if is_right else 1]))
            if not is_right:
                return
        kind = exactly(client, 4)[3]
        host = exactly(client, exactly(client, 1)[0]).decode() if kind == 3 else socket.inet_ntoa(exactly(client, 4))
        self.asked.append(f"{host}:{struct.unpack('>H', exactly(client, 2))[0]}")
        client.sendall(bytes([5, self.refusal, 0, 1, 0, 0, 0, 0, 0, 0]))
        if not self.refusal:
            self._relay(client)

    def _socks4(self, client: socket.socket) -> None:
        _version, _command, port, ip = struct.unpack(">BBH4s", exactly(client, 8))
        while exactly(client, 1) != b"\0":
            pass
        host = socket.inet_ntoa(ip)
        if host == "0.0.0.1":
            name = b""
            while (byte := exactly(client, 1)) != b"\0":
                name += byte
            host = name.decode()
        self.asked.append(f"{host}:{port}")
        client.sendall(bytes([0, self.refusal or 0x5A, 0, 0, 0, 0, 0, 0]))
        if not self.refusal:
            self._relay(client)

    def _relay(self, client: socket.socket, first: bytes = b"") -> None:
        host, _colon, port = self.asked[-1].rpartition(":") if ":" in self.asked[-1] else (self.asked[-1], "", "80")
        way = self.keep(socket.create_connection(("127.0.0.1", self.routes.get(host, int(port)))))
        way.sendall(first)
        back = threading.Thread(target=_pump, args=(way, client), name="fake proxy, back")
        back.start()
        _pump(client, way)
        back.join()
        way.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            socket.socket.shutdown(one, socket.SHUT_RDWR)
