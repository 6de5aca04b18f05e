"""The hub as the rest of the program asks it."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assistant.errors import (
    FileChanged,
    HubUnreachable,
    ReferenceInvalid,
    RemoteFileNotFound,
    RepositoryGated,
    RepositoryHasNoModel,
    RepositoryNotFound,
    TokenRefused,
    TokenTooNarrow,
)
from assistant.i18n import Sentence
from assistant.models.gguf import read_beginning, read_part
from assistant.models.hollow import Part
from assistant.models.hub.beginning import Beginning
from assistant.models.reference import is_address, parse_author, parse_reference
from assistant.models.remote import Kind, Location, Offer, Page, Query, Reference, RemoteFile, Repository
from assistant.network import Network, Purpose
from assistant.network.address import host_of
from assistant.network.reasons import NO_ADDRESS

if TYPE_CHECKING:
    from assistant.models.header import Header
    from assistant.models.hub.client import Client

T = TypeVar("T")
PAGE_ROWS = 30
README_BYTES = 1 << 20
_SWITCHES = ("PROGRESS_BARS", "TELEMETRY", "SYMLINKS_WARNING", "XET", "IMPLICIT_TOKEN", "UPDATE_CHECK")
_TAGS = {Kind.CHAT: "conversational", Kind.EMBEDDING: "feature-extraction"}
_VISION = "image-text-to-text"
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*(\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_COMMIT = re.compile(r"[0-9a-f]{40}")
DEFAULT_ENDPOINT = "https://huggingface.co"


class Hub:
    """Asks the hub. Every method blocks; any thread. They raise NetworkError and nothing else, unless they say so.

    ``endpoint`` and ``token`` are called for each question. A token that the hub does not know is left away from then
    on, so that an old one does not lock anybody out of what is public. One that is good, but not for what is asked, is
    left away for that question only.
    """

    def __init__(
        self,
        network: Network,
        endpoint: Callable[[], str],
        token: Callable[[], str],
        *,
        timeout_s: float = 10.0,
        patience_s: float = 60.0,
    ) -> None:
        """``timeout_s``: how long any silence may last; ``patience_s``: how long one answer may take in all."""
        self._network = network
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._find_endpoint = endpoint
        self._find_token = token
        self._refused = ""

    @property
    def endpoint(self) -> str:
        """The hub's address, without a slash at its end."""
        return chosen_endpoint(self._find_endpoint())

    def search(self, query: Query, page: str = "") -> Page:
        """Return a page of what ``query`` finds; ``page`` is the one before's ``next_page``.

        A text that refers to one repository gives exactly that one, with its details; and where there is none by that
        name, what is called alike. Raises ReferenceInvalid for the address of something else.
        """
        endpoint = self.endpoint
        author = parse_author(query.text, endpoint)
        if author:
            return self._listing(replace(query, text="", author=author), page)
        found = parse_reference(query.text, endpoint)
        if found is None and is_address(query.text):
            raise ReferenceInvalid(text=query.text.strip()[:200])
        return self._listing(query, page) if found is None else self._exactly(found, query, page)

    def repository(self, name: str, revision: str = "") -> Repository:
        """Return a repository with its offers, pinned to the commit that ``revision`` (or ``main``) is at now.

        Raises RepositoryHasNoModel too, and ReferenceInvalid for what cannot be a name.
        """
        if parse_reference(name) != Reference(name):
            raise ReferenceInvalid(text=name[:200])
        found = self._ask(Purpose.DETAILS, lambda client: client.model(), name, revision)
        if not found.offers:
            raise RepositoryHasNoModel(name=found.name)
        return found

    def readme(self, repository: Repository) -> str:
        """Return the model card's Markdown (untrusted), no more than its first MiB; empty when there is none."""
        try:
            found = self._ask(Purpose.CARD, lambda client: client.text("README.md"), *_pinned(repository))
        except RemoteFileNotFound:
            return ""
        return _FRONT_MATTER.sub("", found.decode("utf-8", "replace"), count=1)

    def header(self, repository: Repository, wanted: RemoteFile | Offer) -> Header:
        """Return what a model file says, from its first 256 KiB; of an offer the sizes are those of all its files.

        What large vocabularies push further back is missing (the chat template, the table of tensors: all bytes then
        count as theirs). Raises NotAModelFile, ModelFileDamaged and FileChanged too.
        """
        file = wanted.files[0] if isinstance(wanted, Offer) else wanted
        with closing(self._beginning(repository, file)) as remote:
            header = read_beginning(Path(file.name), remote.head(), remote.size_bytes)
        if isinstance(wanted, Offer):
            others = wanted.size_bytes - file.size_bytes
            header = replace(header, size_bytes=header.size_bytes + others, tensor_bytes=header.tensor_bytes + others)
        return header

    def parts(self, repository: Repository, offer: Offer) -> tuple[Part, ...]:
        """Return the whole headers of an offer's files, for ``hollow``; some MiB each, where vocabularies are large.

        Raises NotAModelFile, ModelFileDamaged and FileChanged too.
        """
        return tuple(self._part(repository, file) for file in offer.files)

    def locate(self, repository: str, commit: str, file: RemoteFile) -> Location:
        """Return where the bytes of ``file`` are for a while. Raises FileChanged when they are not the file's."""
        return self._locate(Purpose.DOWNLOAD, repository, commit, file)

    def check_token(self, token: str) -> str:
        """Return the name of the account that ``token`` is for. Raises TokenRefused for a wrong one."""
        token = token.strip()
        if not _TOKEN.fullmatch(token):
            raise TokenRefused(host=host_of(self.endpoint))
        name = self._once(Purpose.ACCOUNT, lambda client: client.account(), ("", "", ""), token)
        if self._refused == token:
            self._refused = ""
        return name

    def _listing(self, query: Query, page: str) -> Page:
        filters: dict[str, object] = {"filter": ["gguf"], "sort": query.sort.value}
        tags = [_TAGS.get(query.kind, "") if query.kind else "", f"license:{query.licence}" if query.licence else ""]
        filters["filter"] = ["gguf", *filter(None, tags)]
        if query.kind is Kind.VISION:
            filters["pipeline_tag"] = _VISION
        if words := " ".join(query.text.split())[:200]:
            filters["search"] = words
        if query.author:
            filters["author"] = query.author
        if bounds := _bounds(*query.parameters):
            filters["num_parameters"] = bounds
        rows, following = self._ask(Purpose.SEARCH, lambda client: client.list_models(filters, page, PAGE_ROWS))
        return Page(tuple(rows), following)

    def _exactly(self, reference: Reference, query: Query, page: str) -> Page:
        try:
            return Page((self.repository(reference.repository, reference.revision),))
        except RepositoryNotFound:
            if is_address(query.text) or reference.revision:
                raise
            author, _slash, words = reference.repository.partition("/")
            found = self._listing(replace(query, text=words, author=author), page)
            if not found.repositories:
                raise
            return found

    def _beginning(self, repository: Repository, file: RemoteFile) -> Beginning:
        name, commit = _pinned(repository)
        locate = partial(self._locate, Purpose.HEADER, name, commit, file)
        return Beginning(self._network, locate, file.size_bytes, self._timeout_s, self._patience_s)

    def _part(self, repository: Repository, file: RemoteFile) -> Part:
        with closing(self._beginning(repository, file)) as remote:
            header = read_part(Path(file.name), remote, remote.size_bytes)
            return Part(remote.taken(header.data_start), remote.size_bytes)

    def _locate(self, purpose: Purpose, repository: str, commit: str, file: RemoteFile) -> Location:
        try:
            found = self._ask(purpose, lambda client: client.location(file), repository, commit, file.name)
        except RemoteFileNotFound as error:
            there = ", ".join(offer.id for offer in self.repository(repository, commit).offers)
            raise RemoteFileNotFound(name=file.name, repository=repository, candidates=there) from error
        is_other = (
            (_COMMIT.fullmatch(commit) and found.commit not in ("", commit))
            or (file.size_bytes and found.size_bytes not in (0, file.size_bytes))
            or (file.sha256 and found.sha256 not in ("", file.sha256))
        )
        if is_other:
            raise FileChanged(name=file.name)
        return found

    def _token(self) -> str:
        token = self._find_token().strip()
        return token if _TOKEN.fullmatch(token) else ""

    def _ask(
        self, purpose: Purpose, question: Callable[[Client], T], name: str = "", revision: str = "", file: str = ""
    ) -> T:
        """Ask with the token, and without it when it is refused; then who needs one hears why it did not do."""
        about, token = (name, revision, file), self._token()
        refusal: TokenRefused | None = None
        if token and token != self._refused:
            try:
                return self._once(purpose, question, about, token)
            except TokenTooNarrow as error:
                refusal = error
            except TokenRefused:
                self._refused = token
        try:
            return self._once(purpose, question, about, "")
        except RepositoryGated as error:
            if token:
                raise refusal or TokenRefused(host=host_of(self.endpoint)) from error
            raise
        except RepositoryNotFound as error:
            raise refusal or error from error

    def _once(self, purpose: Purpose, question: Callable[[Client], T], about: tuple[str, str, str], token: str) -> T:
        endpoint = self.endpoint
        if not host_of(endpoint):
            raise HubUnreachable(host=endpoint, reason=Sentence(NO_ADDRESS))
        prepare()
        from assistant.models.hub.client import Client
        from assistant.models.hub.failures import Question
        from assistant.models.hub.transport import Call

        call = Call(self._network, purpose, self._timeout_s, self._patience_s)
        if purpose is Purpose.CARD:
            call = replace(call, most_bytes=README_BYTES, may_cut=True)
        return question(Client(call, Question(endpoint, *about, has_token=bool(token)), token))


def chosen_endpoint(setting: str) -> str:
    """Return the hub's address, without a slash at its end: what is set, else ``HF_ENDPOINT``, else the real one."""
    named = (setting.strip(), os.environ.get("HF_ENDPOINT", "").strip(), DEFAULT_ENDPOINT)
    return next(filter(None, named)).rstrip("/")


_prepared = threading.Event()
_preparing = threading.Lock()


def prepare() -> None:
    """Import huggingface_hub as we need it: no progress bars, no telemetry, no requests but ours. Blocks for 0.3 s."""
    if _prepared.is_set():
        return
    with _preparing:
        for name in _SWITCHES:
            os.environ[f"HF_HUB_DISABLE_{name}"] = "1"
        from assistant.models.hub.client import open_client

        open_client()
        _prepared.set()


def _pinned(repository: Repository) -> tuple[str, str]:
    return repository.name, repository.commit


def _bounds(least: int, most: int) -> str:
    """Return the numbers as the hub reads them: ``min:1B,max:9B``."""
    said = [f"{name}:{_short(number)}" for name, number in (("min", least), ("max", most)) if number]
    return ",".join(said)


def _short(number: int) -> str:
    return f"{number / 1e9:g}B" if number >= 10**9 else f"{number / 1e6:g}M"
