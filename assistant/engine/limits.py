"""A bound on time and memory for work whose cost somebody else decides, like a model's chat template."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class LimitError(Exception):
    """The work took too long."""


@contextmanager
def bounded(seconds: float, memory_bytes: int) -> Iterator[None]:
    """Raise LimitError in the work after ``seconds``, and MemoryError when it takes more than ``memory_bytes``.

    Both stop Python, not a call into a library that never returns. Main thread only. Memory is bounded on Linux only.
    """
    with _memory(memory_bytes), _alarm(seconds) if hasattr(signal, "setitimer") else _watchdog(seconds):
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise LimitError(f"it took more than {seconds:g} seconds")

    begun = time.monotonic()
    previous = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if left:  # somebody else's alarm goes on
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - begun)), interval)


@contextmanager
def _watchdog(seconds: float) -> Iterator[None]:
    """The same where there are no alarms: a thread throws the exception into this one."""
    this = ctypes.c_ulong(threading.get_ident())
    lock = threading.Lock()
    is_over = False

    def throw() -> None:
        with lock:
            if not is_over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(this, ctypes.py_object(LimitError))

    timer = threading.Timer(seconds, throw)
    timer.start()
    try:
        yield
    finally:
        with lock:
            is_over = True
        timer.cancel()
        timer.join()


@contextmanager
def _memory(size_bytes: int) -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        bound = pages * resource.getpagesize() + size_bytes
        if soft == resource.RLIM_INFINITY or bound < soft:
            resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
