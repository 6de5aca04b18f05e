"""The models on this computer: a card each, filtered by what is typed above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.i18n import _, ngettext
from ui.models.grid import CardGrid
from ui.models.installed_card import InstalledCard
from ui.models.state_view import StateView
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.words import joined, size_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.models.judge import Judge
    from ui.models.source import Installed
    from ui.theme.theme import Theme


class InstalledShelf(QObject):
    """Fills its ``view``.

    Signals: ``wanted(Wish, str)`` of a card, ``folder_requested()`` for the folder of the models,
    ``search_requested()`` for another folder to look through, ``add_requested()`` where there are none.
    """

    wanted = Signal(object, str)
    folder_requested = Signal()
    search_requested = Signal()
    add_requested = Signal()

    def __init__(self, theme: Theme, judge: Judge) -> None:
        super().__init__()
        self._theme = theme
        self._judge = judge
        self._models: dict[str, Installed] = {}
        self._states: Mapping[str, str] = {}
        self._text = ""
        self.view = QWidget()
        self.heading = ElidedLabel()
        self.heading.setProperty("role", "muted")
        self.search_button = Button(theme, kind="ghost", icon_name="search")
        self.folder_button = Button(theme, kind="ghost", icon_name="folder-open")
        self.grid = CardGrid(self._make)
        self.state = StateView(theme)
        self._lay_out(theme)
        self.search_button.clicked.connect(self.search_requested)
        self.folder_button.clicked.connect(self.folder_requested)
        self.state.acted.connect(self.add_requested)
        self._name()

    def show(self, text: str) -> None:
        """Show the models whose names have the words of ``text``."""
        self._text = text
        self._fill()

    def refresh(self, states: Mapping[str, str]) -> None:
        """Show each model as it stands now; ``states`` says what is being done with some, by their ids."""
        self._states = states
        self._fill()
        for key, card in self.grid.cards.items():
            if isinstance(card, InstalledCard):
                card.show_model(self._models[key], states.get(key, ""))

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self._name()
        self.refresh(self._states)

    def _name(self) -> None:
        self.search_button.setText(_("Look in another folder…"))
        self.folder_button.setText(_("Open the folder"))

    def _fill(self) -> None:
        found = self._judge.models()
        words = self._text.casefold().split()
        self._models = {each.id: each for each in found if all(word in _searched(each) for word in words)}
        here = [each.model for each in self._models.values() if not each.model.is_missing]
        count = ngettext("{count} model", "{count} models", len(here)).format(count=len(here))
        self.heading.setText(joined(count, size_words(sum(model.size_bytes for model in here))) if here else "")
        self.grid.set_keys(list(self._models))
        self.grid.setVisible(bool(self._models))
        self.state.setVisible(not self._models)
        if self._models:
            return
        if found:
            self.state.show_words("search", _("No model here is called “{text}”.").format(text=self._text))
        else:
            hint = _("Get one from the catalog, or use a file that you have.")
            self.state.show_words("box", _("No model is here yet."), hint, _("Add a file…"))

    def _make(self, key: str) -> InstalledCard:
        card = InstalledCard(self._theme, self._models[key], self._usable)
        card.show_model(self._models[key], self._states.get(key, ""))
        card.wanted.connect(self.wanted)
        return card

    def _usable(self) -> list[Installed]:
        return [each for each in self._judge.models() if each.model.problem is None]

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.search_button)
        head.addWidget(self.folder_button)
        layout = QVBoxLayout(self.view)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px("s"))
        layout.addLayout(head)
        layout.addWidget(self.grid)
        layout.addWidget(self.state)
        layout.addStretch(1)


def _searched(installed: Installed) -> str:
    model = installed.model
    return f"{model.name} {model.repository} {model.quantization} {model.path.name}".casefold()
