"""Hollow model files: a real header, and a hole of the right size instead of the weights.

llama.cpp, told to allocate nothing, computes from one exactly what the model would take; so what a download is worth
can be known from its first bytes.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from assistant.errors import DiskFull, FolderUnusable, ModelUnreadable
from assistant.i18n import N_, Sentence
from assistant.models.gguf import read_part, read_part_header, shard_paths

_PREFIX = "hollow-"
_FORGOTTEN_S = 3600
_PROBE_BYTES = 8 << 20
_FSCTL_SET_SPARSE = 0x900C4
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Part:
    """One file of a model: its first bytes, the whole header at least, and the size it has in all."""

    head: bytes
    size_bytes: int


def parts_of(path: Path | str) -> tuple[Part, ...]:
    """Return the parts of a model on this disk, given any of its files.

    Raises ModelNotFound, ModelUnreadable, NotAModelFile, ModelFileDamaged.
    """
    return tuple(_part(shard) for shard in shard_paths(Path(path)))


@contextmanager
def hollow(parts: Sequence[Part], folder: Path) -> Iterator[Path]:
    """Write the model below ``folder`` as hollow files, give the path of the first, and take them away at the end.

    They take no more room than their headers. Raises NotAModelFile and ModelFileDamaged for bytes that are no whole
    header of such a file, DiskFull, and FolderUnusable, also where the file system knows no holes.
    """
    _sweep(folder)
    try:
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    except OSError as error:
        raise FolderUnusable(path=folder, reason=error.strerror or error) from error
    try:
        names = (
            shard_paths(place / f"model-00001-of-{len(parts):05}.gguf") if len(parts) > 1 else [place / "model.gguf"]
        )
        for name, part in zip(names, parts, strict=True):
            _write(name, part)
        yield names[0]
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _part(path: Path) -> Part:
    header = read_part_header(path)
    try:
        with path.open("rb") as file:
            return Part(file.read(header.data_start), header.size_bytes)
    except OSError as error:
        raise ModelUnreadable(path=path, reason=error.strerror or error) from error


def _write(path: Path, part: Part) -> None:
    header = read_part(path, io.BytesIO(part.head), part.size_bytes)
    try:
        with path.open("wb") as file:
            has_holes = _allow_holes(file)
            file.write(part.head[: header.data_start])
            probe_bytes = min(part.size_bytes, header.data_start + _PROBE_BYTES)
            file.truncate(probe_bytes)
            file.flush()
            if not has_holes or _taken_bytes(file) > header.data_start + _PROBE_BYTES // 2:
                raise FolderUnusable(path=path.parent.parent, reason=Sentence(N_("its disk keeps no files with holes")))
            file.truncate(part.size_bytes)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(path=path) from error
        raise FolderUnusable(path=path.parent.parent, reason=error.strerror or error) from error


def _allow_holes(file: BinaryIO) -> bool:
    """Windows fills what is skipped unless told before; elsewhere it is a matter of the file system alone."""
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        returned = ctypes.c_ulong()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(file.fileno()))
        control = ctypes.windll.kernel32.DeviceIoControl
        return bool(control(handle, _FSCTL_SET_SPARSE, None, 0, None, 0, ctypes.byref(returned), None))
    return True


def _taken_bytes(file: BinaryIO) -> int:
    """Return how much room a file takes on the disk; 0 where the system does not say."""
    blocks: int = getattr(os.fstat(file.fileno()), "st_blocks", 0)
    return blocks * 512


def _sweep(folder: Path) -> None:
    """Take away what a program that was killed has left."""
    for place in folder.glob(f"{_PREFIX}*"):
        try:
            is_forgotten = time.time() - place.stat().st_mtime > _FORGOTTEN_S
        except OSError:
            continue
        if is_forgotten:
            shutil.rmtree(place, ignore_errors=True)
