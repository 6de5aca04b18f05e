"""What this computer has, in one quiet line of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.models.computer_facts import ComputerFacts

if TYPE_CHECKING:
    from assistant.market.values import Computer
    from ui.theme.theme import Theme


class ComputerRow(QWidget):
    """Memory, processor and disk; what is not known is left out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._computer: Computer | None = None
        self.facts = ComputerFacts(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px("l"), theme.px("xs"), theme.px("l"), theme.px("xs"))
        layout.addWidget(self.facts)

    def show_computer(self, computer: Computer) -> None:
        """Show what there is."""
        self._computer = computer
        self.facts.show_computer(computer)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        if self._computer is not None:
            self.show_computer(self._computer)
