"""The worker's end of the memory that ``control`` lays out: is something to be given up, and a sign of life."""

from __future__ import annotations

import ctypes
import mmap
import struct
from pathlib import Path

from assistant.engine.control import ABORT, HEARTBEAT, REQUEST, SIZE

_COUNTER = struct.Struct("<Q")


class WorkerControl:
    """The shared memory in the file ``path``; a private one when there is none. Opens the file once, at the start.

    It is a ``running.Stop``. Raises OSError or ValueError when the file is missing or too short.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            self._memory = mmap.mmap(-1, SIZE)
        else:
            with path.open("r+b") as file:
                self._memory = mmap.mmap(file.fileno(), SIZE)
        self._bytes = (ctypes.c_ubyte * SIZE).from_buffer(self._memory)  # keeps the address valid
        self._beats = 0

    @property
    def address(self) -> int:
        """Where the abort byte lies."""
        return ctypes.addressof(self._bytes) + ABORT

    @property
    def is_set(self) -> bool:
        """Whether what runs now is to be given up."""
        return self._memory[ABORT] != 0

    def abort(self) -> None:
        """Have the running step given up; whoever runs it looks for the reason elsewhere. From any thread."""
        self._memory[ABORT] = 1

    def take(self) -> int:
        """Clear the abort byte and return the request the app last wanted to end, 0 when there was none.

        Cleared first: an app that writes in between sets the byte again and is heard the next time.
        """
        self._memory[ABORT] = 0
        return int(_COUNTER.unpack_from(self._memory, REQUEST)[0])

    def beat(self) -> None:
        """Count a step: a sign of life."""
        self._beats += 1
        _COUNTER.pack_into(self._memory, HEARTBEAT, self._beats)
