"""One message on the screen. A few dozen of these serve a conversation of any length: each shows what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.i18n import _
from assistant.store.rows import Message, Role, Status
from ui.chat.composer_edit import ComposerEdit
from ui.chat.message_body import MessageBody
from ui.chat.message_words import Strip, figures_of, name_of, time_of
from ui.widgets.button import Button
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_label
from ui.widgets.mark import paint_mark
from ui.widgets.painting import paint_ground

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QEnterEvent, QPaintEvent, QResizeEvent

    from ui.markdown.document import MarkdownDocument
    from ui.markdown.style import MarkdownStyle
    from ui.theme.theme import Theme

MARK = 28
INDENT = MARK + 16
HEAD = 30
FOOT = 32
PAD = 14
STRIP = 40
EDIT = 132
_WIDEST = 0.76


def text_width(role: Role, width: int) -> int:
    """Return how wide the text of a message may be in a row of ``width``."""
    return int(width * _WIDEST) - 2 * PAD if role is Role.USER else width - INDENT


def row_height(message: Message, text_height: int, strip: Strip | None, *, is_editing: bool) -> int:
    """Return the height of a message's row."""
    if message.role is Role.USER:
        return (EDIT if is_editing else text_height + 2 * PAD - 6) + FOOT
    return HEAD + max(text_height, 20) + (STRIP if strip else 0) + FOOT


class MessageView(QWidget):
    """Head, text, what became of it, and what can be done with it.

    Signals, each with the message's id: ``again_requested``, ``continue_requested``, ``retry_requested``,
    ``edit_requested``, ``edit_cancelled``, ``edit_submitted(int, str)``, ``version_requested(int, int step)``;
    ``link_activated(str)``.
    """

    again_requested = Signal(int)
    continue_requested = Signal(int)
    retry_requested = Signal(int)
    edit_requested = Signal(int)
    edit_cancelled = Signal(int)
    edit_submitted = Signal(int, str)
    version_requested = Signal(int, int)
    link_activated = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._message: Message | None = None
        self._strip: Strip | None = None
        self._is_last = False
        self._is_editing = False
        self.body = MessageBody(self)
        self._name = plain_label("", "strong")
        self._time = plain_label("", "small")
        self._progress = plain_label("", "muted")
        for label in (self._name, self._time, self._progress):
            label.setParent(self)
        self._foot = QWidget(self)
        self._buttons = {
            "copy": IconButton(theme, "copy", size=16, side=28),
            "again": IconButton(theme, "refresh-cw", size=16, side=28),
            "edit": IconButton(theme, "pencil", size=16, side=28),
            "continue": IconButton(theme, "play", size=16, side=28),
        }
        self.back = IconButton(theme, "chevron-left", size=16, side=24)
        self.forth = IconButton(theme, "chevron-right", size=16, side=24)
        self.place = plain_label("", "small")
        self._figures = plain_label("", "small")
        for label in (self.place, self._figures, self._name, self._time):
            label.setWordWrap(False)
        self._strip_box = QWidget(self)
        self._strip_words = plain_label("", "small")
        self._strip_words.setWordWrap(True)
        self._strip_buttons = {name: Button(theme) for name in ("continue", "again", "retry")}
        self.editor = ComposerEdit()
        self._edit_box = QWidget(self)
        self._send = Button(theme, kind="primary")
        self._cancel = Button(theme)
        self._lay_out()
        self._connect()
        self.retranslate()

    @property
    def message(self) -> Message | None:
        """What is shown."""
        return self._message

    def show_message(
        self, message: Message, document: MarkdownDocument, style: MarkdownStyle, strip: Strip | None, progress: str
    ) -> None:
        """Show a message with its rendered text."""
        self._message, self._strip = message, strip
        self.body.show_document(document, style)
        is_answer = message.role is Role.ASSISTANT
        self._name.setText(name_of(message) if is_answer else "")
        self._time.setText(time_of(message) if is_answer else "")
        self._progress.setText(progress or _("Writing …") if message.status is Status.STREAMING else "")
        self._progress.setVisible(is_answer and message.status is Status.STREAMING and not message.content)
        self._figures.setText(figures_of(message))
        self.setAccessibleName(f"{name_of(message)}, {time_of(message)}")
        self._show_foot()
        self._show_strip()
        self._place()
        self.update()

    def set_last(self, is_last: bool) -> None:
        """The last answer's buttons are always there, the others' under the pointer."""
        self._is_last = is_last
        self._show_foot()

    def set_editing(self, is_editing: bool) -> None:
        """Turn the question into a text field, or back."""
        if is_editing and not self._is_editing and self._message is not None:
            self.editor.setPlainText(self._message.content)
            self.editor.moveCursor(self.editor.textCursor().MoveOperation.End)
        self._is_editing = is_editing
        self._edit_box.setVisible(is_editing)
        self.body.setVisible(not is_editing)
        self._show_foot()
        self._place()
        if is_editing:
            self.editor.setFocus()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        words = {
            "copy": _("Copy"),
            "again": _("Another answer"),
            "edit": _("Edit"),
            "continue": _("Continue the answer"),
        }
        for name, button in self._buttons.items():
            button.setToolTip(words[name])
            button.setAccessibleName(words[name])
        for button, text in ((self.back, _("Earlier version")), (self.forth, _("Later version"))):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._strip_buttons["continue"].setText(_("Continue"))
        self._strip_buttons["again"].setText(_("Try again"))
        self._strip_buttons["retry"].setText(_("Retry"))
        self._send.setText(_("Send"))
        self._cancel.setText(_("Cancel"))
        self.editor.setAccessibleName(_("Edit the message"))

    # --- painting and places ----------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The bubble of a question, the mark of an answer, the ground of a strip."""
        if self._message is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._message.role is Role.ASSISTANT:
                paint_mark(painter, self._theme, QRectF(0, 0, MARK, MARK), "sparkles")
            elif not self._is_editing:
                place = QRectF(self.body.geometry()).adjusted(-PAD, -PAD + 3, PAD, PAD - 3)
                paint_ground(painter, place, self._theme.radius("card"), self._theme.color("bubble"), None)
            if self._strip is not None:
                tone = "sunken" if self._strip.tone == "info" else f"{self._strip.tone}_soft"
                ground = QRectF(self._strip_box.geometry())
                paint_ground(painter, ground, self._theme.radius("control"), self._theme.color(tone), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put every part in its place."""
        super().resizeEvent(event)
        self._place()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show what can be done."""
        super().enterEvent(event)
        self._show_foot()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide it again."""
        super().leaveEvent(event)
        self._show_foot()

    def _place(self) -> None:
        if self._message is None:
            return
        width, foot_top = self.width(), self.height() - FOOT
        document = self.body.document()
        height = int(document.size().height())
        if self._message.role is Role.USER:
            text = min(int(document.idealWidth()) + 2, text_width(Role.USER, width))
            self.body.setGeometry(width - PAD - text, PAD - 3, text, height)
            self._edit_box.setGeometry(width - text_width(Role.USER, width), 0, text_width(Role.USER, width), EDIT)
        else:
            self._name.move(INDENT, 4)
            self._name.adjustSize()
            self._time.adjustSize()
            self._time.move(INDENT + self._name.width() + 8, 6)
            self.body.setGeometry(INDENT, HEAD, width - INDENT, height)
            self._edit_box.setGeometry(INDENT, HEAD, width - INDENT, EDIT)
            self._progress.setGeometry(INDENT, HEAD, width - INDENT, 20)
        strip_top = foot_top - STRIP
        self._strip_box.setGeometry(INDENT, strip_top + 2, width - INDENT, STRIP - 4)
        left = INDENT - 6 if self._message.role is Role.ASSISTANT else 0
        self._foot.setGeometry(QRect(left, foot_top + 2, width - left, FOOT - 4))

    # --- parts ------------------------------------------------------------------------------------------------------

    def _show_foot(self) -> None:
        message = self._message
        if message is None:
            return
        is_answer = message.role is Role.ASSISTANT
        is_streaming = message.status is Status.STREAMING
        self._foot.setVisible(not self._is_editing and not is_streaming)
        is_near = self.underMouse() or (self._is_last and is_answer)
        self._buttons["copy"].setVisible(is_near)
        self._buttons["edit"].setVisible(is_near)
        self._buttons["again"].setVisible(is_near and is_answer)
        self._buttons["continue"].setVisible(is_near and self._strip is not None and "continue" in self._strip.actions)
        for part in (self.back, self.forth, self.place):
            part.setVisible(message.versions > 1)
        self.place.setText(f"{message.version} / {message.versions}")
        self.back.setEnabled(message.version > 1)
        self.forth.setEnabled(message.version < message.versions)
        self._figures.setVisible(is_near)

    def _show_strip(self) -> None:
        strip = self._strip
        self._strip_box.setVisible(strip is not None)
        if strip is None:
            return
        self._strip_words.setText(f"{strip.sentence} {strip.hint}".strip())
        for name, button in self._strip_buttons.items():
            button.setVisible(name in strip.actions)

    def _lay_out(self) -> None:
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(2)
        foot.addStretch(0)
        for button in self._buttons.values():
            foot.addWidget(button)
        foot.addSpacing(6)
        for part in (self.back, self.place, self.forth):
            foot.addWidget(part)
        foot.addStretch(1)
        foot.addWidget(self._figures)
        strip = QHBoxLayout(self._strip_box)
        strip.setContentsMargins(12, 2, 6, 2)
        strip.setSpacing(8)
        strip.addWidget(self._strip_words, 1)
        for action in self._strip_buttons.values():
            strip.addWidget(action)
        edit = QHBoxLayout()
        edit.addStretch(1)
        edit.addWidget(self._cancel)
        edit.addWidget(self._send)
        box = QVBoxLayout(self._edit_box)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.editor, 1)
        box.addLayout(edit)
        self._edit_box.hide()
        self._strip_box.hide()

    def _connect(self) -> None:
        self._buttons["copy"].clicked.connect(self._on_copy)
        for source, signal in (
            (self._buttons["again"], self.again_requested),
            (self._buttons["edit"], self.edit_requested),
            (self._buttons["continue"], self.continue_requested),
            (self._strip_buttons["continue"], self.continue_requested),
            (self._strip_buttons["again"], self.again_requested),
            (self._strip_buttons["retry"], self.retry_requested),
            (self._cancel, self.edit_cancelled),
        ):
            source.clicked.connect(lambda _checked=False, signal=signal: self._tell(signal))
        self.back.clicked.connect(lambda: self._step(-1))
        self.forth.clicked.connect(lambda: self._step(1))
        self._send.clicked.connect(self._on_send)
        self.editor.entered.connect(self._on_send)
        self.body.link_activated.connect(self.link_activated)

    def _tell(self, signal: SignalInstance) -> None:
        if self._message is not None:
            signal.emit(self._message.id)

    def _step(self, step: int) -> None:
        if self._message is not None:
            self.version_requested.emit(self._message.id, step)

    def _on_send(self) -> None:
        if self._message is not None and self.editor.text().strip():
            self.edit_submitted.emit(self._message.id, self.editor.text())

    def _on_copy(self) -> None:
        if self._message is not None:
            QGuiApplication.clipboard().setText(self._message.content)
