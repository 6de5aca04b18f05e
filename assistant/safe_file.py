"""Small files of ours, written so that neither a full disk nor a crash can destroy what was there."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from assistant.errors import AssistantError, DiskFull, FolderUnusable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_safely(path: Path, data: bytes, *, is_lasting: bool = True) -> None:
    """Replace ``path`` by ``data`` in one step, readable by this user alone; on disk when this returns.

    Written beside and renamed: after an error or a crash the old content is there, whole. A link is followed, not
    replaced. Unless it ``is_lasting`` the system brings it to the disk when it likes, which costs no time, and a power
    cut may leave anything: for what can be found out again.
    Raises DiskFull, or FolderUnusable with the system's reason.
    """
    target = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    except OSError as error:
        raise _named(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if is_lasting:
                os.fsync(file.fileno())
        Path(name).replace(target)
        if is_lasting:
            _sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise _named(path, error) from error


def set_aside(path: Path) -> Path:
    """Rename ``path`` to ``<path>.broken-<n>`` with the first free number and return the new name.

    When that is refused the file stays, and ``path`` itself is returned.
    """
    number = 1
    while (kept := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    try:
        path.rename(kept)
    except OSError:
        return path
    return kept


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where folders can be opened (not on Windows, nor on some network shares)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _named(path: Path, error: OSError) -> AssistantError:
    if error.errno in _FULL:
        return DiskFull(path=path)
    return FolderUnusable(path=path.parent, reason=error.strerror or error)
