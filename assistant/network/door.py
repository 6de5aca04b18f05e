"""The one door to the network: the offline switch stands here, and every request is written into the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assistant.errors import HubUnreachable, NetworkOff, ProxyUnusable
from assistant.i18n import Sentence
from assistant.network import reasons
from assistant.network.address import host_of, is_loopback, target_of
from assistant.network.cutter import Cutter
from assistant.network.reasons import CutOff
from assistant.network.response import Receipt, Response

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from assistant.ledger import Entry, Ledger
    from assistant.network.address import Target
    from assistant.network.cutter import Cuttable
    from assistant.network.exchange import Request
    from assistant.network.options import NetworkOptions, Purpose
    from assistant.network.proxies import Proxy
    from assistant.network.wire import Wire


class Network:
    """Makes requests. Any thread; ``options`` is called in the thread of the request, each time anew."""

    def __init__(self, ledger: Ledger, options: Callable[[], NetworkOptions]) -> None:
        self._ledger = ledger
        self._options = options
        self._all = Cutter()
        self._own = threading.local()

    def open(
        self,
        method: str,
        url: str,
        *,
        purpose: Purpose,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 10.0,
    ) -> Response:
        """Make one request and return its answer, whatever the status; redirects are not followed. Blocks.

        ``timeout_s`` holds for connecting, for the head of the answer, and for each silence afterwards.
        Raises NetworkOff, HubUnreachable, HubUnintelligible (no HTTP came), ProxyUnusable.
        """
        from assistant.network.exchange import Request
        from assistant.network.proxies import proxy_for
        from assistant.network.wire import Wire

        options = self._options()
        if self._is_off():
            raise NetworkOff()
        target = _checked(url, options.endpoint)
        proxy = proxy_for(target, options.proxy)
        wire = Wire(timeout_s)
        receipt = Receipt(target.host, purpose.value, wire, self._take(wire, target.host), self._is_off)
        try:
            return Response(_answer(receipt, Request(method, target, headers or {}, body), proxy), receipt)
        except BaseException:
            receipt.close()
            raise

    @contextmanager
    def under(self, cutter: Cutter) -> Iterator[None]:
        """Have every request of this thread end when ``cutter`` cuts, whoever makes it in between."""
        before = getattr(self._own, "cutter", None)
        self._own.cutter = cutter
        try:
            yield
        finally:
            self._own.cutter = before

    @contextmanager
    def cutting(self, thing: Cuttable) -> Iterator[None]:
        """Have something else that this thread waits for end when its requests would; at once if those have ended."""
        cutters = self._cutters()
        try:
            for cutter in cutters:
                cutter.add(thing)
        except CutOff:
            thing.cut()
        try:
            yield
        finally:
            for cutter in cutters:
                cutter.remove(thing)

    def shut(self) -> None:
        """Cut every open connection: for the offline switch, after it was turned."""
        self._all.cut_open()

    def close(self) -> None:
        """Cut every open connection, and open none any more."""
        self._all.cut()

    def _take(self, wire: Wire, host: str) -> Callable[[Entry], None]:
        """Put a wire under the scissors; returns what takes it away again and writes it down."""
        cutters = self._cutters()
        try:
            for cutter in cutters:
                cutter.add(wire)
        except CutOff as error:
            self._all.remove(wire)
            raise (
                NetworkOff() if self._is_off() else HubUnreachable(host=host, reason=Sentence(reasons.LOST))
            ) from error
        if self._is_off():  # turned since it was asked first, by somebody who could not see this wire yet
            wire.cut()

        def written(entry: Entry) -> None:
            for cutter in cutters:
                cutter.remove(wire)
            self._ledger.add(entry)

        return written

    def _cutters(self) -> list[Cutter]:
        """Return what can end this thread's requests."""
        return [self._all, *filter(None, [getattr(self._own, "cutter", None)])]

    def _is_off(self) -> bool:
        return self._all.is_cut or self._options().is_offline


def _answer(receipt: Receipt, request: Request, proxy: Proxy | None) -> HTTPResponse:
    """Return the answer, or raise why there is none and note it in the receipt."""
    from http.client import HTTPException

    from assistant.network.exchange import exchange

    try:
        answer = exchange(receipt.wire, request, proxy)
    except (OSError, UnicodeError, HTTPException) as error:
        raise receipt.failed(error) from error
    except (ProxyUnusable, HubUnreachable):
        receipt.problem = reasons.BY_PROXY
        raise
    receipt.status = answer.status
    return answer


def _checked(url: str, endpoint: str) -> Target:
    """Take an address apart that a request may go to. Raises HubUnreachable for any other."""
    try:
        target = target_of(url)
    except ValueError as error:
        raise HubUnreachable(host=host_of(url) or url, reason=Sentence(reasons.NO_ADDRESS)) from error
    endpoint = endpoint.strip().lower()
    may_be_plain = is_loopback(target.host) or (endpoint.startswith("http:") and host_of(endpoint) == target.host)
    if target.scheme == "http" and not may_be_plain:
        raise HubUnreachable(host=target.host, reason=Sentence(reasons.NOT_ENCRYPTED))
    return target
