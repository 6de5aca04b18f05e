"""A round button with an icon in its middle, painted from the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton

from ui.theme.icons import paint_icon
from ui.widgets.painting import paint_ground, paint_shadow

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

_ICON = 18
_STOP = 11
STOP = "square"
"""The name of the icon that is painted as a filled square, as on every device that plays something."""


class RoundButton(QAbstractButton):
    """Filled with the accent when ``is_primary``, else raised with a border and a soft shadow."""

    def __init__(self, theme: Theme, icon_name: str, *, size: int = 34, is_primary: bool = True) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon_name
        self._is_primary = is_primary
        self._margin = 0 if is_primary else 8
        self.setFixedSize(QSize(size + 2 * self._margin, size + 2 * self._margin))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    def set_icon_name(self, name: str) -> None:
        """Show another icon."""
        self._icon_name = name
        self.update()

    def icon_name(self) -> str:
        """The icon shown."""
        return self._icon_name

    def sizeHint(self) -> QSize:
        """The fixed size."""
        return self.minimumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Circle, icon, focus ring."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            circle = QRectF(self.rect()).adjusted(*([self._margin + 0.5] * 2), *([-self._margin - 0.5] * 2))
            self._paint_ground(painter, circle)
            token = "text_muted"
            if self._is_primary:
                token = "on_accent" if self.isEnabled() else "text_faint"
            self._paint_icon(painter, circle, token)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self._theme.tokens.color("on_accent" if self._is_primary else "accent"), 1.5))
                painter.drawEllipse(circle.adjusted(2.5, 2.5, -2.5, -2.5))

    def _paint_icon(self, painter: QPainter, circle: QRectF, token: str) -> None:
        if self._icon_name == STOP:
            square = QRectF(0, 0, _STOP, _STOP)
            square.moveCenter(circle.center())
            paint_ground(painter, square, 2.5, self._theme.color(token), None)
            return
        corner = (self.width() - _ICON) // 2
        paint_icon(painter, self._theme, self._icon_name, token, QRectF(corner, corner, _ICON, _ICON))

    def _paint_ground(self, painter: QPainter, circle: QRectF) -> None:
        tokens = self._theme.tokens
        painter.setPen(Qt.PenStyle.NoPen)
        if self._is_primary:
            fill = "accent_hover" if self.underMouse() or self.isDown() else "accent"
            painter.setBrush(tokens.color(fill if self.isEnabled() else "press"))
            painter.drawEllipse(circle)
            return
        paint_shadow(painter, circle, circle.width() / 2, is_dark=self._theme.is_dark, reach=self._margin + 2)
        painter.setPen(QPen(tokens.color("border_strong"), 1))
        painter.setBrush(tokens.color("hover" if self.underMouse() else "raised"))
        painter.drawEllipse(circle)
