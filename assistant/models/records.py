"""What is remembered of model files: ``models.toml`` beside the settings, a table ``[[model]]`` for each.

A row with nothing but a path is a file that a person pointed to. What this program does not know is kept. Main thread
only; reading costs nothing while the file does not change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.paths import Paths
from assistant.safe_file import set_aside, write_safely

log = logging.getLogger(__name__)
Document = dict[str, Any]
"""A TOML document as ``tomllib`` reads it: any mixture of its types."""


@dataclass(frozen=True)
class LoadSettings:
    """How a model is loaded; ``None`` leaves a value to the settings of the program."""

    context_length: int | None = None
    gpu_layers: int | None = None
    cache_type: str | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing is set."""
        return self == LoadSettings()


@dataclass(frozen=True)
class Record:
    """What is remembered of the model whose (first) file is ``path``. Empty and 0: not known.

    ``repository``, ``commit``, ``file`` say where on the hub it came from, ``files`` and ``projector_file`` how all its
    parts and its projector are called there, ``sha256`` the checksum of each of its files by its name here. Name,
    architecture, quantization and size are kept to know the model again when its file is gone.
    ``former_ids``: those it had at other places, which settings may still name.
    ``steps``: what had to be given up to load it on this computer, empty when nothing.
    """

    path: Path
    id: str = ""
    former_ids: tuple[str, ...] = ()
    name: str = ""
    architecture: str = ""
    quantization: str = ""
    size_bytes: int = 0
    repository: str = ""
    commit: str = ""
    file: str = ""
    files: tuple[str, ...] = ()
    projector_file: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    projector: Path | None = None
    added_at: datetime | None = None
    last_used: datetime | None = None
    tokens_per_s: float = 0.0
    prompt_tokens_per_s: float = 0.0
    load: LoadSettings = field(default_factory=LoadSettings)
    sampling: Mapping[str, float] = field(default_factory=dict)
    system_prompt: str = ""
    steps: LoadSettings = field(default_factory=LoadSettings)


def all_records(paths: Paths) -> tuple[Record, ...]:
    """Return every record, the oldest first. A file that cannot be understood is set aside and counts as empty."""
    return _parsed(paths).records


def record_of(path: Path, paths: Paths) -> Record:
    """Return what is remembered of a file, an empty record when nothing is."""
    return next((record for record in all_records(paths) if record.path == path), Record(path))


def remember(record: Record, paths: Paths, *, instead_of: Path | None = None) -> None:
    """Put a record in the place of the one for the same path, or at the end. Raises DiskFull, FolderUnusable.

    ``instead_of``: the path whose record it replaces, when the file has moved.
    """
    old = instead_of or record.path

    def change(document: Document) -> None:
        rows = [row for row in _rows(document) if old == record.path or _path_of(row) != record.path]
        row = next((row for row in rows if _path_of(row) == old), None)
        if row is None:
            row = {}
            rows.append(row)
        _fill(row, record)
        document["model"] = rows

    _change(paths, change)


def drop(dropped: Iterable[Path], paths: Paths) -> None:
    """Remove the records of some paths; raises as ``remember``."""
    gone = set(dropped)
    if not any(record.path in gone for record in all_records(paths)):
        return

    def change(document: Document) -> None:
        document["model"] = [row for row in _rows(document) if _path_of(row) not in gone]

    _change(paths, change)


def chosen_folders(paths: Paths) -> tuple[Path, ...]:
    """Return the folders that a person wants searched for models, besides our own."""
    return _parsed(paths).folders


def add_folder(folder: Path, paths: Paths) -> None:
    """Search a folder from now on; raises as ``remember``."""
    kept = chosen_folders(paths)
    if folder not in kept:
        _set_folders([*kept, folder], paths)


def remove_folder(folder: Path, paths: Paths) -> None:
    """Do not search a folder any more and forget what is remembered of the files below it; they stay."""
    drop([record.path for record in all_records(paths) if record.path.is_relative_to(folder)], paths)
    kept = chosen_folders(paths)
    if folder in kept:
        _set_folders([known for known in kept if known != folder], paths)


def _set_folders(folders: Iterable[Path], paths: Paths) -> None:
    def change(document: Document) -> None:
        document["folders"] = [str(folder) for folder in folders]

    _change(paths, change)


# --- the file ---


@dataclass(frozen=True)
class _Parsed:
    records: tuple[Record, ...] = ()
    folders: tuple[Path, ...] = ()


def _file(paths: Paths) -> Path:
    return paths.config / "models.toml"


def _parsed(paths: Paths) -> _Parsed:
    file = _file(paths)
    try:
        state = file.stat()
    except OSError:
        return _Parsed()
    return _parse(file, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=8)
def _parse(file: Path, modified_ns: int, size_bytes: int, inode: int) -> _Parsed:
    """Read the file once for each of its states."""
    del modified_ns, size_bytes, inode
    document = _read(file)
    records = {}
    for row in _rows(document):
        if (path := _path_of(row)) and path not in records:
            records[path] = _record(path, row)
    folders = document.get("folders")
    named = [Path(name) for name in folders if isinstance(name, str)] if isinstance(folders, list) else []
    return _Parsed(tuple(records.values()), tuple(folder for folder in named if folder.is_absolute()))


def _read(file: Path) -> Document:
    import tomllib

    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        log.warning("the list of models cannot be read: %s", error.strerror or error)
    except (ValueError, RecursionError):
        log.warning("the list of models was not understood and was set aside as %s", set_aside(file).name)
    return {}


def _change(paths: Paths, change: Callable[[Document], None]) -> None:
    """Read the file anew, since another process may have written it, change it, and write it."""
    import tomli_w

    document = _read(_file(paths))
    change(document)
    write_safely(_file(paths), tomli_w.dumps(document).encode())


def _rows(document: Document) -> list[Any]:  # a list of anything
    rows = document.get("model")
    return list(rows) if isinstance(rows, list) else []


def _path_of(row: object) -> Path | None:
    text = row.get("path") if isinstance(row, dict) else None
    return Path(text) if isinstance(text, str) and Path(text).is_absolute() else None


# --- a row ---


def _record(path: Path, row: Document) -> Record:
    """Return the record in a row; values of a wrong type count as missing."""
    projector = _text(row, "projector")
    return Record(
        path=path,
        id=_text(row, "id"),
        former_ids=_texts(row, "former_ids"),
        name=_text(row, "name"),
        architecture=_text(row, "architecture"),
        quantization=_text(row, "quantization"),
        size_bytes=_whole(row, "size_bytes") or 0,
        repository=_text(row, "repository"),
        commit=_text(row, "commit"),
        file=_text(row, "file"),
        files=_texts(row, "files"),
        projector_file=_text(row, "projector_file"),
        sha256={name: value for name, value in _table(row, "sha256").items() if isinstance(value, str)},
        projector=Path(projector) if projector else None,
        added_at=_time(row, "added_at"),
        last_used=_time(row, "last_used"),
        tokens_per_s=_number(row, "tokens_per_s"),
        prompt_tokens_per_s=_number(row, "prompt_tokens_per_s"),
        load=_load(row, "load"),
        sampling={name: float(value) for name, value in _table(row, "sampling").items() if _is_number(value)},
        system_prompt=_text(row, "system_prompt"),
        steps=_load(row, "steps"),
    )


def _load(row: Document, key: str) -> LoadSettings:
    table = _table(row, key)
    layers = table.get("gpu_layers")
    return LoadSettings(
        context_length=_whole(table, "context_length"),
        gpu_layers=layers if isinstance(layers, int) and not isinstance(layers, bool) else None,
        cache_type=_text(table, "cache_type") or None,
    )


def _text(row: Document, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _texts(row: Document, key: str) -> tuple[str, ...]:
    values = row.get(key)
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()


def _whole(row: Document, key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18


def _number(row: Document, key: str) -> float:
    value = row.get(key, 0.0)
    return max(0.0, float(value)) if _is_number(value) else 0.0


def _table(row: Document, key: str) -> Document:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def _time(row: Document, key: str) -> datetime | None:
    value = row.get(key)
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _fill(row: Document, record: Record) -> None:
    """Write a record into a row; what is empty is left out, what we do not know stays."""
    plain: Document = {
        "path": str(record.path),
        "id": record.id,
        "former_ids": list(record.former_ids),
        "name": record.name,
        "architecture": record.architecture,
        "quantization": record.quantization,
        "size_bytes": record.size_bytes,
        "repository": record.repository,
        "commit": record.commit,
        "file": record.file,
        "files": list(record.files),
        "projector_file": record.projector_file,
        "projector": str(record.projector) if record.projector else "",
        "added_at": record.added_at,
        "last_used": record.last_used,
        "tokens_per_s": round(record.tokens_per_s, 2),
        "prompt_tokens_per_s": round(record.prompt_tokens_per_s, 2),
        "system_prompt": record.system_prompt,
        "sha256": dict(record.sha256),
        "sampling": dict(record.sampling),
        "load": _merged(row, "load", record.load),
        "steps": _merged(row, "steps", record.steps),
    }
    for key, value in plain.items():
        if value is None or value in ("", 0, {}, []):
            row.pop(key, None)
        else:
            row[key] = value


def _merged(row: Document, key: str, settings: LoadSettings) -> Document:
    """Return a table of load settings with the unknown keys that stood in it."""
    known = vars(settings)
    kept = {name: value for name, value in _table(row, key).items() if name not in known}
    return kept | {name: value for name, value in known.items() if value is not None}
