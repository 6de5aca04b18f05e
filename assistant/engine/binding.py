"""llama.cpp itself, started and listened to. The one module that imports it; ``llama_*`` wrap what it can do.

libllama aborts the process, or answers nonsense, when it is called outside its terms: every call that has terms is
guarded where it is wrapped. One thread only, the worker's main thread; importing this module takes some 300 ms.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections import deque
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from llama_cpp import __version__
from llama_cpp import llama_cpp as lib

from assistant.engine.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assistant.i18n import Sentence

__all__ = ["LlamaError", "NoRoomError", "last_words", "lib", "supports_gpu", "version"]

_INFO, _WARNING, _CONTINUATION = 2, 3, 5
_PREFIX = re.compile(r"^(\w+: |error loading model[\w ]*: )+(?=.)")


class LlamaError(Exception):
    """llama.cpp refused; ``reason`` is its own complaint, or a clause of ours where it has none."""

    def __init__(self, reason: Sentence | str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoRoomError(Exception):
    """All cells of the KV cache are taken."""


class LastWords:
    """The last lines llama.cpp logged; all of them go to standard error as well."""

    def __init__(self) -> None:
        self._complaints: list[tuple[int, str]] = []
        self._lines: deque[str] = deque(maxlen=40)
        self._follower: Callable[[str], object] | None = None
        self._callback = lib.llama_log_callback(self._hear)  # llama.cpp calls it as long as the process lives

    def listen(self) -> None:
        """Have llama.cpp's log come here."""
        lib.llama_log_set(self._callback, ctypes.c_void_p(0))

    @contextmanager
    def followed(self, hear: Callable[[str], object]) -> Iterator[None]:
        """Have every line given to ``hear`` as well, from whichever thread of llama.cpp."""
        self._follower = hear
        try:
            yield
        finally:
            self._follower = None

    def forget(self) -> None:
        """Begin anew, so that ``complaint`` concerns what comes now."""
        self._complaints.clear()
        self._lines.clear()

    @property
    def complaint(self) -> Sentence | str:
        """The first of the gravest: llama.cpp tells the reason, then what it fails at because of it."""
        gravest = max((level for level, _ in self._complaints), default=0)
        return next((line for level, line in self._complaints if level == gravest), Reason.NOT_GIVEN())

    @property
    def text(self) -> str:
        """The last lines, oldest first."""
        return "\n".join(self._lines)

    def _hear(self, level: int, text: bytes, _: object) -> None:
        """Take a line; called by llama.cpp from any thread."""
        line = text.decode("utf-8", "replace").strip()
        if level < _INFO or level >= _CONTINUATION or not line:
            return
        self._lines.append(line)
        if self._follower:
            self._follower(line)
        if level >= _WARNING and len(self._complaints) < 100:
            self._complaints.append((level, _PREFIX.sub("", line)))
        print(line, file=sys.stderr)  # noqa: T201 - the worker's log


@cache
def last_words() -> LastWords:
    """Start llama.cpp on the first call; its log goes into what is returned."""
    words = LastWords()
    words.listen()
    lib.llama_backend_init()
    return words


def version() -> str:
    """Return the name and version of the library."""
    return f"llama.cpp {lib.llama_version().decode()} (llama-cpp-python {__version__})"


def supports_gpu() -> bool:
    """Say whether this build can put layers on a GPU."""
    return bool(lib.llama_supports_gpu_offload())
