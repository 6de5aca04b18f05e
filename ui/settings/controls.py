"""The control for each kind of setting: one small interface over switch, choices, slider, field and text."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from assistant.i18n import _
from assistant.settings import FOLLOW_MODEL, Kind, Setting, Value
from ui.widgets.button import Button
from ui.widgets.combo_box import ComboBox
from ui.widgets.number_field import NumberField
from ui.widgets.pill import set_style_property
from ui.widgets.segmented import Segmented
from ui.widgets.slider import Slider
from ui.widgets.switch import Switch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.theme.theme import Theme

MOST_SEGMENTS = 3
"""With more choices than this a list opens instead."""
MOST_STEPS = 40
"""A bounded number with at most so many steps is a slider."""
FIELD_WIDTH = 240
NUMBER_WIDTH = 140
_NO_BOUND = 16_777_215
TEXT_PAUSE_MS = 500
"""A long text is taken after a pause of typing, or when it is left."""


class Control(QWidget):
    """Shows a value and says what a person chose; it neither checks nor keeps it.

    Signal: ``edited(object)`` with the value as it stands.
    """

    edited = Signal(object)
    is_wide = False
    """Whether it wants a line for itself under the words."""

    def __init__(self, declared: Setting) -> None:
        super().__init__()
        self.declared = declared
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @abstractmethod
    def target(self) -> QWidget:
        """The widget that takes the keyboard."""

    @abstractmethod
    def show_value(self, value: Value) -> None:
        """Show a value; ``edited`` is not emitted."""

    def set_invalid(self, is_invalid: bool) -> None:
        """Mark what stands there as not allowed, where that can happen."""

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.target().setAccessibleName(_(self.declared.label))
        self.target().setAccessibleDescription(_(self.declared.help) if self.declared.help else "")

    def finish(self) -> None:
        """Take what is still being typed."""

    def _hold(self, widget: QWidget) -> None:
        self.row.addWidget(widget)
        self.setFocusProxy(widget)

    def _say(self, value: Value) -> None:
        """Pass a choice on; a typed signal cannot be connected to one that takes any object."""
        self.edited.emit(value)


class FlagControl(Control):
    """On or off."""

    def __init__(self, theme: Theme, declared: Setting) -> None:
        super().__init__(declared)
        self.switch = Switch(theme)
        self._hold(self.switch)
        self.switch.clicked.connect(self._say)

    def target(self) -> QWidget:
        """The switch."""
        return self.switch

    def show_value(self, value: Value) -> None:
        """Show on or off."""
        self.switch.setChecked(bool(value))


class SegmentsControl(Control):
    """One of a few choices."""

    def __init__(self, theme: Theme, declared: Setting) -> None:
        super().__init__(declared)
        self.segments = Segmented(theme, self._choices(), name=_(declared.label))
        self._hold(self.segments)
        self.segments.chosen.connect(self._say)

    def target(self) -> QWidget:
        """The row of choices."""
        return self.segments

    def show_value(self, value: Value) -> None:
        """Show a choice."""
        self.segments.set_value(str(value))

    def retranslate(self) -> None:
        """Show every choice in the language in use."""
        super().retranslate()
        self.segments.set_words(self._choices(), _(self.declared.label))

    def _choices(self) -> list[tuple[str, str]]:
        return [(value, _(words)) for value, words in self.declared.choices.items()]


class ListControl(Control):
    """One of many choices, or of those that the window knows for a text."""

    def __init__(self, declared: Setting, known: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(declared)
        self._known = tuple(known)
        self.box = ComboBox()
        self.box.setFixedWidth(FIELD_WIDTH)
        self._hold(self.box)
        self.box.chosen.connect(self._say)

    def target(self) -> QWidget:
        """The list."""
        return self.box

    def show_value(self, value: Value) -> None:
        """Show a choice."""
        self.box.set_value(str(value))

    def retranslate(self) -> None:
        """Show every choice in the language in use."""
        super().retranslate()
        declared = [(value, _(words)) for value, words in self.declared.choices.items()]
        self.box.set_choices([*declared, *self._known])


class SliderControl(Control):
    """A bounded number with few steps, and the number beside it."""

    def __init__(self, theme: Theme, declared: Setting) -> None:
        super().__init__(declared)
        self.slider = Slider(theme)
        self.slider.setRange(0, step_count(declared))
        self.slider.setFixedWidth(170)
        self.figure = QLabel()
        self.figure.setProperty("role", "muted")
        self.figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.figure.setMinimumWidth(52)
        self.row.addWidget(self.figure)
        self._hold(self.slider)
        self.slider.valueChanged.connect(self._on_moved)

    def target(self) -> QWidget:
        """The slider."""
        return self.slider

    def show_value(self, value: Value) -> None:
        """Move the handle there."""
        blocked = self.slider.blockSignals(True)
        number = float(value) if isinstance(value, int | float) else self.declared.minimum
        self.slider.setValue(round((number - self.declared.minimum) / self.declared.step))
        self.slider.blockSignals(blocked)
        self._tell()

    def retranslate(self) -> None:
        """Show the unit in the language in use."""
        super().retranslate()
        self._tell()

    def _number(self) -> int | float:
        number = self.declared.minimum + self.slider.value() * self.declared.step
        return round(number) if self.declared.kind is Kind.WHOLE else round(number, 6)

    def _tell(self) -> None:
        unit = _(self.declared.unit) if self.declared.unit else ""
        self.figure.setText(f"{self._number():g} {unit}".strip())

    def _on_moved(self) -> None:
        self._tell()
        self.edited.emit(self._number())


class NumberControl(Control):
    """A number to type; empty means that the model, or the program, chooses."""

    def __init__(self, declared: Setting) -> None:
        super().__init__(declared)
        self.field = NumberField(step=declared.step, minimum=declared.minimum, maximum=declared.maximum)
        self.field.setFixedWidth(NUMBER_WIDTH)
        self._hold(self.field)
        self.unit = QLabel()
        self.unit.setProperty("role", "muted")
        self.row.insertWidget(0, self.unit)
        self.field.entered.connect(self._on_entered)

    def target(self) -> QWidget:
        """The field."""
        return self.field

    def show_value(self, value: Value) -> None:
        """Show a number, or that none is set."""
        is_special = self.declared.special is not None and value == self.declared.special[0]
        self.field.set_value(value if isinstance(value, int | float) and not is_special else None)

    def set_invalid(self, is_invalid: bool) -> None:
        """Mark the field."""
        self.field.set_invalid(is_invalid)

    def retranslate(self) -> None:
        """Show unit and the word for an empty field in the language in use."""
        super().retranslate()
        self.unit.setText(_(self.declared.unit) if self.declared.unit else "")
        self.unit.setVisible(bool(self.declared.unit))
        special = self.declared.special[1] if self.declared.special is not None else ""
        empty = FOLLOW_MODEL if self.declared.is_optional else special
        self.field.setPlaceholderText(_(empty) if empty else "")

    def finish(self) -> None:
        """Take what stands in the field."""
        self.field.editingFinished.emit()

    def _on_entered(self, value: object) -> None:
        if value is None and self.declared.special is not None:
            self.edited.emit(self.declared.special[0])
        else:
            self.edited.emit(value)


class TextControl(Control):
    """A line of text, taken when Enter is pressed or the field is left."""

    def __init__(self, declared: Setting) -> None:
        super().__init__(declared)
        self.field = QLineEdit()
        self.field.setFixedWidth(FIELD_WIDTH)
        self._shown = ""
        self._hold(self.field)
        self.field.editingFinished.connect(self.finish)

    def target(self) -> QWidget:
        """The field."""
        return self.field

    def show_value(self, value: Value) -> None:
        """Show a text."""
        self._shown = str(value or "")
        self.field.setText(self._shown)

    def set_invalid(self, is_invalid: bool) -> None:
        """Mark the field."""
        set_style_property(self.field, "invalid", is_invalid)

    def finish(self) -> None:
        """Take what stands in the field, if it is different."""
        if self.field.text() != self._shown:
            self._shown = self.field.text()
            self.edited.emit(self._shown)


class FolderControl(TextControl):
    """The path of a folder, typed or chosen in the system's dialog; empty is the usual one."""

    is_wide = True

    def __init__(self, theme: Theme, declared: Setting) -> None:
        super().__init__(declared)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field.setMinimumWidth(FIELD_WIDTH)
        self.field.setMaximumWidth(_NO_BOUND)
        self.button = Button(theme, icon_name="folder-open")
        self.row.addWidget(self.button)
        self.button.clicked.connect(self._choose)

    def retranslate(self) -> None:
        """Show words in the language in use."""
        super().retranslate()
        self.button.setText(_("Choose…"))
        self.button.setAccessibleName(_("{name}: choose").format(name=_(self.declared.label)))
        self.field.setPlaceholderText(_("Inkstone's own folder"))

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.window(), _(self.declared.label), self.field.text())
        if chosen:
            self.field.setText(chosen)
            self.finish()


class LongTextControl(Control):
    """A text of several lines, taken after a pause of typing or when it is left."""

    is_wide = True

    def __init__(self, declared: Setting) -> None:
        super().__init__(declared)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit = QPlainTextEdit()
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(112)
        self._shown = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TEXT_PAUSE_MS)
        self._pause.timeout.connect(self.finish)
        self._hold(self.edit)
        self.edit.textChanged.connect(self._pause.start)
        self.edit.installEventFilter(self)

    def target(self) -> QWidget:
        """The text field."""
        return self.edit

    def show_value(self, value: Value) -> None:
        """Show a text; one that is already there keeps its cursor."""
        self._shown = str(value or "")
        if self.edit.toPlainText() != self._shown:
            self.edit.setPlainText(self._shown)
        self._pause.stop()

    def set_invalid(self, is_invalid: bool) -> None:
        """Mark the field."""
        set_style_property(self.edit, "invalid", is_invalid)

    def finish(self) -> None:
        """Take what stands in the field, if it is different."""
        self._pause.stop()
        if self.edit.toPlainText() != self._shown:
            self._shown = self.edit.toPlainText()
            self.edited.emit(self._shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaving the field takes its text."""
        if event.type() is QEvent.Type.FocusOut:
            self.finish()
        return super().eventFilter(watched, event)


def step_count(declared: Setting) -> int:
    """Return how many steps lie between the smallest and the largest value; 0 for a boundless one."""
    span = declared.maximum - declared.minimum
    return round(span / declared.step) if span < float("inf") else 0


def make_control(theme: Theme, declared: Setting, known: Sequence[tuple[str, str]] = ()) -> Control:
    """Return the control for a setting; ``known`` are values and words that a text setting can be chosen from."""
    match declared.kind:
        case Kind.FLAG:
            return FlagControl(theme, declared)
        case Kind.CHOICE if len(declared.choices) <= MOST_SEGMENTS:
            return SegmentsControl(theme, declared)
        case Kind.CHOICE:
            return ListControl(declared)
        case Kind.LONG_TEXT:
            return LongTextControl(declared)
        case Kind.FOLDER:
            return FolderControl(theme, declared)
        case Kind.TEXT:
            return ListControl(declared, known) if known else TextControl(declared)
    is_bounded = not declared.is_optional and declared.special is None
    if is_bounded and 0 < step_count(declared) <= MOST_STEPS:
        return SliderControl(theme, declared)
    return NumberControl(declared)
