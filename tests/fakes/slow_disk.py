"""A disk that answers late: whoever looks into its folders waits, which a window's main thread may not."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest


class SlowDisk:
    """Everything below ``folder`` is read only once ``answers`` is set; the main thread must not even ask.

    ``asked`` says that somebody waits.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.asked = threading.Event()
        self.answers = threading.Event()
        self._scandir = os.scandir
        monkeypatch.setattr(os, "scandir", self._late)

    def _late(self, path: Any = ".") -> Any:  # whatever the system takes and gives
        if not isinstance(path, int) and Path(os.fsdecode(path)).is_relative_to(self.folder):
            assert threading.current_thread() is not threading.main_thread(), "the main thread waits for a slow disk"
            self.asked.set()
            assert self.answers.wait(30)
        return self._scandir(path)
