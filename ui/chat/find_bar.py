"""The line that finds words in a conversation: what to look for, how often it is there, next and previous."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from assistant.i18n import _
from ui.widgets.escape_field import EscapeField
from ui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from ui.theme.theme import Theme


class FindBar(QFrame):
    """Hidden until ``begin``. Enter goes to the next place, Shift+Enter to the one before, Escape closes.

    Signals: ``words_changed(str)``, ``step_requested(int)`` with 1 or -1, ``closed()``.
    """

    words_changed = Signal(str)
    step_requested = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.field = EscapeField()
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.count.setMinimumWidth(72)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.previous_button = IconButton(theme, "chevron-up", size=16, side=26)
        self.next_button = IconButton(theme, "chevron-down", size=16, side=26)
        self.close_button = IconButton(theme, "x", size=16, side=26)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        for part in (self.count, self.previous_button, self.next_button, self.close_button):
            row.addWidget(part)
        self.field.textChanged.connect(self.words_changed)
        self.previous_button.clicked.connect(self._on_previous)
        self.next_button.clicked.connect(self._on_next)
        self.close_button.clicked.connect(self.end)
        self.field.given_up.connect(self.end)
        self.setMaximumWidth(400)
        self.retranslate()
        self.show_place(0, 0)
        self.hide()

    def begin(self) -> None:
        """Show it and take the keyboard; the words of last time are found again."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self.words_changed.emit(self.field.text())

    def end(self) -> None:
        """Hide it."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def show_place(self, current: int, total: int) -> None:
        """Show which of how many places is shown; 0 stands for none."""
        words = ""
        if self.field.text():
            words = _("{current} of {total}").format(current=current, total=total) if total else _("not found")
        self.count.setText(words)
        for button in (self.previous_button, self.next_button):
            button.setEnabled(total > 0)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.field.setPlaceholderText(_("Find in this conversation"))
        self.field.setAccessibleName(_("Find in this conversation"))
        self.previous_button.setToolTip(_("Previous place found"))
        self.next_button.setToolTip(_("Next place found"))
        self.close_button.setToolTip(_("Close"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Escape; the rest belongs to the field."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step_requested.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def _on_previous(self) -> None:
        self.step_requested.emit(-1)

    def _on_next(self) -> None:
        self.step_requested.emit(1)
