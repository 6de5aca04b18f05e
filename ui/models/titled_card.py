"""What every card of a model has at its top: icon, title with pills behind it, a line of facts, the button for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from assistant.i18n import _
from ui.models.grid import Card
from ui.models.words import KINDS
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.mark import Mark
from ui.widgets.pill import Pill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.models.remote import Kind
    from ui.theme.theme import Theme
    from ui.widgets.pill import Tone

MARK = 40


class TitledCard(Card):
    """Lays out ``head``; the rest of the card is laid out by who is one."""

    def __init__(self, theme: Theme, kind: Kind) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._theme = theme
        self.title = ElidedLabel()
        self.title.setProperty("role", "title")
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.about = ElidedLabel()
        self.about.setProperty("role", "muted")
        self.pills: list[Pill] = []
        self.menu_button = IconButton(theme, "ellipsis", size=16, side=28)
        names = self._names = QHBoxLayout()
        names.setSpacing(theme.px("s"))
        names.addWidget(self.title)
        names.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(names)
        words.addWidget(self.about)
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.px("m"))
        self.head.addWidget(Mark(theme, KINDS[kind][1], size=MARK), 0, Qt.AlignmentFlag.AlignTop)
        self.head.addLayout(words, 1)
        self.head.addWidget(self.menu_button, 0, Qt.AlignmentFlag.AlignTop)

    def show_head(self, title: str, about: str, pills: Sequence[tuple[str, Tone]]) -> None:
        """Show what the model is called, the facts about it, and pills by their words and tones."""
        self.title.setText(title)
        self.about.setText(about)
        for pill in self.pills:
            pill.hide()
            pill.deleteLater()
        self.pills = [Pill(words, tone) for words, tone in pills]
        for place, pill in enumerate(self.pills, start=1):
            self._names.insertWidget(place, pill)
        self.menu_button.setToolTip(_("More"))
        self.menu_button.setAccessibleName(_("More about {model}").format(model=title))
        self.setAccessibleName(f"{title}: {about}")
