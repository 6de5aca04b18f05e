"""What happens when something raises that nobody expected: a line in the log and a dialog with a report to copy.

The report says where, never what was written: an exception's own words are left out, since they may quote a
conversation.
"""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

import assistant
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

log = logging.getLogger(__name__)

MOST_FRAMES = 40
MOST_CAUSES = 5
_ROOT = Path(assistant.__file__).parent.parent


class CrashReporter(QObject):
    """Hears of unexpected exceptions in any thread. One report a place in the code; never recursive.

    Signal: ``crashed(str)`` with the report, on the main thread and not inside of whatever failed.
    """

    crashed = Signal(str)
    _caught = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, int] = {}
        self._is_busy = threading.local()
        self._restore: Callable[[], None] | None = None
        self._caught.connect(self.crashed, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Hear of exceptions from now on."""
        hook, thread_hook, unraisable_hook = sys.excepthook, threading.excepthook, sys.unraisablehook

        def restore() -> None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = hook, thread_hook, unraisable_hook

        self._restore = restore
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable

    def uninstall(self) -> None:
        """Undo ``install``; harmless when there is nothing to undo."""
        if self._restore is not None:
            self._restore()
            self._restore = None

    def report(self, error: BaseException) -> None:
        """Log an exception, and tell of it once for each place it comes from. Any thread; never raises."""
        if getattr(self._is_busy, "now", False):
            return
        self._is_busy.now = True
        try:
            self._take(error)
        except Exception:  # noqa: BLE001 - the outermost loop: there is nobody left to tell but the terminal
            traceback.print_exc(file=sys.__stderr__)
        finally:
            self._is_busy.now = False

    def _take(self, error: BaseException) -> None:
        place = place_of(error)
        self._seen[place] = self._seen.get(place, 0) + 1
        if self._seen[place] == 1:
            words = make_report(error)
            log.critical("a mistake of ours:\n%s", words)
            self._caught.emit(words)
        elif self._seen[place] & (self._seen[place] - 1) == 0:
            log.error("again, %d times by now: %s", self._seen[place], place)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error, trace)
        else:
            self.report(error)

    def _on_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not issubclass(arguments.exc_type, SystemExit):
            self.report(arguments.exc_value)

    def _on_unraisable(self, arguments: sys.UnraisableHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)


def make_report(error: BaseException) -> str:
    """Return versions, system, thread and where each exception of the chain came from; nothing of its words."""
    import PySide6

    lines = [
        f"Inkstone {assistant.__version__}, Python {platform.python_version()}, Qt {PySide6.__version__}",
        f"{platform.system()} {platform.release()}, {platform.machine()}, thread {_thread_name()}",
    ]
    for number, link in enumerate(_chain(error)):
        lines += ["", f"{'Because of' if number else 'Raised'} {_name(link)}"]
        frames = traceback.extract_tb(link.__traceback__)
        if len(frames) > MOST_FRAMES:
            lines.append(f"  … {len(frames) - MOST_FRAMES} more")
        lines += [f"  {shorten(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames[-MOST_FRAMES:]]
    return "\n".join(lines)


def place_of(error: BaseException) -> str:
    """Return what kind of exception it is and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{shorten(frames[-1].filename)}:{frames[-1].lineno}" if frames else "nowhere"
    return f"{type(error).__qualname__} at {where}"


def shorten(filename: str) -> str:
    """Return a file's path without the folders that name a person: from the program or the library on."""
    path = Path(filename)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.relative_to(_ROOT).parts:
        return path.relative_to(_ROOT).as_posix()
    parts = path.parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    return "/".join(parts[-2:])


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain and len(chain) < MOST_CAUSES:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return chain


def _name(error: BaseException) -> str:
    """Return the exception's type, with what is known to hold no text of a person."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, AssistantError):
        return f"{name} ({error.kind})"
    if isinstance(error, OSError) and error.strerror:
        return f"{name} ({error.strerror})"
    return name


def _thread_name() -> str:
    thread = threading.current_thread()
    return "main" if thread is threading.main_thread() else thread.name
