"""The network as a test opens it, threads that wait at it, and servers that let them wait."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from assistant.errors import NetworkError
from assistant.ledger import Ledger
from assistant.network import Network, NetworkOptions, Purpose, Response
from tests.fakes.web import Handler

PROXY_NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "socks_proxy", "ftp_proxy")
SETTINGS = (*PROXY_NAMES, *(name.upper() for name in PROXY_NAMES), "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables of the environment that concern the network."""
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"


class Door:
    """A network whose options can be changed."""

    def __init__(self) -> None:
        self.ledger = Ledger(None)
        self.options = NetworkOptions()
        self.network = Network(self.ledger, lambda: self.options)

    def get(self, url: str, **values: object) -> Response:
        return self.network.open("GET", url, purpose=Purpose.DETAILS, **values)

    def body(self, url: str, **values: object) -> bytes:
        with self.get(url, **values) as response:
            return response.read(1_000_000)

    def refused(self, url: str, **values: object) -> NetworkError:
        with pytest.raises(NetworkError) as raised:
            self.body(url, **values)
        return raised.value


class Blocked:
    """A thread that asks and waits, and the error it gets."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(ask,))
        self.thread.start()

    def _run(self, ask: Callable[[], object]) -> None:
        try:
            ask()
        except NetworkError as error:
            self.error = error

    def ended(self) -> BaseException | None:
        self.thread.join(10)
        assert not self.thread.is_alive()
        return self.error


class Stalling:
    """Goes so far with a client and then leaves it waiting; ``reached`` tells when."""

    def __init__(self, *pieces: bytes) -> None:
        self.reached = threading.Event()
        self.pieces = pieces

    def __call__(self, connection: socket.socket) -> None:
        for piece in self.pieces:
            connection.sendall(piece)
        self.reached.set()
        connection.recv(1)
        while connection.recv(65536):
            pass


def after_anything(answer: bytes) -> Handler:
    """Take whatever comes first, answer and end."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return handle


def reason(error: NetworkError) -> str:
    return error.values["reason"].template
