"""What the terminal prints: text for people or one JSON object a line for programs; progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TextIO

from assistant.errors import AssistantError
from assistant.i18n import Sentence


class Output:
    """One command's voice. With ``is_json`` stdout carries JSON lines and nothing else."""

    def __init__(self, *, is_json: bool, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.is_json = is_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._progress_length = 0

    def object(self, kind: str, /, **fields: object) -> None:
        """Print a JSON line, with ``--json`` only; ``kind`` stands under ``type``."""
        if self.is_json:
            print(json.dumps({"type": kind, **fields}, ensure_ascii=False, default=_plain), file=self._out, flush=True)

    def text(self, text: str, end: str = "\n") -> None:
        """Print text for a person, not with ``--json``."""
        if not self.is_json:
            print(text, end=end, file=self._out, flush=True)

    def remark(self, text: str) -> None:
        """Print a sentence on stderr, in either mode."""
        self.clear_progress()
        print(text, file=self._err, flush=True)

    def progress(self, text: str) -> None:
        """Show where things are in one line that the next one replaces; only on a terminal."""
        if self._err.isatty():
            print("\r" + text.ljust(self._progress_length), end="", file=self._err, flush=True)
            self._progress_length = len(text)

    def clear_progress(self) -> None:
        """Take the progress line away."""
        if self._progress_length:
            print("\r" + " " * self._progress_length + "\r", end="", file=self._err, flush=True)
            self._progress_length = 0

    def error(self, error: AssistantError) -> None:
        """Tell an error: a JSON line, or its sentence and hint on stderr."""
        if self.is_json:
            self.object("error", kind=error.kind, message=error.message, hint=error.hint)
            return
        self.remark(error.message)
        if error.hint:
            self.remark(error.hint)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path | Sentence | AssistantError):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
