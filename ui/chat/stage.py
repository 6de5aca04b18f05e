"""The middle of the chat page: the conversation or its beginning, and what floats over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.chat.empty import EmptyState
from ui.chat.find_bar import FindBar
from ui.chat.round_button import RoundButton
from ui.chat.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QObject

    from assistant.store.rows import Message
    from ui.chat.transcript import ScrollState
    from ui.theme.theme import Theme

_LIFT = 4
_EDGE = 8


class Stage(QWidget):
    """Shows the transcript, or the beginning where there are no messages; a button jumps to the end when that is away.

    Blank until ``show_messages``. ``problem_of`` gives what the transcript says about a failed message. Signal:
    ``find_closed()`` when the keyboard is free again.
    """

    find_closed = Signal()

    def __init__(self, theme: Theme, problem_of: Callable[[Message], tuple[str, str] | None]) -> None:
        super().__init__()
        self.empty = EmptyState(theme)
        self.transcript = Transcript(theme, problem_of=problem_of)
        self._stack = QStackedWidget()
        self._beginning = QScrollArea()
        self._beginning.setWidgetResizable(True)
        self._beginning.setFrameShape(QFrame.Shape.NoFrame)
        self._beginning.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._beginning.setWidget(self.empty)
        self._stack.addWidget(self._beginning)
        self._stack.addWidget(self.transcript)
        self._stack.setCurrentWidget(self.transcript)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.jump = RoundButton(theme, "arrow-down", is_primary=False)
        self.jump.setParent(self.transcript)
        self.jump.hide()
        self.jump.clicked.connect(self.transcript.scroll_to_end)
        self.transcript.end_visible_changed.connect(self._on_end_visible)
        self.find_bar = FindBar(theme)
        self.find_bar.setParent(self)
        self.find_bar.words_changed.connect(self._on_words)
        self.find_bar.step_requested.connect(self.transcript.finder.step)
        self.find_bar.closed.connect(self._on_find_closed)
        self.transcript.finder.changed.connect(self.find_bar.show_place)
        self.transcript.installEventFilter(self)
        self.retranslate()

    def show_messages(self, messages: Sequence[Message], place: ScrollState | None = None) -> None:
        """Show these at ``place``, or the beginning when there are none; ``None`` keeps the place one reads."""
        self.transcript.set_messages(messages, place)
        self._stack.setCurrentWidget(self.transcript if messages else self._beginning)
        if not messages:
            self.find_bar.end()

    def begin_find(self) -> None:
        """Ask what to find in the conversation; nothing happens at the beginning of one."""
        if self._stack.currentWidget() is self.transcript:
            self.find_bar.begin()
            self._place()

    def find_step(self, direction: int) -> None:
        """Go to the next place found (1) or the one before (-1)."""
        if not self.find_bar.isHidden():
            self.transcript.finder.step(direction)

    def append(self, message: Message) -> None:
        """Add a message below the others."""
        self.transcript.append(message)
        self._stack.setCurrentWidget(self.transcript)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.jump.setToolTip(_("Jump to the end"))
        self.jump.setAccessibleName(_("Jump to the end"))
        self.empty.retranslate()
        self.transcript.retranslate()
        self.find_bar.retranslate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the button in its place."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _on_end_visible(self, is_visible: bool) -> None:
        self.jump.setVisible(not is_visible)
        self._place()

    def _place(self) -> None:
        size = self.jump.sizeHint()
        left = (self.transcript.width() - size.width()) // 2
        self.jump.move(left, self.transcript.height() - size.height() - _LIFT)
        self.jump.raise_()
        bar = self.find_bar
        bar.resize(min(bar.maximumWidth(), self.width() - 2 * _EDGE), bar.sizeHint().height())
        bar.move(self.width() - bar.width() - _EDGE - 8, _EDGE)
        bar.raise_()

    def _on_words(self, words: str) -> None:
        self.transcript.finder.find(words)
        if words:
            self.transcript.finder.step(1)

    def _on_find_closed(self) -> None:
        self.transcript.finder.find("")
        self.find_closed.emit()
