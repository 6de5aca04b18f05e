"""What this computer has to run models with: memory, processor, disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.models.computer_facts import ComputerFacts
from ui.widgets.meter import Meter, Part
from ui.widgets.words import joined, size_words

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from ui.models.source import Computer
    from ui.theme.theme import Theme

_METER_WIDTH = 240
_NARROW = 760
"""Below this width the meter stands under the figures."""


class ComputerCard(QFrame):
    """Figures as measured; what is not known is left out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._computer: Computer | None = None
        self.facts = ComputerFacts(theme)
        self.meter = Meter(theme, height=8)
        self._meter_name = QLabel()
        self._meter_words = QLabel()
        for label in (self._meter_name, self._meter_words):
            label.setProperty("role", "caption")
        self._lay_out(theme)

    def show_computer(self, computer: Computer) -> None:
        """Show what there is."""
        self._computer = computer
        self.facts.show_computer(computer)
        self._show_meter(computer)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        if self._computer is not None:
            self.show_computer(self._computer)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the meter where there is room."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)

    def _show_meter(self, computer: Computer) -> None:
        model = min(computer.model_bytes, computer.memory_bytes - computer.available_bytes)
        others = max(0, computer.memory_bytes - computer.available_bytes - model)
        words = joined(
            _("others {size}").format(size=size_words(others)),
            _("model {size}").format(size=size_words(model)) if model else "",
            _("free {size}").format(size=size_words(computer.available_bytes)),
        )
        self._meter_name.setText(_("Memory"))
        self._meter_words.setText(words)
        parts = [Part(others, "text_disabled", _("others")), Part(model, "accent", _("model"))]
        self.meter.set_parts(parts, computer.memory_bytes, words)
        self.meter.setAccessibleName(_("Memory"))

    def _lay_out(self, theme: Theme) -> None:
        names = QHBoxLayout()
        names.setSpacing(theme.px("l"))
        names.addWidget(self._meter_name)
        names.addStretch(1)
        names.addWidget(self._meter_words)
        right = QWidget()
        right.setMinimumWidth(_METER_WIDTH)
        right.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        bar = QVBoxLayout(right)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(theme.px("s"))
        bar.addLayout(names)
        bar.addWidget(self.meter)
        layout = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        layout.setContentsMargins(theme.px("l"), theme.px("m"), theme.px("l"), theme.px("m"))
        layout.setSpacing(theme.px("m"))
        layout.addWidget(self.facts, 1)
        layout.addWidget(right)
