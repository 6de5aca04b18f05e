"""The conversation on the screen: of ten thousand messages only those in view, and a screen around, are laid out.

Heights are guessed until a row comes near, then measured. The place one reads is kept as an anchor (a row and how far
it is scrolled), so that heights changing above it never move the text.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from assistant.i18n import _
from assistant.store.rows import Message, Status
from ui.chat.geometry import Geometry
from ui.chat.message_view import MessageView, row_height, text_width
from ui.chat.message_words import strip_of
from ui.markdown.document import MarkdownDocument
from ui.markdown.render import render
from ui.markdown.stream import StreamingRenderer
from ui.markdown.style import MarkdownStyle

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from ui.theme.theme import Theme

COLUMN = 744
GAP = 4
MARGIN = 200
"""Pixels above and below the view that are laid out with it."""
_KEPT = 150
"""Rendered documents kept beyond those in view."""
Problem = Callable[[Message], tuple[str, str] | None]


class Transcript(QAbstractScrollArea):
    """Shows messages, oldest first.

    Signals: ``edit_submitted(int, str)``, ``again_requested(int)``, ``continue_requested(int)``,
    ``retry_requested(int)``, ``version_requested(int, int)`` with message ids, ``link_activated(str)``,
    ``end_visible_changed(bool)``.
    """

    edit_submitted = Signal(int, str)
    again_requested = Signal(int)
    continue_requested = Signal(int)
    retry_requested = Signal(int)
    version_requested = Signal(int, int)
    link_activated = Signal(str)
    end_visible_changed = Signal(bool)

    def __init__(self, theme: Theme, problem_of: Problem = lambda _message: None) -> None:
        super().__init__()
        self._theme = theme
        self._problem_of = problem_of
        self._style = MarkdownStyle(theme)
        self._messages: list[Message] = []
        self._rows: dict[int, int] = {}
        self._geometry = Geometry(GAP)
        self._measured: set[int] = set()
        self._documents: OrderedDict[int, MarkdownDocument] = OrderedDict()
        self._streams: dict[int, StreamingRenderer] = {}
        self._progress: dict[int, str] = {}
        self._views: dict[int, MessageView] = {}
        self._pool: list[MessageView] = []
        self._editing: int | None = None
        self._width = COLUMN
        self._anchor = (0, 0)
        self._is_at_end = True
        self._is_placing = False
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._prepare_one)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(40)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme.changed.connect(self._on_theme)
        self.retranslate()

    # --- what it shows ----------------------------------------------------------------------------------------------

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show these from now on; the place one reads is kept where the same messages go on."""
        self._messages = list(messages)
        self._rows = {message.id: row for row, message in enumerate(self._messages)}
        self._editing = None
        for row in list(self._views):
            self._release(row)
        self._measured.clear()
        self._streams.clear()
        self._documents.clear()
        self._geometry.set(self._guess(message) for message in self._messages)
        self._anchor = (min(self._anchor[0], max(0, len(self._messages) - 1)), self._anchor[1])
        self._place()

    def append(self, message: Message) -> None:
        """Add a message at the end."""
        if message.id in self._rows:
            self.update_message(message)
            return
        self._rows[message.id] = len(self._messages)
        self._messages.append(message)
        self._geometry.append(self._guess(message))
        if len(self._messages) > 1:
            self._refresh(len(self._messages) - 2)
        self._place()

    def update_text(self, message_id: int, text: str) -> None:
        """Show more text of a message that is being written."""
        row = self._rows.get(message_id)
        if row is not None:
            self._messages[row] = replace(self._messages[row], content=text, status=Status.STREAMING)
            if row in self._documents:
                self._stream(row).update(text)
            self._refresh(row)

    def update_message(self, message: Message) -> None:
        """Show a message's new state."""
        row = self._rows.get(message.id)
        if row is None:
            return
        self._messages[row] = message
        if message.status is not Status.STREAMING:
            self._progress.pop(message.id, None)
        if row in self._documents:
            stream = self._streams.pop(row, None) or StreamingRenderer(self._documents[row], self._style)
            stream.finish(message.content)
        self._refresh(row)

    def set_progress(self, message_id: int, words: str) -> None:
        """Say how far the model is with a message that has no text yet."""
        row = self._rows.get(message_id)
        if row is not None and self._progress.get(message_id) != words:
            self._progress[message_id] = words
            self._refresh(row)

    def edit(self, message_id: int) -> None:
        """Turn a message into a text field."""
        row = self._rows.get(message_id)
        if row is not None:
            self._stop_editing()
            self._editing = message_id
            self._refresh(row)
            self.reveal(message_id)
            self._views[row].set_editing(True)

    def reveal(self, message_id: int) -> None:
        """Bring a message to the top of the view."""
        row = self._rows.get(message_id)
        if row is not None:
            self._is_at_end = False
            self._anchor = (row, 0)
            self._place()

    def scroll_to_end(self) -> None:
        """Show the end, and stay there while text comes."""
        self._is_at_end = True
        self._place()
        self.end_visible_changed.emit(True)

    @property
    def is_at_end(self) -> bool:
        """Whether new text keeps the end in view."""
        return self._is_at_end

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.setAccessibleName(_("Conversation"))
        for row, view in self._views.items():
            view.retranslate()
            self._refresh(row)
        for view in self._pool:
            view.retranslate()

    # --- scrolling --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again for a new width."""
        super().resizeEvent(event)
        width = min(COLUMN, self.viewport().width() - 48)
        if width != self._width:
            self._width = width
            self._measured.clear()
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End go to the ends; Escape leaves editing; the rest scrolls."""
        if event.key() == Qt.Key.Key_Home:
            self.verticalScrollBar().setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        elif event.key() == Qt.Key.Key_Escape and self._editing is not None:
            self._stop_editing()
        else:
            super().keyPressEvent(event)

    def _on_scrolled(self, value: int) -> None:
        if self._is_placing or not self._messages:
            return
        row = self._geometry.row_at(value)
        self._anchor = (row, value - self._geometry.top(row))
        was_at_end, self._is_at_end = self._is_at_end, value >= self.verticalScrollBar().maximum() - 2
        self._place()
        if was_at_end != self._is_at_end:
            self.end_visible_changed.emit(self._is_at_end)

    # --- laying out -------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Measure what comes into view, set the scroll bar, and put the views in their places."""
        bar, height, geometry = self.verticalScrollBar(), self.viewport().height(), self._geometry
        if not self._messages:
            bar.setRange(0, 0)
            return
        top = self._top_at_end(height) if self._is_at_end else self._top_at_anchor(height)
        self._is_placing = True
        bar.setPageStep(height)
        bar.setRange(0, max(0, geometry.total - height))
        bar.setValue(top)
        self._is_placing = False
        top = bar.value()
        first, last = geometry.row_at(max(0, top - MARGIN)), geometry.row_at(top + height + MARGIN)
        for row in [row for row in self._views if not first <= row <= last]:
            self._release(row)
        left = max(24, (self.viewport().width() - self._width) // 2)
        for row in range(first, last + 1):
            self._measure(row)
            view = self._view(row)
            view.setGeometry(left, geometry.top(row) - top, self._width, geometry.height(row))
            if view.isHidden():
                view.show()
        self._idle.start()

    def _top_at_end(self, height: int) -> int:
        row, seen = len(self._messages) - 1, 0
        while row >= 0 and seen < height + MARGIN:
            self._measure(row)
            seen += self._geometry.height(row) + GAP
            row -= 1
        return max(0, self._geometry.total - height)

    def _top_at_anchor(self, height: int) -> int:
        row, offset = self._anchor
        self._measure(row)
        offset = min(offset, self._geometry.height(row))
        seen, below = self._geometry.height(row) + GAP - offset, row + 1
        while below < len(self._messages) and seen < height + MARGIN:
            self._measure(below)
            seen += self._geometry.height(below) + GAP
            below += 1
        return self._geometry.top(row) + offset

    def _prepare_one(self) -> None:
        """Measure one more row within a screen of the view; stop when there is none."""
        if not self._views:
            self._idle.stop()
            return
        first, last, height = min(self._views), max(self._views), self.viewport().height()
        top = self.verticalScrollBar().value()
        below = range(last + 1, self._geometry.row_at(top + 2 * height) + 1)
        above = range(first - 1, self._geometry.row_at(max(0, top - height)) - 1, -1)
        for row in (*below, *above):
            if row not in self._measured or row not in self._documents:
                before = self._geometry.height(row)
                self._measure(row)
                if row < first and self._geometry.height(row) != before:
                    self._place()
                return
        self._idle.stop()

    def _guess(self, message: Message) -> int:
        """Return a height from the length of the text: rows far away are not worth more."""
        wide = max(20, text_width(message.role, self._width) // 7)
        lines = sum(1 + len(line) // wide for line in message.content.split("\n"))
        return row_height(message, lines * 24, None, is_editing=False)

    def _measure(self, row: int) -> None:
        if row in self._measured and row in self._documents:
            self._documents.move_to_end(row)
            return
        message = self._messages[row]
        document = self._document(row)
        document.setTextWidth(text_width(message.role, self._width))
        strip = strip_of(message, self._problem_of(message))
        height = row_height(message, int(document.size().height()), strip, is_editing=message.id == self._editing)
        self._geometry.change(row, height)
        self._measured.add(row)

    def _refresh(self, row: int) -> None:
        """Measure a row again and show its news; rows out of view only lose their measure."""
        self._measured.discard(row)
        if row in self._views:
            self._fill(self._views[row], row)
            self._place()
        elif self._is_at_end:
            self._place()

    def _document(self, row: int) -> MarkdownDocument:
        document = self._documents.get(row)
        if document is None:
            message = self._messages[row]
            document = MarkdownDocument(self._style, text_width(message.role, self._width))
            self._documents[row] = document
            if message.status is Status.STREAMING:
                self._stream(row).update(message.content)
            else:
                render(document, message.content, self._style)
            self._forget_far_documents()
        return document

    def _stream(self, row: int) -> StreamingRenderer:
        if row not in self._streams:
            self._streams[row] = StreamingRenderer(self._documents[row], self._style)
        return self._streams[row]

    def _forget_far_documents(self) -> None:
        if len(self._documents) <= _KEPT + len(self._views):
            return
        for row in list(self._documents):
            if row not in self._views and row not in self._streams:
                del self._documents[row]
                if len(self._documents) <= _KEPT:
                    return

    # --- views ------------------------------------------------------------------------------------------------------

    def _view(self, row: int) -> MessageView:
        view = self._views.get(row)
        if view is None:
            view = self._pool.pop() if self._pool else self._make_view()
            self._views[row] = view
            self._fill(view, row)
        return view

    def _fill(self, view: MessageView, row: int) -> None:
        message = self._messages[row]
        self._measure(row)
        view.set_last(row == len(self._messages) - 1)
        view.show_message(
            message,
            self._document(row),
            self._style,
            strip_of(message, self._problem_of(message)),
            self._progress.get(message.id, ""),
        )
        if message.id != self._editing:
            view.set_editing(False)

    def _release(self, row: int) -> None:
        view = self._views.pop(row)
        view.hide()
        self._pool.append(view)

    def _make_view(self) -> MessageView:
        view = MessageView(self._theme, self.viewport())
        view.again_requested.connect(self.again_requested)
        view.continue_requested.connect(self.continue_requested)
        view.retry_requested.connect(self.retry_requested)
        view.version_requested.connect(self.version_requested)
        view.link_activated.connect(self.link_activated)
        view.edit_requested.connect(self.edit)
        view.edit_cancelled.connect(self._stop_editing)
        view.edit_submitted.connect(self._on_edit_submitted)
        return view

    def _stop_editing(self) -> None:
        if self._editing is None:
            return
        row = self._rows.get(self._editing)
        self._editing = None
        if row is not None:
            self._refresh(row)
        self.setFocus()

    def _on_edit_submitted(self, message_id: int, text: str) -> None:
        self._stop_editing()
        self.edit_submitted.emit(message_id, text)

    def _on_theme(self) -> None:
        """Render what is in view with the new colours and sizes."""
        self._style = MarkdownStyle(self._theme)
        self._documents.clear()
        self._streams.clear()
        self._measured.clear()
        for row in list(self._views):
            self._fill(self._views[row], row)
        self._place()
