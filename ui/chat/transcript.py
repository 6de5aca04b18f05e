"""The conversation on the screen, for the page: what is shown, where one reads, what was asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from assistant.i18n import _
from assistant.store.rows import Status
from ui.chat.message_row import MessageRow, Shown
from ui.chat.transcript_editing import TranscriptEditing
from ui.chat.transcript_input import TranscriptInput
from ui.markdown.untrusted import visible
from ui.widgets.announce import announce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from assistant.store.rows import Message
    from ui.chat.transcript_rows import Problem
    from ui.theme.theme import Theme

_REST = 3
"""After an update that took long, this many times as long belongs to everything else."""
_QUICK_S = 0.008


@dataclass(frozen=True)
class ScrollState:
    """Where one reads: at the end, or a message and how many pixels of it are above the view."""

    message_id: int = 0
    offset: int = 0
    is_at_end: bool = True


class Transcript(TranscriptInput):
    """Shows messages, oldest first.

    Signals, with message ids: ``edit_submitted(int, str)``, ``again_requested(int)``, ``continue_requested(int)``,
    ``retry_requested(int)``, ``version_requested(int, int step)``, ``copied(int)`` with the number of messages;
    ``link_activated(str)``, ``end_visible_changed(bool)``.
    """

    edit_submitted = Signal(int, str)
    again_requested = Signal(int)
    continue_requested = Signal(int)
    retry_requested = Signal(int)
    version_requested = Signal(int, int)

    def __init__(self, theme: Theme, problem_of: Problem = lambda _message: None) -> None:
        super().__init__(theme, problem_of)
        self.editing = TranscriptEditing(theme, self)
        self._pause_until = 0.0
        self._late: set[int] = set()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._show_late)
        self.editing.submitted.connect(self.edit_submitted)
        theme.changed.connect(self._on_theme)
        self.retranslate()

    # what it shows ----------------------------------------------------------------------------------------------

    def set_messages(self, messages: Sequence[Message], anchor: ScrollState | None = None) -> None:
        """Show these from now on, at ``anchor``; without one the place is kept where the same messages go on."""
        state = anchor or self.scroll_state()
        row, _offset = self.anchor()
        self.selection.clear()
        self._late.clear()
        self.rows.set(messages)
        if self.editing.message_id is not None and self.rows.row_of(self.editing.message_id) is None:
            self.editing.leave()
        self._restore(state, row)
        self.restart()
        self.finder.refresh()

    def append(self, message: Message) -> None:
        """Add a message at the end."""
        if self.rows.row_of(message.id) is not None:
            self.update_message(message)
            return
        self.rows.append(message)
        self.geometry_.append(next(iter(self.rows.guesses([message]))))
        before = len(self.rows) - 2
        if before in self._views:
            self.fill_view(before, self._views[before])
        self.relayout()

    def update_text(self, message_id: int, text: str) -> None:
        """Show more text of a message that is being written; slow updates are spaced out."""
        row = self.rows.row_of(message_id)
        if row is None:
            return
        self.rows.replace_text(row, text)
        if time.perf_counter() < self._pause_until:
            self._late.add(message_id)
            self._later.start(max(1, round((self._pause_until - time.perf_counter()) * 1000)))
            return
        self._show_update(row)

    def update_message(self, message: Message) -> None:
        """Show a message's new state."""
        row = self.rows.row_of(message.id)
        if row is None:
            return
        was_streaming = self.rows.messages[row].status is Status.STREAMING
        self.rows.replace(row, message)
        self._late.discard(message.id)
        self.refresh(row)
        if was_streaming and message.status is not Status.STREAMING and self.isVisible():
            announce(self, visible(message.content[:2000]) or _("The answer failed."))

    def set_progress(self, message_id: int, words: str) -> None:
        """Say how far the model is with a message that has no text yet."""
        row = self.rows.row_of(message_id)
        if row is not None and self.rows.progress.get(message_id, "") != words:
            self.rows.progress[message_id] = words
            self.refresh(row)

    def set_problem(self, message_id: int, sentence: str, hint: str = "") -> None:
        """Say why a message failed, instead of what the constructor's callable gives."""
        self.rows.set_problem(message_id, sentence, hint)
        row = self.rows.row_of(message_id)
        if row is not None:
            self.refresh(row)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.setAccessibleName(_("Conversation"))
        self.editing.retranslate()
        for view in (*self._views.values(), *self._pool):
            view.retranslate()
        for row in self.rows_in_view():
            self.refresh(row)

    # where one reads --------------------------------------------------------------------------------------------

    def scroll_state(self) -> ScrollState:
        """Return where one reads, to be given to ``set_messages`` later."""
        row, offset = self.anchor()
        if self.is_at_end or row >= len(self.rows):
            return ScrollState()
        return ScrollState(self.rows.messages[row].id, offset, is_at_end=False)

    def restore(self, state: ScrollState) -> None:
        """Go where ``scroll_state`` was taken."""
        self._restore(state, self.anchor()[0])
        self.relayout()

    def reveal(self, message_id: int) -> None:
        """Bring a message to the top of the view."""
        row = self.rows.row_of(message_id)
        if row is not None:
            self.scroll_to(row, 0)

    def _restore(self, state: ScrollState, row: int) -> None:
        """Go to a message, or to ``row`` when that message is not there any more."""
        self._is_at_end = state.is_at_end
        if not state.is_at_end:
            found = self.rows.row_of(state.message_id)
            self._anchor = (row if found is None else found, state.offset)

    def edit(self, message_id: int) -> None:
        """Turn a message into a field with its text."""
        self.editing.begin(message_id)

    # rows -------------------------------------------------------------------------------------------------------

    def make_view(self) -> MessageRow:
        """Return a new widget for a row."""
        view = MessageRow(self._theme, self.viewport())
        view.action_chosen.connect(self._on_action)
        view.version_chosen.connect(self.version_requested)
        view.link_activated.connect(self.link_activated)
        return view

    def fill_view(self, row: int, view: MessageRow) -> None:
        """Show a row in a widget."""
        message = self.rows.messages[row]
        progress = self.rows.progress.get(message.id, "")
        shown = Shown(message, self.rows.place(row), self.rows.strip(row), progress, row == len(self.rows) - 1)
        view.show_message(shown, self.rows.rendered(row), self.rows.style)
        view.set_selected(self.selection.part_of(row))
        view.set_highlights(self.finder.highlights(row))
        self.editing.place(view, shown.place.editor)

    def is_pinned(self, row: int) -> bool:
        """A row keeps its widget while it is edited and while the mouse is held on it."""
        return self.rows.messages[row].id == self.editing.message_id or row == self.selection.pressed_row

    def _on_action(self, message_id: int, name: str) -> None:
        match name:
            case "again":
                self.again_requested.emit(message_id)
            case "continue":
                self.continue_requested.emit(message_id)
            case "retry":
                self.retry_requested.emit(message_id)
            case "edit":
                self.edit(message_id)
            case _:
                self._copy_message(message_id)

    def _copy_message(self, message_id: int) -> None:
        row = self.rows.row_of(message_id)
        if row is not None:
            QGuiApplication.clipboard().setText(visible(self.rows.messages[row].content))
            self.copied.emit(1)

    def _show_update(self, row: int) -> None:
        started = time.perf_counter()
        self.refresh(row)
        took = time.perf_counter() - started
        self._pause_until = started + (1 + _REST) * took if took > _QUICK_S else 0.0

    def _show_late(self) -> None:
        late, self._late = self._late, set()
        for message_id in late:
            row = self.rows.row_of(message_id)
            if row is not None:
                self._show_update(row)

    def _on_theme(self) -> None:
        """Render what is in view with the new colours and sizes."""
        self.rows.restyle()
        for row in self.rows_in_view():
            self.fill_view(row, self._views[row])
        self.relayout()
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape also closes the field of a message."""
        if event.key() == Qt.Key.Key_Escape and self.editing.message_id is not None:
            self.editing.end()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again; the editor first, whose height depends on the width."""
        super().resizeEvent(event)
        self.editing.fit()
