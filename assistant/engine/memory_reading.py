"""How fast this computer reads its memory: what bounds the writing of a model on a processor.

As many threads as llama.cpp would write with, each over a part of its own of a buffer far larger than the caches.
numpy's maximum of 64-bit numbers is as fast as reading alone and lets go of Python's lock.
"""

from __future__ import annotations

import statistics
import threading
import time

import numpy as np

from assistant.engine import placement
from assistant.memory import memory

MIN_BYTES, MAX_BYTES = 256 << 20, 2 << 30
BYTES_A_THREAD = 64 << 20
MIN_PASSES = 5
Buffer = np.ndarray[tuple[int], np.dtype[np.int64]]


def bytes_per_second(seconds: float) -> int:
    """Return the speed of passes over the buffer, taken for ``seconds`` and five times at least.

    It is the one that a quarter of them reach: other programs can only slow a pass down, and the figure is kept.
    """
    count = placement.threads(0)[0]
    size = max(MIN_BYTES, min(MAX_BYTES, count * BYTES_A_THREAD))
    size = min(size, memory().available_bytes // 4)
    passes = _Passes(count, size // count // 8)
    return round(passes.size_bytes / statistics.quantiles(passes.run(seconds), n=4)[0])


class _Passes:
    """Threads that begin and end each pass over their parts together."""

    def __init__(self, threads: int, numbers: int) -> None:
        self.size_bytes = threads * numbers * 8
        self._is_over = False
        self._meeting = threading.Barrier(threads + 1)
        self._threads = [threading.Thread(target=self._read, args=(numbers,)) for _ in range(threads)]

    def run(self, seconds: float) -> list[float]:
        """Return how long each pass took."""
        for thread in self._threads:
            thread.start()
        self._meeting.wait()
        times: list[float] = []
        deadline = time.perf_counter() + seconds
        while len(times) < MIN_PASSES or time.perf_counter() < deadline:
            begun = time.perf_counter()
            self._meeting.wait()
            self._meeting.wait()
            times.append(time.perf_counter() - begun)
        self._is_over = True
        self._meeting.wait()
        for thread in self._threads:
            thread.join()
        return times

    def _read(self, numbers: int) -> None:
        part: Buffer = np.ones(numbers, np.int64)  # written, and so laid out, by the thread that reads it
        self._meeting.wait()
        while True:
            self._meeting.wait()
            if self._is_over:
                return
            part.max()
            self._meeting.wait()
