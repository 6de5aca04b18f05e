"""Brings news from other threads onto Qt's thread, in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.changes import Change
    from assistant.mailbox import Mailbox
    from ui.notify import Notifier

INTERVAL_MS = 30
"""At most one batch in this time: unbatched, every token would wake the window."""


class Bridge(QObject):
    """Pumps whenever the mailbox is filled, at most every ``INTERVAL_MS``, and tells what changed."""

    _woken = Signal()

    def __init__(
        self, mailbox: Mailbox, pump: Callable[[], list[Change]], notifier: Notifier, parent: QObject | None = None
    ) -> None:
        """Deliver nothing yet; call ``start``. ``pump`` is the assistant's."""
        super().__init__(parent)
        self._mailbox = mailbox
        self._pump = pump
        self._notifier = notifier
        self._is_stopped = False
        self._since_last = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Deliver from now on, beginning with what already waits."""
        self._mailbox.set_wake(self._woken.emit)

    def stop(self) -> None:
        """Deliver nothing more, not even a call that a thread made just before and that still waits in Qt's queue."""
        self._is_stopped = True
        self._mailbox.set_wake(None)
        self._woken.disconnect(self._on_woken)
        self._timer.stop()

    def _on_woken(self) -> None:
        if self._timer.isActive() or self._is_stopped:
            return
        elapsed_ms = self._since_last.elapsed() if self._since_last.isValid() else INTERVAL_MS
        self._timer.start(max(0, INTERVAL_MS - int(elapsed_ms)))

    def _deliver(self) -> None:
        self._since_last.start()
        self._notifier.perform(self._pump)
