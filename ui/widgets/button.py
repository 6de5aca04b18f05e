"""A push button with words: one look for each weight, set by ``kind``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QPushButton

from ui.theme.icons import icon
from ui.widgets.painting import paint_ring

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

Kind = Literal["normal", "primary", "danger", "ghost", "link", "chip", "segment", "verdict", "nav"]

_TOKENS = {"primary": "on_accent", "danger": "bad", "link": "accent_text"}
_ICON = 16
_GAP = 4
_NAV_GAP = 8


class Button(QPushButton):
    """Takes the keyboard by Tab only, so that a click leaves it where one was typing."""

    def __init__(self, theme: Theme, text: str = "", *, kind: Kind = "normal", icon_name: str = "") -> None:
        super().__init__(text)
        self._theme = theme
        self._icon_name = icon_name
        self._kind = kind
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self._gap = _NAV_GAP if kind == "nav" else _GAP
        if icon_name:
            self.setIconSize(QSize(_ICON + self._gap, _ICON))
            theme.changed.connect(self._draw)
            if kind == "nav":
                self.toggled.connect(self._draw)
            self._draw()

    def set_icon_name(self, name: str) -> None:
        """Show another icon; only for a button made with one."""
        self._icon_name = name
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style sheet's look; on the accent the ring of the keyboard stands inside, where it can be seen."""
        super().paintEvent(event)
        if self._kind == "primary" and self.hasFocus():
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                place = QRectF(self.rect()).adjusted(2, 2, -2, -2)
                paint_ring(painter, place, self._theme.radius("control") - 2, self._theme.color("on_accent"))

    def _draw(self) -> None:
        token = _TOKENS.get(self._kind, "text_muted")
        if self._kind == "nav" and self.isChecked():
            token = "accent_text"
        self.setIcon(icon(self._theme, self._icon_name, token, _ICON, gap=self._gap))
