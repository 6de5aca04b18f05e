"""Editing a message in its place: one field at a time, in the row of its message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Signal

from ui.chat.message_editor import MessageEditor
from ui.chat.message_layout import editor_width

if TYPE_CHECKING:
    from ui.chat.message_row import MessageRow
    from ui.chat.transcript_flow import TranscriptFlow
    from ui.theme.theme import Theme


class TranscriptEditing(QObject):
    """Signal: ``submitted(int, str)`` with the message's id and its new text."""

    submitted = Signal(int, str)

    def __init__(self, theme: Theme, flow: TranscriptFlow) -> None:
        super().__init__(flow)
        self._theme = theme
        self._flow = flow
        self.editor: MessageEditor | None = None
        self.message_id: int | None = None
        self._unsent: dict[int, str] = {}

    def begin(self, message_id: int) -> None:
        """Turn a message into a field with its text, or with what was left there unsent; another open field is left."""
        flow = self._flow
        row = flow.rows.row_of(message_id)
        if row is None or message_id == self.message_id or not flow.isVisible():
            return
        self.leave()
        self.message_id = message_id
        if flow.view(row) is None:
            flow.scroll_to(row, 0)
        view = flow.view(row)
        assert view is not None
        message = flow.rows.messages[row]
        self.editor = MessageEditor(self._theme, view)
        text = self._unsent.pop(message_id, message.content)
        self.editor.begin(message.role, text, editor_width(message.role, flow.rows.column))
        self.editor.submitted.connect(self._on_submitted)
        self.editor.cancelled.connect(self.end)
        self.editor.height_changed.connect(self.fit)
        self.fit()

    def leave(self) -> None:
        """Close the field and keep what was written there for the next ``begin``."""
        message_id, text = self.message_id, self.editor.field.text() if self.editor else ""
        self.end()
        if message_id is not None and text:
            self._unsent[message_id] = text

    def end(self) -> None:
        """Close the field and show the message as it was."""
        message_id, self.message_id = self.message_id, None
        editor, self.editor = self.editor, None
        if message_id is None:
            return
        if editor is not None:
            if editor.field.hasFocus() or editor.send.hasFocus() or editor.cancel.hasFocus():
                self._flow.setFocus()
            editor.hide()
            editor.deleteLater()
        self._flow.rows.editor_heights.pop(message_id, None)
        row = self._flow.rows.row_of(message_id)
        if row is not None:
            self._flow.refresh(row)

    def fit(self) -> None:
        """Give the row the height the field wants, and keep the field in view."""
        flow = self._flow
        row = flow.rows.row_of(self.message_id) if self.message_id is not None else None
        if self.editor is None or self.message_id is None or row is None:
            return
        flow.rows.editor_heights[self.message_id] = self.editor.wanted_height()
        flow.refresh(row)
        view = flow.view(row)
        if view is not None:
            hidden = view.y() + self.editor.geometry().bottom() + 8 - flow.viewport().height()
            flow.scroll_by(max(0, hidden))

    def place(self, view: MessageRow, place: QRect) -> None:
        """Put the field where its message is shown."""
        if self.editor is not None and view.message.id == self.message_id:
            if self.editor.parentWidget() is not view:
                self.editor.setParent(view)
            self.editor.setGeometry(place)
            self.editor.show()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        if self.editor is not None:
            self.editor.retranslate()

    def _on_submitted(self, text: str) -> None:
        """Tell what was written; the field stays until ``end``, for it may not be taken."""
        if self.message_id is not None:
            self.submitted.emit(self.message_id, text)
