"""What a test left behind: threads, child processes, Qt timers and windows, log handlers, warnings in the log."""

from __future__ import annotations

import gc
import logging
import re
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

GRACE_S = 2.0
"""How long threads and processes told to end may take for it."""

_started_timers: weakref.WeakSet = weakref.WeakSet()


class LogCollector(logging.Handler):
    """Keeps every record of WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Watch:
    """What there was before a test. ``complaints`` says what came with it and is still there, and removes it."""

    def __init__(self, item: pytest.Item) -> None:
        self.item = item
        self.log = LogCollector()
        logging.getLogger().addHandler(self.log)
        self.handlers = set(_handlers())
        self.threads = set(threading.enumerate())
        self.processes = set(_children())
        watch_timers()
        _started_timers.clear()

    def complaints(self) -> list[str]:
        """Return one line for each thing left behind; an empty list is a clean test."""
        found = [*self._windows(), *self._timers(), *self._threads(), *self._processes(), *self._log_handlers()]
        logging.getLogger().removeHandler(self.log)
        return found + self._log_records()

    def _threads(self) -> Iterator[str]:
        end = time.monotonic() + GRACE_S
        for thread in set(threading.enumerate()) - self.threads:
            if isinstance(thread, threading._DummyThread) or type(thread).__name__ == "TMonitor":
                continue  # a thread of Qt's that ran Python once; the progress thread of tqdm, which lives on
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                yield f"the thread {thread.name!r} still runs"

    def _processes(self) -> Iterator[str]:
        end = time.monotonic() + GRACE_S
        for process in set(_children()) - self.processes:
            with no_such_process():
                command = _command(process)
                if "multiprocessing.resource_tracker" in command:
                    continue  # Python's own, one for the whole run
                while process.is_running() and time.monotonic() < end:
                    time.sleep(0.02)
                if process.is_running():
                    state = "was not waited for" if process.status() == psutil.STATUS_ZOMBIE else "still runs"
                    yield f"the process {process.pid} ({command[:120]}) {state}"
                    process.kill()
                    process.wait(GRACE_S)

    def _timers(self) -> Iterator[str]:
        from shiboken6 import isValid

        if any(isValid(timer) and timer.isActive() for timer in _started_timers):
            gc.collect()
        for timer in list(_started_timers):
            if isValid(timer) and timer.isActive():
                yield f"a QTimer of {timer.interval()} ms still runs, parent {timer.parent()!r}"
                timer.stop()

    def _windows(self) -> Iterator[str]:
        from PySide6.QtCore import QCoreApplication, QEvent
        from PySide6.QtWidgets import QApplication

        if not isinstance(QCoreApplication.instance(), QApplication):
            return
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for window in QApplication.topLevelWidgets():
            if window.isVisible():
                yield f"a window is still shown: {window!r}"
                window.close()
                window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _log_handlers(self) -> Iterator[str]:
        for logger, handler in set(_handlers()) - self.handlers:
            yield f"a handler is still on the logger {logger!r}: {handler!r}"
            logging.getLogger(logger).removeHandler(handler)

    def _log_records(self) -> list[str]:
        allowed = [pattern for mark in self.item.iter_markers("allow_log") for pattern in mark.args]
        lines = [f"{record.name}: {record.getMessage()}" for record in self.log.records]
        return [f"unexpected in the log: {line}" for line in lines if not any(re.search(one, line) for one in allowed)]


@contextmanager
def no_such_process() -> Iterator[None]:
    """Take a process that ended meanwhile for what it is: gone."""
    try:
        yield
    except psutil.NoSuchProcess:
        return


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.ZombieProcess:
        return process.name()


def _children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _handlers() -> list[tuple[str, logging.Handler]]:
    names = ("", "assistant", "ui")
    own = [(name, handler) for name in names for handler in logging.getLogger(name).handlers]
    return [(name, handler) for name, handler in own if not type(handler).__module__.startswith("_pytest.")]


def watch_timers() -> None:
    """Remember every QTimer that is started from now on, as long as it lives."""
    from PySide6.QtCore import QTimer

    if hasattr(QTimer.start, "watched"):
        return
    original = QTimer.start

    def start(timer: QTimer, *interval: object) -> None:
        _started_timers.add(timer)
        original(timer, *interval)

    start.watched = True
    QTimer.start = start
