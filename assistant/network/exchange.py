"""One request and the head of its answer, over a wire."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass

from assistant import __version__
from assistant.network.address import Target
from assistant.network.proxies import Proxy, go_through, reach
from assistant.network.tls import system_context
from assistant.network.wire import Wire

_STANDARD = {"User-Agent": f"Inkstone/{__version__}", "Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True)
class Request:
    """What is asked."""

    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes = b""


def exchange(wire: Wire, request: Request, proxy: Proxy | None) -> http.client.HTTPResponse:
    """Connect, ask, and return the answer with its head read.

    Connecting and the answer's head each have the wire's timeout as a whole. Raises OSError, UnicodeError,
    HTTPException, ProxyUnusable and HubUnreachable.
    """
    wire.deadline = time.monotonic() + wire.timeout_s
    _connect(wire, request.target, proxy)
    wire.deadline = time.monotonic() + wire.timeout_s
    answer = _ask(wire, request, proxy)
    if wire.is_at_end:  # http.client takes half a head for a whole one
        raise ConnectionError
    wire.deadline = None
    return answer


def _connect(wire: Wire, target: Target, proxy: Proxy | None) -> None:
    if proxy is None:
        wire.connect(target.host, target.port)
    else:
        reach(wire, proxy)
        if not _is_put_to_proxy(target, proxy):
            go_through(wire, proxy, target)
    if target.scheme == "https":
        wire.secure(system_context(), target.host)


def _ask(wire: Wire, request: Request, proxy: Proxy | None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(request.target.authority)
    connection.sock = _AsSocket(wire)  # all that http.client uses of a socket
    headers = _STANDARD | {"Host": request.target.authority}
    path = request.target.path
    if proxy is not None and _is_put_to_proxy(request.target, proxy):
        path = request.target.url
        headers |= proxy.authorization
    names = {name.lower() for name in request.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in names} | dict(request.headers)
    connection.request(request.method, path, request.body or None, headers)
    return connection.getresponse()


def _is_put_to_proxy(target: Target, proxy: Proxy) -> bool:
    """The request goes to the proxy as it is, instead of through a tunnel."""
    return target.scheme == "http" and proxy.is_http


class _AsSocket:
    """A wire as ``http.client`` uses a socket; who made the wire closes it."""

    def __init__(self, wire: Wire) -> None:
        self.sendall = wire.sendall
        self.makefile = wire.makefile

    def close(self) -> None:
        """Left to the response."""
