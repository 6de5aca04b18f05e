"""The part of a file that has come, and the checksum of it that grows with it."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, DiskFailed, DownloadExists, FileTooBigForDisk, FolderNotWritable
from assistant.models.space import FAT32_BYTES, free_bytes, not_enough

if TYPE_CHECKING:
    from io import FileIO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: FileIO) -> None:
        file.seek(1 << 60)  # a lock there keeps others from reading, so it lies where nothing will ever be
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: FileIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


STEP_BYTES = 1 << 20
WRITEBACK_BYTES = 1 << 24
"""After so much the system is told to bring it to the disk; unasked it waits for many seconds or much of the memory,
and ``sync`` at the end, which nothing can stop, would wait for all of that."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HELD = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


class PartFile:
    """Open for one writer in all processes; use ``with``. ``size`` is how much is here.

    What is appended is hashed by a thread of its own while the next bytes come. ``room`` is where they are put.
    ``name`` is that of the file in its repository. Raises NotEnoughSpace, FileTooBigForDisk, FolderNotWritable,
    DiskFailed; DownloadExists when another process is writing it.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._checksum = hashlib.sha256()
        self.size = 0
        self._begun = 0  # so much is on its way to the disk
        self.room = memoryview(bytearray(STEP_BYTES))
        self._being_hashed = memoryview(bytearray(STEP_BYTES))
        self._hashing: Future[None] | None = None
        self._file = self._open()
        self._hasher = ThreadPoolExecutor(1, "checksum")

    def __enter__(self) -> PartFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._hasher.shutdown()
        self._file.close()

    @property
    def sha256(self) -> str:
        """The checksum of all that is here, hexadecimal."""
        self._finish_hashing()
        return self._checksum.hexdigest()

    def take_over(self, most: int | None, on_progress: Callable[[int], None]) -> None:
        """Hash what a former run left; more than ``most`` bytes cannot be of this file, and it begins anew.

        ``on_progress`` hears the bytes hashed after each MiB, and may raise to end it.
        """
        try:
            if most is not None and os.fstat(self._file.fileno()).st_size > most:
                self._file.truncate(0)
            self._file.seek(0)
            while count := self._file.readinto(self.room):
                self._checksum.update(self.room[:count])
                self.size += count
                on_progress(self.size)
            self._begun = self.size
        except OSError as error:
            raise self._named(error, 0) from error

    def append(self, count: int, left: int) -> None:
        """Take the first ``count`` bytes of ``room``, which is another one afterwards.

        ``left`` is how much is still missing, for the sentence when the disk is full.
        """
        data = self.room[:count]
        self._finish_hashing()
        self._hashing = self._hasher.submit(self._checksum.update, data)
        self.room, self._being_hashed = self._being_hashed, self.room
        while data:
            try:
                written = self._file.write(data)
            except OSError as error:
                raise self._named(error, left) from error
            self.size += written
            left -= written
            data = data[written:]
        if self.size - self._begun >= WRITEBACK_BYTES:
            self._begin_writing()

    def start_over(self) -> None:
        """Throw away what is here."""
        self._finish_hashing()
        try:
            self._file.seek(0)
            self._file.truncate(0)
        except OSError as error:
            raise self._named(error, 0) from error
        self._checksum = hashlib.sha256()
        self.size = self._begun = 0

    def sync(self) -> None:
        """Have all of it on the disk when this returns."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._named(error, 0) from error

    def delete(self) -> None:
        """Close it and remove it."""
        self._file.close()
        with suppress(OSError):
            self._path.unlink()

    def _finish_hashing(self) -> None:
        if self._hashing is not None:
            self._hashing.result()

    def _begin_writing(self) -> None:
        """Have Linux begin to write what is new; other systems know no such advice, or take it for one on reading."""
        if sys.platform == "linux":
            with suppress(OSError):  # not every network share knows it
                os.posix_fadvise(self._file.fileno(), self._begun, self.size - self._begun, os.POSIX_FADV_DONTNEED)
        self._begun = self.size

    def _open(self) -> FileIO:
        """Open the file at the path for one writer. Another process may have moved its file away before the lock."""
        while True:
            file = self._open_locked()
            if _is_at(file, self._path):
                return file
            file.close()

    def _open_locked(self) -> FileIO:
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise self._named(error, 0) from error
        file = os.fdopen(handle, "r+b", buffering=0)
        try:
            _lock(file)
        except OSError as error:
            if error.errno in _HELD:
                file.close()
                raise DownloadExists(name=self._name) from error
        return file

    def _named(self, error: OSError, left: int) -> AssistantError:
        folder = self._path.parent
        if error.errno == errno.EFBIG and self.size + left > FAT32_BYTES:
            return FileTooBigForDisk(path=folder, name=self._name)
        if error.errno in _FULL:
            try:
                free = free_bytes(folder)
            except OSError:
                free = 0
            return not_enough(folder, max(left, 0), free)
        if error.errno == errno.EIO:
            return DiskFailed(path=self._path)
        return FolderNotWritable(path=folder, reason=error.strerror or error)


def _is_at(file: FileIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
