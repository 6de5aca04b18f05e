"""A choice from a longer list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QListView, QSizePolicy

from ui.widgets.menu import round_corners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QWheelEvent


class ComboBox(QComboBox):
    """A ``QComboBox`` of values with words; the wheel scrolls the page instead of changing it.

    Signal: ``chosen(str)`` with the value a person took.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]] = (), value: str = "", name: str = "") -> None:
        super().__init__()
        self.setView(QListView())
        round_corners(self.view().window())
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_choices(choices)
        self.set_value(value)
        self.activated.connect(self._on_activated)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Show other choices, keeping the value taken where it is still among them."""
        value = self.value()
        self.clear()
        for choice, words in choices:
            self.addItem(words, choice)
        self.set_value(value)

    def value(self) -> str:
        """The value taken; empty when there is none."""
        return str(self.currentData() or "")

    def set_value(self, value: str) -> None:
        """Take a value; one that is not among the choices is added to them under its own name."""
        index = self.findData(value)
        if index < 0 and value:
            self.addItem(value, value)
            index = self.count() - 1
        if index >= 0:
            self.setCurrentIndex(index)

    def showPopup(self) -> None:
        """Open the list without the square frame that the style gives it each time."""
        super().showPopup()
        frame = self.view().parentWidget()
        if isinstance(frame, QFrame):
            frame.setFrameShape(QFrame.Shape.NoFrame)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page around."""
        event.ignore()

    def _on_activated(self, _index: int) -> None:
        self.chosen.emit(self.value())
