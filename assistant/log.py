"""The program's log file: what happened, for bug reports; never what was said.

Modules log with ``logging.getLogger(__name__)``. Texts of people and models are not logged.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import time
from io import FileIO, TextIOWrapper
from pathlib import Path

from assistant.paths import Paths

MAX_BYTES = 1_000_000
FILES = 3
"""The file in use and two older ones, ``.1`` and ``.2``."""
_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-7s [%(process)d] %(name)s: %(message)s"
_OURS = ("assistant", "ui")


def start(paths: Paths) -> Path | None:
    """Log to ``inkstone.log`` in the log folder from now on, Python's warnings included; returns the file.

    Our own modules from INFO on, libraries from WARNING on. ``None`` when the file cannot be opened: the program goes
    on without. Each line is in the file when the logging call returns, so a crash loses nothing.
    """
    stop()
    path = paths.logs / "inkstone.log"
    try:
        handler = _LogFile(path)
    except OSError as error:
        logging.getLogger(__name__).warning("no log file: %s", error.strerror or error)
        return None
    logging.getLogger().addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)
    return path


def stop() -> None:
    """Undo ``start``; harmless when there is nothing to undo."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _LogFile)]:
        root.removeHandler(handler)
        handler.close()
        logging.captureWarnings(False)
        for name in _OURS:
            logging.getLogger(name).setLevel(logging.NOTSET)


class _LogFile(logging.handlers.RotatingFileHandler):
    """A rotating file that only this user can read, and that never stops the program."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=FILES - 1, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(_Line(_FORMAT, "%Y-%m-%dT%H:%M:%S"))
        self._lost = 0

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        raw = FileIO(handle, "a")  # without a buffer: what a full disk refused is not kept and tried again
        return TextIOWrapper(raw, self.encoding, self.errors, write_through=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, and before it how many were lost to a full disk."""
        if lost := self._lost:
            self._lost = 0
            note = {"name": __name__, "levelname": "WARNING", "msg": f"{lost} lines lost"}
            super().emit(logging.makeLogRecord(note))
            if self._lost:
                self._lost = lost + 1
                return
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name in logging
        """Count what could not be written; a mistake in a logging call is shown on stderr, where there is one."""
        if isinstance(sys.exception(), OSError):
            self._lost += 1
        else:
            super().handleError(record)


class _Line(logging.Formatter):
    """One record as one line in UTC; what follows a line break is indented, so that no text can pose as a record."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback below it."""
        return "\n    ".join(super().format(record).splitlines())
