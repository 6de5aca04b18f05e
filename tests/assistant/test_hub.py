"""The hub asked with the real huggingface_hub: search, details, cards, headers, places of files."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from assistant.errors import (
    FileChanged,
    ModelFileDamaged,
    NotAModelFile,
    ReferenceInvalid,
    RemoteFileNotFound,
    RepositoryHasNoModel,
    RepositoryNotFound,
)
from assistant.ledger import Ledger
from assistant.models.gguf import read_header
from assistant.models.hub import Hub, chosen_endpoint
from assistant.models.remote import Kind, Offer, Query, RemoteFile, Repository, Sort
from assistant.models.transfer import Transfer
from assistant.network import Network, NetworkOptions
from tests.fakes.gguf_files import tiny_gguf
from tests.fakes.hub import FakeHub, Fault, gguf_bytes

NAME = "maker/Tiny-GGUF"
FILE = "Tiny-Q4_K_M.gguf"
MODEL = gguf_bytes(300_000)
MODIFIED = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(None)


@pytest.fixture
def network(ledger: Ledger) -> Iterator[Network]:
    network = Network(ledger, lambda: NetworkOptions(proxy="none"))
    yield network
    network.close()


@pytest.fixture
def asked(hub: FakeHub, network: Network) -> Hub:
    """The hub as the program asks it; the fake one stands behind."""
    return Hub(network, lambda: hub.endpoint + "/", lambda: "")


def names(asked: Hub, query: Query) -> list[str]:
    return [one.title for one in asked.search(query).repositories]


def test_a_search_goes_page_by_page_to_the_end(hub: FakeHub, asked: Hub) -> None:
    for number in range(65):
        hub.add(f"maker/M{number}", {"m.gguf": b"x"}, downloads=number)
    found, page = [], ""
    while True:
        answer = asked.search(Query(sort=Sort.DOWNLOADS), page)
        found += [one.title for one in answer.repositories]
        page = answer.next_page
        if not page:
            break
    assert found == [f"M{number}" for number in reversed(range(65))]
    assert len(hub.log.of("hub", "api/models")) == 3


def test_a_search_finds_by_words_author_kind_licence_and_size(hub: FakeHub, asked: Hub) -> None:
    hub.add("maker/Red-Chat", {"m.gguf": b"x"}, gguf={"total": 4_000_000_000})
    hub.add("maker/Red-Eye", {"m.gguf": b"x"}, pipeline_tag="image-text-to-text", gguf={"total": 8_000_000_000})
    hub.add("other/Red-Vector", {"m.gguf": b"x"}, pipeline_tag="feature-extraction", licence="mit")
    hub.add("other/Blue", {"m.safetensors": b"x"})
    assert names(asked, Query("red")) == ["Red-Chat", "Red-Eye", "Red-Vector"]
    assert names(asked, Query("  red   eye ")) == ["Red-Eye"]
    assert names(asked, Query("other/")) == ["Red-Vector"]
    assert names(asked, Query("red", author="maker")) == ["Red-Chat", "Red-Eye"]
    assert names(asked, Query(kind=Kind.CHAT)) == ["Red-Chat", "Red-Eye"]
    assert names(asked, Query(kind=Kind.VISION)) == ["Red-Eye"]
    assert names(asked, Query(kind=Kind.EMBEDDING)) == ["Red-Vector"]
    assert names(asked, Query(licence="mit")) == ["Red-Vector"]
    assert names(asked, Query(parameters=(5_000_000_000, 0))) == ["Red-Eye"]
    assert names(asked, Query(parameters=(500_000_000, 4_000_000_000))) == ["Red-Chat"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [(Sort.TRENDING, "a"), (Sort.DOWNLOADS, "b"), (Sort.LIKES, "c"), (Sort.NEWEST, "d")],
)
def test_a_search_is_sorted(hub: FakeHub, asked: Hub, sort: Sort, first: str) -> None:
    hub.add("maker/a", {"m.gguf": b"x"}, trending=9)
    hub.add("maker/b", {"m.gguf": b"x"}, downloads=9)
    hub.add("maker/c", {"m.gguf": b"x"}, likes=9)
    hub.add("maker/d", {"m.gguf": b"x"}, modified=MODIFIED)
    assert names(asked, Query(sort=sort))[0] == first


def test_a_row_says_what_a_card_shows(hub: FakeHub, asked: Hub) -> None:
    gguf = {"total": 7, "architecture": "qwen3", "context_length": 40_960}
    hub.add(NAME, {FILE: b"x"}, gguf=gguf, downloads=5, likes=3, modified=MODIFIED, gated="auto", licence="mit")
    (row,) = asked.search(Query()).repositories
    assert (row.maker, row.title, row.licence, row.architecture) == ("maker", "Tiny-GGUF", "mit", "qwen3")
    assert (row.parameters, row.context_length, row.downloads, row.likes) == (7, 40_960, 5, 3)
    assert (row.modified, row.is_gated, row.has_details, row.offers) == (MODIFIED, True, False, ())


@pytest.mark.parametrize("text", [NAME, f" {NAME}:Q4_K_M", f"https://huggingface.co/{NAME}/tree/main", "{}/" + NAME])
def test_a_reference_gives_exactly_that_repository(hub: FakeHub, asked: Hub, text: str) -> None:
    hub.add(NAME, {FILE: MODEL})
    hub.add(f"{NAME}-2", {FILE: MODEL})
    answer = asked.search(Query(text.format(hub.endpoint)))
    assert [one.name for one in answer.repositories] == [NAME]
    assert answer.repositories[0].has_details
    assert not answer.next_page


def test_a_name_that_is_not_quite_right_finds_what_is_called_alike(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {FILE: MODEL})
    assert names(asked, Query("maker/tiny")) == ["Tiny-GGUF"]
    with pytest.raises(RepositoryNotFound):
        asked.search(Query("maker/nothing"))
    with pytest.raises(RepositoryNotFound):
        asked.search(Query(f"{hub.endpoint}/maker/tiny"))


def test_an_address_of_something_else_is_no_search(asked: Hub) -> None:
    with pytest.raises(ReferenceInvalid):
        asked.search(Query("https://example.com/maker/model"))


def test_a_repository_comes_with_its_offers_and_its_commit(hub: FakeHub, asked: Hub) -> None:
    added = hub.add(NAME, {FILE: MODEL, "mmproj-F16.gguf": b"eye", "README.md": "# Tiny"})
    found = asked.repository(NAME)
    assert found.commit == added.commit
    assert found.kind is Kind.VISION
    (offer,) = found.offers
    assert offer.files == (RemoteFile(FILE, len(MODEL), added.files[FILE].sha256),)
    assert offer.projector == RemoteFile("mmproj-F16.gguf", 3, added.files["mmproj-F16.gguf"].sha256)


def test_an_older_revision_can_be_asked_for(hub: FakeHub, asked: Hub) -> None:
    older = hub.add(NAME, {FILE: MODEL}).commit
    newer = hub.change(NAME, {"Tiny-Q8_0.gguf": MODEL})
    assert asked.repository(NAME, older).offers[0].id == "Q4_K_M"
    assert asked.repository(NAME).commit == newer
    with pytest.raises(RepositoryNotFound, match="nothing"):
        asked.repository(NAME, "nothing")


def test_a_renamed_repository_is_found_under_its_new_name(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {FILE: MODEL})
    hub.rename(NAME, "maker/New-GGUF")
    found = asked.repository(NAME)
    assert found.name == "maker/New-GGUF"
    assert asked.locate(NAME, found.commit, found.offers[0].files[0]).size_bytes == len(MODEL)


def test_a_repository_without_a_model_says_so(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {"weights.safetensors": b"x", "imatrix.gguf": b"x", "../evil-Q4_0.gguf": b"x"})
    with pytest.raises(RepositoryHasNoModel):
        asked.repository(NAME)


@pytest.mark.parametrize("name", ["", "one", "a/b/c", "a/..", "a/b?c", "a" * 200 + "/b", "a/b\n"])
def test_a_name_that_cannot_be_is_refused_without_asking(hub: FakeHub, asked: Hub, name: str) -> None:
    with pytest.raises(ReferenceInvalid):
        asked.repository(name)
    assert len(hub.log) == 0


def test_a_card_is_read_without_its_front_matter_and_not_for_ever(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {FILE: MODEL, "README.md": "---\nlicense: mit\n---\n# Tiny\n---\n" + "é" * 2_000_000})
    card = asked.readme(asked.repository(NAME))
    assert card.startswith("# Tiny\n---\néé")
    assert len(card.encode()) <= (1 << 20) + 3
    assert hub.log.of("hub", "README.md")[0].bytes_sent < 8 << 20


def test_a_repository_may_have_no_card(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {FILE: MODEL})
    assert asked.readme(asked.repository(NAME)) == ""


def big(asked: Hub, hub: FakeHub, **overrides: object) -> tuple[Repository, Offer, bytes]:
    """A model whose header is longer than what one request brings."""
    words = [f"token{number}" for number in range(60_000)]
    content = gguf_bytes(3_000_000, tokenizer__ggml__tokens=words, **overrides)
    hub.add(NAME, {FILE: content})
    repository = asked.repository(NAME)
    return repository, repository.offers[0], content


def test_a_header_takes_one_request_of_256_kib(hub: FakeHub, asked: Hub) -> None:
    repository, offer, _content = big(asked, hub)
    hub.log.clear()
    header = asked.header(repository, offer)
    assert (header.layers, header.vocabulary, header.tensor_bytes) == (2, 60_000, offer.size_bytes)
    assert [(one.place, one.method, one.bytes_sent) for one in hub.log] == [("hub", "HEAD", 0), ("cdn", "GET", 262_144)]


def test_a_short_header_is_the_whole_truth(hub: FakeHub, asked: Hub, tmp_path: Path) -> None:
    hub.add(NAME, {FILE: MODEL, "mmproj-F16.gguf": b"x" * 1000})
    (tmp_path / FILE).write_bytes(MODEL)
    whole = read_header(tmp_path / FILE)
    repository = asked.repository(NAME)
    header = asked.header(repository, repository.offers[0].files[0])
    assert (header.tensor_bytes, header.parameters) == (whole.tensor_bytes, whole.parameters)
    assert asked.header(repository, repository.offers[0]).tensor_bytes == whole.tensor_bytes + 1000


def test_the_whole_header_comes_by_two_requests(hub: FakeHub, asked: Hub, tmp_path: Path) -> None:
    repository, offer, content = big(asked, hub)
    (tmp_path / FILE).write_bytes(content)
    (part,) = asked.parts(repository, offer)
    assert part.head == content[: read_header(tmp_path / FILE).data_start]
    assert part.size_bytes == len(content)
    assert [one.range for one in hub.log.of("cdn")] == ["bytes=0-262143", "bytes=262144-"]


def test_a_size_that_is_not_known_is_asked_for(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {FILE: MODEL})
    assert asked.header(asked.repository(NAME), RemoteFile(FILE)).size_bytes == len(MODEL)


def test_a_link_that_ended_is_asked_for_again(hub: FakeHub, asked: Hub) -> None:
    repository, offer, _content = big(asked, hub)
    hub.faults.at("cdn", "*", Fault.EXPIRED)
    assert asked.header(repository, offer).layers == 2


@pytest.mark.parametrize("fault", [Fault.IGNORE_RANGE, Fault.SLOW])
def test_a_header_is_read_from_a_server_without_ranges(hub: FakeHub, asked: Hub, fault: Fault) -> None:
    repository, offer, _content = big(asked, hub)
    hub.faults.at("cdn", "*", fault, bytes_per_s=50_000_000)
    assert asked.header(repository, offer).layers == 2


def test_what_is_no_model_file_is_told_by_its_header(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {FILE: b"<html>" * 10, "Cut-Q8_0.gguf": tiny_gguf().header()[:-500]})
    repository = asked.repository(NAME)
    html, cut = sorted(repository.offers, key=lambda offer: offer.size_bytes)
    with pytest.raises(NotAModelFile):
        asked.header(repository, html)
    for ask in (asked.header, asked.parts):
        with pytest.raises(ModelFileDamaged):
            ask(repository, cut)


def test_a_location_says_what_the_bytes_must_be(hub: FakeHub, asked: Hub) -> None:
    added = hub.add(NAME, {FILE: MODEL})
    file = RemoteFile(FILE, len(MODEL), added.files[FILE].sha256)
    found = asked.locate(NAME, added.commit, file)
    assert found.url.startswith(hub.cdn)
    assert (found.size_bytes, found.sha256, found.commit) == (file.size_bytes, file.sha256, added.commit)


def test_a_small_file_lies_at_the_hub_itself(hub: FakeHub, asked: Hub) -> None:
    added = hub.add(NAME, {"config.json": "{}"})
    found = asked.locate(NAME, added.commit, RemoteFile("config.json"))
    assert found.url == f"{hub.endpoint}/{NAME}/resolve/{added.commit}/config.json"
    assert (found.size_bytes, found.sha256) == (2, "")


def test_a_transfer_finds_its_way_by_locations(hub: FakeHub, asked: Hub, network: Network, tmp_path: Path) -> None:
    hub.add(NAME, {FILE: MODEL})
    repository = asked.repository(NAME)
    file = repository.offers[0].files[0]
    hub.faults.at("cdn", "*", Fault.RESET, after_bytes=100_000)
    hub.faults.at("cdn", "*", Fault.EXPIRED)
    part = tmp_path / f"{FILE}.part"
    locate = partial(asked.locate, NAME, repository.commit, file)
    Transfer(network, locate, part, file, on_progress=lambda _progress: None, waits=lambda _attempt: 0.0).run()
    assert part.read_bytes() == MODEL
    assert [one.status for one in hub.log.of("cdn")] == [200, 403, 206]


@pytest.mark.parametrize("change", [{"size_bytes": 5}, {"sha256": "0" * 64}])
def test_a_file_that_is_another_one_now_is_not_located(hub: FakeHub, asked: Hub, change: dict[str, object]) -> None:
    hub.add(NAME, {FILE: MODEL})
    with pytest.raises(FileChanged):
        asked.locate(NAME, "main", RemoteFile(FILE, **change))


def test_a_file_that_is_not_there_says_what_is(hub: FakeHub, asked: Hub) -> None:
    added = hub.add(NAME, {FILE: MODEL})
    with pytest.raises(RemoteFileNotFound) as caught:
        asked.locate(NAME, added.commit, RemoteFile("Tiny-Q2_K.gguf"))
    assert "Q4_K_M" in caught.value.hint


def test_every_request_is_in_the_ledger_with_what_it_was_for(hub: FakeHub, asked: Hub, ledger: Ledger) -> None:
    hub.add(NAME, {FILE: MODEL, "README.md": "# Tiny"})
    asked.search(Query())
    repository = asked.repository(NAME)
    asked.readme(repository)
    asked.header(repository, repository.offers[0])
    asked.locate(NAME, repository.commit, repository.offers[0].files[0])
    purposes = [entry.purpose for entry in reversed(ledger.entries())]
    assert purposes == ["search", "details", "card", "header", "header", "download"]
    assert len(purposes) == len(hub.log)


def test_answers_come_packed_and_cookies_are_not_kept(hub: FakeHub, asked: Hub) -> None:
    hub.add(NAME, {FILE: MODEL})
    rule = hub.faults.at("hub", "api/models", Fault.STATUS, status=200, body=b"[]")
    rule.headers = {"Set-Cookie": "tracked=1; Path=/"}
    asked.search(Query())
    asked.search(Query())
    assert hub.log.of("hub")[1].headers["accept-encoding"] == "gzip"
    assert "cookie" not in hub.log.of("hub")[1].headers
    assert hub.log.of("hub")[1].headers["user-agent"].startswith("inkstone/")


def test_questions_of_several_threads_do_not_mix(hub: FakeHub, asked: Hub) -> None:
    for number in range(8):
        hub.add(f"maker/M{number}", {f"M{number}-Q4_0.gguf": b"x" * (number + 1)})
    found: dict[int, int] = {}

    def ask(number: int) -> None:
        found[number] = asked.repository(f"maker/M{number}").offers[0].size_bytes

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number + 1 for number in range(8)}


@pytest.mark.parametrize(
    ("setting", "variable", "expected"),
    [
        (" https://a.example/ ", "https://b.example", "https://a.example"),
        ("", "https://b.example/", "https://b.example"),
        ("", "", "https://huggingface.co"),
    ],
)
def test_the_address_is_what_is_set_or_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, setting: str, variable: str, expected: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", variable)
    assert chosen_endpoint(setting) == expected


def run(code: str) -> str:
    """Run a Python of its own, since the library reads the environment when it is imported."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_library_is_not_imported_before_the_first_question() -> None:
    assert "loaded: False" in run(
        "import sys; from assistant.models.hub import Hub; print('loaded:', 'huggingface_hub' in sys.modules)"
    )


def test_a_program_without_a_terminal_can_ask_too(hub: FakeHub) -> None:
    hub.add(NAME, {FILE: MODEL})
    code = f"""
import sys
said, sys.stderr, sys.stdout = sys.stdout, None, None
from assistant.ledger import Ledger
from assistant.models.hub import Hub, chosen_endpoint
from assistant.models.remote import Query
from assistant.network import Network, NetworkOptions
network = Network(Ledger(None), lambda: NetworkOptions(proxy="none"))
hub = Hub(network, lambda: {hub.endpoint!r}, lambda: "")
print(hub.search(Query()).repositories[0].name, hub.repository({NAME!r}).offers[0].id, file=said)
network.close()
"""
    assert run(code) == f"{NAME} Q4_K_M\n"
    assert len(hub.log) == 2
