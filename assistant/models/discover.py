"""Models that other programs keep on this computer, and those in folders a person chose: looked at, never changed.

Every walk is bounded in depth, number and time, goes into no folder twice, and passes over what it may not read.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistant.models.gguf import shard_paths
from assistant.models.model_file import Owner, stem
from assistant.models.places import Places

MOST_ENTRIES = 50_000
MOST_SECONDS = 2.0
DEPTH = 8
SMALL_FILE_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = (".", "incomplete-")
"""Beginnings of names that are no models yet."""


@dataclass(frozen=True)
class Found:
    """A model of somebody else's. ``id`` is readable and the same each time; of a split one ``path`` is the first part.

    ``name`` is what the program calls it, empty where it goes by its file; ``sha256`` as the program says.
    """

    id: str
    path: Path
    owner: Owner
    name: str = ""
    repository: str = ""
    commit: str = ""
    file: str = ""
    sha256: str = ""
    projector: Path | None = None


@dataclass
class Budget:
    """How much a search may still cost: entries of folders looked at, and a moment when it ends; ``stop`` ends it."""

    entries: int = MOST_ENTRIES
    seconds: float = MOST_SECONDS
    clock: Callable[[], float] = time.monotonic
    stop: threading.Event = field(default_factory=threading.Event)
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = self.clock() + self.seconds

    def spend(self) -> bool:
        """Pay for one entry; False when nothing is left."""
        self.entries -= 1
        return self.entries >= 0 and self.clock() < self._end and not self.stop.is_set()


def discover(
    places: Places | None = None, folders: Iterable[Path] = (), budget: Budget | None = None
) -> Iterator[Found]:
    """Yield the models of other programs and those below ``folders``, each program's in order.

    Never raises. A file may come from two programs: whoever lists them compares. Blocks as long as ``budget`` allows.
    """
    places, budget = places or Places.here(), budget or Budget()
    searches = (
        (_hugging_face, places.hugging_face),
        (_lm_studio, places.lm_studio),
        (_jan, places.jan),
        (_gpt4all, places.gpt4all),
        (_ollama, places.ollama),
        (_chosen, folders),
    )
    for search, roots in searches:
        for root in roots:
            yield from search(root, budget)


def gguf_files(folder: Path, budget: Budget | None = None) -> list[Path]:
    """Return the model files below a folder in order, of split ones the first part, whether that is there or not."""
    found = {shard_paths(path)[0] for path in _files(folder, budget or Budget()) if _is_gguf(path.name)}
    return sorted(found)


# --- one program each ---


def _hugging_face(root: Path, budget: Budget) -> Iterator[Found]:
    """The hub's cache: repositories as folders of snapshots, whose files are links, newest snapshot first."""
    for repository in _sorted(root, budget):
        owner, _dashes, name = repository.name.removeprefix("models--").partition("--")
        if not repository.name.startswith("models--") or not name:
            continue
        listed: set[str] = set()
        for snapshot in _snapshots(repository, budget):
            for path in gguf_files(snapshot, budget):
                file = path.relative_to(snapshot).as_posix()
                if file in listed:
                    continue
                listed.add(file)
                yield Found(
                    id=f"{Owner.HUGGING_FACE.value}/{owner}/{name}/{_without_ending(file, path)}",
                    path=path,
                    owner=Owner.HUGGING_FACE,
                    repository=f"{owner}/{name}",
                    commit=snapshot.name,
                    file=file,
                    sha256=_blob_checksum(path, repository),
                )


def _snapshots(repository: Path, budget: Budget) -> list[Path]:
    """Return the snapshots of a cached repository, the one that ``main`` names first, then by age."""
    main = _small_text(repository / "refs" / "main").strip()
    found = _sorted(repository / "snapshots", budget)
    return sorted(found, key=lambda snapshot: (snapshot.name != main, -_modified(snapshot)))


def _blob_checksum(path: Path, repository: Path) -> str:
    """Return the checksum that a cached file's blob is named by: that of its first link, later ones have others."""
    try:
        target = Path(os.path.normpath(path.parent / path.readlink()))
    except OSError:
        return ""
    is_blob = target.parent == repository / "blobs" and _SHA256.fullmatch(target.name)
    return target.name if is_blob else ""


def _lm_studio(root: Path, budget: Budget) -> Iterator[Found]:
    for path in gguf_files(root, budget):
        file = path.relative_to(root).as_posix()
        parts = file.split("/", 2)
        repository = "/".join(parts[:2]) if len(parts) == 3 else ""
        yield Found(
            id=f"{Owner.LM_STUDIO.value}/{_without_ending(file, path)}",
            path=path,
            owner=Owner.LM_STUDIO,
            repository=repository,
            file=parts[2] if repository else "",
        )


def _gpt4all(root: Path, budget: Budget) -> Iterator[Found]:
    for path in gguf_files(root, budget):
        name = _without_ending(path.relative_to(root).as_posix(), path)
        yield Found(f"{Owner.GPT4ALL.value}/{name}", path, Owner.GPT4ALL)


def _chosen(root: Path, budget: Budget) -> Iterator[Found]:
    for path in gguf_files(root, budget):
        name = _without_ending(path.relative_to(root).as_posix(), path)
        yield Found(f"{root.name or root}/{name}", path, Owner.ADDED)


def _jan(root: Path, budget: Budget) -> Iterator[Found]:
    """Jan's data folder: a ``model.yml`` for each model names its files, there or elsewhere."""
    described: set[Path] = set()
    for place in (root / "models", root / "llamacpp" / "models"):
        files = sorted(_files(place, budget))
        for path in files:
            if path.name == "model.yml" and (found := _jan_model(path, root, place)):
                described |= {*shard_paths(found.path), *([found.projector] if found.projector else [])}
                yield found
        for path in sorted({shard_paths(path)[0] for path in files if _is_gguf(path.name)} - described):
            name = _without_ending(path.relative_to(place).as_posix(), path)
            yield Found(f"{Owner.JAN.value}/{name}", path, Owner.JAN)


def _jan_model(description: Path, root: Path, place: Path) -> Found | None:
    values = _plain_yaml(_small_text(description))
    path, projector = (_jan_path(values.get(key, ""), root) for key in ("model_path", "mmproj_path"))
    if path is None:
        return None
    checksum = values.get("model_sha256", "")
    name = description.parent.relative_to(place).as_posix()
    return Found(
        id=f"{Owner.JAN.value}/{name}",
        path=shard_paths(path)[0],
        owner=Owner.JAN,
        name=values.get("name", ""),
        sha256=checksum if _SHA256.fullmatch(checksum) else "",
        projector=projector,
    )


def _jan_path(value: str, root: Path) -> Path | None:
    """Return the file that Jan means: a path in its data folder, or anywhere."""
    path = root / value.replace("\\", "/") if value and "\0" not in value else None
    return path if path and _is_file(path) else None


def _ollama(root: Path, budget: Budget) -> Iterator[Found]:
    """Ollama's store: manifests by registry, maker, model and tag name the blobs."""
    manifests = root / "manifests"
    for path in sorted(_files(manifests, budget)):
        parts = path.relative_to(manifests).parts
        if len(parts) == 4 and (found := _ollama_model(path, parts, root / "blobs")):
            yield found


def _ollama_model(manifest: Path, parts: tuple[str, ...], blobs: Path) -> Found | None:
    registry, maker, model, tag = parts
    layers = _layers(_small_text(manifest))
    digest = layers.get("application/vnd.ollama.image.model", "")
    projector = layers.get("application/vnd.ollama.image.projector", "")
    if not digest or not _is_file(blobs / f"sha256-{digest}"):
        return None
    named = f"{maker}/{model}:{tag}" if maker != "library" else f"{model}:{tag}"
    is_ollamas = registry == "registry.ollama.ai"
    name = named if is_ollamas else f"{registry}/{named}"
    seeing = blobs / f"sha256-{projector}"
    return Found(
        id=f"{Owner.OLLAMA.value}/{name}",
        path=blobs / f"sha256-{digest}",
        owner=Owner.OLLAMA,
        name=name,
        repository=f"{maker}/{model}" if registry in ("hf.co", "huggingface.co") else "",
        sha256=digest,
        projector=seeing if projector and _is_file(seeing) else None,
    )


def _layers(text: str) -> dict[str, str]:
    """Return the checksum of each kind of layer in a manifest; of several of a kind, the first."""
    try:
        layers = json.loads(text)["layers"]
        pairs = [(layer["mediaType"], layer["digest"]) for layer in reversed(layers)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    checksums = {kind: str(digest).removeprefix("sha256:") for kind, digest in pairs if isinstance(kind, str)}
    return {kind: digest for kind, digest in checksums.items() if _SHA256.fullmatch(digest)}


# --- looking ---


def _files(folder: Path, budget: Budget) -> Iterator[Path]:
    """Yield the plain files below a folder, through links too, but into no folder twice."""
    waiting = [(folder, 0)]
    entered: set[tuple[int, int]] = set()
    while waiting:
        where, depth = waiting.pop()
        try:
            state = where.stat()
            here = (state.st_dev, state.st_ino) if state.st_ino else (0, hash(os.path.realpath(where)))
            if here in entered:
                continue
            entered.add(here)
            with os.scandir(where) as entries:
                for entry in entries:
                    if not budget.spend():
                        return
                    if _is_folder(entry):
                        waiting += [(where / entry.name, depth + 1)] if depth < DEPTH else []
                    else:
                        yield where / entry.name
        except OSError:
            continue


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _sorted(folder: Path, budget: Budget) -> list[Path]:
    """Return the folders in a folder, in order."""
    try:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if budget.spend() and _is_folder(entry))
    except OSError:
        return []


def _is_gguf(name: str) -> bool:
    return name.lower().endswith(".gguf") and not name.startswith(_UNFINISHED)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _without_ending(file: str, path: Path) -> str:
    """Return a relative path with the model's name in place of the file's."""
    folder, slash, _name = file.rpartition("/")
    return f"{folder}{slash}{stem(path)}"


def _small_text(path: Path) -> str:
    """Return the text of a small file, empty for anything else."""
    try:
        if not path.is_file() or path.stat().st_size > SMALL_FILE_BYTES:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _plain_yaml(text: str) -> dict[str, str]:
    """Return the plain ``key: value`` lines at the left margin of a YAML text."""
    found = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z_]\w*", key):
            found[key] = value.split(" #")[0].strip().strip("'\"")
    return found
