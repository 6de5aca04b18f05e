"""What this computer has, in one quiet line of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from assistant.i18n import _, ngettext
from ui.models.computer_card import Fact, gpu_words
from ui.models.flow import FlowRow
from ui.widgets.words import size_words

if TYPE_CHECKING:
    from assistant.market.values import Computer
    from ui.theme.theme import Theme


class ComputerRow(QWidget):
    """Memory, processor and disk; what is not known is left out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._computer: Computer | None = None
        self.memory = Fact(theme, "memory-stick")
        self.processor = Fact(theme, "cpu")
        self.disk = Fact(theme, "hard-drive")
        facts = FlowRow(theme.px("xl"))
        for fact in (self.memory, self.processor, self.disk):
            facts.add(fact)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px("l"), theme.px("xs"), theme.px("l"), theme.px("xs"))
        layout.addWidget(facts)

    def show_computer(self, computer: Computer) -> None:
        """Show what there is."""
        self._computer = computer
        self.memory.show_words(
            _("{size} memory").format(size=size_words(computer.memory_bytes)),
            _("{size} free now").format(size=size_words(computer.available_bytes)),
        )
        cores = ngettext("{count} core", "{count} cores", computer.cores).format(count=computer.cores)
        self.processor.show_words(f"{cores}, {computer.features}" if computer.features else cores, gpu_words(computer))
        self.disk.setVisible(computer.disk_free_bytes > 0)
        self.disk.show_words(_("{size} disk free").format(size=size_words(computer.disk_free_bytes)), _("for models"))
        self.disk.setToolTip(str(computer.folder))

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        if self._computer is not None:
            self.show_computer(self._computer)
