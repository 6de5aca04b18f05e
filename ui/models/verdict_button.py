"""The pill that says whether a model will run here; a click shows the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from assistant.i18n import _
from ui.models.words import VERDICT_SENTENCES
from ui.widgets.button import Button
from ui.widgets.pill import set_style_property
from ui.widgets.verdicts import VERDICTS
from ui.widgets.words import sentences

if TYPE_CHECKING:
    from ui.models.source import Outlook
    from ui.theme.theme import Theme


class VerdictButton(Button):
    """Fits, Tight or Too big."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, kind="verdict")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_outlook(self, outlook: Outlook, what: str) -> None:
        """Show a verdict; ``what`` names the offer to screen readers."""
        verdict = outlook.fit.verdict
        words, tone = VERDICTS[verdict]
        self.setText(_(words))
        set_style_property(self, "tone", tone)
        slow = _("It writes slower than one reads.") if outlook.is_slow else ""
        sentence = sentences(_(VERDICT_SENTENCES[verdict]), slow)
        self.setToolTip(sentences(sentence, _("Click for the numbers.")))
        self.setAccessibleName(
            _("{model}: {verdict}. {sentence}").format(model=what, verdict=_(words), sentence=sentence)
        )
