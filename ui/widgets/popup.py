"""A raised card that opens at a button and closes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame

from ui.widgets.menu import round_corners
from ui.widgets.painting import paint_ground, paint_shadow

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from ui.theme.theme import Theme

SHADE = 10
"""Pixels around the card in which its shadow falls; what is in it keeps off them, too."""
_GAP = 4


class Popup(QFrame):
    """Escape or a click elsewhere closes it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Popup)
        round_corners(self)
        self._theme = theme

    def place_below(self, button: QWidget, *, is_centred: bool = False) -> None:
        """Stand below the end of a button, or its middle; above it where there is no room; always on its screen."""
        screen = button.screen().availableGeometry()
        above, below = button.mapToGlobal(QPoint(0, 0)), button.mapToGlobal(QPoint(button.width(), button.height()))
        x = (above.x() + below.x() - self.width()) // 2 if is_centred else below.x() - self.width() + SHADE
        y = below.y() - SHADE + _GAP
        if y + self.height() > screen.bottom():
            y = max(screen.top(), above.y() - self.height() + SHADE - _GAP)
        self.move(min(max(screen.left(), x), screen.right() - self.width()), y)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A raised card with a shadow."""
        theme = self._theme
        card = QRectF(self.rect()).adjusted(SHADE, SHADE, -SHADE, -SHADE)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_shadow(painter, card, theme.radius("card"), is_dark=theme.is_dark, reach=SHADE)
            paint_ground(painter, card, theme.radius("card"), theme.color("raised"), theme.color("border_strong"))
