"""A slider as in the pictures: a thin line, filled up to a round handle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider

from ui.widgets.painting import RING_PX

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QWheelEvent

    from ui.theme.theme import Theme

_LINE = 4.0
_KNOB = 14.0


class Slider(QSlider):
    """A horizontal ``QSlider``: a click goes to that place, and the wheel turns it only while it has the keyboard."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as there is room, a finger high."""
        return QSize(160, 22)

    def minimumSizeHint(self) -> QSize:
        """Still usable."""
        return QSize(60, 22)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the pointer."""
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle."""
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self.isSliderDown() and event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page around, unless this has the keyboard."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Line, filled part, handle."""
        theme = self._theme
        center = QPointF(self._knob_x(), self.height() / 2)
        line = QRectF(_KNOB / 2, center.y() - _LINE / 2, self.width() - _KNOB, _LINE)
        filled = QRectF(line)
        (filled.setLeft if self._is_mirrored() else filled.setRight)(center.x())
        is_on = self.isEnabled()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("press"))
            painter.drawRoundedRect(line, _LINE / 2, _LINE / 2)
            painter.setBrush(theme.color("accent" if is_on else "text_disabled"))
            painter.drawRoundedRect(filled, _LINE / 2, _LINE / 2)
            if self.hasFocus():
                halo = theme.color("accent")
                halo.setAlpha(70)
                painter.setBrush(halo)
                painter.drawEllipse(center, _KNOB / 2 + 3, _KNOB / 2 + 3)
            width = RING_PX if self.hasFocus() or self.isSliderDown() else 1.5
            painter.setPen(QPen(theme.color("accent" if is_on else "text_disabled"), width))
            painter.setBrush(theme.color("on_accent" if is_on else "sunken"))
            painter.drawEllipse(center, (_KNOB - width) / 2, (_KNOB - width) / 2)

    def _is_mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    def _knob_x(self) -> float:
        span = self.maximum() - self.minimum()
        share = (self.sliderPosition() - self.minimum()) / span if span else 0.0
        if self._is_mirrored():
            share = 1 - share
        return _KNOB / 2 + share * (self.width() - _KNOB)

    def _follow(self, event: QMouseEvent) -> None:
        share = (event.position().x() - _KNOB / 2) / max(1.0, self.width() - _KNOB)
        if self._is_mirrored():
            share = 1 - share
        steps = round(share * (self.maximum() - self.minimum()) / max(1, self.singleStep()))
        self.setSliderPosition(self.minimum() + steps * max(1, self.singleStep()))
        event.accept()
        self.update()
