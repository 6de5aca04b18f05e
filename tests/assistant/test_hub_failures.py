"""What stands between us and the hub, and what it refuses: each a sentence of ours, at once, and no secret told."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import (
    AssistantError,
    HubFailed,
    HubUnintelligible,
    HubUnreachable,
    NetworkError,
    NetworkOff,
    RemoteFileNotFound,
    RepositoryGated,
    RepositoryNotFound,
    TokenRefused,
    TokenTooNarrow,
)
from assistant.ledger import Ledger
from assistant.models.hub import Hub
from assistant.models.remote import Group, Offer, Query, RemoteFile, Repository
from assistant.network import Network, NetworkOptions
from tests.fakes.hub import FakeHub, Fault, gguf_bytes

NAME = "maker/Tiny-GGUF"
MODEL = gguf_bytes(300_000)
FILE = RemoteFile("Tiny-Q4_K_M.gguf", len(MODEL))
OFFER = Offer("Q4_K_M", "Q4_K_M", Group.BALANCED, (FILE,))
KNOWN = Repository(NAME, "main", offers=(OFFER,))
ASKS: dict[str, Callable[[Hub], object]] = {
    "search": lambda hub: hub.search(Query("tiny")),
    "repository": lambda hub: hub.repository(NAME),
    "readme": lambda hub: hub.readme(KNOWN),
    "header": lambda hub: hub.header(KNOWN, OFFER),
    "parts": lambda hub: hub.parts(KNOWN, OFFER),
    "locate": lambda hub: hub.locate(NAME, "main", FILE),
    "check_token": lambda hub: hub.check_token("hf_good"),
}
EVERY = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
NO_JSON_OF_A_HUB = [
    *(b"", b"{", b"null", b"[1]", b"[[]]", b'["x"]', b"7", b"\xff\xfe", b"[" * 9999, b'[{"id": null}]', b'{"id": 3}')
]
_OF_A_REPOSITORY = ("repository", "readme", "header", "locate")
REPOSITORY = pytest.mark.parametrize("ask", [ASKS[name] for name in _OF_A_REPOSITORY], ids=_OF_A_REPOSITORY)


class Desk:
    """A hub with what it depends on, to be changed by a test."""

    def __init__(self, fake: FakeHub) -> None:
        self.fake = fake
        self.endpoint = fake.endpoint
        self.token = ""
        self.options = NetworkOptions(proxy="none")
        self.network = Network(Ledger(None), lambda: self.options)
        self.hub = Hub(self.network, lambda: self.endpoint, lambda: self.token)


@pytest.fixture
def desk(hub: FakeHub) -> Iterator[Desk]:
    hub.add(NAME, {FILE.name: MODEL, "README.md": "# Tiny"})
    hub.accounts["hf_good"] = "alice"
    desk = Desk(hub)
    yield desk
    desk.network.close()


@EVERY
@pytest.mark.parametrize(
    ("fault", "values", "error"),
    [
        (Fault.HTML, {}, HubUnintelligible),
        (Fault.STATUS, {"status": 511}, HubUnintelligible),
        (Fault.STATUS, {"status": 302, "headers": {"Location": "http://login.example/"}}, HubUnintelligible),
        (Fault.STATUS, {"status": 302, "headers": {"Location": "http://["}}, HubUnintelligible),
        (Fault.STATUS, {"status": 404, "headers": {"Content-Type": "text/html"}}, HubUnintelligible),
        (Fault.STATUS, {"status": 500}, HubFailed),
        (Fault.STATUS, {"status": 503, "headers": {"Content-Type": "text/html"}}, HubFailed),
        (Fault.STATUS, {"status": 429}, HubFailed),
        (Fault.STATUS, {"status": 418}, HubFailed),
        (Fault.RESET, {}, HubUnreachable),
        (Fault.DROP, {}, HubUnreachable),
    ],
)
def test_what_goes_wrong_is_told_at_once_in_our_words(
    desk: Desk, ask: Callable[[Hub], object], fault: Fault, values: dict[str, object], error: type[AssistantError]
) -> None:
    desk.fake.faults.at("hub", "*", fault, times=None, **values)
    with pytest.raises(error) as caught:
        ask(desk.hub)
    assert "127.0.0.1" in caught.value.message
    assert len(desk.fake.log) == 1


@pytest.mark.parametrize("ask", [ASKS["search"], ASKS["repository"], ASKS["check_token"]])
@pytest.mark.parametrize("body", NO_JSON_OF_A_HUB)
def test_json_that_no_hub_sends_is_unintelligible(desk: Desk, ask: Callable[[Hub], object], body: bytes) -> None:
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=200, body=body)
    with pytest.raises(HubUnintelligible):
        ask(desk.hub)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "siblings", "rfilename", "size", "lfs", "sha256", "gguf", "tags", "lastModified"])
            | st.sampled_from(["cardData", "license", "name", "total", "pointerSize", "gated", "pipeline_tag", "sha"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(answer=JSON)
def test_any_json_at_all_raises_only_our_errors(desk: Desk, answer: object) -> None:
    desk.fake.faults.clear()
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=200, body=json.dumps(answer).encode(), times=None)
    for name in ("search", "repository", "check_token", "locate"):
        try:
            ASKS[name](desk.hub)
        except NetworkError:
            continue
        except AssistantError as error:
            assert error.kind in ("file_changed",)  # noqa: PT017 - what the fake says of the file is as random


def test_an_answer_without_an_end_is_given_up(desk: Desk) -> None:
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=200, body=b" " * (33 << 20))
    with pytest.raises(HubUnintelligible):
        desk.hub.search(Query())


def test_an_answer_that_says_it_is_packed_but_is_not_is_unintelligible(desk: Desk) -> None:
    headers = {"Content-Encoding": "gzip"}
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=200, body=b"[]", headers=headers)
    with pytest.raises(HubUnintelligible):
        desk.hub.search(Query())


def test_the_wait_that_the_hub_asks_for_is_passed_on(desk: Desk) -> None:
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=429, headers={"Retry-After": "7"})
    with pytest.raises(HubFailed) as caught:
        desk.hub.repository(NAME)
    assert caught.value.values["wait_s"] == 7


@EVERY
def test_a_hub_that_is_not_there_cannot_be_reached(desk: Desk, ask: Callable[[Hub], object]) -> None:
    desk.fake.close()
    with pytest.raises(HubUnreachable):
        ask(desk.hub)


@pytest.mark.parametrize("endpoint", ["nonsense", "ftp://example.com", "http://[", "https://", "http://example.com"])
def test_an_address_that_cannot_be_is_said(desk: Desk, endpoint: str) -> None:
    desk.endpoint = endpoint
    for name in ("search", "repository", "locate", "check_token"):
        with pytest.raises(HubUnreachable):
            ASKS[name](desk.hub)


@EVERY
def test_a_hub_that_never_answers_is_given_up(desk: Desk, ask: Callable[[Hub], object]) -> None:
    desk.fake.faults.at("hub", "*", Fault.STALL)
    with pytest.raises(HubUnreachable, match="in time"):
        ask(Hub(desk.network, lambda: desk.endpoint, lambda: "", timeout_s=0.1))


@pytest.mark.parametrize(("place", "ask"), [("hub", "search"), ("hub", "readme"), ("cdn", "header"), ("cdn", "parts")])
def test_an_answer_that_drips_is_given_up(desk: Desk, place: str, ask: str) -> None:
    desk.fake.faults.at(place, "*", Fault.SLOW, bytes_per_s=20)
    with pytest.raises(HubUnreachable, match="in time"):
        ASKS[ask](Hub(desk.network, lambda: desk.endpoint, lambda: "", patience_s=0.1))


@EVERY
def test_nothing_is_asked_while_the_network_is_off(desk: Desk, ask: Callable[[Hub], object]) -> None:
    desk.options = NetworkOptions(is_offline=True)
    with pytest.raises(NetworkOff):
        ask(desk.hub)
    assert len(desk.fake.log) == 0


def test_the_switch_ends_a_question_that_waits(desk: Desk) -> None:
    desk.fake.faults.at("hub", "*", Fault.STALL)
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            desk.hub.search(Query())
        except NetworkOff as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    desk.fake.log.wait(lambda: len(desk.fake.log) == 1)
    desk.options = NetworkOptions(is_offline=True)
    desk.network.shut()
    thread.join()
    assert len(errors) == 1


def test_the_librarys_own_switch_is_heeded(desk: Desk) -> None:
    code = f"""
from assistant.errors import NetworkOff
from assistant.ledger import Ledger
from assistant.models.hub import Hub
from assistant.network import Network, NetworkOptions
network = Network(Ledger(None), lambda: NetworkOptions(proxy="none"))
try:
    Hub(network, lambda: {desk.endpoint!r}, lambda: "").repository({NAME!r})
except NetworkOff:
    print("off")
network.close()
"""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, len(desk.fake.log)) == ("off\n", 0)


# What the hub refuses


@REPOSITORY
def test_a_repository_that_is_not_there_is_said(desk: Desk, ask: Callable[[Hub], object]) -> None:
    desk.fake.repositories.clear()
    for token in ("", "hf_good"):
        desk.token = token
        with pytest.raises(RepositoryNotFound) as caught:
            ask(desk.hub)
        assert NAME in caught.value.message


def test_a_private_repository_is_there_for_its_readers(desk: Desk) -> None:
    desk.fake.repositories[NAME].is_private = True
    with pytest.raises(RepositoryNotFound):
        desk.hub.repository(NAME)
    desk.token = "hf_good"
    with pytest.raises(RepositoryNotFound):
        desk.hub.repository(NAME)
    desk.fake.grants.add(("alice", NAME))
    assert desk.hub.repository(NAME).offers


def test_a_gated_repository_shows_where_its_licence_is(desk: Desk) -> None:
    desk.fake.repositories[NAME].gated = "manual"
    found = desk.hub.repository(NAME)
    assert found.is_gated
    for token in ("", "hf_good"):
        desk.token = token
        with pytest.raises(RepositoryGated) as caught:
            desk.hub.locate(NAME, found.commit, found.offers[0].files[0])
        assert f"{desk.endpoint}/{NAME}" in caught.value.hint
    desk.fake.grants.add(("alice", NAME))
    assert desk.hub.locate(NAME, found.commit, found.offers[0].files[0]).url.startswith(desk.fake.cdn)


@pytest.mark.parametrize("ask", [ASKS[name] for name in ASKS if name != "check_token"])
def test_an_old_token_does_not_lock_out_of_what_is_public(desk: Desk, ask: Callable[[Hub], object]) -> None:
    desk.token = "hf_old"
    ask(desk.hub)
    ask(desk.hub)
    assert [one.authorization for one in desk.fake.log].count("Bearer hf_old") == 1
    desk.token = "hf_good"
    ask(desk.hub)
    assert desk.fake.log.of("hub")[-1].authorization == "Bearer hf_good"


def test_an_old_token_is_named_where_one_is_needed(desk: Desk) -> None:
    desk.fake.repositories[NAME].gated = "auto"
    desk.token = "hf_old"
    for _time in range(2):
        with pytest.raises(TokenRefused):
            desk.hub.locate(NAME, "main", FILE)


def test_a_token_of_narrow_rights_is_left_away_for_one_question_only(desk: Desk) -> None:
    desk.token = "hf_good"
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=403)
    assert desk.hub.repository(NAME).offers
    assert desk.hub.repository(NAME).offers
    assert [bool(one.authorization) for one in desk.fake.log] == [True, False, True]


@pytest.mark.parametrize("values", [{"gated": "auto"}, {"is_private": True}])
def test_where_a_token_is_needed_it_is_said_that_its_rights_are_too_narrow(
    desk: Desk, values: dict[str, object]
) -> None:
    desk.token = "hf_good"
    for name, value in values.items():
        setattr(desk.fake.repositories[NAME], name, value)
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=403)
    with pytest.raises(TokenTooNarrow):
        desk.hub.locate(NAME, "main", FILE)


def test_a_mistake_of_ours_is_not_taken_for_an_answer_of_something_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_values: object, **_more: object) -> object:
        raise KeyError("ours")

    for place in ("client.repository_of", "transport._body"):
        with monkeypatch.context() as patch:
            patch.setattr(f"assistant.models.hub.{place}", stumble)
            with pytest.raises(KeyError, match="ours"):
                desk.hub.repository(NAME)


def test_a_token_is_checked(desk: Desk) -> None:
    assert desk.hub.check_token(" hf_good\n") == "alice"
    for wrong in ("hf_bad", "", "hf good", "hf_gööd", "hf_good\r\nX: 1", "x" * 501):
        with pytest.raises(TokenRefused):
            desk.hub.check_token(wrong)
    assert [one.authorization for one in desk.fake.log] == ["Bearer hf_good", "Bearer hf_bad"]


def test_a_token_that_works_again_is_sent_again(desk: Desk) -> None:
    desk.token = "hf_new"
    desk.hub.repository(NAME)
    desk.fake.accounts["hf_new"] = "bob"
    assert desk.hub.check_token("hf_new") == "bob"
    desk.hub.repository(NAME)
    assert desk.fake.log.of("hub", "api/models/*")[-1].authorization == "Bearer hf_new"


def test_the_token_goes_to_the_hub_and_nowhere_else(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.token = "hf_good"
    with caplog.at_level(logging.DEBUG):
        for name in ASKS:
            ASKS[name](desk.hub)
        location = desk.hub.locate(NAME, "main", FILE)
        small = desk.hub.locate(NAME, "main", RemoteFile("README.md"))
    assert {one.authorization for one in desk.fake.log.of("hub")} == {"Bearer hf_good"}
    assert {one.authorization for one in desk.fake.log.of("cdn")} == {""}
    assert "authorization" not in location.headers
    assert small.headers["authorization"] == "Bearer hf_good"
    assert "hf_good" not in caplog.text + repr(location) + repr(small)


def test_a_redirect_to_another_place_does_not_take_the_token_along(desk: Desk) -> None:
    desk.token = "hf_good"
    elsewhere = f"{desk.fake.cdn}/api/models/{NAME}"
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=307, headers={"Location": elsewhere})
    with pytest.raises(NetworkError):
        desk.hub.repository(NAME)
    assert [one.authorization for one in desk.fake.log] == ["Bearer hf_good", ""]


def test_a_redirect_that_leads_round_is_unintelligible(desk: Desk) -> None:
    headers = {"Location": f"/api/models/{NAME}"}
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=307, headers=headers, times=None)
    with pytest.raises(HubUnintelligible):
        desk.hub.repository(NAME)


def test_a_page_of_a_search_is_asked_of_the_hub_in_use(desk: Desk) -> None:
    link = '<https://elsewhere.example/api/models?limit=1&x=1,2&cursor=MQ==>; rel="next"'
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=200, body=b"[]", headers={"Link": link})
    page = desk.hub.search(Query()).next_page
    desk.fake.faults.at("hub", "*", Fault.STATUS, status=200, body=b"[]")
    desk.hub.search(Query(), page)
    assert desk.fake.log.of("hub", "api/models")[1].query == "limit=1&x=1%2C2&cursor=MQ%3D%3D"


def test_a_file_that_went_away_is_said(desk: Desk) -> None:
    with pytest.raises(RemoteFileNotFound):
        desk.hub.header(Repository(NAME, "main"), RemoteFile("gone-Q8_0.gguf", 100))


@pytest.mark.parametrize(
    ("fault", "values", "error"),
    [
        (Fault.STATUS, {"status": 404}, HubFailed),
        (Fault.STATUS, {"status": 503}, HubFailed),
        (Fault.HTML, {}, HubUnintelligible),
        (Fault.EXPIRED, {}, HubFailed),
        (Fault.WRONG_RANGE, {}, HubUnintelligible),
        (Fault.RESET, {"after_bytes": 1000}, HubUnreachable),
        (Fault.DROP, {"after_bytes": 1000}, HubUnreachable),
    ],
)
def test_a_header_that_cannot_be_fetched_is_said(
    desk: Desk, fault: Fault, values: dict[str, object], error: type[AssistantError]
) -> None:
    words = [f"token{number}" for number in range(30_000)]
    content = gguf_bytes(300_000, tokenizer__ggml__tokens=words)
    desk.fake.change(NAME, {FILE.name: content})
    offer = desk.hub.repository(NAME).offers[0]
    at_byte = {"at_byte": 262_144} if fault is Fault.WRONG_RANGE else {}
    desk.fake.faults.at("cdn", "*", fault, times=None, **values, **at_byte)
    with pytest.raises(error):
        desk.hub.parts(Repository(NAME), offer)
