"""A column beside the page: shown as wished, out of the way while the window is too narrow for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class SidePane(QObject):
    """Decides whether ``widget`` is shown.

    Signals: ``shown(bool)`` whenever that was decided, ``wished(bool)`` when a person wished it for a wide window.
    """

    shown = Signal(bool)
    wished = Signal(bool)

    def __init__(self, widget: QWidget, least_width: int, *, is_wished: bool, parent: QObject) -> None:
        """``least_width`` is the window's width from which there is room for it."""
        super().__init__(parent)
        self._widget = widget
        self._least_width = least_width
        self._is_wished = is_wished
        self._has_room: bool | None = None

    @property
    def has_room(self) -> bool:
        """Whether the window is wide enough."""
        return self._has_room is not False

    def fit(self, window_width: int) -> None:
        """Step aside or come back as the window's width allows."""
        has_room = window_width >= self._least_width
        if has_room is not self._has_room:
            self._has_room = has_room
            self._show(has_room and self._is_wished)

    def set_shown(self, is_shown: bool) -> None:
        """Do as a person wishes; in a narrow window that is not remembered."""
        if self.has_room:
            self._is_wished = is_shown
            self.wished.emit(is_shown)
        self._show(is_shown)

    def toggle(self) -> None:
        """Show it or hide it."""
        self.set_shown(self._widget.isHidden())

    def _show(self, is_shown: bool) -> None:
        self._widget.setVisible(is_shown)
        self.shown.emit(is_shown)
