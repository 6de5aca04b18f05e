"""A push button with words: one look for each weight, set by ``kind``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton

from ui.theme.icons import icon

if TYPE_CHECKING:
    from ui.theme.theme import Theme

Kind = Literal["normal", "primary", "danger", "ghost", "link", "chip", "segment"]

_TOKENS = {"primary": "on_accent", "danger": "bad", "link": "accent_text"}
_ICON = 16


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
        if icon_name:
            self.setIconSize(QSize(_ICON, _ICON))
            theme.changed.connect(self._draw)
            self._draw()

    def set_icon_name(self, name: str) -> None:
        """Show another icon; only for a button made with one."""
        self._icon_name = name
        self._draw()

    def _draw(self) -> None:
        self.setIcon(icon(self._theme, self._icon_name, _TOKENS.get(self._kind, "text_muted"), _ICON))
