"""Room for models: free space of a disk, and what its format cannot hold."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path

from assistant.errors import FileTooBigForDisk, FolderNotWritable, NotEnoughSpace

GB = 1_000_000_000
RESERVE_BYTES = 1 << 30
"""Left free for everything else on the disk."""
FAT32_BYTES = (4 << 30) - 1
_FAT = {"vfat", "fat32", "msdos", "fat"}


def free_bytes(path: Path) -> int:
    """Return the free bytes of the disk that ``path`` is or will be on. Raises OSError."""
    return shutil.disk_usage(existing(path)).free


def existing(path: Path) -> Path:
    """Return the nearest folder above ``path``, itself included, that is there."""
    for folder in (path, *path.parents):
        if folder.exists():
            return folder
    return path


def is_same_disk(one: Path, other: Path) -> bool:
    """Say whether two places share their free space; those that cannot be asked do not."""
    try:
        return existing(one).stat().st_dev == existing(other).stat().st_dev
    except OSError:
        return False


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise NotEnoughSpace unless the disk of ``folder`` has that much and the reserve."""
    try:
        free = free_bytes(folder)
    except OSError as error:
        raise FolderNotWritable(path=folder, reason=error.strerror or error) from error
    if free < needed_bytes + RESERVE_BYTES:
        raise not_enough(folder, needed_bytes + RESERVE_BYTES, free)


def not_enough(folder: Path, needed_bytes: int, free: int) -> NotEnoughSpace:
    """Return the error with its numbers."""
    return NotEnoughSpace(path=folder, needed_gb=f"{needed_bytes / GB:.1f}", free_gb=f"{free / GB:.1f}")


def check_format(folder: Path, files: Iterable[tuple[str, int]]) -> None:
    """Raise FileTooBigForDisk when a file (name, bytes) is larger than FAT32 takes and the disk is such a one."""
    large = [name for name, size in files if size > FAT32_BYTES]
    if large and _format_of(existing(folder)) in _FAT:
        raise FileTooBigForDisk(path=folder, name=large[0])


def check_writable(folder: Path) -> None:
    """Make ``folder`` and try it. Raises FolderNotWritable."""
    probe = folder / f".inkstone-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FolderNotWritable(path=folder, reason=error.strerror or error) from error


def _format_of(folder: Path) -> str:
    """Return the name of the file system that a folder lies on, in small letters; empty when it cannot be told."""
    import psutil

    try:
        partitions = psutil.disk_partitions(all=sys.platform != "win32")
    except OSError:
        return ""
    mounted = [part for part in partitions if part.mountpoint and folder.resolve().is_relative_to(part.mountpoint)]
    nearest = max(mounted, key=lambda part: len(part.mountpoint), default=None)
    return nearest.fstype.lower() if nearest else ""
