"""A quiet button that shows what is chosen and opens a menu of the choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication

from ui.theme.icons import icon
from ui.widgets.button import Button
from ui.widgets.menu import Menu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.theme.theme import Theme

_CHEVRON = 14


class ChoiceButton(Button):
    """Signal: ``chosen(str)`` with the value a person took."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, kind="ghost")
        self._choices: tuple[tuple[str, str], ...] = ()
        self._value = ""
        self._name = ""
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the chevron stands behind the words
        self.setIconSize(QSize(_CHEVRON, _CHEVRON))
        self.clicked.connect(self.open_menu)
        theme.changed.connect(self._draw_chevron)
        self._draw_chevron()

    def set_choices(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Offer values with their words; ``name`` says what is chosen. A value that is gone gives way to the first."""
        self._name = name
        self._choices = tuple(choices)
        known = [choice for choice, _words in choices]
        self.set_value(self._value if self._value in known else known[0])

    def value(self) -> str:
        """The value taken."""
        return self._value

    def set_value(self, value: str) -> None:
        """Take a value; ``chosen`` is not emitted."""
        self._value = value
        words = dict(self._choices).get(value, value)
        self.setText(words.replace("&", "&&"))
        self.setAccessibleName(f"{self._name}: {words}")

    def open_menu(self) -> None:
        """Show the choices under the button."""
        menu = Menu(self)
        menu.setLayoutDirection(QGuiApplication.layoutDirection())
        menu.setAccessibleName(self._name)
        group = QActionGroup(menu)
        for value, words in self._choices:
            action = menu.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(value == self._value)
            action.setData(value)
            action.setActionGroup(group)
            action.triggered.connect(self._on_triggered)
        menu.open_below(self)

    def _on_triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction) and action.data() != self._value:
            self.set_value(str(action.data()))
            self.chosen.emit(self._value)

    def _draw_chevron(self) -> None:
        self.setIcon(icon(self._theme, "chevron-down", "text_muted", _CHEVRON))
