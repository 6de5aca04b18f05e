"""The model files on this computer: the starter, those in the models folder, and those a person pointed to.

Ids are stable and readable: ``starter``; the path below the models folder without its ending; for added files the name
and a few characters of the path's hash.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.errors import AssistantError, ModelAmbiguous, ModelError, ModelNotFound, ModelUnsupported
from assistant.i18n import N_, _
from assistant.models.added import added_paths, save_added_paths
from assistant.models.gguf import Header, read_header, shard_paths
from assistant.models.starter import ID as STARTER_ID
from assistant.models.starter import NAME as STARTER_NAME
from assistant.models.starter import starter_path
from assistant.paths import Paths

log = logging.getLogger(__name__)
STARTER_DESCRIPTION = N_("Very small: good for trying Inkstone out at once, wrong about many things.")


@dataclass(frozen=True)
class ModelFile:
    """One model. ``problem`` says why it cannot be used; then only id, name, path and size are known.

    Of a split model ``path`` is the first part and ``size_bytes`` that of all. ``context_length`` is what it was
    trained for, 0 where the file does not say; ``has_template`` is False for models that only continue text.
    """

    id: str
    name: str
    path: Path
    size_bytes: int = 0
    quantization: str = ""
    context_length: int = 0
    licence: str = ""
    is_starter: bool = False
    problem: AssistantError | None = None
    architecture: str = ""
    parameters: int = 0
    has_template: bool = False

    @property
    def description(self) -> str:
        """A sentence about the model in the user's language; empty when there is nothing to say."""
        return _(STARTER_DESCRIPTION) if self.is_starter else ""


def find_models(paths: Paths) -> list[ModelFile]:
    """Return every known model: the starter, then the models folder and the added files by name.

    Never raises: a file that cannot be used is listed with its ``problem``. Projectors, adapters, embedding models and
    further parts of split models are left out. Reads a header of each file that changed since the last call.
    """
    found: dict[str, ModelFile] = {}
    for model_id, path in _candidates(paths):
        key = os.path.realpath(path)
        if key not in found and (model := _describe(model_id, path)):
            found[key] = model
    return sorted(found.values(), key=lambda model: (not model.is_starter, model.name.casefold(), model.id))


def resolve(name_or_path: str | Path, paths: Paths) -> ModelFile:
    """Return the model meant by an id, a name, the beginning of one, or a path.

    Raises ModelNotFound, ModelAmbiguous, and the problem of a file that cannot be used.
    """
    wanted = str(name_or_path)
    known = find_models(paths)
    model = _with_id(wanted, known) or _at_path(wanted, known) or _by_name(wanted, known)
    if model is None:
        raise ModelNotFound(name=wanted)
    if model.problem:
        raise model.problem
    return model


def add(path: Path | str, paths: Paths) -> ModelFile:
    """Remember a file outside the models folder, in place, and return it; harmless when it is known already.

    Raises what ``read_header`` raises, ModelUnsupported for a file that is no language model, DiskFull and
    FolderUnusable.
    """
    known = find_models(paths)
    model = _at_path(str(path), known)
    if model is None:
        raise ModelNotFound(name=path)
    if model.problem:
        raise model.problem
    if model not in known:
        save_added_paths([*added_paths(paths), model.path], paths)
    return model


def forget(model_id: str, paths: Paths) -> None:
    """Take an added file off the list; the file itself stays. Raises ModelNotFound, DiskFull, FolderUnusable."""
    added = added_paths(paths)
    kept = [path for path in added if _id_of_added(path) != model_id]
    if len(kept) == len(added):
        raise ModelNotFound(name=model_id)
    save_added_paths(kept, paths)


def _candidates(paths: Paths) -> Iterator[tuple[str, Path]]:
    """Yield id and path of every file that may be a model; of split ones the first part."""
    if starter := starter_path():
        yield STARTER_ID, starter
    for path in _in_folder(paths.models):
        yield _id_in_folder(path, paths.models), path
    for path in added_paths(paths):
        yield _id_of_added(path), path


def _in_folder(folder: Path) -> list[Path]:
    """Return the GGUF files below a folder, whatever folders in it cannot be read."""
    found = set()
    for where, _folders, names in os.walk(folder, followlinks=False):
        for name in names:
            if name.lower().endswith(".gguf") and not name.startswith("."):
                found.add(shard_paths(Path(where, name))[0])
    return sorted(found)


def _id_in_folder(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).with_name(_stem(path)).as_posix()
    return _id_of_added(path) if name == STARTER_ID else name


def _id_of_added(path: Path) -> str:
    return f"{_stem(path)}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:6]}"


def _stem(path: Path) -> str:
    """Return the file's name without ending and without the number of its part."""
    parts = shard_paths(path)
    return path.stem if len(parts) == 1 else path.stem[: -len("-00001-of-00002")]


@lru_cache(maxsize=256)
def _header(path: Path, modified_ns: int, size_bytes: int) -> Header:
    """Read a header once for each state of a file; errors are not kept."""
    del modified_ns, size_bytes
    return read_header(path)


def _describe(model_id: str, path: Path) -> ModelFile | None:
    """Return the model in a file, with its problem if it has one; ``None`` for a file that is not for chatting."""
    is_starter = model_id == STARTER_ID
    name = STARTER_NAME if is_starter else _stem(path)
    try:
        header = _current_header(path)
    except ModelError as problem:
        return ModelFile(model_id, name, path, _size_of(path), is_starter=is_starter, problem=problem)
    if not header.is_language_model:
        return None
    return ModelFile(
        id=model_id,
        name=name if is_starter else header.name or name,
        path=path,
        size_bytes=header.size_bytes,
        quantization=header.quantization,
        context_length=header.context_length,
        licence=header.licence,
        is_starter=is_starter,
        architecture=header.architecture,
        parameters=header.parameters,
        has_template=header.has_template,
    )


def _current_header(path: Path) -> Header:
    try:
        state = path.stat()
    except OSError:
        return read_header(path)  # says in its own words what is wrong
    return _header(path, state.st_mtime_ns, state.st_size)


def _size_of(path: Path) -> int:
    """Return the bytes of a file, 0 for what cannot be asked."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_there(path: Path) -> bool:
    """Say whether something lies at a path, a folder that may not be entered counting as nothing."""
    try:
        return path.exists()
    except OSError:
        return False


def _with_id(wanted: str, known: list[ModelFile]) -> ModelFile | None:
    return next((model for model in known if model.id == wanted), None)


def _at_path(wanted: str, known: list[ModelFile]) -> ModelFile | None:
    """Return the model at a path, listed or not; ``None`` when nothing lies there and it does not look like a path."""
    if "\0" in wanted:
        return None
    home_path = os.path.expanduser(wanted)  # noqa: PTH111 - Path.expanduser raises for an unknown user
    path = shard_paths(Path(home_path).absolute())[0]
    looks_like_path = os.sep in wanted or wanted.lower().endswith(".gguf")
    if not _is_there(path) or (path.is_dir() and not looks_like_path):
        return None
    real = os.path.realpath(path)
    listed = next((model for model in known if os.path.realpath(model.path) == real), None)
    if listed:
        return listed
    model = _describe(_id_of_added(path), path)
    if model is None:
        raise ModelUnsupported(path=path, architecture=_current_header(path).architecture or _current_header(path).kind)
    return model


def _by_name(wanted: str, known: list[ModelFile]) -> ModelFile | None:
    """Return the one model whose id, file or name is ``wanted``, or begins so. Raises ModelAmbiguous."""
    asked = wanted.casefold()
    named = [(model, [name.casefold() for name in (model.id, _stem(model.path), model.name)]) for model in known]
    equal = [model for model, names in named if asked in names]
    begun = [model for model, names in named if any(name.startswith(asked) for name in names)]
    found = equal or (begun if asked else [])
    if len(found) > 1:
        raise ModelAmbiguous(name=wanted, candidates=", ".join(model.id for model in found))
    return found[0] if found else None
