"""The 64 bytes that the app and a worker share: the quick way to cancel, and the worker's heartbeat.

========  =================================================================================
byte 0    1: abort what is running now (llama.cpp looks at it between graph nodes)
byte 1    always 0: it ends the "string" of byte 0 for ``strlen``, the abort callback
8 … 15    heartbeat, a little-endian counter raised by the worker at every decode step
16 … 23   number of the request to cancel, written before byte 0: a late cancel hits no other
========  =================================================================================
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from contextlib import suppress
from pathlib import Path

SIZE = 64
ABORT = 0
HEARTBEAT = 8
REQUEST = 16
_COUNTER = struct.Struct("<Q")


class ControlMemory:
    """The app's end of the memory: a file in the system's folder for temporary ones, readable by this user alone.

    Raises OSError when the file cannot be made.
    """

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="inkstone-", suffix=".control")
        self.path = Path(name)
        try:
            os.ftruncate(descriptor, SIZE)
            self._memory = mmap.mmap(descriptor, SIZE)
        finally:
            os.close(descriptor)

    @property
    def heartbeat(self) -> int:
        """How many steps the worker has made."""
        return int(_COUNTER.unpack_from(self._memory, HEARTBEAT)[0])

    def cancel(self, request: int) -> None:
        """Abort ``request`` if that is what runs now."""
        _COUNTER.pack_into(self._memory, REQUEST, request)
        self._memory[ABORT] = 1

    def remove_file(self) -> None:
        """Take the name away: the worker has opened it, and nothing is left behind should the app be killed.

        Windows keeps the name of an open file; there ``close`` removes it.
        """
        with suppress(PermissionError):
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the memory back and remove the file."""
        self._memory.close()
        self.remove_file()
