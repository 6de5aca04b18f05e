"""The last words of a worker: its standard error, bounded in memory and on disk."""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "engine.log"
LINES = 200
_LINE_BYTES = 4096
_WORKER_BYTES = 256 << 10
"""A worker writes no more than this into the file; its latest lines stay in memory all the same."""
_ROTATE_BYTES = 1 << 20


class LogTail:
    """Reads a worker's standard error to its end in a thread of its own; keeps the last lines and a file of them."""

    def __init__(self, folder: Path, title: str) -> None:
        self._folder = folder
        self._title = title
        self._lines: deque[str] = deque(maxlen=LINES)
        self._thread: threading.Thread | None = None

    def start(self, stream: IO[bytes]) -> None:
        """Begin to read ``stream``."""
        self._thread = threading.Thread(target=self._read, args=(stream,), name="engine-log", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the stream, which comes with the end of the process."""
        if self._thread:
            self._thread.join(timeout_s)

    @property
    def text(self) -> str:
        """The lines kept, oldest first. May be read from any thread once joined."""
        return "\n".join(self._lines)

    def _read(self, stream: IO[bytes]) -> None:
        file = self._open()
        written = 0
        try:
            for line in iter(lambda: stream.readline(_LINE_BYTES), b""):
                self._lines.append(line.decode("utf-8", "replace").rstrip())
                written += len(line)
                if file and written <= _WORKER_BYTES:
                    with suppress(OSError):  # a full disk must not stop the worker; the lines are in memory
                        file.write(line)
        finally:
            stream.close()
            if file:
                file.close()

    def _open(self) -> IO[bytes] | None:
        """Return the log file with this worker's title written, ``None`` where no file can be had."""
        path = self._folder / FILE
        try:
            if path.exists() and path.stat().st_size > _ROTATE_BYTES:
                path.replace(path.with_suffix(".old.log"))
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            file = open(descriptor, "ab", buffering=0)  # noqa: PTH123, SIM115 - a descriptor, closed by the reader
            file.write(f"--- {datetime.now(UTC):%Y-%m-%d %H:%M:%S} {self._title}\n".encode())
            return file
        except OSError:
            return None
