"""The models we know without a network: a data file with a date, and what to recommend of it for a computer.

What a row does not say is not known: then its memory is estimated from its size alone, and the estimate says so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

from assistant.i18n import _
from assistant.memory import Memory
from assistant.models.catalog_words import ABOUT
from assistant.models.fit import DEFAULT_CONTEXT_LENGTH, Accelerator, Fit, estimate
from assistant.models.header import Header, Tensors, header_of
from assistant.models.remote import Kind, Offer, RemoteFile, Repository
from assistant.models.speed import Rates, Speed, speed
from assistant.models.tensor_types import label_in_name
from assistant.models.values import Metadata, Value

SCHEMA = 1
Row = Mapping[str, object]


@dataclass(frozen=True)
class CatalogEntry:
    """A model worth having. ``maker`` made the model; who made the file stands in ``repository``.

    ``parameters`` as its makers call the size (``size_label``), ``active_parameters`` those that a token uses.
    ``context_length`` 0: not known. ``unchecked``: fields that no public file has shown yet.
    """

    id: str
    name: str
    maker: str
    repository: str
    file: RemoteFile
    licence: str
    kind: Kind
    size_label: str
    parameters: int
    active_parameters: int
    projector: RemoteFile | None = None
    context_length: int = 0
    is_default: bool = False
    unchecked: tuple[str, ...] = ()
    metadata: Metadata = field(default_factory=dict)

    @property
    def about(self) -> str:
        """A sentence on what it is for, in the user's language."""
        return _(ABOUT.get(self.id, ""))

    @property
    def quantization(self) -> str:
        """The label in the file's name."""
        return label_in_name(self.file.name)

    @property
    def size_bytes(self) -> int:
        """Everything that has to come."""
        return self.file.size_bytes + (self.projector.size_bytes if self.projector else 0)

    @property
    def is_chat(self) -> bool:
        """It can be talked to."""
        return self.kind is not Kind.EMBEDDING

    @cached_property
    def header(self) -> Header:
        """What is known of the file's header, for ``estimate``; without ``metadata`` nothing but its size."""
        tensors = Tensors(bytes=self.size_bytes, parameters=self.parameters)
        return header_of(Path(self.file.name), self.metadata, self.size_bytes, 3, tensors)

    def fit(self, memory: Memory, context_length: int = 0, accelerator: Accelerator | None = None) -> Fit:
        """Return whether it will run at ``context_length`` (0: 8,192, or what it was trained for)."""
        length = context_length or min(DEFAULT_CONTEXT_LENGTH, self.context_length or DEFAULT_CONTEXT_LENGTH)
        total, available = memory.total_bytes, memory.available_bytes
        return estimate(self.header, length, available, total_bytes=total, accelerator=accelerator)

    def speed(
        self,
        bandwidth: float,
        *,
        gpu_share: float = 0.0,
        gpu_bandwidth: float = 0.0,
        measured: Rates | None = None,
    ) -> Speed:
        """Return the speed to expect, as ``speed.speed`` does; of a mixture only what is active is read."""
        active = self.file.size_bytes * self.active_parameters // max(1, self.parameters)
        header = replace(self.header, tensor_bytes=active)
        return speed(header, bandwidth, gpu_share=gpu_share, gpu_bandwidth=gpu_bandwidth, measured=measured)

    def offer_in(self, repository: Repository) -> Offer | None:
        """Return the choice of a repository that has this file, ``None`` when it is not there any more."""
        return next((offer for offer in repository.offers if offer.files[0].name == self.file.name), None)

    def as_repository(self) -> Repository:
        """Return what a card shows of it before the hub was asked."""
        return Repository(
            name=self.repository,
            licence=self.licence,
            kind=self.kind,
            parameters=self.parameters,
            context_length=self.context_length,
            architecture=self.header.architecture,
        )


@dataclass(frozen=True)
class Catalog:
    """All rows, and the day they were last compared with their repositories."""

    date: date
    entries: tuple[CatalogEntry, ...]


@lru_cache(maxsize=1)
def shipped() -> Catalog:
    """Return the catalog that came with the program."""
    return read_catalog((files("resources") / "catalog.toml").read_text(encoding="utf-8"))


def catalog() -> tuple[CatalogEntry, ...]:
    """Return the models of the shipped catalog: those for chatting from small to large, then those for searching."""
    return shipped().entries


def read_catalog(text: str) -> Catalog:
    """Return the catalog in a TOML text. Raises ValueError for one of another schema or with a row that lacks facts."""
    document = tomllib.loads(text)
    day = document.get("date")
    if document.get("schema") != SCHEMA or not isinstance(day, date):
        raise ValueError("not a catalog of this schema")
    try:
        return Catalog(day, tuple(_entry(row) for row in document.get("model", [])))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a row of the catalog is not well formed: {error}") from error


def entry_for(repository: str, file: str, entries: Sequence[CatalogEntry] | None = None) -> CatalogEntry | None:
    """Return the row for a file of a repository, ``None`` when it is not in the catalog."""
    rows = catalog() if entries is None else entries
    return next((row for row in rows if row.repository == repository and row.file.name == file), None)


def _entry(row: Row) -> CatalogEntry:
    projector = row.get("projector")
    parameters = _whole(row, "parameters")
    unchecked = row.get("unchecked")
    return CatalogEntry(
        id=_text(row, "id"),
        name=_text(row, "name"),
        maker=_text(row, "maker"),
        repository=_text(row, "repository"),
        file=_file(row),
        licence=_text(row, "licence"),
        kind=Kind(row["kind"]),
        size_label=_text(row, "size_label"),
        parameters=parameters,
        active_parameters=_whole(row, "active_parameters", parameters),
        projector=_file(projector) if isinstance(projector, dict) else None,
        context_length=_whole(row, "context_length", 0),
        is_default=row.get("is_default") is True,
        unchecked=tuple(str(name) for name in unchecked) if isinstance(unchecked, list) else (),
        metadata=dict(_flat(row.get("header", {}))),
    )


def _file(row: Row) -> RemoteFile:
    sha256 = row.get("sha256", "")
    if not isinstance(sha256, str) or not re.fullmatch(r"([0-9a-f]{64})?", sha256):
        raise TypeError("sha256")
    return RemoteFile(_text(row, "file"), _whole(row, "size_bytes"), sha256)


def _text(row: Row, key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value:
        raise TypeError(key)
    return value


def _whole(row: Row, key: str, default: int | None = None) -> int:
    value = row[key] if default is None else row.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(key)
    return value


def _flat(table: object, prefix: str = "") -> list[tuple[str, Value]]:
    """Return a table's values by their dotted names, as in a file's header."""
    found: list[tuple[str, Value]] = []
    for key, value in table.items() if isinstance(table, dict) else ():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", tuple(value) if isinstance(value, list) else value))
    return found
