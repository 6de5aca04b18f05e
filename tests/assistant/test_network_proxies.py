"""Proxies: which one is used, the way through each kind, and whose fault it is when there is none."""

from __future__ import annotations

import socket
import sys

import pytest

from assistant.errors import HubUnreachable, ProxyUnusable
from assistant.network import NetworkOptions, proxies, reasons
from assistant.network.address import target_of
from tests.fakes.door import Blocked, Stalling, after_anything, reason
from tests.fakes.web import AUTHORITY, FakeProxy, answering, plain

by_file = pytest.mark.skipif(sys.platform != "linux", reason="certificates are added by SSL_CERT_FILE")


@by_file
@pytest.mark.parametrize("kind", ["http", "https", "socks5", "socks5h", "socks4", "socks4a"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_gone_through(door, serve, monkeypatch, kind, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    heads = []
    host = "localhost" if kind == "socks4" else "hub.test"  # of a name only the proxy knows, but for SOCKS 4
    server = serve(answering(plain(b"x" * 300_000), heads=heads), is_tls=scheme == "https")
    spoken = kind.rstrip("sha") if kind.startswith("http") else kind[:6]
    with FakeProxy(spoken, {"hub.test": server.port}, is_tls=kind == "https") as proxy:
        door.options = NetworkOptions(proxy=proxy.address(kind), endpoint="http://hub.test")
        assert door.body(f"{scheme}://{host}:{server.port}/file") == b"x" * 300_000
    asked = "127.0.0.1" if kind == "socks4" else host
    assert proxy.asked == [f"{asked}:{server.port}"]
    assert heads[0].startswith(b"GET /file HTTP/1.1\r\n")
    assert f"Host: {host}:{server.port}\r\n".encode() in heads[0]
    assert door.ledger.entries()[0].host == host


@pytest.mark.parametrize("kind", ["http", "socks5"])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("given", ["", "annabel:wrong%40secret@", "annabel:p%40ss@"], ids=["none", "wrong", "right"])
def test_name_and_password_go_to_the_proxy_and_nowhere_else(door, serve, caplog, kind, scheme, given):
    heads = []
    server = serve(answering(plain(b"here"), heads=heads) if scheme == "http" else after_anything(b"no TLS"))
    with FakeProxy(kind, {"hub.test": server.port}, user="annabel", password="p@ss") as proxy:
        door.options = NetworkOptions(proxy=proxy.address(credentials=given), endpoint="http://hub.test")
        if given == "annabel:p%40ss@":
            if scheme == "http":
                assert door.body("http://hub.test:9/") == b"here"
            else:
                assert reason(door.refused("https://hub.test:9/")) == reasons.NOT_SECURED
            assert proxy.asked == ["hub.test:9"]
        elif (kind, scheme) == ("http", "http"):
            with door.get("http://hub.test:9/") as response:
                assert response.status == 407
        else:
            error = door.refused("https://hub.test:9/")
            assert isinstance(error, ProxyUnusable)
            assert reason(error) in (proxies.WANTS_PASSWORD, proxies.NO_AGREEMENT)
            said = f"{error} {error.hint} {error!r} {caplog.text} {door.ledger.entries()}"
            assert "secret" not in said
            assert "annabel" not in said
    assert b"".join(heads).lower().count(b"proxy-auth") == (kind == "http" and bool(heads))


@pytest.mark.parametrize(
    ("kind", "code", "wanted"),
    [
        ("http", 403, proxies.REFUSES),
        ("http", 502, reasons.BY_PROXY),
        ("socks5", 2, proxies.REFUSES),
        ("socks5", 4, reasons.BY_PROXY),
        ("socks4", 0x5B, reasons.BY_PROXY),
        ("socks4", 0x5D, proxies.WANTS_PASSWORD),
    ],
)
def test_a_proxy_says_whose_fault_it_is(door, kind, code, wanted):
    with FakeProxy(kind, refusal=code) as proxy:
        door.options = NetworkOptions(proxy=proxy.address("socks4a" if kind == "socks4" else ""))
        error = door.refused("https://hub.test/")
    assert reason(error) == wanted
    assert isinstance(error, HubUnreachable if wanted == reasons.BY_PROXY else ProxyUnusable)
    assert door.ledger.entries()[0].problem == reasons.BY_PROXY


@pytest.mark.parametrize("kind", ["http", "socks5", "socks4a"])
@pytest.mark.parametrize("answer", [b"", b"\x00", b"nonsense nonsense\r\n\r\n"])
def test_what_is_no_proxy_is_named(door, serve, kind, answer):
    door.options = NetworkOptions(proxy=f"{kind}://127.0.0.1:{serve(after_anything(answer)).port}")
    error = door.refused("https://hub.test/")
    assert isinstance(error, ProxyUnusable)
    assert reason(error) in (proxies.NOT_A_PROXY, proxies.NO_AGREEMENT, reasons.LOST)


@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
def test_a_proxy_that_is_not_there_or_says_nothing_is_named(door, serve, kind):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    door.options = NetworkOptions(proxy=f"{kind}://ann:secret@127.0.0.1:{port}")
    error = door.refused("https://hub.test/")
    assert (type(error), reason(error)) == (ProxyUnusable, reasons.REFUSED)
    assert str(error) == f"The proxy “{kind}://127.0.0.1:{port}” cannot be used: it refused the connection."
    door.options = NetworkOptions(proxy=f"{kind}://127.0.0.1:{serve(Stalling()).port}")
    assert reason(door.refused("https://hub.test/", timeout_s=0.05)) == reasons.TIMED_OUT


@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
def test_a_cut_ends_the_talk_with_a_proxy(door, serve, kind):
    stalling = Stalling()
    door.options = NetworkOptions(proxy=f"{kind}://127.0.0.1:{serve(stalling).port}")
    blocked = Blocked(lambda: door.body("https://hub.test/", timeout_s=600))
    assert stalling.reached.wait(10)
    door.network.shut()
    assert isinstance(blocked.ended(), HubUnreachable)


@pytest.mark.parametrize("address", ["gopher://x:1", "http://", "http://[::1", "socks5://ann:secret@x:99999"])
def test_a_misspelt_proxy_is_named_without_its_password(door, address):
    door.options = NetworkOptions(proxy=address)
    error = door.refused("https://hub.test/")
    assert isinstance(error, ProxyUnusable)
    assert "secret" not in f"{error!r} {error}"


@pytest.mark.parametrize("address", ["socks5://ä:ö@", "http://a%3Ab:c@", f"socks5://{'a' * 300}:b@"])
def test_a_name_the_proxy_cannot_be_told_is_an_error_of_the_world(door, address):
    with FakeProxy(address.partition(":")[0], user="annabel") as proxy:
        door.options = NetworkOptions(proxy=f"{address}127.0.0.1:{proxy.port}")
        assert isinstance(door.refused("https://hub.test/"), ProxyUnusable)


def test_a_proxy_without_a_kind_is_an_http_proxy(door):
    assert str(proxies.parse_proxy(" proxy.test:8080 ")) == "http://proxy.test:8080"
    assert str(proxies.parse_proxy("socks5://[::1]")) == "socks5://[::1]:1080"


def test_the_systems_proxy_is_used_unless_another_is_set(door, monkeypatch):
    chosen = lambda url, setting="": str(proxies.proxy_for(target_of(url), setting))  # noqa: E731
    assert chosen("https://hub.test/") == "None"
    monkeypatch.setenv("all_proxy", "socks5h://all:1")
    monkeypatch.setenv("https_proxy", "http://ann:secret@secure:2")
    monkeypatch.setenv("no_proxy", "inside.test,.corp.test")
    assert chosen("https://hub.test/") == "http://secure:2"
    assert chosen("http://hub.test/") == "socks5h://all:1"
    assert chosen("https://inside.test:8443/") == "None"
    assert chosen("https://a.corp.test/") == "None"
    assert chosen("http://127.0.0.1:8080/") == "None"
    assert chosen("http://localhost/") == "None"
    assert chosen("https://inside.test/", "http://set:3") == "http://set:3"
    assert chosen("https://hub.test/", " None ") == "None"
    monkeypatch.delenv("all_proxy")
    monkeypatch.setenv("socks_proxy", "http://socks:4")
    assert chosen("http://hub.test/") == "socks5://socks:4"
