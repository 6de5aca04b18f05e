"""What the hub says of a repository, taken with care: any value may be missing or of a wrong type."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.models.offers import offers
from assistant.models.remote import Kind, RemoteFile, Repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huggingface_hub import ModelInfo
    from huggingface_hub.hf_api import RepoSibling

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VISION = {"image-text-to-text", "any-to-any", "visual-question-answering"}
_EMBEDDING = {"feature-extraction", "sentence-similarity", "text-ranking"}
_MOST_TAGS = 200


def named(info: ModelInfo) -> ModelInfo:
    """Return what the hub says of a repository. Raises ValueError for one without a name."""
    if not isinstance(info.id, str) or not info.id:
        raise ValueError("a repository without a name")
    return info


def repository_of(info: ModelInfo, *, has_details: bool) -> Repository:
    """Return a repository as a card shows it; with its offers when the hub was asked for the files."""
    tags = tuple(tag for tag in _sequence(info.tags) if isinstance(tag, str))[:_MOST_TAGS]
    gguf = info.gguf if isinstance(info.gguf, dict) else {}
    architecture = _text(gguf.get("architecture"))
    choices = offers(_files(info.siblings or [])) if has_details else ()
    can_see = any(offer.projector for offer in choices) if has_details else None
    return Repository(
        name=info.id,
        commit=_text(info.sha),
        licence=_licence(tags, info.card_data),
        kind=_kind(_text(info.pipeline_tag), architecture, can_see),
        parameters=_whole(gguf.get("total")),
        context_length=_whole(gguf.get("context_length")),
        architecture=architecture,
        downloads=_whole(info.downloads),
        likes=_whole(info.likes),
        modified=_moment(info.last_modified),
        is_gated=bool(info.gated),
        tags=tags,
        offers=choices,
        has_details=has_details,
    )


def sha256_of(etag: object) -> str:
    """Return the checksum that an ETag of a large file is, empty for another one."""
    found = _text(etag).lower()
    return found if _SHA256.fullmatch(found) else ""


def _files(siblings: Sequence[RepoSibling]) -> list[RemoteFile]:
    return [
        RemoteFile(
            name=sibling.rfilename,
            size_bytes=_whole(sibling.size) or _whole(sibling.lfs.size if sibling.lfs else 0),
            sha256=sha256_of(sibling.lfs.sha256 if sibling.lfs else ""),
        )
        for sibling in siblings
        if isinstance(sibling.rfilename, str)
    ]


def _licence(tags: Sequence[str], card: object) -> str:
    named = [tag.removeprefix("license:") for tag in tags if tag.startswith("license:")]
    return (named[0] if named else _text(getattr(card, "license", "")))[:100]


def _kind(pipeline_tag: str, architecture: str, can_see: bool | None) -> Kind:
    """Return what the model is for. ``can_see``: it has a projector; ``None`` when that is not known."""
    if pipeline_tag in _EMBEDDING or "bert" in architecture:
        return Kind.EMBEDDING
    if can_see if can_see is not None else pipeline_tag in _VISION:
        return Kind.VISION
    return Kind.CHAT


def _moment(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
