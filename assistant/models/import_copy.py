"""Copying a model file into our folder: with room checked, under another name until it is whole and verified."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.errors import FolderNotWritable, ModelFileDamaged, ModelUnreadable, ModelUnsupported
from assistant.i18n import N_, Sentence
from assistant.models.facts import fingerprint
from assistant.models.gguf import Header, read_header, read_part_header, shard_paths
from assistant.models.listing import our_folders, size_of
from assistant.models.model_file import stem
from assistant.models.space import check_format, check_room, check_writable, free_bytes, not_enough
from assistant.paths import Paths

STEP_BYTES = 4 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT}


def import_copy(
    path: Path,
    paths: Paths,
    folders: Sequence[Path] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stop: threading.Event | None = None,
) -> Path | None:
    """Copy a model, all parts of it, into the first of our folders, and return where it lies there.

    ``progress`` hears bytes done and in all; ``None`` when ``stop`` was set: nothing is left then, nor after an error.
    A copy that is there already is not made again. For a task's thread. Raises what ``read_header`` raises,
    ModelUnsupported, FolderNotWritable, NotEnoughSpace, FileTooBigForDisk.
    """
    parts = shard_paths(path.absolute())
    header = read_header(parts[0])
    if not (header.is_language_model or header.is_embedding):
        raise ModelUnsupported(path=path, architecture=header.architecture or header.kind)
    folder = our_folders(paths, folders)[0]
    if parts[0].is_relative_to(folder):
        return parts[0]
    targets = _targets(parts, folder)
    if targets[0].exists():
        return targets[0]
    check_writable(folder)
    check_room(folder, header.size_bytes)
    check_format(folder, [(part.name, size_of(part)) for part in parts])
    try:
        is_done = _copy_all(parts, targets, header, _Steps(progress, stop, header.size_bytes))
    finally:
        if targets[0].parent != folder:
            with contextlib.suppress(OSError):  # not empty
                targets[0].parent.rmdir()
    return targets[0] if is_done else None


class _Steps:
    """Counts the bytes of all parts."""

    def __init__(self, progress: Callable[[int, int], None], stop: threading.Event | None, total: int) -> None:
        self._progress = progress
        self._stop = stop
        self._total = total
        self._done = 0

    def take(self, count: int) -> bool:
        """Count some bytes; False when it shall stop."""
        self._done += count
        self._progress(self._done, self._total)
        return not (self._stop and self._stop.is_set())


def _targets(parts: Sequence[Path], folder: Path) -> list[Path]:
    """Return names for the parts: their own, or with a number where other models have those."""
    for number in range(1, 10_000):
        place = folder if number == 1 else folder / f"{stem(parts[0])}-{number}"
        targets = [place / part.name for part in parts]
        if not any(target.exists() for target in targets) or _are_copies(parts, targets):
            return targets
    raise FolderNotWritable(path=folder, reason=os.strerror(errno.EEXIST))


def _are_copies(parts: Sequence[Path], targets: Sequence[Path]) -> bool:
    """Say whether the same bytes lie there, judged by sizes and both ends."""
    try:
        return all(
            part.stat().st_size == target.stat().st_size and fingerprint(part) == fingerprint(target)
            for part, target in zip(parts, targets, strict=True)
        )
    except OSError:
        return False


def _copy_all(parts: Sequence[Path], targets: Sequence[Path], header: Header, steps: _Steps) -> bool:
    """Copy all parts, name them when all are whole; False when stopped."""
    beside = [target.with_name(f"{target.name}.part") for target in targets]
    try:
        for part, copy in zip(parts, beside, strict=True):
            if not _copy(part, copy, steps):
                return False
        _check(beside, header)
        for copy, target in zip(beside, targets, strict=True):
            copy.replace(target)
    except OSError as error:
        for target in targets:
            target.unlink(missing_ok=True)
        raise _named(error, parts[0], targets[0].parent) from error
    finally:
        for copy in beside:
            copy.unlink(missing_ok=True)
    return True


def _copy(source: Path, target: Path, steps: _Steps) -> bool:
    """Copy one file; False when stopped."""
    target.parent.mkdir(parents=True, exist_ok=True)
    view = memoryview(bytearray(STEP_BYTES))
    with source.open("rb", buffering=0) as reading, target.open("wb", buffering=0) as writing:
        while count := reading.readinto(view):
            written = 0
            while written < count:
                written += writing.write(view[written:count])
            if not steps.take(count):
                return False
        os.fsync(writing.fileno())
    return True


def _check(copies: Sequence[Path], header: Header) -> None:
    """Raise ModelFileDamaged unless the copies have the original's bytes by number and a whole header each."""
    total = sum(read_part_header(copy).size_bytes for copy in copies)
    if total != header.size_bytes:
        raise ModelFileDamaged(path=header.path, reason=Sentence(N_("it changed while it was being copied")))


def _named(error: OSError, source: Path, folder: Path) -> Exception:
    if error.errno in _FULL:
        return not_enough(folder, size_of(source), free_bytes(folder))
    if error.filename and Path(str(error.filename)) == source:
        return ModelUnreadable(path=source, reason=error.strerror or error)
    return FolderNotWritable(path=folder, reason=error.strerror or error)
