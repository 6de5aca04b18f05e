"""Comparing the catalog with the repositories themselves: sizes, checksums and licences, and what was different."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from assistant.errors import AssistantError
from assistant.i18n import _
from assistant.models.catalog import SCHEMA, CatalogEntry
from assistant.models.remote import RemoteFile, Repository
from assistant.models.values import Metadata


def refresh(
    entries: Sequence[CatalogEntry], fetch: Callable[[str], Repository]
) -> tuple[tuple[CatalogEntry, ...], list[str]]:
    """Return the rows as their repositories say, and the differences, a line each in the user's language.

    ``fetch`` gives a repository with its offers; a row whose repository it cannot give (AssistantError) stays as it
    is and has a line that says why. Blocks as long as ``fetch`` does.
    """
    rows: list[CatalogEntry] = []
    lines: list[str] = []
    for entry in entries:
        try:
            row, found = _compared(entry, fetch(entry.repository))
        except AssistantError as error:
            row, found = entry, [error.message]
        rows.append(row)
        lines += [f"{entry.id}: {line}" for line in found]
    return tuple(rows), lines


def as_toml(entries: Sequence[CatalogEntry], day: date) -> str:
    """Return the catalog as the text of its file, without comments."""
    import tomli_w

    return tomli_w.dumps({"schema": SCHEMA, "date": day, "model": [_row(entry) for entry in entries]})


def _compared(entry: CatalogEntry, repository: Repository) -> tuple[CatalogEntry, list[str]]:
    offer = entry.offer_in(repository)
    if offer is None:
        return entry, [_("the file “{name}” is not there any more").format(name=entry.file.name)]
    file = _found(entry.file, offer.files)
    projector = _found(entry.projector, (offer.projector,)) if entry.projector and offer.projector else entry.projector
    known = {"size_bytes"} | ({"sha256"} if file.sha256 else set()) | ({"licence"} if repository.licence else set())
    row = replace(
        entry,
        file=file,
        projector=projector,
        licence=repository.licence or entry.licence,
        context_length=entry.context_length or repository.context_length,
        unchecked=tuple(
            name
            for name in entry.unchecked
            if name not in known and not (name == "context_length" and repository.context_length)
        ),
    )
    return row, _differences(entry, row)


def _found(wanted: RemoteFile | None, files: Sequence[RemoteFile]) -> RemoteFile:
    """Return what stands in the repository under the name of ``wanted``, or under whatever name there is."""
    return next((file for file in files if wanted and file.name == wanted.name), files[0])


def _differences(old: CatalogEntry, new: CatalogEntry) -> list[str]:
    facts = [
        (_("size"), old.file.size_bytes, new.file.size_bytes),
        (_("checksum"), old.file.sha256, new.file.sha256),
        (_("projector"), old.projector, new.projector),
        (_("licence"), old.licence, new.licence),
        (_("context length"), old.context_length, new.context_length),
    ]
    unknown = _("not known")
    return [
        _("{fact}: {old} → {new}").format(fact=fact, old=_plain(before) or unknown, new=_plain(after) or unknown)
        for fact, before, after in facts
        if before != after
    ]


def _plain(value: object) -> str:
    if isinstance(value, RemoteFile):
        return f"{value.name} {value.size_bytes} {value.sha256}".strip()
    return str(value or "")


def _row(entry: CatalogEntry) -> dict[str, object]:
    row: dict[str, object] = {
        "id": entry.id,
        "name": entry.name,
        "maker": entry.maker,
        "repository": entry.repository,
        **_file_row(entry.file),
        "licence": entry.licence,
        "kind": entry.kind.value,
        "size_label": entry.size_label,
        "parameters": entry.parameters,
        "unchecked": list(entry.unchecked),
    }
    if entry.active_parameters != entry.parameters:
        row["active_parameters"] = entry.active_parameters
    if entry.context_length:
        row["context_length"] = entry.context_length
    if entry.is_default:
        row["is_default"] = True
    if entry.projector:
        row["projector"] = _file_row(entry.projector)
    if entry.metadata:
        row["header"] = _nested(entry.metadata)
    return row


def _file_row(file: RemoteFile) -> dict[str, object]:
    row: dict[str, object] = {"file": file.name, "size_bytes": file.size_bytes}
    return row | ({"sha256": file.sha256} if file.sha256 else {})


def _nested(metadata: Metadata) -> dict[str, object]:
    """Return dotted names as tables in tables."""
    root: dict[str, object] = {}
    for name, value in metadata.items():
        *folders, key = name.split(".")
        table = root
        for folder in folders:
            inner = table.setdefault(folder, {})
            assert isinstance(inner, dict)
            table = inner
        table[key] = value
    return root
