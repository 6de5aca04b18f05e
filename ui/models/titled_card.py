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

    from PySide6.QtGui import QResizeEvent

    from assistant.models.remote import Kind
    from ui.theme.theme import Theme
    from ui.widgets.pill import Tone

MARK = 40
_TITLE = 160
"""So many pixels of a title are worth more than a pill."""
_WORTH: dict[str, int] = {"neutral": 0, "info": 1}
"""Where there is no room for all pills the plainest go first; what is wrong or in use stays longest."""


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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out pills where the title would be cut to a few letters."""
        super().resizeEvent(event)
        self._fit_pills()

    def _fit_pills(self) -> None:
        gap = self._names.spacing()
        fixed = 2 * self._theme.px("l") + MARK + self.menu_button.sizeHint().width() + 2 * self.head.spacing()
        room = self.width() - fixed - min(_TITLE, self.title.sizeHint().width())
        kept: list[Pill] = []
        for pill in sorted(self.pills, key=lambda one: _WORTH.get(one.tone(), 2), reverse=True):
            room -= pill.sizeHint().width() + gap
            kept += [pill] if room >= 0 else []
        for pill in self.pills:
            pill.setVisible(pill in kept)

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
        self._fit_pills()
        self.menu_button.setToolTip(_("More"))
        self.menu_button.setAccessibleName(_("More about {model}").format(model=title))
        self.setAccessibleName(f"{title}: {about}")
