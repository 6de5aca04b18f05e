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
HAS_NAMELESS_FILES = os.name == "posix"
_PREFIX, _SUFFIX = "inkstone-", ".control"
_COUNTER = struct.Struct("<Q")


class ControlMemory:
    """The app's end of the memory: a file in the system's folder for temporary ones, readable by this user alone.

    It has no name where a file can do without one, so that nothing is left behind whatever ends the app: the worker has
    ``descriptors`` then, and ``path`` leads to the first of them. Raises OSError when the file cannot be made.
    """

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX)
        try:
            os.ftruncate(descriptor, SIZE)
            self._memory = mmap.mmap(descriptor, SIZE)
        except BaseException:
            os.close(descriptor)
            Path(name).unlink()
            raise
        if HAS_NAMELESS_FILES:
            Path(name).unlink()
            self.path, self.descriptors = Path(f"/dev/fd/{descriptor}"), [descriptor]
        else:
            os.close(descriptor)
            self.path, self.descriptors = Path(name), []
            _sweep(self.path)

    @property
    def heartbeat(self) -> int:
        """How many steps the worker has made."""
        return int(_COUNTER.unpack_from(self._memory, HEARTBEAT)[0])

    def cancel(self, request: int) -> None:
        """Abort ``request`` if that is what runs now."""
        _COUNTER.pack_into(self._memory, REQUEST, request)
        self._memory[ABORT] = 1

    def close(self) -> None:
        """Give the memory back and remove the file; the worker has ended."""
        self._memory.close()
        while self.descriptors:
            os.close(self.descriptors.pop())
        if not HAS_NAMELESS_FILES:
            self.path.unlink(missing_ok=True)


def _sweep(own: Path) -> None:
    """Remove what apps that were killed left behind; the system keeps the files that are in use."""
    for path in own.parent.glob(f"{_PREFIX}*{_SUFFIX}"):
        if path != own:
            with suppress(OSError):
                path.unlink()
