"""The fake hub itself, asked with urllib: what it answers, and that each fault is the one that was ordered."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub, Fault, gguf_bytes

NAME = "maker/Tiny-GGUF"
FILE = "Tiny-Q4_K_M.gguf"
MODEL = gguf_bytes(300_000)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_values: object) -> None:
        return None


@pytest.fixture
def hub(hub: FakeHub) -> FakeHub:
    hub.add(NAME, {FILE: MODEL, "README.md": "# Tiny"})
    return hub


def ask(url: str, headers: Mapping[str, str] = {}, method: str = "GET", body: bytes | None = None):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        answer = opener.open(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()


def link(hub: FakeHub) -> str:
    return ask(f"{hub.endpoint}/{NAME}/resolve/main/{FILE}", method="HEAD")[1]["Location"]


def test_a_file_comes_by_a_redirect_to_the_cdn_in_ranges(hub: FakeHub) -> None:
    status, headers, _body = ask(f"{hub.endpoint}/{NAME}/resolve/main/{FILE}", method="HEAD")
    assert status == 302
    assert headers["X-Linked-ETag"] == f'"{hashlib.sha256(MODEL).hexdigest()}"'
    assert headers["X-Linked-Size"] == str(len(MODEL))
    assert headers["X-Repo-Commit"] == hub.repositories[NAME].commit
    assert ask(headers["Location"])[2] == MODEL
    status, found, body = ask(headers["Location"], {"Range": "bytes=100-199"})
    assert (status, body, found["Content-Range"]) == (206, MODEL[100:200], f"bytes 100-199/{len(MODEL)}")
    assert ask(headers["Location"], {"Range": f"bytes={len(MODEL)}-"})[0] == 416
    assert [one.range for one in hub.log.of("cdn", "*.gguf")] == ["", "bytes=100-199", f"bytes={len(MODEL)}-"]
    assert hub.log.bytes_sent() == len(MODEL) + 100


def test_a_small_text_comes_at_once(hub: FakeHub) -> None:
    assert ask(f"{hub.endpoint}/{NAME}/resolve/main/README.md")[2] == b"# Tiny"


def test_a_file_on_the_disk_is_sent_like_bytes(hub: FakeHub, tmp_path: Path) -> None:
    path = tmp_path / "big.gguf"
    path.write_bytes(MODEL)
    hub.add("maker/disk", {"big.gguf": path})
    url = ask(f"{hub.endpoint}/maker/disk/resolve/main/big.gguf", method="HEAD")[1]["Location"]
    assert ask(url, {"Range": "bytes=299000-"})[2] == MODEL[299_000:]


def test_the_details_of_a_repository(hub: FakeHub) -> None:
    said = json.loads(ask(f"{hub.endpoint}/api/models/{NAME}?blobs=true")[2])
    assert said["siblings"][0]["lfs"]["sha256"] == hashlib.sha256(MODEL).hexdigest()
    assert said["sha"] == hub.repositories[NAME].commit
    older = said["sha"]
    hub.change(NAME, {FILE: b"new"})
    assert json.loads(ask(f"{hub.endpoint}/api/models/{NAME}/revision/{older}")[2])["sha"] == older
    assert ask(f"{hub.endpoint}/api/models/{NAME}/revision/nothing")[1]["X-Error-Code"] == "RevisionNotFound"
    assert json.loads(ask(f"{hub.endpoint}/api/models/{NAME}/tree/main")[2])[0]["size"] == 3
    asked = ask(f"{hub.endpoint}/api/models/{NAME}/paths-info/main", method="POST", body=f"paths={FILE}".encode())
    assert json.loads(asked[2])[0]["path"] == FILE
    assert len(json.loads(ask(f"{hub.endpoint}/api/models/{NAME}/refs")[2])["branches"]) == 1


def test_a_listing_is_sorted_filtered_and_paged(hub: FakeHub) -> None:
    for number in range(5):
        hub.add(f"other/Model-{number}-GGUF", {"m.gguf": b"x"}, downloads=number, licence="mit")
    hub.add("other/no-model", {"weights.safetensors": b"x"})
    url = f"{hub.endpoint}/api/models?author=other&filter=gguf&filter=license:mit&search=model&sort=downloads&limit=3"
    _status, headers, body = ask(url)
    assert [one["id"][-6] for one in json.loads(body)] == ["4", "3", "2"]
    following = headers["Link"].split(">")[0].removeprefix("<")
    _status, headers, body = ask(following)
    assert [one["id"][-6] for one in json.loads(body)] == ["1", "0"]
    assert headers["Link"] is None
    rows = json.loads(ask(f"{hub.endpoint}/api/models?expand=gguf&expand=siblings&num_parameters=min:1M,max:1B")[2])
    assert rows[0]["gguf"]["architecture"] == "llama"
    assert {"rfilename": "m.gguf"} in [sibling for row in rows for sibling in row["siblings"]]


def test_gated_private_and_unknown_repositories_and_tokens(hub: FakeHub) -> None:
    hub.accounts["hf_good"] = "alice"
    hub.add("gate/kept", {"m.gguf": b"x"}, gated="manual")
    hub.add("gate/hidden", {"m.gguf": b"x"}, is_private=True)
    good, bad = {"Authorization": "Bearer hf_good"}, {"Authorization": "Bearer hf_bad"}

    def said(path: str, headers: Mapping[str, str] = {}) -> tuple[int, str | None]:
        status, found, _body = ask(hub.endpoint + path, headers)
        return status, found["X-Error-Code"]

    assert said("/api/models/gate/kept") == (200, None)
    assert said("/gate/kept/resolve/main/m.gguf") == (401, "GatedRepo")
    assert said("/gate/kept/resolve/main/m.gguf", good) == (403, "GatedRepo")
    assert said("/api/models/gate/kept/auth-check", good) == (403, "GatedRepo")
    assert said("/api/models/gate/hidden") == (401, "RepoNotFound")
    assert said("/api/models/gate/hidden", good) == (404, "RepoNotFound")
    hub.grants |= {("alice", "gate/kept"), ("alice", "gate/hidden")}
    assert said("/gate/kept/resolve/main/m.gguf", good) == (302, None)
    assert said("/api/models/gate/hidden", good) == (200, None)
    assert said(f"/api/models/{NAME}", bad) == (401, None)
    assert said("/api/whoami-v2", good)[0] == 200
    assert said("/api/whoami-v2")[0] == 401
    assert said(f"/{NAME}/resolve/main/nothing.gguf") == (404, "EntryNotFound")


def test_a_renamed_repository_leads_on(hub: FakeHub) -> None:
    hub.rename(NAME, "maker/New-GGUF")
    status, headers, _body = ask(f"{hub.endpoint}/api/models/{NAME}?blobs=true")
    assert (status, headers["Location"]) == (307, "/api/models/maker/New-GGUF?blobs=true")


def test_links_end_and_the_cdn_takes_no_token(hub: FakeHub) -> None:
    url = link(hub)
    assert ask(url, {"Authorization": "Bearer x"})[0] == 400
    hub.expire_links()
    assert ask(url)[0] == 403
    assert ask(link(hub))[0] == 200
    hub.link_seconds = -1
    assert ask(link(hub))[0] == 403


@pytest.mark.parametrize(
    ("fault", "values", "status", "body"),
    [
        (Fault.STATUS, {"status": 429, "headers": {"Retry-After": "1"}, "body": b"later"}, 429, b"later"),
        (Fault.EXPIRED, {}, 403, None),
        (Fault.IGNORE_RANGE, {}, 200, MODEL),
        (Fault.WRONG_RANGE, {}, 206, MODEL[:200_000]),
        (Fault.SHORT, {"after_bytes": 10}, 206, MODEL[100_000:100_010]),
        (Fault.SHORT, {"at_byte": 100_010}, 206, MODEL[100_000:100_010]),
        (Fault.CORRUPT, {}, 206, bytes([MODEL[100_000] ^ 255]) + MODEL[100_001:300_000]),
        (Fault.DELAY, {"seconds": 0.01}, 206, MODEL[100_000:300_000]),
        (Fault.SLOW, {"bytes_per_s": 10_000_000}, 206, MODEL[100_000:300_000]),
        (Fault.STALL, {"after_bytes": 5, "seconds": 0.01}, 206, MODEL[100_000:300_000]),
    ],
)
def test_a_fault_happens_once(
    hub: FakeHub, fault: Fault, values: dict[str, object], status: int, body: bytes | None
) -> None:
    hub.faults.at("cdn", FILE, fault, **values)
    url, asked = link(hub), {"Range": "bytes=100000-299999"}
    found = ask(url, asked)
    assert found[0] == status
    assert body is None or found[2] == body
    assert hub.log.of("cdn")[-1].fault is fault
    assert ask(url, asked)[2] == MODEL[100_000:300_000]


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.RESET])
@pytest.mark.parametrize("after_bytes", [None, 0, 120_000])
def test_a_connection_ends_early(hub: FakeHub, fault: Fault, after_bytes: int | None) -> None:
    hub.faults.at("cdn", "*", fault, after_bytes=after_bytes)
    url = link(hub)
    with pytest.raises((http.client.IncompleteRead, OSError)):
        ask(url)
    hub.log.wait(lambda: hub.log.of("cdn")[0].is_over)
    assert hub.log.bytes_sent() == (after_bytes or 0)


def test_a_login_page_answers_for_the_hub(hub: FakeHub) -> None:
    hub.faults.at("hub", "*", Fault.HTML)
    status, headers, _body = ask(f"{hub.endpoint}/api/models")
    assert (status, headers.get_content_type()) == (200, "text/html")


def test_a_stall_ends_when_the_faults_are_cleared(hub: FakeHub) -> None:
    hub.faults.at("cdn", "*", Fault.STALL, after_bytes=1000)
    url = link(hub)
    thread = threading.Thread(
        target=lambda: (hub.log.wait(lambda: hub.log.bytes_sent() == 1000), hub.faults.clear()), name="clears"
    )
    thread.start()
    assert ask(url)[2] == MODEL
    thread.join()


def test_closing_ends_what_is_stalled_and_what_is_open() -> None:
    hub = FakeHub()
    hub.add(NAME, {FILE: MODEL})
    hub.faults.at("cdn", "*", Fault.STALL, after_bytes=1000)
    hub.faults.at("hub", "api/*", Fault.DELAY, seconds=3600)
    errors: list[Exception] = []

    def wait_for(url: str) -> None:
        try:
            ask(url)
        except (http.client.HTTPException, OSError) as error:
            errors.append(error)

    threads = [threading.Thread(target=wait_for, args=(url,)) for url in (link(hub), f"{hub.endpoint}/api/models")]
    for thread in threads:
        thread.start()
    hub.log.wait(lambda: hub.log.bytes_sent() == 1000 and bool(hub.log.of("hub", "api/models")))
    idle = http.client.HTTPConnection("127.0.0.1", int(hub.endpoint.rpartition(":")[2]))
    idle.request("GET", "/api/whoami-v2")
    idle.getresponse().read()
    hub.close()
    for thread in threads:
        thread.join()
    idle.close()
    assert len(errors) == 2
