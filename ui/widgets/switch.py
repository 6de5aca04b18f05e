"""A switch for what is on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ui.widgets.painting import paint_ground, paint_ring, pill_radius

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

_TRACK = QSize(34, 20)
_RING = 3


class Switch(QAbstractButton):
    """Signal: ``toggled(bool)``. Space or Enter flips it."""

    def __init__(self, theme: Theme, name: str = "", *, is_on: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setChecked(is_on)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """The track and the room of the ring around it."""
        return QSize(_TRACK.width() + 2 * _RING, _TRACK.height() + 2 * _RING)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, knob, ring."""
        theme = self._theme
        track = QRectF(_RING, _RING, _TRACK.width(), _TRACK.height())
        radius = pill_radius(track)
        is_right = self.isChecked() is not (self.layoutDirection() is Qt.LayoutDirection.RightToLeft)
        center = QPointF(track.right() - radius if is_right else track.left() + radius, track.center().y())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ground(painter, track, radius, theme.color(self._track_token()), None)
            painter.setBrush(QColor(0, 0, 0, 28))
            painter.drawEllipse(center + QPointF(0, 0.75), radius - 2, radius - 2)
            painter.setBrush(theme.color("on_accent" if self.isEnabled() else "hover"))
            painter.drawEllipse(center, radius - 2.5, radius - 2.5)
            if self.hasFocus():
                paint_ring(painter, QRectF(self.rect()), pill_radius(QRectF(self.rect())), theme.color("accent"))

    def _track_token(self) -> str:
        if not self.isEnabled():
            return "press"
        if self.isChecked():
            return "accent_hover" if self.underMouse() else "accent"
        return "text_disabled" if self.underMouse() else "border_strong"
