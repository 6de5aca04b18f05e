"""Deleting models: to the system's trash where there is one, all parts together, never others' files unasked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from assistant.errors import ModelNotDeleted, ModelNotOurs, StarterStays
from assistant.i18n import N_, Sentence
from assistant.models.listing import find_models, is_there, our_folders
from assistant.models.model_file import ModelFile, Owner
from assistant.models.ollama import manifests_of
from assistant.paths import Paths


class Gone(Enum):
    """What has become of a model that was deleted; the value stands under ``--json``."""

    TO_TRASH = "trash"
    FOR_GOOD = "deleted"
    """There is no trash for it."""
    FORGOTTEN = "forgotten"
    """Its file was gone before."""

    def sentence(self, name: str) -> str:
        """Say so of the model ``name``, in the language in use."""
        return str(Sentence(_SENTENCES[self], {"name": name}))


_SENTENCES = {
    Gone.TO_TRASH: N_("“{name}” was moved to the trash."),
    Gone.FOR_GOOD: N_("“{name}” was deleted for good: there is no trash for it."),
    Gone.FORGOTTEN: N_("“{name}” is off the list; its file was gone before."),
}


@dataclass(frozen=True)
class Deletion:
    """A deletion that may be done: ``files`` go, and folders below ``ours`` that are empty then."""

    model: ModelFile
    files: tuple[Path, ...]
    ours: tuple[Path, ...]

    def run(self) -> Gone:
        """Do it; blocks, any thread. Raises ModelNotDeleted when the system refuses."""
        if self.model.is_missing or not self.files:
            return Gone.FORGOTTEN
        if self.model.owner is Owner.HUGGING_FACE:
            from assistant.models.hub.cache import delete_cached

            with _refusals_named(self.model.path):
                delete_cached(self.files)
            return Gone.FOR_GOOD
        found = [_remove(file) for file in self.files]
        for folder in {file.parent for file in self.files}:
            remove_empty(folder, self.ours)
        return Gone.FOR_GOOD if Gone.FOR_GOOD in found else Gone.TO_TRASH


def plan_deletion(
    model: ModelFile, paths: Paths, folders: Sequence[Path] = (), *, confirm_foreign: bool = False
) -> Deletion:
    """Return what deleting a model takes: its file, its parts, and a projector that no other model needs.

    Raises StarterStays; ModelNotOurs for a file that is not ours unless ``confirm_foreign``.
    """
    if model.owner is Owner.STARTER:
        raise StarterStays
    if not model.is_missing and model.owner is not Owner.OURS and not confirm_foreign:
        raise ModelNotOurs(name=model.name, owner=model.owner.words, path=model.path)
    return Deletion(model, tuple(_files(model, paths, folders)), tuple(our_folders(paths, folders)))


def to_trash(path: Path) -> Gone:
    """Move a file to the system's trash; delete it where its disk has none. Raises OSError."""
    from send2trash import TrashPermissionError, send2trash

    try:
        send2trash(str(path))
    except TrashPermissionError:  # there can be none; other errors say that it does not take this file
        path.unlink(missing_ok=True)
        return Gone.FOR_GOOD
    return Gone.TO_TRASH


def remove_empty(folder: Path, roots: Sequence[Path]) -> None:
    """Remove a folder below one of ``roots`` and those above it, as far as nothing is in them."""
    root = next((root for root in roots if folder.is_relative_to(root)), folder)
    with contextlib.suppress(OSError):  # not empty
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def _remove(file: Path) -> Gone:
    with _refusals_named(file):
        return to_trash(file)


def _files(model: ModelFile, paths: Paths, folders: Sequence[Path]) -> list[Path]:
    """Return what belongs to a model and to no other."""
    files = [part for part in model.parts if is_there(part)]
    if model.owner is Owner.OLLAMA:
        return [*manifests_of(model.path), *files]
    if model.projector and is_there(model.projector) and _goes_along(model.projector, model, paths, folders):
        files.append(model.projector)
    return files


def _goes_along(projector: Path, model: ModelFile, paths: Paths, folders: Sequence[Path]) -> bool:
    """Say whether a projector is its model's alone: it came with it, and no other model uses it."""
    is_ours = model.owner is Owner.OURS and any(projector.is_relative_to(one) for one in our_folders(paths, folders))
    if not is_ours and projector.parent != model.path.parent:
        return False
    return all(other.projector != projector for other in find_models(paths, folders) if other.path != model.path)


@contextlib.contextmanager
def _refusals_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelNotDeleted(path=path, reason=error.strerror or error) from error
