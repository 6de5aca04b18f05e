"""The text field of the composer: Enter sends, Shift+Enter breaks the line, pasting brings text only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QMimeData
    from PySide6.QtGui import QResizeEvent

MAX_LINES = 8
LONGEST_WORD = 2_000
"""Beside a longer word, lines break anywhere: looking for the end of 200,000 letters takes seconds a keystroke."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ComposerEdit(QPlainTextEdit):
    """One to eight lines of plain text, growing as one types.

    Signals: ``entered()`` for Enter, ``up_pressed()`` for Up while empty.
    """

    entered = Signal()
    up_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composerEdit")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self._wrap_for("")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self._is_composing = False
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    @property
    def is_composing(self) -> bool:
        """Whether an input method has unfinished text in the field."""
        return self._is_composing

    def text(self) -> str:
        """What is in the field."""
        return self.toPlainText()

    def replace_text(self, text: str) -> None:
        """Put ``text`` in place of what is there, as one step that undo takes back; the cursor goes to its end."""
        self._wrap_for(text)
        cursor = self.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def setPlainText(self, text: str) -> None:
        """Put ``text`` in place of what is there; it cannot be undone."""
        self._wrap_for(text)
        super().setPlainText(text)

    def line_height(self) -> int:
        """The height of one line in pixels."""
        return self.fontMetrics().lineSpacing()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take the text alone, whatever else the clipboard offers."""
        if source.hasText():
            self._wrap_for(f"{self.text()} {source.text()}")
            self.insertPlainText(source.text())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Only text can come in."""
        return source.hasText()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether the input method is in the middle of a word."""
        self._is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends unless a modifier or an input method wants it."""
        if event.key() in _ENTER:
            self._enter(event)
        elif event.key() == Qt.Key.Key_Up and not self._is_composing and self.document().isEmpty():
            self.up_pressed.emit()
        else:
            super().keyPressEvent(event)

    def _enter(self, event: QKeyEvent) -> None:
        if self._is_composing:
            event.accept()  # it belongs to the input method: neither sent nor a new line
        elif event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier):
            self.textCursor().insertBlock()
            self.ensureCursorVisible()
        else:
            self.entered.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may take another number of lines."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Another font has another line height."""
        super().changeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """The height of the lines there are, up to ``MAX_LINES``."""
        return QSize(super().sizeHint().width(), self._wanted_height())

    def _wanted_height(self) -> int:
        """Height of the text, at most of ``MAX_LINES`` lines; other scripts than the font's have lines of their own."""
        most = MAX_LINES * self.line_height()
        height, block = 0.0, self.document().firstBlock()
        while block.isValid() and height < most:
            height += self.blockBoundingRect(block).height()
            block = block.next()
        return min(max(math.ceil(height), self.line_height()), most) + 2

    def _wrap_for(self, text: str) -> None:
        has_giant = any(len(word) > LONGEST_WORD for word in text.split())
        modes = QTextOption.WrapMode
        self.setWordWrapMode(modes.WrapAnywhere if has_giant else modes.WrapAtWordBoundaryOrAnywhere)

    def _fit(self) -> None:
        is_full = int(self.document().size().height()) > MAX_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_full else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if self.verticalScrollBarPolicy() != policy:
            self.setVerticalScrollBarPolicy(policy)
        height = self._wanted_height()
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)
