"""Menus and other pop-ups with round corners."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

_GAP = 2


def round_corners(popup: QWidget) -> None:
    """Let the ground show through outside of the corners that the style sheet rounds; call before it is shown."""
    flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.NoDropShadowWindowHint
    popup.setWindowFlags(popup.windowFlags() | flags)
    popup.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)


class Menu(QMenu):
    """Made anew each time it opens, and gone when it is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        round_corners(self)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setToolTipsVisible(True)

    def open_below(self, button: QWidget) -> None:
        """Open under a button."""
        self.popup(button.mapToGlobal(QPoint(0, button.height() + _GAP)))
