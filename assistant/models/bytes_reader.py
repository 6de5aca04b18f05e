"""Reading an untrusted file forward in bounded windows: every length is checked before anything is taken.

A window is read into memory instead of mapping the file: a mapped file that shrinks, or whose disk goes away, ends
the whole program by a signal.
"""

from __future__ import annotations

import struct
from typing import Protocol

WINDOW_BYTES = 1 << 20
MAX_HEADER_BYTES = 1 << 30
"""More than any header; bounds the work that a hostile file can cause."""
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


class EndsEarly(Exception):
    """The file is shorter than what it announces."""


class Source(Protocol):
    """What is read: a file, or something that gives bytes like one."""

    def seek(self, offset: int, /) -> int:
        """Go to ``offset`` from the beginning."""
        ...

    def read(self, size: int, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        ...


class BytesReader:
    """A cursor that only goes forward. Numbers are little-endian. Every method may raise EndsEarly."""

    def __init__(self, file: Source, size_bytes: int) -> None:
        self._file = file
        self._size = min(size_bytes, MAX_HEADER_BYTES)
        self._window = b""
        self._start = 0
        self._at = 0

    @property
    def position(self) -> int:
        """Where the cursor stands in the file."""
        return self._start + self._at

    @property
    def remaining(self) -> int:
        """Bytes from the cursor to the end of the file, at most so many as are read at all."""
        return self._size - self.position

    def u32(self) -> int:
        """Take an unsigned 32-bit number."""
        self._need(4)
        (value,) = _U32.unpack_from(self._window, self._at)
        self._at += 4
        return int(value)

    def u64(self) -> int:
        """Take an unsigned 64-bit number."""
        self._need(8)
        (value,) = _U64.unpack_from(self._window, self._at)
        self._at += 8
        return int(value)

    def take(self, count: int) -> bytes:
        """Take ``count`` bytes; the caller has bounded ``count``."""
        self._need(count)
        taken = self._window[self._at : self._at + count]
        self._at += count
        return taken

    def skip(self, count: int) -> None:
        """Go forward without reading."""
        if count > self.remaining:
            raise EndsEarly
        self._at += count

    def skip_strings(self, count: int) -> None:
        """Go over ``count`` strings, each a 64-bit length and its bytes: some 100 ns each."""
        if count * 8 > self.remaining:
            raise EndsEarly
        length_at = _U64.unpack_from
        while count:
            self._need(8)
            window, at, last = self._window, self._at, len(self._window) - 8
            while count and at <= last:
                at += 8 + length_at(window, at)[0]
                count -= 1
            self.skip(at - self._at)

    def _need(self, count: int) -> None:
        """Have ``count`` bytes in the window from the cursor on."""
        if self._at + count <= len(self._window):
            return
        if count > self.remaining:
            raise EndsEarly
        kept = self._window[self._at :]
        self._start, self._at = self.position, 0
        self._file.seek(self._start + len(kept))
        self._window = kept + self._file.read(max(count, WINDOW_BYTES) - len(kept))
        if len(self._window) < count:
            raise EndsEarly
