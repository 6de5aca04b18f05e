"""One sampling parameter: name, value, a slider or a field, and the way back to the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.widgets.icon_button import IconButton, retain_place
from ui.widgets.slider import Slider

if TYPE_CHECKING:
    from ui.theme.theme import Theme
    from ui.widgets.sampling_fields import SamplingField


class ParameterRow(QWidget):
    """Shows a value and whether it is the model's own or one that was set.

    Signals: ``changed(str, float)`` with the field's name and the value chosen, ``reset(str)`` to follow the model.
    """

    changed = Signal(str, float)
    reset = Signal(str)

    def __init__(self, theme: Theme, field: SamplingField) -> None:
        super().__init__()
        self._theme = theme
        self.field = field
        self._value = 0.0
        self.label = QLabel()
        self.value_label = QLabel()
        self.value_label.setProperty("role", "muted")
        self.reset_button = IconButton(theme, "rotate-ccw", size=13, side=20)
        retain_place(self.reset_button)
        self.reset_button.clicked.connect(self._on_reset)
        self.slider: Slider | None = None
        self.number: QLineEdit | None = None
        self._lay_out()
        self.retranslate()

    def show_value(self, own: float | None, recommended: float) -> None:
        """Show the ``own`` value that was set, or the model's ``recommended`` one when that is ``None``."""
        self._value = recommended if own is None else own
        self.reset_button.setVisible(own is not None)
        if self.slider is not None:
            blocked = self.slider.blockSignals(True)
            self.slider.setValue(self.field.step_of(self._value))
            self.slider.blockSignals(blocked)
        if self.number is not None and not self.number.hasFocus():
            self.number.setText("" if self._value < 0 else str(int(self._value)))
        self._show_words()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        name, tip = _(self.field.label), _(self.field.tip)
        self.label.setText(name)
        self.setToolTip(tip)
        self.reset_button.setToolTip(_("Follow the model"))
        self.reset_button.setAccessibleName(_("{name}: follow the model").format(name=name))
        control = self.slider or self.number
        if control is not None:
            control.setAccessibleName(name)
            control.setAccessibleDescription(tip)
        if self.number is not None:
            self.number.setPlaceholderText(_("a new one each time"))
        self._show_words()

    def _show_words(self) -> None:
        self.value_label.setText(self.field.words(self._value) if self.slider is not None else "")

    def _on_slider(self, step: int) -> None:
        self._value = self.field.values[step]
        self._show_words()
        self.reset_button.setVisible(True)
        self.changed.emit(self.field.name, self._value)

    def _on_number(self) -> None:
        if self.number is None:
            return
        text = self.number.text()
        value = float(text) if text else -1.0
        if value != self._value:
            self._value = value
            self.changed.emit(self.field.name, value)

    def _on_reset(self) -> None:
        self.reset.emit(self.field.name)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.label)
        head.addStretch(1)
        head.addWidget(self.reset_button)
        head.addWidget(self.value_label)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        if self.field.values:
            self.slider = Slider(self._theme)
            self.slider.setRange(0, len(self.field.values) - 1)
            self.slider.valueChanged.connect(self._on_slider)
            layout.addWidget(self.slider)
        else:
            self.number = QLineEdit()
            self.number.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,9}"), self.number))
            self.number.editingFinished.connect(self._on_number)
            layout.addWidget(self.number)
