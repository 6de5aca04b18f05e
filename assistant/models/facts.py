"""What lists show of model files, read from each header once: kept on disk by path, time and size.

A hundred headers with large vocabularies take seconds to read; the kept facts make the first list after a start as
quick as later ones. The file may vanish at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.models.gguf import read_header, shard_paths
from assistant.models.header import Header
from assistant.paths import Paths
from assistant.safe_file import write_safely

log = logging.getLogger(__name__)
VERSION = 1
MOST = 2_000
"""Files kept; more than any library."""
PROBE_BYTES = 1 << 20
State = tuple[tuple[int, int], ...]
"""Time of change in ns and size of every part."""


@dataclass(frozen=True)
class Facts:
    """The part of a header that lists show. ``fingerprint``: of the first and last MiB, empty until asked for."""

    name: str = ""
    kind: str = ""
    architecture: str = ""
    quantization: str = ""
    licence: str = ""
    size_bytes: int = 0
    context_length: int = 0
    parameters: int = 0
    has_template: bool = False
    is_language_model: bool = False
    is_embedding: bool = False
    fingerprint: str = ""


class FactsCache:
    """The kept facts of one home. Any thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._is_changed = False
        self._known = _load(file)

    def of(self, path: Path) -> Facts:
        """Return the facts of a model, given its first part; reads the header when a part changed.

        Raises what ``read_header`` raises; errors are not kept.
        """
        state = _state(path)
        with self._lock:
            known = self._known.get(str(path))
        if state and known and known[0] == state:
            return known[1]
        facts = _facts(read_header(path))
        self._keep(path, state, facts)
        return facts

    def fingerprint(self, path: Path) -> str:
        """Return a checksum of the first and the last MiB, empty when the file cannot be read."""
        try:
            facts, state = self.of(path), _state(path)
            if facts.fingerprint:
                return facts.fingerprint
            made = fingerprint(path)
        except (AssistantError, OSError):
            return ""
        self._keep(path, state, replace(facts, fingerprint=made))
        return made

    def save(self, listed: Iterable[Path]) -> None:
        """Write what is new to the disk; of files not ``listed`` the oldest go when there are too many."""
        with self._lock:
            if not self._is_changed:
                return
            self._is_changed = False
            self._shorten({str(path) for path in listed})
            files = {path: {"state": state, "facts": vars(facts)} for path, (state, facts) in self._known.items()}
        try:
            write_safely(self._file, json.dumps({"version": VERSION, "files": files}).encode(), is_lasting=False)
        except AssistantError as error:
            log.info("the facts of the models are not kept: %s", error.kind)

    def _keep(self, path: Path, state: State, facts: Facts) -> None:
        with self._lock:
            self._known.pop(str(path), None)
            self._known[str(path)] = (state, facts)
            self._is_changed = True

    def _shorten(self, listed: set[str]) -> None:
        spare = [path for path in self._known if path not in listed]
        for path in spare[: max(0, len(self._known) - MOST)]:
            del self._known[path]


@lru_cache(maxsize=8)
def _cache(file: Path) -> FactsCache:
    return FactsCache(file)


def facts_cache(paths: Paths) -> FactsCache:
    """Return the kept facts of a home, one for all who ask."""
    return _cache(paths.cache / "models.json")


def fingerprint(path: Path) -> str:
    """Return a checksum of a file's first and last MiB. Raises OSError."""
    checksum = hashlib.sha256()
    with path.open("rb") as file:
        checksum.update(file.read(PROBE_BYTES))
        size = file.seek(0, 2)
        file.seek(max(0, size - PROBE_BYTES))
        checksum.update(file.read(PROBE_BYTES))
    return checksum.hexdigest()


def _facts(header: Header) -> Facts:
    return Facts(
        name=header.name,
        kind=header.kind,
        architecture=header.architecture,
        quantization=header.quantization,
        licence=header.licence,
        size_bytes=header.size_bytes,
        context_length=header.context_length,
        parameters=header.parameters,
        has_template=header.has_template,
        is_language_model=header.is_language_model,
        is_embedding=header.is_embedding and header.kind == "model" and header.tensors > 0,
    )


def _state(path: Path) -> State:
    """Return the state of every part, empty when one is not there."""
    try:
        found = [part.stat() for part in shard_paths(path)]
    except OSError:
        return ()
    return tuple((state.st_mtime_ns, state.st_size) for state in found)


def _load(file: Path) -> dict[str, tuple[State, Facts]]:
    try:
        document = json.loads(file.read_bytes())
        if document["version"] != VERSION:
            return {}
        return {str(path): _entry(entry["state"], entry["facts"]) for path, entry in document["files"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.info("the kept facts of the models are read anew: %s", type(error).__name__)
        return {}


def _entry(state: list[list[int]], values: dict[str, Any]) -> tuple[State, Facts]:  # JSON values, checked here
    """Return a kept entry. Raises TypeError or ValueError for anything that we did not write."""
    for one in fields(Facts):
        if type(values[one.name]) is not type(one.default):
            raise TypeError(one.name)
    kept = tuple((int(modified), int(size)) for modified, size in state)
    return kept, Facts(**{one.name: values[one.name] for one in fields(Facts)})
