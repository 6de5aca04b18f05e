"""The door as httpx2's transport: what huggingface_hub asks goes through ``Network.open``, and comes back bounded.

What can be told from an answer alone is raised here as ours, past the library: it would wait and ask again for many
seconds where somebody is waiting.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import httpx2

from assistant.errors import HubFailed, HubUnintelligible, HubUnreachable
from assistant.i18n import Sentence
from assistant.models.patience import asked_wait
from assistant.network import Network, Purpose, Response
from assistant.network.reasons import TIMED_OUT

MOST_BYTES = 32 << 20
"""More than any answer of the hub; what is longer is something else."""
STEP_BYTES = 1 << 16
_NOT_PASSED_ON = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
_NOT_HANDED_BACK = {"content-encoding", "transfer-encoding", "set-cookie", "link"}
"""The library would follow a link by itself, wherever it leads, and take the token along."""
_PASSING = {408, 425, 429}
_LOGIN_REQUIRED = 511
MISSHAPEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What the library stumbles over when an answer is not what a hub sends; what we raise by mistake looks the same."""


@dataclass
class Call:
    """What a thread is asking, for the transport: through which door, what for, and within which bounds.

    ``may_cut``: the first ``most_bytes`` of an answer will do. ``link`` is the last answer's ``Link``.
    ``mistake``: what went wrong in the transport itself.
    """

    network: Network
    purpose: Purpose
    timeout_s: float
    patience_s: float
    most_bytes: int = MOST_BYTES
    may_cut: bool = False
    link: str = field(default="", repr=False)
    mistake: BaseException | None = None


_calls: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """Let the requests that this thread makes meanwhile be those of ``call``."""
    token = _calls.set(call)
    try:
        yield
    finally:
        _calls.reset(token)


def client() -> httpx2.Client:
    """Return the client that huggingface_hub is given: no cookies, no proxies or secrets out of the environment."""
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx2.Client(transport=_Door(), follow_redirects=True, timeout=None, trust_env=False, cookies=jar)


class _Door(httpx2.BaseTransport):
    """Makes one request. Raises NetworkError as the door does, HubFailed and HubUnintelligible."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        call = _calls.get()
        if call is None:  # the library asks on its own account
            raise httpx2.ConnectError("nobody asked for this request")
        try:
            return _answer(call, request)
        except MISSHAPEN as mistake:
            call.mistake = mistake
            raise


def _answer(call: Call, request: httpx2.Request) -> httpx2.Response:
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON}
    headers["Accept-Encoding"] = "identity" if request.method == "HEAD" or call.may_cut else "gzip"
    with call.network.open(
        request.method,
        str(request.url),
        purpose=call.purpose,
        headers=headers,
        body=request.read(),
        timeout_s=call.timeout_s,
    ) as response:
        _judge(request.method, str(request.url), response)
        body = b"" if request.method == "HEAD" else _body(response, call)
        call.link = response.headers.get("link", "")
        kept = [(name, value) for name, value in response.headers.items() if name not in _NOT_HANDED_BACK]
        return httpx2.Response(response.status, headers=kept, stream=httpx2.ByteStream(body), request=request)


def _judge(method: str, url: str, response: Response) -> None:
    """Raise for what no hub says, and for what it says when it cannot answer now."""
    status, headers = response.status, response.headers
    is_page = headers.get("content-type", "").lower().startswith("text/html") and "x-error-code" not in headers
    if status == _LOGIN_REQUIRED or (is_page and status < 500) or _leads_away(url, response):
        raise HubUnintelligible(host=response.host)
    if status >= 500 or status in _PASSING:
        raise HubFailed(host=response.host, status=status, wait_s=asked_wait(headers))


def _leads_away(url: str, response: Response) -> bool:
    """It redirects to a place without encryption, as the gate of a network does, or to none."""
    if not 300 <= response.status < 400 or "location" not in response.headers:
        return False
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, response.headers["location"]))
    except ValueError:  # to no place at all
        return True
    return there.scheme == "http" and (here.scheme, here.hostname) != ("http", there.hostname)


def _body(response: Response, call: Call) -> bytes:
    """Return the body, unpacked. A long answer or a slow one is given up, not waited for."""
    end = time.monotonic() + call.patience_s
    is_packed = response.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip")
    unpack = zlib.decompressobj(wbits=31) if is_packed else None
    body = bytearray()
    step = memoryview(bytearray(STEP_BYTES))
    while len(body) <= call.most_bytes and (count := response.readinto(step)):
        room = call.most_bytes + 1 - len(body)
        try:
            body += unpack.decompress(step[:count], room) if unpack else step[: min(count, room)]
        except zlib.error as error:
            raise HubUnintelligible(host=response.host) from error
        if time.monotonic() > end:
            raise HubUnreachable(host=response.host, reason=Sentence(TIMED_OUT))
    if len(body) > call.most_bytes and not call.may_cut:
        raise HubUnintelligible(host=response.host)
    return bytes(body[: call.most_bytes])
