"""A notice of the system's own, for who is at another window while something comes to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from ui.theme.icons import app_icon

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

SHOWN_MS = 10_000


class DesktopNotice(QObject):
    """Tells something outside of the window that ``widget`` is in, unless that is what a person looks at.

    The window's entry in the task bar asks for attention everywhere; where the system shows messages for an icon in its
    tray, there is one for as long as a message is shown. Signal: ``clicked()`` when a person wants to see more.
    """

    clicked = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._tray: QSystemTrayIcon | None = None
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(2 * SHOWN_MS)
        self._leaving.timeout.connect(self.leave)

    def tell(self, title: str, text: str = "") -> None:
        """Tell it, if the window is not in front."""
        if self._widget.isActiveWindow():
            return
        QApplication.alert(self._widget.window())
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            tray = self._in_tray()
            tray.show()
            tray.showMessage(title, text, app_icon(), SHOWN_MS)
            self._leaving.start()

    def leave(self) -> None:
        """Take the icon out of the tray; nothing when there is none."""
        self._leaving.stop()
        if self._tray is not None:
            self._tray.hide()

    def _in_tray(self) -> QSystemTrayIcon:
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip("Inkstone")
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(self._on_clicked)
        return self._tray

    def _on_clicked(self) -> None:
        self.leave()
        self.clicked.emit()
