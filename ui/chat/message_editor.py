"""The field a message turns into while it is edited, in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from assistant.i18n import _
from assistant.store.rows import Role
from ui.chat.composer_edit import ComposerEdit
from ui.widgets.button import Button
from ui.widgets.painting import paint_ground

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from ui.theme.theme import Theme

_PAD_X, _PAD_Y = 15, 12
_BUTTONS = 32
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Field(ComposerEdit):
    """Enter sends a question; an answer is written in paragraphs, so it takes Ctrl+Enter. Escape gives up."""

    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.enter_breaks = False

    def event(self, event: QEvent) -> bool:
        """Claim Escape before the window's shortcuts see it."""
        is_claim = event.type() is event.Type.ShortcutOverride
        if is_claim and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        if event.key() == Qt.Key.Key_Escape:
            if not self.is_composing:
                self.cancelled.emit()
        elif event.key() in _ENTER and self.enter_breaks and not self.is_composing:
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.entered.emit()
            else:
                self.textCursor().insertBlock()
                self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Up and self.document().isEmpty():
            event.accept()
        else:
            super().keyPressEvent(event)


class MessageEditor(QWidget):
    """Signals: ``submitted(str)``, ``cancelled()``, ``height_changed()``."""

    submitted = Signal(str)
    cancelled = Signal()
    height_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_answer = False
        self.field = _Field(self)
        self.send = Button(theme, kind="primary")
        self.cancel = Button(theme)
        for button in (self.cancel, self.send):
            button.setParent(self)
        self.field.entered.connect(self._on_entered)
        self.field.cancelled.connect(self.cancelled)
        self.field.textChanged.connect(self._on_text)
        self.send.clicked.connect(self._on_entered)
        self.cancel.clicked.connect(self.cancelled)
        self.field.installEventFilter(self)
        self.retranslate()

    def begin(self, role: Role, text: str, width: int) -> None:
        """Offer ``text`` for editing in ``width`` pixels and take the keyboard."""
        self._is_answer = role is Role.ASSISTANT
        self.field.enter_breaks = self._is_answer
        self.retranslate()
        self.field.setFixedWidth(width - 2 * _PAD_X)
        self.field.setPlainText(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self.show()
        self.field.setFocus()

    def wanted_height(self) -> int:
        """Return the height for the lines there are."""
        return self.field.height() + _BUTTONS + 3 * _PAD_Y - 2

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.send.setText(_("Save") if self._is_answer else _("Send"))
        self.cancel.setText(_("Cancel"))
        self.field.setAccessibleName(_("Edit the answer") if self._is_answer else _("Edit the question"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow with the field."""
        if watched is self.field and event.type() is event.Type.Resize:
            self.height_changed.emit()
        if watched is self.field and event.type() in (event.Type.FocusIn, event.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Field above, buttons below on the right."""
        super().resizeEvent(event)
        self.field.setFixedWidth(self.width() - 2 * _PAD_X)
        self.field.move(_PAD_X, _PAD_Y)
        right = self.width() - _PAD_Y
        for button in (self.send, self.cancel):
            width = button.sizeHint().width()
            button.setGeometry(right - width, self.height() - _PAD_Y - _BUTTONS + 2, width, _BUTTONS - 2)
            right -= width + 8

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of a bubble, with the accent around it while one types."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            border = self._theme.color("accent" if self.field.hasFocus() else "border_strong")
            paint_ground(painter, QRectF(self.rect()), self._theme.radius("card"), self._theme.color("surface"), border)

    def _on_text(self) -> None:
        self.send.setEnabled(bool(self.field.text().strip()))

    def _on_entered(self) -> None:
        if self.field.text().strip():
            self.submitted.emit(self.field.text())
