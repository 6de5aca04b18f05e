"""A rounded square in the colours of Inkstone's mark with a white icon: the program, or who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from ui.theme.icons import paint_icon

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme


def paint_mark(painter: QPainter, theme: Theme, place: QRectF, icon_name: str = "feather") -> None:
    """Paint the mark into a square."""
    ground = QLinearGradient(place.topLeft(), place.bottomRight())
    ground.setColorAt(0, theme.color("mark_start"))
    ground.setColorAt(1, theme.color("mark_end"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(place, place.width() * 0.28, place.width() * 0.28)
    side = round(place.width() * 0.58 / 2) * 2
    inner = QRectF(0, 0, side, side)
    inner.moveCenter(place.center())
    paint_icon(painter, theme, icon_name, "on_accent", inner)


class Mark(QWidget):
    """The mark as a widget of a fixed size."""

    def __init__(self, theme: Theme, icon_name: str = "feather", *, size: int = 28) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon_name
        self.setFixedSize(size, size)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it over the whole widget, from a picture made once: the colours that flow take a millisecond."""
        key = (self._theme.is_dark, self._icon_name, self.width(), self.devicePixelRatioF())
        if key not in _pictures:
            _pictures[key] = _picture(self._theme, *key[1:])
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, _pictures[key])


_pictures: dict[tuple[bool, str, int, float], QPixmap] = {}
"""Drawn so far: whether the scheme is dark, icon, side, scale."""


def _picture(theme: Theme, icon_name: str, size: int, ratio: float) -> QPixmap:
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    picture.setDevicePixelRatio(ratio)
    with QPainter(picture) as painter:
        paint_mark(painter, theme, QRectF(0, 0, size, size), icon_name)
    return picture
