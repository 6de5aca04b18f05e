"""A row of choices of which one is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy

from ui.widgets.button import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QAbstractButton

    from ui.theme.theme import Theme


class Segmented(QFrame):
    """Tab goes to the choice taken, the arrow keys move it.

    Signal: ``chosen(str)`` with the value a person took.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, choices: Sequence[tuple[str, str]], value: str = "", name: str = "") -> None:
        """``choices`` are values and words; without a ``value`` the first is taken."""
        super().__init__()
        self.setProperty("role", "segmented")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._name = name
        self._buttons: dict[str, Button] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for choice, words in choices:
            button = Button(theme, words, kind="segment")
            button.setCheckable(True)
            self._buttons[choice] = button
            self._group.addButton(button)
            row.addWidget(button)
        self._group.buttonClicked.connect(self._on_clicked)
        self.set_words(choices, name)
        self.set_value(value or choices[0][0])

    def value(self) -> str:
        """The choice taken."""
        return next(choice for choice, button in self._buttons.items() if button.isChecked())

    def set_value(self, value: str) -> None:
        """Take a choice; an unknown one changes nothing. ``chosen`` is not emitted."""
        if value in self._buttons:
            self._buttons[value].setChecked(True)
            self.setFocusProxy(self._buttons[value])

    def set_words(self, choices: Sequence[tuple[str, str]], name: str) -> None:
        """Show other words for the same values, as after a change of language; ``name`` says what is chosen."""
        self._name = name
        self.setAccessibleName(name)
        for choice, words in choices:
            self._buttons[choice].setText(words)
            self._buttons[choice].setAccessibleName(f"{name}: {words}" if name else words)

    def button(self, value: str) -> Button:
        """The button of a choice."""
        return self._buttons[value]

    def _on_clicked(self, button: QAbstractButton) -> None:
        self.setFocusProxy(button)
        self.chosen.emit(self.value())
