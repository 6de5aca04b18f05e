"""Which proxy stands between, and the way through it."""

from __future__ import annotations

import base64
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from assistant.errors import HubUnreachable, NetworkError, ProxyUnusable
from assistant.i18n import N_, Sentence
from assistant.network import reasons
from assistant.network.address import is_loopback
from assistant.network.reasons import CutOff

if TYPE_CHECKING:
    from assistant.network.address import Target
    from assistant.network.wire import Wire

NO_PROXY = "none"
"""The value of the setting for a direct way."""
UNKNOWN_KIND = N_("its address begins with none of http, https, socks5 and socks4")
WANTS_PASSWORD = N_("it does not accept the name and password, or there are none in its address")
REFUSES = N_("it refuses to connect to “{host}”")
NOT_A_PROXY = N_("what answers there is no proxy of this kind")
NO_AGREEMENT = N_("it does not accept the name and password, or is no proxy of this kind")

_KINDS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080, "socks": 1080, "socks4": 1080, "socks4a": 1080}
_MOST_REPLY = 65_536
_CANNOT = {True: {500, 502, 503, 504}, False: {1, 3, 4, 5, 6, 0x5B}}
"""Codes that blame the target, by whether the proxy speaks HTTP."""
_WANTS_PASSWORD = {407, 0x5C, 0x5D}


@dataclass(frozen=True)
class Proxy:
    """A proxy, taken apart; ``str`` shows it without name and password."""

    kind: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"

    @property
    def is_http(self) -> bool:
        """It speaks HTTP, and plain requests can be put to it as they are."""
        return self.kind in ("http", "https")

    @property
    def authorization(self) -> dict[str, str]:
        """The header with name and password; empty without."""
        if not self.user:
            return {}
        text = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {text}"}


def proxy_for(target: Target, chosen: str) -> Proxy | None:
    """Return the proxy to go through, None for the direct way. Raises ProxyUnusable.

    ``chosen`` is the setting: an address, ``none``, or empty for the system's own, which never stand between this
    computer and itself.
    """
    chosen = chosen.strip()
    if chosen.lower() == NO_PROXY:
        return None
    if chosen:
        return parse_proxy(chosen)
    if is_loopback(target.host):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    if not proxies or proxy_bypass(target.authority):
        return None
    address = proxies.get(target.scheme) or proxies.get("all")
    if not address and (of_socks := proxies.get("socks")):
        address = "socks5://" + of_socks.rpartition("://")[2]
    return parse_proxy(address) if address else None


def parse_proxy(address: str) -> Proxy:
    """Take the address of a proxy apart; without a kind it is an HTTP proxy. Raises ProxyUnusable."""
    text = address.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ProxyUnusable(proxy=_shown(text), reason=Sentence(reasons.NO_ADDRESS)) from error
    if parts.scheme not in _KINDS:
        raise ProxyUnusable(proxy=_shown(text), reason=Sentence(UNKNOWN_KIND))
    if not host:
        raise ProxyUnusable(proxy=_shown(text), reason=Sentence(reasons.NO_ADDRESS))
    names = (unquote(parts.username or ""), unquote(parts.password or ""))
    return Proxy(parts.scheme, host, port or _KINDS[parts.scheme], *names)


def reach(wire: Wire, proxy: Proxy) -> None:
    """Connect to the proxy itself. Raises ProxyUnusable, and CutOff."""
    from assistant.network.tls import system_context

    try:
        wire.connect(proxy.host, proxy.port)
        if proxy.kind == "https":
            wire.secure(system_context(), proxy.host)
    except CutOff:
        raise
    except (OSError, UnicodeError) as error:
        raise ProxyUnusable(proxy=proxy, reason=Sentence(reasons.reason_of(error))) from error


def go_through(wire: Wire, proxy: Proxy, target: Target) -> None:
    """Have the connected proxy open a way to the target. Raises ProxyUnusable, HubUnreachable, and CutOff.

    Names are looked up by the proxy, but for SOCKS 4, which knows addresses only.
    """
    from python_socks import ProxyError

    host = target.host
    try:
        if proxy.kind == "socks4":
            host = wire.resolve(host, target.port, socket.AF_INET)[0][1]
        _tunnel(wire, proxy, host, target.port)
    except ProxyError as refusal:
        raise _refused(proxy, target, refusal.error_code) from None
    except CutOff:
        raise
    except (OSError, UnicodeError) as error:
        raise ProxyUnusable(proxy=proxy, reason=Sentence(reasons.reason_of(error))) from error
    except (ValueError, AssertionError):  # a name or password that the protocol cannot carry
        raise ProxyUnusable(proxy=proxy, reason=Sentence(WANTS_PASSWORD)) from None


def _tunnel(wire: Wire, proxy: Proxy, host: str, port: int) -> None:
    from python_socks import ProxyType
    from python_socks.sync import Proxy as Way

    kind = ProxyType.HTTP if proxy.is_http else ProxyType.SOCKS4 if "4" in proxy.kind else ProxyType.SOCKS5
    # ``forward`` is made for chains of proxies; here it hands over a connection that is there already
    connected: Any = _Connected(wire, proxy.is_http)  # a SyncProxy to python-socks, which only calls ``connect``
    names = (proxy.user or None, proxy.password)
    way = Way(kind, proxy.host, proxy.port, *names, rdns=proxy.kind != "socks4", forward=connected)
    way.connect(host, port)


class _Connected:
    """What python-socks takes for the socket to the proxy."""

    def __init__(self, wire: Wire, is_http: bool) -> None:
        self._wire = wire
        self._is_http = is_http

    def connect(self, **_where: object) -> _Connected:
        return self

    def sendall(self, data: bytes) -> None:
        self._wire.sendall(data)

    def recv(self, most: int) -> bytes:
        """The whole head of an HTTP answer, however it is cut into packets, and not a byte more."""
        if not self._is_http:
            return self._wire.recv(most)
        head = b""
        while not head.endswith(b"\r\n\r\n") and len(head) < _MOST_REPLY:
            byte = self._wire.recv(1)
            if not byte:
                break
            head += byte
        return head

    def close(self) -> None:
        """The wire is closed by whoever made it."""


def _refused(proxy: Proxy, target: Target, code: int | None) -> NetworkError:
    """Return whose fault it is by the proxy's own code: an HTTP status or a SOCKS reply."""
    if code in _CANNOT[proxy.is_http]:
        return HubUnreachable(host=target.host, reason=Sentence(reasons.BY_PROXY))
    if code in _WANTS_PASSWORD:
        return ProxyUnusable(proxy=proxy, reason=Sentence(WANTS_PASSWORD))
    if code is None:
        return ProxyUnusable(proxy=proxy, reason=Sentence(NOT_A_PROXY if proxy.is_http else NO_AGREEMENT))
    return ProxyUnusable(proxy=proxy, reason=Sentence(REFUSES, {"host": target.host}))


def _shown(address: str) -> str:
    """An address that could not be taken apart, without what may be a password."""
    kind, _mark, rest = address.partition("://")
    return f"{kind}://{rest.rpartition('@')[2]}"
