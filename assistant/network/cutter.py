"""A pair of scissors for connections: held by one thread, it ends what another thread waits for."""

from __future__ import annotations

import threading
from typing import Protocol

from assistant.network.reasons import CutOff


class Cuttable(Protocol):
    """Something that a thread may be blocked in."""

    def cut(self) -> None:
        """End it at once, from any thread."""


class Cutter:
    """Cuts every connection opened under it, those being opened and those opened later too. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: set[Cuttable] = set()
        self._is_cut = False

    @property
    def is_cut(self) -> bool:
        """Nothing can be opened under it any more."""
        return self._is_cut

    def cut(self) -> None:
        """End what is open; whoever waits for it gets HubUnreachable, or NetworkOff, within 0.1 s."""
        self._is_cut = True
        self.cut_open()

    def cut_open(self) -> None:
        """End what is open now; new things can be opened afterwards."""
        with self._lock:
            for thing in self._things:
                thing.cut()

    def add(self, thing: Cuttable) -> None:
        """Take something under it. Raises CutOff when it has cut already."""
        with self._lock:
            if self._is_cut:
                raise CutOff
            self._things.add(thing)

    def remove(self, thing: Cuttable) -> None:
        """Forget something that has ended."""
        with self._lock:
            self._things.discard(thing)
