"""What stands on the hub: repositories, their files, and what a person can choose among them.

Values only; ``hub`` fetches them and ``offers`` groups files into choices. Sizes in bytes, times in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Sort(Enum):
    """The order of a search; the value is the hub's own word."""

    TRENDING = "trending_score"
    DOWNLOADS = "downloads"
    LIKES = "likes"
    NEWEST = "last_modified"


class Kind(Enum):
    """What a model is for."""

    CHAT = "chat"
    VISION = "vision"
    """It chats and reads pictures: its projector is part of every offer."""
    EMBEDDING = "embedding"


class Group(Enum):
    """The three shelves of quantizations."""

    SMALL = "small"
    BALANCED = "balanced"
    LARGE = "large"


@dataclass(frozen=True)
class Query:
    """What to look for. ``text``: words, an author followed by a slash, a repository or a pasted address.

    ``parameters``: the smallest and largest number of parameters, 0 for no bound.
    """

    text: str = ""
    author: str = ""
    sort: Sort = Sort.TRENDING
    kind: Kind | None = None
    licence: str = ""
    parameters: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository. ``sha256`` is empty for files that the hub keeps no checksum of (small texts)."""

    name: str
    size_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Location:
    """Where the bytes of a file can be fetched for a while, and what they must be.

    ``headers`` go to that address and nowhere else. 0 and empty: the hub does not say.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    size_bytes: int = 0
    sha256: str = ""
    commit: str = ""


@dataclass(frozen=True)
class Offer:
    """One choice of a repository: a quantization with all that belongs to it.

    ``files`` are the parts in order, the first one is what gets loaded; ``projector`` is what a vision model needs
    besides. ``id`` is unique in the repository: the label, or the file's stem where a label is there twice.
    """

    id: str
    quantization: str
    group: Group
    files: tuple[RemoteFile, ...]
    projector: RemoteFile | None = None
    is_recommended: bool = False

    @property
    def size_bytes(self) -> int:
        """Everything that has to come."""
        return sum(file.size_bytes for file in self.everything)

    @property
    def everything(self) -> tuple[RemoteFile, ...]:
        """The parts, and the projector."""
        return (*self.files, self.projector) if self.projector else self.files


@dataclass(frozen=True)
class Repository:
    """A repository as a card shows it. A search knows no sizes and no offers: ``has_details`` says which it is.

    ``commit`` pins everything that is fetched later. 0 and empty: the hub does not say.
    """

    name: str
    commit: str = ""
    licence: str = ""
    kind: Kind = Kind.CHAT
    parameters: int = 0
    context_length: int = 0
    architecture: str = ""
    downloads: int = 0
    likes: int = 0
    modified: datetime | None = None
    is_gated: bool = False
    tags: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    has_details: bool = False

    @property
    def maker(self) -> str:
        """Who put it on the hub."""
        return self.name.partition("/")[0]

    @property
    def title(self) -> str:
        """The name without its maker."""
        return self.name.partition("/")[2] or self.name


@dataclass(frozen=True)
class Page:
    """A page of a search; ``next_page`` is given back to get the following one, empty at the end."""

    repositories: tuple[Repository, ...] = ()
    next_page: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reference:
    """What a person wrote or pasted: a repository, and perhaps a quantization or a file of it."""

    repository: str
    quantization: str = ""
    file: str = ""
    revision: str = ""
