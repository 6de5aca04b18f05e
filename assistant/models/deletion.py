"""Deleting models: to the system's trash where there is one, all parts together, never others' files unasked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from assistant.errors import ModelNotDeleted, ModelNotOurs, StarterStays
from assistant.models.listing import find_models, is_there, our_folders
from assistant.models.model_file import ModelFile, Owner
from assistant.models.ollama import manifests_of
from assistant.models.records import drop
from assistant.paths import Paths


def to_trash(path: Path) -> None:
    """Move a file to the system's trash; delete it where there is none on its disk. Raises OSError."""
    try:
        from send2trash import send2trash

        send2trash(str(path))
    except (OSError, ImportError):
        path.unlink(missing_ok=True)


def delete(
    model: ModelFile,
    paths: Paths,
    folders: Sequence[Path] = (),
    *,
    confirm_foreign: bool = False,
    remove: Callable[[Path], None] = to_trash,
) -> None:
    """Delete a model's file, parts and projector, folders of ours that are empty then, and what is remembered of it.

    A missing model is only forgotten. Raises StarterStays; ModelNotOurs for a file that is not ours unless
    ``confirm_foreign``; ModelNotDeleted when the system refuses.
    """
    if model.owner is Owner.STARTER:
        raise StarterStays
    if model.is_missing:
        drop([model.path], paths)
        return
    if model.owner is not Owner.OURS and not confirm_foreign:
        raise ModelNotOurs(name=model.name, owner=model.owner.words, path=model.path)
    if model.owner is Owner.HUGGING_FACE:
        from assistant.models.hub.cache import delete_cached

        with _refusals_named(model.path):
            delete_cached(model.parts)
    else:
        for file in _files(model, paths, folders):
            with _refusals_named(file):
                remove(file)
    drop([model.path], paths)
    _remove_empty_folders(model.path.parent, our_folders(paths, folders))


def _files(model: ModelFile, paths: Paths, folders: Sequence[Path]) -> list[Path]:
    """Return what belongs to a model and to no other."""
    files = [part for part in model.parts if is_there(part)]
    if model.owner is Owner.OLLAMA:
        return [*manifests_of(model.path), *files]
    projector = model.projector
    if projector and projector.parent == model.path.parent and is_there(projector):
        others = [other for other in find_models(paths, folders) if other.path != model.path]
        if all(other.projector != projector for other in others):
            files.append(projector)
    return files


@contextlib.contextmanager
def _refusals_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelNotDeleted(path=path, reason=error.strerror or error) from error


def _remove_empty_folders(folder: Path, ours: Sequence[Path]) -> None:
    """Remove a folder below one of ours and those above it, as far as nothing is in them."""
    root = next((root for root in ours if folder.is_relative_to(root)), folder)
    with contextlib.suppress(OSError):  # not empty
        while folder != root:
            folder.rmdir()
            folder = folder.parent
