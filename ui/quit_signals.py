"""Turns the system's wish to end the program (Ctrl+C in the terminal, ``kill``, logging out) into a Qt signal."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class QuitSignals(QObject):
    """Python hears of a signal only when Qt lets it run: a socket that the signal writes to wakes Qt.

    Signal: ``requested()`` for SIGINT and SIGTERM. Main thread only.
    """

    requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Listen from now on, until ``stop``."""
        super().__init__(parent)
        self._ear, self._mouth = socket.socketpair()
        self._ear.setblocking(False)
        self._mouth.setblocking(False)
        self._notifier = QSocketNotifier(self._ear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)
        self._old_wakeup = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        self._old_handlers = {number: signal.signal(number, _take) for number in _SIGNALS}

    def stop(self) -> None:
        """Give the signals back to whoever had them."""
        self._notifier.setEnabled(False)
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_wakeup)
        self._ear.close()
        self._mouth.close()

    def _on_woken(self) -> None:
        if any(number in _SIGNALS for number in self._ear.recv(64)):
            self.requested.emit()


def _take(_number: int, _frame: FrameType | None) -> None:
    """The byte in the socket says it all."""
