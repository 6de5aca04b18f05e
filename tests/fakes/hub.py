"""A model hub on this computer, as the real one answers: an API and files on one origin, a CDN on another.

::

    with FakeHub() as hub:
        repository = hub.add("maker/Tiny-GGUF", {"Tiny-Q4_K_M.gguf": gguf_bytes(1_000_000)})
        hub.faults.at("cdn", "*.gguf", Fault.RESET, after_bytes=300_000)
        ...                     # HF_ENDPOINT or the setting is hub.endpoint
        hub.log.of("cdn", "*.gguf")[1].range

Large files come by the ``resolve`` address: a redirect to the CDN with an end, after which it says 403. Nothing is
ever waited for by time, except what a fault is told to.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, urlencode

from tests.fakes.hub_faults import Fault, Faults, Log, Logged, Rule
from tests.fakes.hub_repository import FakeFile, FakeRepository, gguf_bytes
from tests.fakes.hub_server import EXPIRED_PAGE, Answer, Origin, Request

__all__ = ["FakeFile", "FakeHub", "FakeRepository", "Fault", "Faults", "Log", "Logged", "Rule", "gguf_bytes"]

_SORTS: dict[str, Callable[[FakeRepository], object]] = {
    "downloads": lambda one: one.downloads,
    "likes": lambda one: one.likes,
    "trendingScore": lambda one: one.trending,
    "lastModified": lambda one: one.modified,
    "createdAt": lambda one: one.created,
}
_UNASKED = ("likes", "trendingScore", "private", "downloads", "tags", "pipeline_tag", "library_name", "createdAt")
_PACKED = {"Content-Encoding": "gzip"}
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


class FakeHub:
    """The hub. ``endpoint`` and ``cdn`` are the addresses of its origins; ``faults`` and ``log`` concern both."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.log = Log()
        self.repositories: dict[str, FakeRepository] = {}
        self.moved: dict[str, str] = {}
        """Old name → new name, answered with a redirect."""
        self.accounts: dict[str, str] = {}
        """Token → account; another token is refused everywhere."""
        self.grants: set[tuple[str, str]] = set()
        """(account, repository): the licence is accepted, the private one is shared."""
        self.link_seconds = 3600.0
        self.page_size = 1000
        self._links = self._first_valid_link = 0
        self._hub = Origin("hub", self._answer, self.faults, self.log)
        self._cdn = Origin("cdn", self._deliver, self.faults, self.log)
        self.endpoint = self._hub.url
        self.cdn = self._cdn.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End everything and join every thread."""
        self._hub.close()
        self._cdn.close()

    def add(self, name: str, files: Mapping[str, bytes | str | Path], **values: object) -> FakeRepository:
        """Add a repository. Values: the fields of ``FakeRepository``, and ``sha256`` ({file: a false one})."""
        lies = values.pop("sha256", {})
        assert isinstance(lies, Mapping)
        repository = FakeRepository(name, **values)
        repository.put(_hashed(files, lies))
        if repository.gguf is None and any(one.lower().endswith(".gguf") for one in files):
            repository.gguf = {"total": 134_515_008, "architecture": "llama", "context_length": 2048}
        self.repositories[name] = repository
        return repository

    def change(self, name: str, files: Mapping[str, bytes | str | Path], branch: str = "main") -> str:
        """Make a new commit with exactly ``files`` and return it."""
        return self.repositories[name].put(_hashed(files, {}), branch)

    def rename(self, old: str, new: str) -> None:
        """Give a repository another name; the old one leads there."""
        self.repositories[new] = replace(self.repositories.pop(old), name=new)
        self.moved[old] = new

    def expire_links(self) -> None:
        """Let every CDN address given out so far be answered by 403."""
        self._first_valid_link = self._links + 1

    def cut_all(self) -> None:
        """End every open connection."""
        self._hub.cut_all()
        self._cdn.cut_all()

    # The hub's origin

    def _answer(self, request: Request) -> Answer:
        answer = self._say(request)
        if "gzip" not in request.headers.get("accept-encoding", "") or not isinstance(answer.content, bytes):
            return answer
        return replace(answer, content=gzip.compress(answer.content), headers={**answer.headers, **_PACKED})

    def _say(self, request: Request) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and token not in self.accounts:
            return _error(401, "Invalid credentials in Authorization header")
        account = self.accounts.get(token, "")
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["api", "whoami-v2"]:
            return _json({"type": "user", "name": account}) if account else _error(401, "Unauthorized")
        if parts == ["api", "models"]:
            return self._listing(request, account)
        if parts[:2] == ["api", "models"] and len(parts) >= 4:
            return self._of_repository("/".join(parts[2:4]), account, request, parts[4:])
        if len(parts) >= 5 and parts[2] in ("resolve", "raw"):
            return self._of_repository("/".join(parts[:2]), account, request, parts[2:])
        return _error(404, "Sorry, we can't find the page you are looking for.")

    def _of_repository(self, name: str, account: str, request: Request, rest: list[str]) -> Answer:
        if name in self.moved:
            target = request.target.replace(name, self.moved[name], 1)
            return Answer(307, b"", {"Location": target})
        repository = self.repositories.get(name)
        if repository is None or (repository.is_private and not self._may(account, repository)):
            message = f"Repository not found: {name}" if account else "Invalid username or password."
            return _error(404 if account else 401, message, "RepoNotFound")
        if not rest or rest[0] == "revision":
            return self._info(repository, "/".join(rest[1:]) or "main", request)
        if rest[0] in ("resolve", "raw"):
            return self._resolve(repository, rest[1], "/".join(rest[2:]), account)
        if rest[0] == "auth-check":
            return self._gate(repository, account) or _json({})
        if rest[0] == "refs":
            branches = [
                {"name": branch, "ref": f"refs/heads/{branch}", "targetCommit": commit}
                for branch, commit in repository.branches.items()
            ]
            return _json({"branches": branches, "tags": [], "converts": []})
        if rest[0] in ("tree", "paths-info") and len(rest) > 1:
            return _tree(repository, rest[0], rest[1], request)
        return _error(404, "Not found")

    def _may(self, account: str, repository: FakeRepository) -> bool:
        return bool(account) and (
            account == repository.name.partition("/")[0] or (account, repository.name) in self.grants
        )

    def _gate(self, repository: FakeRepository, account: str) -> Answer | None:
        """Return the refusal of a gated repository, None when its files may be had."""
        if not repository.gated or self._may(account, repository):
            return None
        told = f"Access to model {repository.name} is restricted."
        return _error(403 if account else 401, told, "GatedRepo")

    def _info(self, repository: FakeRepository, revision: str, request: Request) -> Answer:
        found = repository.at(revision)
        if found is None:
            return _error(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        wants_blobs = request.query.get("blobs", [""])[0].lower() in ("true", "1")
        said = repository.properties(found[0], wants_blobs)
        return _json({"_id": repository.name, "id": repository.name, "modelId": repository.name, **said})

    def _resolve(self, repository: FakeRepository, revision: str, path: str, account: str) -> Answer:
        if refusal := self._gate(repository, account):
            return refusal
        found = repository.at(revision)
        if found is None:
            return _error(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        commit, files = found
        if path not in files:
            return _error(404, "Entry not found", "EntryNotFound", {"X-Repo-Commit": commit})
        file = files[path]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{file.etag}"', "Accept-Ranges": "bytes"}
        if not file.is_lfs:
            return Answer(200, file.content, {**headers, "Content-Type": "text/plain; charset=utf-8"})
        headers |= {"X-Linked-Size": str(file.size_bytes), "X-Linked-ETag": f'"{file.sha256}"'}
        headers["Location"] = self._link(repository, commit, path)
        return Answer(302, b"Found. Redirecting", {**headers, "Content-Type": "text/plain; charset=utf-8"})

    def _link(self, repository: FakeRepository, commit: str, path: str) -> str:
        self._links += 1
        query = urlencode({"Expires": int(time.time() + self.link_seconds), "Key": self._links, "Signature": "signed"})
        return f"{self.cdn}/lfs/{commit}/{repository.name}/{quote(path)}?{query}"

    def _listing(self, request: Request, account: str) -> Answer:
        said = {name: values[0] for name, values in request.query.items()}
        wanted = [one for one in self.repositories.values() if self._is_listed(one, request, account)]
        by = _SORTS.get(said.get("sort", "trendingScore"))
        if by is None:
            return _error(400, f"Invalid sort: {said['sort']}")
        wanted.sort(key=by, reverse=True)
        limit = min(int(said.get("limit", self.page_size)), self.page_size)
        start = int(base64.urlsafe_b64decode(said["cursor"])) if said.get("cursor") else 0
        expand = request.query.get("expand", [])
        rows = [_row(one, expand) for one in wanted[start : start + limit]]
        headers = {}
        if start + limit < len(wanted):
            query = {name: values for name, values in request.query.items() if name != "cursor"}
            cursor = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
            target = f"{self.endpoint}/api/models?{urlencode({**query, 'cursor': [cursor]}, doseq=True)}"
            headers["Link"] = f'<{target}>; rel="next"'
        return _json(rows, headers)

    def _is_listed(self, one: FakeRepository, request: Request, account: str) -> bool:
        query = request.query
        if one.is_private and not self._may(account, one):
            return False
        low, high = _bounds(query.get("num_parameters", [""])[0])
        tags = [tag for value in query.get("filter", []) for tag in value.split(",") if tag]
        return (
            all(word in one.name.lower() for word in query.get("search", [""])[0].lower().split())
            and query.get("author", [one.name.partition("/")[0]])[0].lower() == one.name.partition("/")[0].lower()
            and query.get("pipeline_tag", [one.pipeline_tag])[0] == one.pipeline_tag
            and all(tag in one.all_tags for tag in tags)
            and low <= one.parameters <= high
        )

    # The CDN's origin

    def _deliver(self, request: Request) -> Answer:
        query = {name: values[0] for name, values in request.query.items()}
        parts = request.path.strip("/").split("/")
        repository = self.repositories.get("/".join(parts[2:4]))
        file = repository.commits.get(parts[1], {}).get("/".join(parts[4:])) if repository else None
        if file is None:
            return Answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {"Content-Type": "application/xml"})
        if request.headers.get("authorization"):
            told = b"<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>"
            return Answer(400, told, {"Content-Type": "application/xml"})
        if int(query.get("Expires", 0)) <= time.time() or int(query.get("Key", 0)) < self._first_valid_link:
            return Answer(403, EXPIRED_PAGE, {"Content-Type": "application/xml"})
        headers = {
            "Content-Type": "application/octet-stream",
            "ETag": f'"{hashlib.md5(file.oid.encode()).hexdigest()}"',
            "Accept-Ranges": "bytes",
        }
        return _ranged(file, request.headers.get("range", ""), headers)


def _hashed(files: Mapping[str, bytes | str | Path], lies: Mapping[str, str]) -> dict[str, FakeFile]:
    made = {}
    for name, content in files.items():
        file = FakeFile.of(name, content.encode() if isinstance(content, str) else content)
        made[name] = replace(file, sha256=lies[name]) if name in lies else file
    return made


def _ranged(file: FakeFile, asked: str, headers: Mapping[str, str]) -> Answer:
    first, dash, last = asked.removeprefix("bytes=").partition("-")
    if not asked.startswith("bytes=") or not dash or "," in asked:
        return Answer(200, file.content, headers)
    size = file.size_bytes
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= stop:
        return Answer(416, b"", {**headers, "Content-Range": f"bytes */{size}"})
    return Answer(206, file.content, {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{size}"}, start, stop)


def _tree(repository: FakeRepository, what: str, revision: str, request: Request) -> Answer:
    found = repository.at(revision)
    if found is None:
        return _error(404, f"Invalid rev id: {revision}", "RevisionNotFound")
    files = found[1]
    if what == "paths-info":
        asked = parse_qs(request.body.decode()).get("paths", [])
        return _json([files[name].in_tree(name) for name in asked if name in files])
    return _json([file.in_tree(name) for name, file in files.items()])


def _row(one: FakeRepository, expand: list[str]) -> dict[str, object]:
    said = one.properties(one.commit, with_sizes=False)
    names = expand or _UNASKED
    chosen = {name: said[name] for name in names if name in said}
    return {"_id": one.name, "id": one.name, **({} if expand else {"modelId": one.name}), **chosen}


def _bounds(text: str) -> tuple[float, float]:
    """Return the numbers of ``min:1B,max:9B``."""
    low, high = 0.0, float("inf")
    for part in filter(None, text.split(",")):
        name, _colon, value = part.partition(":")
        number = float(value[:-1]) * _UNITS[value[-1]] if value[-1] in _UNITS else float(value)
        low, high = (number, high) if name == "min" else (low, number)
    return low, high


def _json(value: object, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(200, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


def _error(status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    said = {"Content-Type": "application/json", "X-Error-Message": message, **(headers or {})}
    if code:
        said["X-Error-Code"] = code
    return Answer(status, json.dumps({"error": message}).encode(), said)
