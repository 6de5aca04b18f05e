"""Cards of the catalog or of a search, what stands in their place while there are none, and what follows below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.models.grid import CardGrid
from ui.models.state_view import StateView
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import plain_label
from ui.widgets.words import error_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant.errors import AssistantError
    from ui.models.grid import Card
    from ui.theme.theme import Theme


class BrowseView(QWidget):
    """Shows what it is given.

    Signals: ``back_requested()`` to the catalog, ``acted()`` and ``settings_requested()`` of the state shown,
    ``more_requested()`` when the end of the list comes near or more is to be tried again.
    """

    back_requested = Signal()
    acted = Signal()
    settings_requested = Signal()
    more_requested = Signal()

    def __init__(self, theme: Theme, make: Callable[[str], Card]) -> None:
        super().__init__()
        self.back_button = Button(theme, kind="ghost", icon_name="chevron-left")
        self.heading = ElidedLabel()
        self.heading.setProperty("role", "muted")
        self._head = QWidget()
        self.grid = CardGrid(make)
        self.state = StateView(theme)
        self.more = plain_label("", "muted")
        self.more.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.more_button = Button(theme)
        self._lay_out(theme)
        self.back_button.clicked.connect(self.back_requested)
        self.state.acted.connect(self.acted)
        self.state.settings_requested.connect(self.settings_requested)
        self.grid.end_near.connect(self.more_requested)
        self.more_button.clicked.connect(self.more_requested)
        self.show_heading("")
        self.show_more("")
        self.retranslate()

    def show_heading(self, words: str) -> None:
        """Say what was searched; without words these are no results but the catalog."""
        self.heading.setText(words)
        self._head.setVisible(bool(words))

    def show_cards(self, keys: Sequence[str]) -> None:
        """Show these cards."""
        self.state.hide()
        self.grid.show()
        self.grid.set_keys(keys)

    def show_state(self) -> StateView:
        """Show no cards but a state, which is returned to be filled."""
        self.grid.set_keys([])
        self.grid.hide()
        self.show_more("")
        return self.state

    def show_more(self, words: str, error: AssistantError | None = None) -> None:
        """Say below the cards that more are coming, or why not; nothing without words and error."""
        sentence = error_words(error) or words
        self.more.setText(sentence)
        self.more.setVisible(bool(sentence))
        self.more_button.setVisible(error is not None)

    def retranslate(self) -> None:
        """Show every sentence in the language in use; what the state says stays as it was given."""
        self.back_button.setText(_("Back to the catalog"))
        self.more_button.setText(_("Try again"))

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.px("s"))
        head.addWidget(self.back_button)
        head.addWidget(self.heading, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px("m"))
        layout.addWidget(self._head)
        layout.addWidget(self.grid)
        layout.addWidget(self.state)
        layout.addWidget(self.more)
        layout.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
