"""What a person sets for one model: how it is loaded, what it samples with, what it is told."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from assistant.i18n import _, language
from assistant.model_choice import Habits
from assistant.models.records import LoadSettings
from ui.widgets.button import Button
from ui.widgets.dialog import Dialog
from ui.widgets.labels import plain_label
from ui.widgets.number_field import NumberField
from ui.widgets.parameter_row import ParameterRow
from ui.widgets.sampling_fields import FIELDS
from ui.widgets.segmented import Segmented

if TYPE_CHECKING:
    from assistant.engine.protocol import Sampling
    from ui.models.source import Installed
    from ui.theme.theme import Theme

_SIZE = QSize(560, 700)
_PROMPT_HEIGHT = 88
LEAST_CONTEXT, MOST_CONTEXT = 256, 4_194_304
MOST_LAYERS = 1000
AUTOMATIC = ""


class HabitsDialog(Dialog):
    """Everything is empty that follows the settings of the program.

    Signal: ``saved(Habits, bool)`` with what is wanted, and whether the model in use has to be loaded again for it.
    """

    saved = Signal(object, bool)

    def __init__(
        self, theme: Theme, parent: QWidget | None, installed: Installed, habits: Habits, common: Sampling
    ) -> None:
        super().__init__(theme, parent, _("Settings of {model}").format(model=installed.model.name))
        self._installed = installed
        self._before = habits
        self._common = {field.name: getattr(common, field.name) for field in fields(common)}
        self._sampling = dict(habits.sampling)
        self.context = NumberField(step=1024, minimum=LEAST_CONTEXT, maximum=MOST_CONTEXT, start=8192)
        self.layers = NumberField(minimum=0, maximum=MOST_LAYERS)
        self.cache = Segmented(
            theme,
            [(AUTOMATIC, _("Automatic")), ("f16", _("Exact")), ("q8_0", _("Half the memory"))],
            habits.load.cache_type or AUTOMATIC,
            _("Context memory"),
        )
        self.prompt = QPlainTextEdit(habits.system_prompt)
        self.rows = {field.name: ParameterRow(theme, field) for field in FIELDS}
        self.problem = plain_label("", "error")
        self.problem.hide()
        self.clear_button = Button(theme, _("Follow the settings"))
        self.cancel_button = Button(theme, _("Cancel"))
        self.save_button = Button(theme, _("Save"), kind="primary")
        self._lay_out()
        self._show(habits)
        for row in self.rows.values():
            row.changed.connect(self._on_sampling)
            row.reset.connect(self._on_reset)
        self.context.entered.connect(self._judge)
        self.layers.entered.connect(self._judge)
        self.cache.chosen.connect(self._judge)
        self.clear_button.clicked.connect(self._on_clear)
        self.cancel_button.clicked.connect(self.reject)
        self.save_button.clicked.connect(self._on_save)
        self.save_button.setDefault(True)
        self.resize(_SIZE)

    def habits(self) -> Habits:
        """Return what the dialog says now; numbers that cannot be are left out."""
        load = LoadSettings(
            context_length=_whole(self.context, LEAST_CONTEXT, MOST_CONTEXT),
            gpu_layers=_whole(self.layers, 0, MOST_LAYERS),
            cache_type=self.cache.value() or None,
        )
        return Habits(load, dict(self._sampling), self.prompt.toPlainText().strip())

    @property
    def loads_again(self) -> bool:
        """Whether what is set holds only when the model in use is loaded anew."""
        return self._installed.is_used and self.habits().load != self._before.load

    # --- what a person does -----------------------------------------------------------------------------------------

    def _on_sampling(self, name: str, value: float) -> None:
        self._sampling[name] = value
        self._show_sampling()

    def _on_reset(self, name: str) -> None:
        self._sampling.pop(name, None)
        self._show_sampling()

    def _on_clear(self) -> None:
        self._sampling.clear()
        self._show(Habits())

    def _on_save(self) -> None:
        self._judge()
        if self.problem.isVisibleTo(self):
            return
        loads_again = self.loads_again
        self.accept()
        self.saved.emit(self.habits(), loads_again)

    def _judge(self) -> None:
        """Say what cannot be, and what saving will do."""
        trained = self._installed.model.context_length
        number = QLocale(language()).toString
        words = ""
        if _is_wrong(self.context, LEAST_CONTEXT, MOST_CONTEXT):
            words = _("The context length is a whole number from {least} to {most}.").format(
                least=number(LEAST_CONTEXT), most=number(MOST_CONTEXT)
            )
        elif _is_wrong(self.layers, 0, MOST_LAYERS):
            words = _("Layers on the GPU are a whole number from 0 to {most}.").format(most=number(MOST_LAYERS))
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.context.set_invalid(_is_wrong(self.context, LEAST_CONTEXT, MOST_CONTEXT))
        self.layers.set_invalid(_is_wrong(self.layers, 0, MOST_LAYERS))
        length = _whole(self.context, LEAST_CONTEXT, MOST_CONTEXT) or 0
        self.beyond.setVisible(bool(trained) and length > trained)
        self.save_button.setText(_("Save and load again") if self.loads_again else _("Save"))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _show(self, habits: Habits) -> None:
        self.context.set_value(habits.load.context_length)
        self.layers.set_value(habits.load.gpu_layers)
        self.cache.set_value(habits.load.cache_type or AUTOMATIC)
        self.prompt.setPlainText(habits.system_prompt)
        self._show_sampling()
        self._judge()

    def _show_sampling(self) -> None:
        for name, row in self.rows.items():
            row.show_value(self._sampling.get(name), float(self._common[name]))

    def _lay_out(self) -> None:
        theme = self._theme
        self.add_heading(
            _("Settings of {model}").format(model=self._installed.model.name),
            _("They hold for this model alone. What is left empty follows the settings of Inkstone."),
            icon_name="sliders-horizontal",
        )
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px("m"), 0)
        column.setSpacing(theme.px("m"))
        column.addWidget(plain_label(_("How it is loaded"), "strong"))
        trained = self._installed.model.context_length
        self.beyond = plain_label(
            _("Longer than the {count} tokens it was trained for: what it writes will get worse.").format(
                count=QLocale(language()).toString(trained)
            ),
            "muted",
        )
        column.addLayout(self._line(_("Context length"), self.context))
        column.addWidget(self.beyond)
        column.addLayout(self._line(_("Layers on the GPU"), self.layers))
        column.addLayout(self._line(_("Context memory"), self.cache))
        column.addWidget(plain_label(_("System prompt"), "strong"))
        self.prompt.setFixedHeight(_PROMPT_HEIGHT)
        self.prompt.setTabChangesFocus(True)
        self.prompt.setAccessibleName(_("System prompt"))
        self.prompt.setPlaceholderText(_("As in the settings"))
        column.addWidget(self.prompt)
        column.addWidget(plain_label(_("Sampling"), "strong"))
        for row in self.rows.values():
            column.addWidget(row)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self.body.addWidget(area, 1)
        self.body.addWidget(self.problem)
        self.foot.addWidget(self.clear_button)
        self.foot.addStretch(1)
        self.foot.addWidget(self.cancel_button)
        self.foot.addWidget(self.save_button)

    def _line(self, words: str, control: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(plain_label(words, ""), 1)
        if isinstance(control, NumberField):
            control.setPlaceholderText(_("Automatic"))
            control.setFixedWidth(120)
            control.setAccessibleName(words)
        line.addWidget(control)
        return line


def _whole(field: NumberField, least: int, most: int) -> int | None:
    value = field.value()
    return value if isinstance(value, int) and least <= value <= most else None


def _is_wrong(field: NumberField, least: int, most: int) -> bool:
    return field.value() is not None and _whole(field, least, most) is None
