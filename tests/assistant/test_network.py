"""The door to the network: requests, their ends, the switch, cuts, certificates."""

from __future__ import annotations

import socket
import struct
import sys
import threading

import pytest

from assistant.errors import HubUnintelligible, HubUnreachable, NetworkOff
from assistant.i18n import use_language
from assistant.network import Cutter, NetworkOptions, Purpose, reasons
from assistant.network.address import origin_of, target_of
from tests.fakes.door import HALF, Blocked, Stalling, after_anything, reason
from tests.fakes.web import AUTHORITY, FakeProxy, answering, head_of, plain

by_file = pytest.mark.skipif(sys.platform != "linux", reason="certificates are added by SSL_CERT_FILE")


def test_a_request_carries_what_it_was_given_and_brings_status_headers_and_body(door, serve):
    heads = []
    server = serve(answering(plain(b"hello", "201 Made", "X-One: 1", "x-one: 2", "ETag: abc"), heads=heads))
    with door.network.open(
        "POST", f"{server.url}/a b/ü?q=1&r=ä", purpose=Purpose.SEARCH, headers={"x-mine": "yes"}, body=b"{}"
    ) as response:
        assert (response.status, response.reason, response.host, response.length) == (201, "Made", "127.0.0.1", 5)
        assert (response.headers["X-ONE"], response.headers["etag"]) == ("1, 2", "abc")
        assert response.read(100) == b"hello"
    (head,) = heads
    assert head.startswith(b"POST /a%20b/%C3%BC?q=1&r=%C3%A4 HTTP/1.1\r\n")
    for line in (b"x-mine: yes", b"Content-Length: 2", b"Accept-Encoding: identity", b"Connection: close"):
        assert line in head
    assert head.count(b"Host:") == head.count(b"User-Agent: Inkstone/") == 1


def test_what_is_encoded_already_and_headers_that_are_given_stay(door, serve):
    heads = []
    server = serve(answering(plain(b""), heads=heads))
    door.body(f"{server.url}/a%2Fb?sig=x%2By%3D~", headers={"user-agent": "me", "accept-encoding": "gzip"})
    assert heads[0].startswith(b"GET /a%2Fb?sig=x%2By%3D~ HTTP/1.1")
    assert b"user-agent: me" in heads[0]
    assert b"Inkstone" not in heads[0]
    assert b"identity" not in heads[0]


def test_redirects_are_not_followed(door, serve):
    server = serve(answering(plain(b"", "302 Found", "Location: http://127.0.0.1:1/")))
    with door.get(server.url) as response:
        assert (response.status, response.headers["location"]) == (302, "http://127.0.0.1:1/")


def test_the_answer_to_head_has_no_body(door, serve):
    server = serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"))
    with door.network.open("HEAD", server.url, purpose=Purpose.HEADER) as response:
        assert (response.headers["content-length"], response.read(10)) == ("1000", b"")


def test_a_chunked_body_comes_whole(door, serve):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(answering(head, b"5\r\nhel", b"lo\r\n6;x=y\r\n world\r\n", b"0\r\nTrailer: 1\r\n\r\n"))
    with door.get(server.url) as response:
        assert response.length is None
        assert response.read(100) == b"hello world"


def test_a_body_without_a_length_ends_with_the_connection(door, serve):
    server = serve(answering(b"HTTP/1.0 200 OK\r\n\r\nall ", b"of it"))
    assert door.body(server.url) == b"all of it"


def test_no_more_is_read_than_asked_for(door, serve):
    server = serve(answering(plain(b"x" * 200_000), linger=True))
    with door.get(server.url) as response:
        assert response.read(150_000) == b"x" * 150_000
    with door.get(server.url) as response:
        buffer = bytearray(300_000)
        got = 0
        while count := response.readinto(memoryview(buffer)[got:]):
            got += count
        assert (got, response.readinto(buffer), response.readinto(bytearray())) == (200_000, 0, 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
    ids=["length", "in a chunk", "between chunks"],
)
def test_an_end_that_comes_too_early_is_an_error(door, serve, answer):
    error = door.refused(serve(answering(answer)).url)
    assert (type(error), reason(error)) == (HubUnreachable, reasons.LOST)
    assert str(error) == "“127.0.0.1” cannot be reached: the connection was lost."


def test_a_connection_that_is_torn_is_an_error(door, serve):
    def tear(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert reason(door.refused(serve(tear).url)) == reasons.LOST


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"], ids=["nothing", "half a head"])
def test_a_connection_that_ends_in_the_head_is_an_error(door, serve, answer):
    error = door.refused(serve(answering(answer)).url)
    assert isinstance(error, HubUnreachable | HubUnintelligible)


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99_999]
)
def test_what_is_no_http_is_named(door, serve, answer):
    assert isinstance(door.refused(serve(answering(answer)).url), HubUnintelligible)
    assert door.ledger.entries()[0].problem == reasons.NOT_HTTP


@pytest.mark.parametrize(
    "body",
    [b"5;" + b"x" * 99_999 + b"\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0\r\n" + b"x" * 99_999, b"-5\r\n" + b"x" * 500],
    ids=["the length of a chunk", "a trailer", "a chunk of negative length"],
)
def test_what_is_no_http_any_more_is_named(door, serve, body):
    server = serve(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body))
    with door.get(server.url) as response, pytest.raises(HubUnintelligible):
        response.read(100)
    assert door.ledger.entries()[0].problem == reasons.NOT_HTTP


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"], ids=["head", "body"])
def test_silence_ends_after_the_time_given(door, serve, before):
    error = door.refused(serve(answering(before, linger=True)).url, timeout_s=0.05)
    assert reason(error) == reasons.TIMED_OUT


def test_a_name_that_is_not_there_and_a_closed_port_are_told_apart(door):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert reason(door.refused(f"http://127.0.0.1:{port}")) == reasons.REFUSED
    assert reason(door.refused("https://nowhere.invalid/x")) == reasons.NAME_NOT_FOUND
    assert reason(door.refused(f"https://{'a' * 70}.invalid/")) == reasons.NAME_NOT_FOUND


@pytest.mark.parametrize(
    "url", ["", "hub/x", "ftp://hub/x", "https:///x", "http://[::1", "https://hub:99999/", "https://ä" + "ö" * 90]
)
def test_what_is_no_address_is_refused(door, url):
    assert reason(door.refused(url)) == reasons.NO_ADDRESS
    assert door.ledger.entries() == ()


def test_an_address_is_taken_apart_as_a_server_wants_it():
    assert target_of("https://Müller.example:8443/x").authority == "xn--mller-kva.example:8443"
    assert target_of("http://[::1]:80?a").url == "http://[::1]/?a"


def test_who_gets_secrets_is_told_by_scheme_host_and_port():
    assert origin_of("https://Hub.test/a") == origin_of("https://hub.test:443/b?c")
    assert len({origin_of(url) for url in ("https://hub.test/", "http://hub.test/", "https://hub.test:80/")}) == 3
    assert origin_of("https://[::1") is origin_of("ftp://hub.test/") is origin_of("https://hub.test:port/") is None


def test_without_encryption_only_this_computer_and_the_endpoint_are_asked(door, serve):
    with FakeProxy("http", {"mirror.test": serve(answering(plain(b"here"))).port}) as proxy:
        door.options = NetworkOptions(proxy=proxy.address())
        assert reason(door.refused("http://mirror.test:99/x")) == reasons.NOT_ENCRYPTED
        door.options = NetworkOptions(proxy=proxy.address(), endpoint="https://mirror.test")
        assert reason(door.refused("http://mirror.test:99/x")) == reasons.NOT_ENCRYPTED
        assert proxy.asked == []
        door.options = NetworkOptions(proxy=proxy.address(), endpoint=" HTTP://Mirror.test:99")
        assert door.body("http://mirror.test:99/x") == b"here"


# --- the ledger and the switch ----------------------------------------------------------------------------------------


def test_every_request_is_written_down_when_it_is_closed(door, serve):
    server = serve(answering(plain(b"x" * 1000)))
    response = door.get(f"{server.url}/secret?q=secret")
    assert door.ledger.entries() == ()
    response.read(10_000)
    response.close()
    response.close()
    (entry,) = door.ledger.entries()
    assert (entry.host, entry.purpose, entry.status, entry.problem) == ("127.0.0.1", "details", 200, "")
    assert entry.bytes_received == len(plain(b"x" * 1000))
    assert entry.bytes_sent > 50
    assert "secret" not in repr(entry)


def test_a_request_without_an_answer_is_written_down_with_its_reason(door, serve):
    door.refused(serve(answering(linger=True)).url, timeout_s=0.01)
    (entry,) = door.ledger.entries()
    assert (entry.status, entry.problem) == (0, reasons.TIMED_OUT)


def test_nothing_goes_out_while_the_switch_is_off(door, serve):
    door.options = NetworkOptions(is_offline=True)
    heads = []
    server = serve(answering(plain(b""), heads=heads))
    assert isinstance(door.refused(server.url), NetworkOff)
    assert isinstance(door.refused("no address"), NetworkOff)
    assert (heads, door.ledger.entries()) == ([], ())


@pytest.mark.parametrize(
    ("scheme", "pieces"), [("http", ()), ("http", (HALF,)), ("https", ())], ids=["head", "body", "tls"]
)
def test_the_switch_ends_what_is_under_way(door, serve, scheme, pieces):
    stalling = Stalling(*pieces)
    server = serve(stalling)
    blocked = Blocked(lambda: door.body(f"{scheme}://127.0.0.1:{server.port}/", timeout_s=600))
    assert stalling.reached.wait(10)
    door.options = NetworkOptions(is_offline=True)
    door.network.shut()
    assert isinstance(blocked.ended(), NetworkOff)
    assert door.ledger.entries()[0].problem == reasons.SWITCHED_OFF
    door.options = NetworkOptions()
    assert door.body(serve(answering(plain(b"on"))).url) == b"on"


def test_a_closed_network_opens_nothing_more(door, serve):
    stalling = Stalling(HALF)
    blocked = Blocked(lambda: door.body(serve(stalling).url, timeout_s=600))
    assert stalling.reached.wait(10)
    door.network.close()
    assert isinstance(blocked.ended(), NetworkOff)
    assert isinstance(door.refused("http://127.0.0.1:1/"), NetworkOff)


def test_an_answer_is_cut_from_another_thread(door, serve):
    with door.get(serve(answering(HALF, linger=True)).url, timeout_s=600) as response:
        blocked = Blocked(lambda: response.read(100))
        door.network.shut()
        error = blocked.ended()
        assert isinstance(error, HubUnreachable)
        assert reason(error) == reasons.LOST


def test_nothing_that_came_before_a_cut_is_believed_after_it(door, serve):
    with door.get(serve(answering(plain(b"x" * 300_000), linger=True)).url) as response:
        response.readinto(bytearray(10))
        door.network.shut()
        with pytest.raises(HubUnreachable):
            response.read(300_000)


def test_a_cutter_ends_what_its_thread_asks_for_and_no_others(door, serve):
    cutter = Cutter()
    mine, other = Stalling(HALF), Stalling(HALF)
    addresses = [serve(mine).url, serve(other).url]

    def ask() -> None:
        with door.network.under(cutter):
            door.body(addresses[0], timeout_s=600)

    blocked, unaffected = Blocked(ask), Blocked(lambda: door.body(addresses[1], timeout_s=600))
    assert mine.reached.wait(10)
    assert other.reached.wait(10)
    cutter.cut()
    assert isinstance(blocked.ended(), HubUnreachable)
    assert unaffected.thread.is_alive()
    assert isinstance(Blocked(ask).ended(), HubUnreachable)
    door.network.shut()
    assert isinstance(unaffected.ended(), HubUnreachable)
    assert len(door.ledger.entries()) == 2


def test_a_cut_ends_connecting(door, serve):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        filling = []
        for _number in range(4):  # until the kernel takes no more
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            filling.append(one)
        cutter = Cutter()
        asking = threading.Event()

        def ask() -> None:
            with door.network.under(cutter):
                asking.set()
                door.body(f"http://127.0.0.1:{port}/", timeout_s=600)

        blocked = Blocked(ask)
        assert asking.wait(10)
        cutter.cut()
        assert isinstance(blocked.ended(), HubUnreachable)
        for one in filling:
            one.close()


def test_a_cut_ends_the_look_up_of_a_name(door, monkeypatch):
    looking, go_on = threading.Event(), threading.Event()

    def never(*_arguments: object) -> list[object]:
        looking.set()
        go_on.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)  # a name server that does not answer
    cutter = Cutter()

    def ask() -> None:
        with door.network.under(cutter):
            door.body("https://hub.test/", timeout_s=600)

    blocked = Blocked(ask)
    assert looking.wait(10)
    cutter.cut()
    assert isinstance(blocked.ended(), HubUnreachable)
    assert reason(door.refused("https://hub.test/", timeout_s=0.01)) == reasons.TIMED_OUT
    go_on.set()


# --- certificates -----------------------------------------------------------------------------------------------------


def test_a_certificate_nobody_vouches_for_is_refused(door, serve):
    heads = []
    server = serve(answering(plain(b"hello"), heads=heads), is_tls=True)
    error = door.refused(f"https://localhost:{server.port}/")
    assert (reason(error), heads) == (reasons.UNTRUSTED, [])
    use_language("zh_CN")
    assert "localhost" in str(error)


def test_what_speaks_no_tls_is_named(door, serve):
    server = serve(after_anything(plain(b"hello")))
    assert reason(door.refused(f"https://127.0.0.1:{server.port}/")) == reasons.NOT_SECURED


@by_file
def test_a_certificate_this_computer_trusts_is_taken(door, serve, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    server = serve(answering(plain(b"x" * 500_000)), is_tls=True)
    assert door.body(f"https://localhost:{server.port}/") == b"x" * 500_000


@by_file
def test_a_certificate_for_another_name_is_refused(door, serve, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    server = serve(answering(plain(b"hello")), is_tls=True)
    with FakeProxy("socks5", {"other.test": server.port}) as proxy:
        door.options = NetworkOptions(proxy=proxy.address())
        assert reason(door.refused("https://other.test/")) == reasons.UNTRUSTED


@by_file
def test_an_encrypted_answer_that_ends_too_early_is_an_error(door, serve, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    server = serve(answering(HALF), is_tls=True)
    assert reason(door.refused(f"https://127.0.0.1:{server.port}/")) == reasons.LOST


@by_file
def test_an_encrypted_answer_is_cut(door, serve, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    server = serve(answering(HALF, linger=True), is_tls=True)
    with door.get(f"https://127.0.0.1:{server.port}/", timeout_s=600) as response:
        blocked = Blocked(lambda: response.read(100))
        door.network.shut()
        assert isinstance(blocked.ended(), HubUnreachable)


def test_purposes_have_words():
    assert [str(purpose) for purpose in Purpose]
    assert str(Purpose.SEARCH) == "Search"
