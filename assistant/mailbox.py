"""How news reaches the main thread: post a frozen event from any thread, drain them on one.

The mailbox knows nothing about Qt. Whoever drains it may give a ``wake`` function, called once when the mailbox goes
from empty to filled, from the posting thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence


class Mailbox:
    """A queue of events with many writers and one reader. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._events: deque[object] = deque()
        self._filled = threading.Condition()
        self._wake: Callable[[], None] | None = None
        self._is_closed = False

    def set_wake(self, wake: Callable[[], None] | None) -> None:
        """Call ``wake`` whenever the mailbox is filled after being empty; ``None`` stops that.

        It is called at once when events are already waiting, and must return quickly: it runs in the posting thread.
        """
        with self._filled:
            self._wake = wake
            waiting = bool(self._events)
        if waiting and wake:
            wake()

    def post(self, event: object) -> None:
        """Add an event. After ``close`` it is dropped."""
        with self._filled:
            if self._is_closed:
                return
            was_empty = not self._events
            self._events.append(event)
            wake = self._wake if was_empty else None
            self._filled.notify_all()
        if wake:
            wake()

    def drain(self) -> list[object]:
        """Take all waiting events, oldest first; an empty list when there are none. Never blocks."""
        with self._filled:
            events = list(self._events)
            self._events.clear()
        return events

    def put_back(self, events: Sequence[object]) -> None:
        """Have these be drained first the next time, and call ``wake`` even for none: there will be one."""
        with self._filled:
            if self._is_closed:
                return
            self._events.extendleft(reversed(events))
            wake = self._wake
            self._filled.notify_all()
        if wake:
            wake()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Block until an event waits or ``timeout_s`` has passed; says whether one waits. For terminal and tests."""
        with self._filled:
            return self._filled.wait_for(lambda: bool(self._events), timeout_s)

    def close(self) -> None:
        """Drop what waits and all that is posted later."""
        with self._filled:
            self._is_closed = True
            self._events.clear()
            self._wake = None
