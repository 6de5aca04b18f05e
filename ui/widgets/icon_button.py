"""A square button with an icon alone: quiet until pointed at, soft accent while checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme.icons import paint_icon
from ui.widgets.painting import paint_ground, paint_ring

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

_AIR = 12


class IconButton(QAbstractButton):
    """Keyboard and screen readers know it by its accessible name, which is the tool tip's text unless set."""

    def __init__(self, theme: Theme, icon_name: str, tip: str = "", *, size: int = 18, side: int = 0) -> None:
        """``size`` is the icon's, ``side`` the button's; both in pixels."""
        super().__init__()
        self._theme = theme
        self._icon_name = icon_name
        self._size = size
        self._side = side or size + _AIR
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(tip)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    def setToolTip(self, tip: str) -> None:
        """Set the tool tip, and with it the accessible name where that was the old tool tip."""
        if self.accessibleName() == self.toolTip():
            self.setAccessibleName(tip)
        super().setToolTip(tip)

    @property
    def icon_name(self) -> str:
        """The icon shown."""
        return self._icon_name

    def set_icon_name(self, name: str) -> None:
        """Show another icon."""
        self._icon_name = name
        self.update()

    def sizeHint(self) -> QSize:
        """The square it takes."""
        return QSize(self._side, self._side)

    def minimumSizeHint(self) -> QSize:
        """It does not shrink."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, icon, ring."""
        theme, place = self._theme, QRectF(self.rect())
        radius = min(theme.radius("control"), self._side * 0.3)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            fill = self._fill()
            if fill:
                paint_ground(painter, place, radius, theme.color(fill), None)
            corner = QRectF(0, 0, self._size, self._size)
            corner.moveCenter(place.center())
            corner.moveTo(round(corner.x()), round(corner.y()))
            paint_icon(painter, theme, self._icon_name, self._icon_token(), corner)
            if self.hasFocus():
                paint_ring(painter, place, radius, theme.color("accent"))

    def _fill(self) -> str:
        if not self.isEnabled():
            return ""
        if self.isChecked():
            return "accent_soft"
        if self.isDown():
            return "press"
        return "hover" if self.underMouse() else ""

    def _icon_token(self) -> str:
        if not self.isEnabled():
            return "text_disabled"
        if self.isChecked():
            return "accent_text"
        return "text" if self.underMouse() else "text_muted"


def retain_place(widget: QWidget) -> None:
    """Keep the room of a widget in its layout while it is hidden."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
