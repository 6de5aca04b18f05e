"""The way back to the first page, below the settings of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from assistant.i18n import _
from ui.settings.extra import Extra
from ui.widgets.button import Button
from ui.widgets.labels import plain_label

if TYPE_CHECKING:
    from ui.theme.theme import Theme


class FirstSteps(Extra):
    """``is_requested`` says whether somebody wants to go there. Signal: ``requested()``."""

    requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.is_requested = False
        self.label = plain_label("", "strong")
        self.help = plain_label("", "muted")
        self.button = Button(theme)
        rule = QFrame()
        rule.setProperty("role", "rule")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.label)
        words.addWidget(self.help)
        row = QHBoxLayout()
        row.setContentsMargins(0, theme.px("m"), 0, theme.px("m"))
        row.setSpacing(theme.px("l"))
        row.addLayout(words, 1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rule)
        layout.addLayout(row)
        self.button.clicked.connect(self._on_clicked)
        self.retranslate()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.label.setText(_("First steps"))
        self.help.setText(_("What this computer has, the models that are here, and the one that suits it."))
        self.button.setText(_("Welcome…"))

    def _on_clicked(self) -> None:
        self.is_requested = True
        self.requested.emit()
