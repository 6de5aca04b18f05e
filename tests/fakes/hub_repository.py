"""The repositories of the fake hub: files in commits, and what the hub says of them as JSON."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.fakes.gguf_files import Tensor, tiny_gguf

LFS_ENDINGS = (".gguf", ".safetensors", ".bin", ".dat", ".imatrix")
LONG_AGO = datetime(2026, 3, 1, 12, tzinfo=UTC)


def gguf_bytes(size_bytes: int = 200_000, seed: int = 0, **overrides: object) -> bytes:
    """Return a valid GGUF of about that size: a header (see ``tiny_gguf``) over noise that ``seed`` makes unique."""
    made = tiny_gguf(tensors=[Tensor("token_embd.weight", (max(1, size_bytes // 4),))], **overrides)
    return made.header() + random.Random(seed).randbytes(made.data_bytes())


@dataclass(frozen=True)
class FakeFile:
    """A file with its checksums. ``sha256`` is what the hub says, which a test may make a lie."""

    content: bytes | Path
    size_bytes: int
    sha256: str
    oid: str
    is_lfs: bool

    @classmethod
    def of(cls, name: str, content: bytes | Path) -> FakeFile:
        """Hash ``content`` once."""
        sha256, size = hashlib.sha256(), 0
        if isinstance(content, bytes):
            sha256.update(content)
            size = len(content)
        else:
            size = content.stat().st_size
            with content.open("rb") as file:
                while piece := file.read(1 << 20):
                    sha256.update(piece)
        oid = hashlib.sha1(b"blob %d\0" % size + sha256.digest()).hexdigest()
        return cls(content, size, sha256.hexdigest(), oid, name.lower().endswith(LFS_ENDINGS))

    @property
    def etag(self) -> str:
        """What the hub gives as (linked) ETag."""
        return self.sha256 if self.is_lfs else self.oid

    def sibling(self, name: str, with_size: bool) -> dict[str, object]:
        """Return the entry of ``siblings``."""
        if not with_size:
            return {"rfilename": name}
        entry: dict[str, object] = {"rfilename": name, "size": self.size_bytes, "blobId": self.oid}
        if self.is_lfs:
            entry["lfs"] = {"sha256": self.sha256, "size": self.size_bytes, "pointerSize": 135}
        return entry

    def in_tree(self, name: str) -> dict[str, object]:
        """Return the entry of ``/tree`` and ``/paths-info``."""
        entry: dict[str, object] = {"type": "file", "path": name, "size": self.size_bytes, "oid": self.oid}
        if self.is_lfs:
            entry["lfs"] = {"oid": self.sha256, "size": self.size_bytes, "pointerSize": 135}
        return entry


@dataclass
class FakeRepository:
    """A repository: its newest ``commit`` is ``main``; older ones can still be asked for."""

    name: str
    gated: str = ""
    """Empty, "auto" or "manual"."""
    is_private: bool = False
    downloads: int = 0
    likes: int = 0
    trending: int = 0
    modified: datetime = LONG_AGO
    created: datetime = LONG_AGO
    pipeline_tag: str = "text-generation"
    licence: str = "apache-2.0"
    tags: tuple[str, ...] = ()
    gguf: Mapping[str, object] | None = None
    commits: dict[str, dict[str, FakeFile]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    @property
    def commit(self) -> str:
        """The commit that ``main`` is at."""
        return self.branches["main"]

    @property
    def files(self) -> dict[str, FakeFile]:
        """The files of ``main``."""
        return self.commits[self.commit]

    def put(self, files: Mapping[str, FakeFile], branch: str = "main") -> str:
        """Make a commit with exactly these files and return it."""
        number = struct.pack("<Q", len(self.commits))
        commit = hashlib.sha1(self.name.encode() + number).hexdigest()
        self.commits[commit] = dict(files)
        self.branches[branch] = commit
        return commit

    def at(self, revision: str) -> tuple[str, dict[str, FakeFile]] | None:
        """Return the commit and the files of a branch or a commit."""
        commit = self.branches.get(revision.removeprefix("refs/heads/"), revision)
        return (commit, self.commits[commit]) if commit in self.commits else None

    @property
    def all_tags(self) -> list[str]:
        """The tags with those that follow from the rest."""
        has_gguf = any(name.lower().endswith(".gguf") for name in self.files)
        own = ["gguf"] if has_gguf else ["transformers"]
        own += [self.pipeline_tag] if self.pipeline_tag else []
        own += ["conversational"] if self.pipeline_tag in ("text-generation", "image-text-to-text") else []
        own += [f"license:{self.licence}"] if self.licence else []
        return [*own, *self.tags, "region:us"]

    @property
    def parameters(self) -> int:
        """What the hub read from a file's header."""
        found = (self.gguf or {}).get("total", 0)
        return found if isinstance(found, int) else 0

    def properties(self, commit: str, with_sizes: bool) -> dict[str, object]:
        """Return everything the hub can say of a model, by its names."""
        siblings = [file.sibling(name, with_sizes) for name, file in self.commits[commit].items()]
        found: dict[str, object] = {
            "author": self.name.partition("/")[0],
            "cardData": {"license": self.licence} if self.licence else {},
            "createdAt": _written(self.created),
            "disabled": False,
            "downloads": self.downloads,
            "gated": self.gated or False,
            "lastModified": _written(self.modified),
            "library_name": "gguf" if "gguf" in self.all_tags else "transformers",
            "likes": self.likes,
            "pipeline_tag": self.pipeline_tag or None,
            "private": self.is_private,
            "sha": commit,
            "siblings": siblings,
            "tags": self.all_tags,
            "trendingScore": self.trending,
            "usedStorage": sum(file.size_bytes for file in self.commits[commit].values()),
        }
        if self.gguf is not None:
            found["gguf"] = dict(self.gguf)
        return {name: value for name, value in found.items() if value is not None}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
