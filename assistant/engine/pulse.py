"""Whether a worker with a job still lives: tells a hang from slow work.

A worker that makes no step may be hung, or may evaluate a long prompt of a large model on a slow processor. The
difference is processor time: one that takes it gets much more patience than one that takes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 15
"""A worker that uses the processor may be silent for so many limits."""
_IDLE_S = 0.02
"""Less processor time than this in half a limit is none: two ticks of the system's clock."""


class Pulse:
    """Judges samples of a worker's signs of life. Times in seconds of one monotonic clock."""

    def __init__(self, limit_s: float, processor_time: Callable[[], float | None]) -> None:
        self._limit_s = limit_s
        self._processor_time = processor_time
        self._signs: object = None
        self._alive_at = 0.0
        self._sampled_at = 0.0
        self._mark: tuple[float, float | None] | None = None

    @property
    def interval_s(self) -> float:
        """How often to sample."""
        return min(1.0, self._limit_s / 8)

    def restart(self, now: float) -> None:
        """Begin anew: a job starts."""
        self._alive_at = self._sampled_at = now
        self._mark = None

    def is_hung(self, now: float, signs: object) -> bool:
        """Say whether the worker must be given up; ``signs`` is anything that changes while it works."""
        has_slept = now - self._sampled_at > self._limit_s / 2 + 1  # the app itself was stopped or suspended
        self._sampled_at = now
        if signs != self._signs or has_slept:
            self._signs = signs
            self.restart(now)
            return False
        silent_s = now - self._alive_at
        if silent_s < self._limit_s / 2:
            return False
        if self._mark is None:
            self._mark = now, self._processor_time()
            return False
        return silent_s >= self._limit_s and self._is_given_up(now, silent_s)

    def _is_given_up(self, now: float, silent_s: float) -> bool:
        if silent_s >= self._limit_s * PATIENCE:
            return True
        marked_at, before = self._mark or (now, None)
        if now - marked_at < self._limit_s * 3 / 8:
            return False
        after = self._processor_time()
        self._mark = now, after
        return before is None or after is None or after - before < _IDLE_S
