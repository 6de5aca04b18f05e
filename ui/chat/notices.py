"""What is said above a conversation: an error of the moment, and what stands in the way until it is put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.engine.state import EngineState, Phase
from assistant.i18n import _
from ui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from assistant.errors import AssistantError
    from ui.theme.theme import Theme

_WIDEST = 768


class Notices(QWidget):
    """Message bars below each other; takes no room while all are hidden.

    ``passing`` is for errors of the moment, ``lasting`` for what goes away by itself when it is put right, ``news`` for
    what went well in another way than expected, ``arrivals`` for models that have come.
    Signals: ``restart_requested()`` and ``choice_requested()`` for a model that stopped.
    """

    restart_requested = Signal()
    choice_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.passing = MessageBar(theme)
        self.lasting = MessageBar(theme)
        self.news = MessageBar(theme)
        self.arrivals = MessageBar(theme)
        self._phase = Phase.EMPTY
        self._is_failure_shown = False
        column = QVBoxLayout()
        column.setSpacing(8)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 12, 24, 0)
        row.addStretch(1)
        row.addLayout(column, 1000)
        row.addStretch(1)
        for bar in self._bars():
            bar.setMaximumWidth(_WIDEST)
            bar.installEventFilter(self)
            column.addWidget(bar)
        self.passing.acted.connect(self.restart_requested)
        self.passing.other_acted.connect(self.choice_requested)
        self._follow()

    def show_error(self, error: AssistantError) -> None:
        """Say what went wrong, until it is closed."""
        self._is_failure_shown = False
        self.passing.show_error(error)

    def show_news(self, sentence: str, hint: str) -> None:
        """Say quietly what a person may want to know, until it is closed."""
        self.news.show_message("info", sentence, hint)

    def follow_engine(self, state: EngineState) -> None:
        """Say that the model stopped, unless the message it was at says it; take that back when it runs again."""
        before, self._phase = self._phase, state.phase
        if state.phase is not Phase.FAILED:
            if self._is_failure_shown:
                self.passing.hide()
            self._is_failure_shown = False
        elif state.error and before not in (Phase.FAILED, Phase.READING, Phase.WRITING):
            self.passing.show_error(state.error, action=_("Restart the model"), other=_("Choose another…"))
            self._is_failure_shown = True

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for bar in self._bars():
            bar.retranslate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take room as soon as a bar is shown."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._follow()
        return super().eventFilter(watched, event)

    def _bars(self) -> tuple[MessageBar, ...]:
        return self.lasting, self.passing, self.news, self.arrivals

    def _follow(self) -> None:
        self.setVisible(not all(bar.isHidden() for bar in self._bars()))
