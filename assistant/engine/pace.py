"""How many threads compute: fewer while other programs want the processors, all again when they have done.

Threads that compute together wait for each other at every step. When one of them is not on a processor, all others spin
in vain, and a model falls to a twentieth of its speed on a machine that is merely busy. Whether that happens shows in
the processor time: threads that are never pushed away take all the time there is.
"""

from __future__ import annotations

import math

_LOST = 0.6
"""Threads that were pushed away so much, in processors, are too many."""
_FREE = 0.95
"""Threads of which each has so much of a processor may be more."""
_MEMORY_S = 0.1
_FIRST_WAIT_S, _LAST_WAIT_S = 1.0, 32.0


class Pace:
    """Judges by what each computation took. ``most`` is how many threads there shall ever be."""

    def __init__(self, most: int) -> None:
        self.threads = most
        self._most = most
        self._share = 1.0
        self._wait_s = _FIRST_WAIT_S
        self._since_s = 0.0
        self._is_trial = False

    def note(self, wall_s: float, processor_s: float) -> bool:
        """Take how long a computation took, and the process's processor time in it; True when ``threads`` changed."""
        if wall_s <= 0:
            return False
        share = min(1.0, processor_s / (wall_s * self.threads))
        self._share = share + (self._share - share) * math.exp(-wall_s / _MEMORY_S)
        self._since_s += wall_s
        if self._is_trial and self._since_s > _FIRST_WAIT_S:  # it went well
            self._is_trial, self._wait_s = False, _FIRST_WAIT_S
        lost = self.threads * (1 - self._share)
        if lost > _LOST and self.threads > 1:
            self._wait_s = min(_LAST_WAIT_S, self._wait_s * 2) if self._is_trial else _FIRST_WAIT_S
            return self._change(max(1, self.threads - max(1, round(lost))), is_trial=False)
        if self._share > _FREE and self.threads < self._most and self._since_s >= self._wait_s:
            return self._change(self.threads + 1, is_trial=True)
        return False

    def _change(self, threads: int, *, is_trial: bool) -> bool:
        self.threads, self._is_trial = threads, is_trial
        self._share = 1.0
        self._since_s = 0.0
        return True
