"""What is said above a conversation: an error of the moment, and what stands in the way until it is put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from ui.theme.theme import Theme

_WIDEST = 768


class Notices(QWidget):
    """Two message bars below each other; takes no room while both are hidden.

    ``passing`` is for errors of the moment, ``lasting`` for what goes away by itself when it is put right.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.passing = MessageBar(theme)
        self.lasting = MessageBar(theme)
        column = QVBoxLayout()
        column.setSpacing(8)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 12, 24, 0)
        row.addStretch(1)
        row.addLayout(column, 1000)
        row.addStretch(1)
        for bar in (self.lasting, self.passing):
            bar.setMaximumWidth(_WIDEST)
            bar.installEventFilter(self)
            column.addWidget(bar)
        self._follow()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for bar in (self.passing, self.lasting):
            bar.retranslate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take room as soon as a bar is shown."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._follow()
        return super().eventFilter(watched, event)

    def _follow(self) -> None:
        self.setVisible(not (self.passing.isHidden() and self.lasting.isHidden()))
