"""A field for a number, typed or stepped with the arrow keys."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from ui.widgets.pill import set_style_property

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class NumberField(QLineEdit):
    """What was typed is given as it stands when it is not a number; whoever asked judges it. Empty means no number.

    Signal: ``entered(object)`` with an int, a float, a str that is no number, or ``None``: after Enter, on leaving the
    field and at each step, if it is different.
    """

    entered = Signal(object)

    def __init__(self, *, step: float = 1, minimum: float, maximum: float, start: float | None = None) -> None:
        """``start`` is where the arrow keys begin while the field is empty, the minimum unless given."""
        super().__init__()
        self._step = Decimal(str(step))
        self._range = (Decimal(str(minimum)), Decimal(str(maximum)))
        self._start = Decimal(str(minimum if start is None else start))
        self._shown: object = None
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.editingFinished.connect(self._on_finished)

    def set_value(self, value: float | None) -> None:
        """Show a number, or nothing."""
        self._shown = value
        self.setText("" if value is None else f"{Decimal(str(value)).normalize():f}")
        self.set_invalid(False)

    def value(self) -> object:
        """What stands there: an int, a float, a str that is no number, or ``None``."""
        text = self.text().strip().replace("−", "-").replace(",", ".")
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            return self.text().strip()
        if not number.is_finite():
            return self.text().strip()
        return int(number) if number == number.to_integral_value() else float(number)

    def set_invalid(self, is_invalid: bool) -> None:
        """Mark what stands there as not allowed."""
        set_style_property(self, "invalid", is_invalid)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down step, Page Up and Page Down by ten, Escape brings back what was there."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        key = Qt.Key(event.key())
        if key in steps:
            self._go(steps[key])
        elif key is Qt.Key.Key_Escape and self.isModified():
            self.undo_edit()
        else:
            super().keyPressEvent(event)

    def undo_edit(self) -> None:
        """Show the number again that was there before typing."""
        shown = self._shown
        self.set_value(shown if isinstance(shown, int | float) else None)
        self.setModified(False)

    def _go(self, steps: int) -> None:
        now = self.value()
        low, high = self._range
        if isinstance(now, int | float):
            number = min(max(Decimal(str(now)) + steps * self._step, low), high)
        else:
            number = self._start
        self.setText(f"{number.normalize():f}")
        self.setModified(True)
        self._on_finished()

    def _on_finished(self) -> None:
        value = self.value()
        self.setModified(False)
        if value != self._shown or type(value) is not type(self._shown):
            self._shown = value
            self.entered.emit(value)
