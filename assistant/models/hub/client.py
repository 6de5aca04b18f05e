"""huggingface_hub, asked through the door: one ``Client`` is one question with its address, token and purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import huggingface_hub
from huggingface_hub import HfApi, ModelInfo, get_hf_file_metadata, get_session, hf_hub_url, hf_raise_for_status

from assistant import __version__
from assistant.errors import NetworkOff
from assistant.models.hub.failures import Question, shaped, translated
from assistant.models.hub.rows import named, repository_of, sha256_of
from assistant.models.hub.transport import Call, calling, client
from assistant.models.remote import Location, RemoteFile, Repository
from assistant.network.address import origin_of

_EXPANDED = ("downloads", "likes", "gated", "gguf", "lastModified", "pipeline_tag", "tags")
_LIBRARY = "inkstone"
_OWN = {origin_of("https://huggingface.co"), origin_of("https://hf.co")}
_NEXT = re.compile(r'<([^>]*)>\s*;[^,<]*\brel\s*=\s*"?next\b')


def open_client() -> None:
    """Have huggingface_hub make every request through the door from now on. Once, by the first question."""
    huggingface_hub.set_client_factory(client)


class Client:
    """Asks one question. Blocks. Every method raises NetworkError, and nothing of the library's."""

    def __init__(self, call: Call, question: Question, token: str) -> None:
        self._call = call
        self._question = question
        self._token = token
        self._api = HfApi(
            endpoint=question.endpoint, token=token or False, library_name=_LIBRARY, library_version=__version__
        )

    def list_models(self, filters: Mapping[str, object], page: str, count: int) -> tuple[list[Repository], str]:
        """Return a page of a search and what to give as ``page`` for the next one, empty at the end."""
        # what is allowed depends on the name; the caller's names are list_models' own
        some: dict[str, Any] = {**filters, "limit": count, "expand": list(_EXPANDED)}
        with self._asking():
            if page:
                response = get_session().get(self._listing(page), headers=self._headers())
                hf_raise_for_status(response)
                infos = [named(ModelInfo(**row)) for row in response.json()]  # type: ignore[no-untyped-call]  # theirs
            else:
                infos = [named(info) for info in self._api.list_models(**some)]
            following = _next(self._call.link)
        return [repository_of(info, has_details=False) for info in infos], following

    def model(self) -> Repository:
        """Return the question's repository with its offers, pinned to a commit."""
        asked = self._question
        with self._asking():
            info = named(
                self._api.model_info(asked.name, revision=asked.revision or None, files_metadata=True, timeout=10)
            )
        return repository_of(info, has_details=True)

    def location(self, file: RemoteFile) -> Location:
        """Return where the bytes of ``file`` are. The token is for the hub: its headers name it only there."""
        headers, endpoint = self._headers(), self._question.endpoint
        with self._asking():
            url = self._url(file.name)
            metadata = get_hf_file_metadata(url, token=False, timeout=10, headers=headers, endpoint=endpoint)
            is_own = origin_of(metadata.location) in {origin_of(url), *_OWN}
        if not is_own:
            headers.pop("authorization", None)
        return Location(
            url=metadata.location,
            headers=headers,
            size_bytes=metadata.size or 0,
            sha256=sha256_of(metadata.etag),
            commit=metadata.commit_hash or "",
        )

    def text(self, name: str) -> bytes:
        """Return a small file of the question's repository, no more of it than the call allows."""
        with self._asking():
            response = get_session().get(self._url(name), headers=self._headers())
            hf_raise_for_status(response)
            return bytes(response.content)

    def account(self) -> str:
        """Return whose token it is."""
        with self._asking():
            return str(self._api.whoami(token=self._token)["name"])

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say in our words what goes wrong inside: for the library's calls, and looks at the shape of what came."""
        if huggingface_hub.constants.is_offline_mode():
            raise NetworkOff()
        with calling(self._call), translated(self._question), shaped(self._question, self._call):
            yield

    def _headers(self) -> dict[str, str]:
        named = {"user-agent": f"{_LIBRARY}/{__version__}"}
        return {**named, "authorization": f"Bearer {self._token}"} if self._token else named

    def _url(self, name: str) -> str:
        asked = self._question
        return hf_hub_url(asked.name, name, revision=asked.revision or None, endpoint=asked.endpoint)

    def _listing(self, page: str) -> str:
        return f"{self._question.endpoint}/api/models?{page}"


def _next(link: str) -> str:
    """Return the query of the following page; a mirror hands on the real hub's addresses, so no more than that."""
    found = _NEXT.search(link)
    return urlencode(parse_qs(urlsplit(found[1]).query), doseq=True) if found else ""
