"""One setting in the dialog: its name, what it does, its control, the way back to the default, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.settings.controls import make_control
from ui.widgets.icon_button import IconButton, retain_place
from ui.widgets.labels import plain_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.settings import Setting, Value
    from ui.theme.theme import Theme


class SettingRow(QWidget):
    """Shows a setting and says what a person wants.

    Signals: ``edited(str, object)`` with the setting's name and the value, ``reset_requested(str)`` with its name.
    """

    edited = Signal(str, object)
    reset_requested = Signal(str)

    def __init__(self, theme: Theme, declared: Setting, known: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.declared = declared
        self.label = plain_label("", "strong")
        self.help = plain_label("", "muted")
        self.effect = plain_label("", "faint")
        self.error = plain_label("", "error")
        self.error.hide()
        self.control = make_control(theme, declared, known)
        self.reset_button = IconButton(theme, "rotate-ccw", size=14, side=26)
        retain_place(self.reset_button)
        self._lay_out(theme)
        self.control.edited.connect(self._on_edited)
        self.reset_button.clicked.connect(self._on_reset)
        self.label.setBuddy(self.control.target())
        self.retranslate()

    def show_value(self, value: Value) -> None:
        """Show the value in use; what was wrong before is over."""
        self.control.show_value(value)
        self.reset_button.setVisible(value != self.declared.default)
        self.show_error("")

    def show_error(self, words: str) -> None:
        """Say what is wrong with what stands in the control; empty words say that nothing is."""
        self.error.setText(words)
        self.error.setVisible(bool(words))
        self.control.set_invalid(bool(words))
        if words:
            self.reset_button.show()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        name = _(self.declared.label)
        self.label.setText(name)
        self.help.setText(_(self.declared.help) if self.declared.help else "")
        self.help.setVisible(bool(self.declared.help))
        self.effect.setText(_(self.declared.takes_effect.value) if self.declared.takes_effect.value else "")
        self.effect.setVisible(bool(self.declared.takes_effect.value))
        self.reset_button.setToolTip(_("Back to the default"))
        self.reset_button.setAccessibleName(_("{name}: back to the default").format(name=name))
        self.control.retranslate()

    def _on_edited(self, value: object) -> None:
        self.edited.emit(self.declared.name, value)

    def _on_reset(self) -> None:
        self.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reset_requested.emit(self.declared.name)

    def _lay_out(self, theme: Theme) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self.label, self.help, self.effect, self.error):
            words.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(theme.px("s"))
        top.addLayout(words, 1)
        right = QHBoxLayout()
        right.setSpacing(theme.px("xs"))
        right.addWidget(self.reset_button)
        top.addLayout(right)
        top.setAlignment(right, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px("m"), 0, theme.px("m"))
        layout.setSpacing(theme.px("s"))
        layout.addLayout(top)
        if self.control.is_wide:
            layout.addWidget(self.control)
        else:
            right.addWidget(self.control)
        self.setTabOrder(self.control.target(), self.reset_button)
