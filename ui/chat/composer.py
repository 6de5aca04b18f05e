"""Where one writes: a card with the text field, a figure of the context used, and the button that sends or stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.chat.composer_edit import ComposerEdit
from ui.chat.round_button import STOP, RoundButton
from ui.widgets.painting import paint_ground, paint_shadow

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from ui.theme.theme import Theme

_SHADOW = 12


class _Card(QWidget):
    """The rounded ground of the composer with its shadow; a click on it goes to the text field."""

    def __init__(self, theme: Theme, edit: ComposerEdit) -> None:
        super().__init__()
        self._theme = theme
        self._edit = edit
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Anywhere on the card is the text field."""
        self._edit.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shadow, ground and border."""
        theme = self._theme
        ground = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW - 4, -_SHADOW, -_SHADOW)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            radius = theme.radius("composer")
            paint_shadow(painter, ground, radius, is_dark=theme.is_dark, reach=_SHADOW)
            paint_ground(painter, ground, radius, theme.color("raised"), theme.color("border_strong"))


class Composer(QWidget):
    """Says what was typed and shows what it is told; what is typed is never lost by it.

    Signals: ``submitted(str)`` with text that is not blank, ``stop_requested()``, ``text_edited()`` after each change
    by the person, ``edit_last_requested()`` for Up in the empty field.
    """

    submitted = Signal(str)
    stop_requested = Signal()
    text_edited = Signal()
    edit_last_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_answering = False
        self._is_ready = True
        self.edit = ComposerEdit()
        self._state = QLabel()
        self._state.setObjectName("composerState")
        self._state.setProperty("role", "muted")
        self._figure = QLabel()
        self._figure.setObjectName("composerFigure")
        self._figure.setProperty("role", "muted")
        self.send_button = RoundButton(theme, "arrow-up")
        self._hint = QLabel()
        self._hint.setObjectName("composerHint")
        self._hint.setProperty("role", "caption")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.edit.entered.connect(self._on_enter)
        self.edit.up_pressed.connect(self.edit_last_requested)
        self.edit.textChanged.connect(self._on_text_changed)
        self.send_button.clicked.connect(self._on_button)
        self.setFocusProxy(self.edit)
        self.retranslate()
        self._show_button()

    # --- what it shows ----------------------------------------------------------------------------------------------

    def text(self) -> str:
        """What is typed."""
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Show a draft, with the cursor at its end and nothing to undo. ``text_edited`` is not emitted."""
        blocked = self.edit.blockSignals(True)
        self.edit.setPlainText(text)
        self.edit.blockSignals(blocked)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self._show_button()

    def is_empty(self) -> bool:
        """Whether nothing is typed, not even a word that an input method has not finished."""
        return self.edit.document().isEmpty() and not self.edit.is_composing

    def prepend(self, draft: str) -> None:
        """Put a draft before what is typed, on a line of its own; typing goes on where it was."""
        if not draft:
            return
        if self.is_empty():
            self.set_text(draft)
            return
        cursor = QTextCursor(self.edit.document())
        cursor.insertText(f"{draft}\n")

    def offer_text(self, text: str) -> None:
        """Put ``text`` in place of what is typed, as if the person had done it; undo brings the old back."""
        self.edit.replace_text(text)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_answering(self, is_answering: bool) -> None:
        """Turn the button into the one that stops, or back."""
        self._is_answering = is_answering
        self._say("")
        self._show_button()

    def set_ready(self, is_ready: bool) -> None:
        """Whether what is sent can be stored yet; until then Enter keeps the text and says so."""
        self._is_ready = is_ready
        self._say("")

    def set_figure(self, words: str, tip: str = "") -> None:
        """Show how much of the context is used, as measured; empty words show nothing."""
        self._figure.setText(words)
        self._figure.setToolTip(tip)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.edit.setPlaceholderText(_("Ask anything"))
        self.edit.setAccessibleName(_("Your message"))
        self._hint.setText(_("Enter to send · Shift+Enter for a new line · answers can be wrong, check them"))
        self._say("")
        self._show_button()

    # --- what the person does ---------------------------------------------------------------------------------------

    def _on_text_changed(self) -> None:
        self._say("")
        self._show_button()
        self.text_edited.emit()

    def _on_button(self) -> None:
        if self._is_answering:
            self.stop_requested.emit()
        else:
            self._on_enter()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_enter(self) -> None:
        if not self.text().strip():
            return
        if not self._is_ready:
            self._say(_("Your conversations are being opened. Press Enter again in a moment."))
        elif self._is_answering:
            self._say(_("Wait for the end of the answer, or stop it, then press Enter."))
        else:
            self.submitted.emit(self.text())

    # --- inside -----------------------------------------------------------------------------------------------------

    def _say(self, words: str) -> None:
        self._state.setText(words)
        self._state.setVisible(bool(words))

    def _show_button(self) -> None:
        if self._is_answering:
            name, words = STOP, _("Stop the answer")
        else:
            name, words = "arrow-up", _("Send")
        self.send_button.set_icon_name(name)
        self.send_button.setAccessibleName(words)
        self.send_button.setToolTip(words)
        self.send_button.setEnabled(self._is_answering or bool(self.text().strip()))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._state, 1)
        row.addStretch(0)
        row.addWidget(self._figure)
        row.addSpacing(4)
        row.addWidget(self.send_button)
        self._state.setWordWrap(True)
        card = _Card(self._theme, self.edit)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(_SHADOW + 16, _SHADOW + 8, _SHADOW + 8, _SHADOW + 8)
        inside.setSpacing(6)
        inside.addWidget(self.edit)
        inside.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(0)
        layout.addWidget(card)
        layout.addWidget(self._hint)
        self.setTabOrder(self.edit, self.send_button)
