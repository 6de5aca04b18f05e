"""What a person writes or pastes when they mean a model on the hub, understood."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from assistant.errors import NameRefused
from assistant.models.offers import safe_name
from assistant.models.remote import Reference
from assistant.models.tensor_types import label_in_name

HOSTS = ("huggingface.co", "hf.co", "hf-mirror.com")
"""The hub and its known mirrors, besides the endpoint in use."""
MAX_TEXT = 2000
_COMMAND = re.compile(r"^(?:ollama\s+(?:run|pull)|(?:llama-\w+\s+)?-hfr?)\s+", re.IGNORECASE)
_NAME = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_](?:[\w.-]{0,94}[A-Za-z0-9_])?", re.ASCII)
_LABEL = re.compile(r"[\w.-]{1,64}", re.ASCII)
_NO_MAKER = {
    "api", "blog", "buckets", "chat", "collections", "dashboard", "datasets", "docs", "inference", "join", "kernels",
    "learn", "login", "new", "notifications", "organizations", "papers", "posts", "pricing", "resources", "search",
    "settings", "spaces", "tasks", "terms-of-service", "welcome",
}  # fmt: skip
"""Pages of the site that look like a user's."""
_VIEWS = ("tree", "blob", "resolve", "raw", "commit", "commits", "blame")


def parse_reference(text: str, endpoint: str = "") -> Reference | None:
    """Return what ``text`` refers to, None when it is no reference (words to search for, the address of a non-model).

    Understood: ``user/model``, ``user/model:Q4_K_M``, ``user/model/file.gguf``, the same after ``hf.co/`` and the
    like, addresses of a model's page, folders and files, also at ``endpoint`` (a mirror), with their revision.
    Never raises.
    """
    words = _COMMAND.sub("", text.strip()[: MAX_TEXT + 1])
    if not words or len(words) > MAX_TEXT or re.search(r"\s", words):
        return None
    try:
        path, shown = _path_at_hub(words, endpoint)
    except ValueError:
        return None
    if path is None:
        return None
    found = _reference(path, shown)
    is_plain = path == words and path.count("/") > 1  # words with slashes between them, unless they end in a file
    return None if found and is_plain and not found.file else found


def parse_author(text: str, endpoint: str = "") -> str:
    """Return the user or organization that ``text`` names (``user/``, or the address of their page), else empty."""
    words = text.strip()
    if len(words) > MAX_TEXT:
        return ""
    try:
        path, _shown = _path_at_hub(words, endpoint)
    except ValueError:
        return ""
    if path is None or ("/" not in path and not is_address(words)):
        return ""
    name = path.strip("/")
    return name if _NAME.fullmatch(name) and name.lower() not in _NO_MAKER | {"models"} else ""


def is_address(text: str) -> bool:
    """It is written as an address of the web, not as words or ``user/model``."""
    words = text.strip().lower()
    return "://" in words or words.removeprefix("www.").partition("/")[0] in HOSTS


def _path_at_hub(words: str, endpoint: str) -> tuple[str | None, str]:
    """Return the path below the hub (None for another place) and the file that a query speaks of.

    Raises ValueError for what is no address at all.
    """
    if not is_address(words) and not _is_at(words, endpoint):
        return words, ""
    if words.lower().startswith("hf://"):
        return words[5:].removeprefix("models/"), ""
    parts = urlsplit(words if "://" in words else f"https://{words}")
    host = (parts.hostname or "").removeprefix("www.")
    own = urlsplit(endpoint)
    is_own = own.hostname is not None and (host, parts.port) == (own.hostname.removeprefix("www."), own.port)
    if parts.scheme not in ("http", "https") or not (is_own or (host in HOSTS and parts.port is None)):
        return None, ""
    base = own.path.rstrip("/") if is_own else ""
    if not parts.path.startswith(base):
        return None, ""
    return parts.path[len(base) :], parse_qs(parts.query).get("show_file_info", [""])[0]


def _is_at(words: str, endpoint: str) -> bool:
    """It begins with the endpoint's host, without a scheme."""
    host = urlsplit(endpoint).netloc
    return bool(host) and words.lower().startswith(f"{host.lower()}/")


def _reference(path: str, shown: str) -> Reference | None:
    path, _colon, label = path.strip("/").partition(":")
    parts = path.split("/")
    if parts[:2] == ["api", "models"]:
        parts = parts[2:]
    if parts[:1] == ["models"]:
        parts = parts[1:]
    if len(parts) < 2 or parts[0].lower() in _NO_MAKER:
        return None
    model, _at, revision = parts[1].removesuffix(".git").partition("@")
    if not (_NAME.fullmatch(parts[0]) and _NAME.fullmatch(model)) or (label and not _LABEL.fullmatch(label)):
        return None
    rest = [unquote(part) for part in parts[2:]]
    if rest and rest[0] in _VIEWS:
        revision, rest = _revision(rest[1:])
    file = _file("/".join(rest) or shown)
    if file is None:
        return None
    if not file and not label and rest:
        label = label_in_name(rest[-1])
    label = "" if label.lower() == "latest" else label
    return Reference(f"{parts[0]}/{model}", label, file, unquote(revision))


def _revision(rest: list[str]) -> tuple[str, list[str]]:
    """Split what follows ``/tree`` and the like into a revision (``refs/pr/1`` is one) and the path of a file."""
    if rest[:1] == ["refs"] and len(rest) >= 3:
        return "/".join(rest[:3]), rest[3:]
    return "/".join(rest[:1]), rest[1:]


def _file(name: str) -> str | None:
    """Return the name of a model file, empty for any other file; None for one that could not be saved."""
    if not name.lower().endswith(".gguf"):
        return ""
    try:
        return safe_name(name)
    except NameRefused:
        return None
