"""The numbers behind a verdict: the parts of the memory a model needs, and what another context length would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.i18n import N_, _, ngettext
from ui.models.words import VERDICT_SENTENCES, outlook_pace
from ui.widgets.announce import announce
from ui.widgets.dot import Dot
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import plain_label
from ui.widgets.meter import Meter, Part
from ui.widgets.pill import Pill
from ui.widgets.popup import SHADE, Popup
from ui.widgets.slider import Slider
from ui.widgets.verdicts import VERDICTS
from ui.widgets.words import sentences, short_count, size_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.models.fit import Fit
    from ui.models.source import Outlook
    from ui.theme.theme import Theme

WIDTH = 360
_SHORTEST = 2048
_UNKNOWN_LONGEST = 32768
_PARTS = (
    ("data.0", N_("Weights"), "weights_bytes"),
    ("data.1", N_("Context memory"), "kv_bytes"),
    ("data.2", N_("Work space"), "compute_bytes"),
    ("text_disabled", N_("The program itself"), "overhead_bytes"),
)
"""Colour, name and field of each part of the need."""


class FitPopup(Popup):
    """The arrow keys move the context length."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._judge: Callable[[int], Outlook] | None = None
        self._lengths: list[int] = [_SHORTEST]
        self.title = ElidedLabel()
        self.title.setProperty("role", "strong")
        self.pill = Pill()
        self.sentence = plain_label("", "muted")
        self.meter = Meter(theme, height=8)
        self.figures: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        self.needed = QLabel()
        self.free = QLabel()
        self._needed_name = QLabel()
        self._free_name = QLabel()
        self._length_name = QLabel()
        self.length = QLabel()
        self.slider = Slider(theme)
        self.pace = plain_label("", "muted")
        self.note = plain_label("", "faint")
        self._lay_out()
        self.setFixedWidth(WIDTH + 2 * SHADE)
        self.slider.valueChanged.connect(self._on_moved)

    def open_at(self, button: QWidget, name: str, judge: Callable[[int], Outlook]) -> None:
        """Show the numbers of ``name`` at ``button``; ``judge`` gives the outlook at a context length, 0: the usual."""
        self._judge = judge
        outlook = judge(0)
        self._lengths = lengths_up_to(outlook.longest, outlook.fit.context_length)
        self.title.setText(name)
        self.setAccessibleName(_("Will {model} run here?").format(model=name))
        blocked = self.slider.blockSignals(True)
        self.slider.setRange(0, len(self._lengths) - 1)
        self.slider.setPageStep(1)
        self.slider.setValue(self._lengths.index(outlook.fit.context_length))
        self.slider.blockSignals(blocked)
        self._name_parts()
        self._show(outlook)
        self.adjustSize()
        self.place_below(button)
        self.show()
        self.slider.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self) -> None:
        """Judge again: more is known now."""
        if self._judge is not None and self.isVisible():
            self._show(self._judge(self._lengths[self.slider.value()]))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _on_moved(self) -> None:
        self.refresh()
        announce(self, f"{self.length.text()}: {self.pill.text()}")

    def _show(self, outlook: Outlook) -> None:
        fit = outlook.fit
        words, tone = VERDICTS[fit.verdict]
        self.pill.setText(_(words))
        self.pill.set_tone(tone)
        self.sentence.setText(_(VERDICT_SENTENCES[fit.verdict]))
        for _token, _name, field in _PARTS:
            self.figures[field].setText(size_words(int(getattr(fit, field))))
        self.needed.setText(size_words(fit.total_bytes))
        self.free.setText(size_words(fit.available_bytes))
        self._show_meter(fit)
        self.length.setText(_("{count} tokens").format(count=short_count(fit.context_length)))
        self.slider.setAccessibleDescription(self.length.text())
        self.pace.setText(_pace_sentence(outlook))
        self.pace.setVisible(bool(self.pace.text()))
        self.note.setText("" if outlook.is_exact else _("Estimated from the size of the file; exact in a moment."))
        self.note.setVisible(not outlook.is_exact)

    def _show_meter(self, fit: Fit) -> None:
        parts = [Part(float(getattr(fit, field)), token, _(name)) for token, name, field in _PARTS]
        words = _("{needed} needed, {free} free").format(needed=self.needed.text(), free=self.free.text())
        self.meter.set_parts(parts, max(fit.total_bytes, fit.available_bytes), words)

    def _name_parts(self) -> None:
        for _token, name, field in _PARTS:
            self._names[field].setText(_(name))
        self._needed_name.setText(_("Needed"))
        self._free_name.setText(_("Free now"))
        self._length_name.setText(_("Context length"))
        self.slider.setAccessibleName(_("Context length"))
        self.meter.setAccessibleName(_("Memory"))

    def _lay_out(self) -> None:
        theme = self._theme
        head = QHBoxLayout()
        head.setSpacing(theme.px("s"))
        head.addWidget(self.title, 1)
        head.addWidget(self.pill)
        length = QHBoxLayout()
        self._length_name.setProperty("role", "strong")
        self.length.setProperty("role", "muted")
        length.addWidget(self._length_name, 1)
        length.addWidget(self.length)
        layout = QVBoxLayout(self)
        edge = SHADE + theme.px("l")
        layout.setContentsMargins(edge, edge, edge, edge)
        layout.setSpacing(theme.px("s"))
        layout.addLayout(head)
        layout.addWidget(self.sentence)
        layout.addSpacing(theme.px("xs"))
        layout.addWidget(self.meter)
        layout.addLayout(self._legend())
        layout.addWidget(self.note)
        layout.addSpacing(theme.px("xs"))
        layout.addLayout(length)
        layout.addWidget(self.slider)
        layout.addWidget(self.pace)

    def _legend(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (token, _name, field) in enumerate(_PARTS):
            self._names[field], self.figures[field] = QLabel(), QLabel()
            grid.addWidget(Dot(self._theme, token), row, 0)
            self._add_line(grid, row, self._names[field], self.figures[field], "muted")
        rule = QFrame()
        rule.setProperty("role", "rule")
        grid.addWidget(rule, len(_PARTS), 0, 1, 3)
        self._add_line(grid, len(_PARTS) + 1, self._needed_name, self.needed, "strong")
        self._add_line(grid, len(_PARTS) + 2, self._free_name, self.free, "muted")
        return grid

    def _add_line(self, grid: QGridLayout, row: int, name: QLabel, figure: QLabel, role: str) -> None:
        name.setProperty("role", role)
        figure.setProperty("role", role)
        grid.addWidget(name, row, 1)
        grid.addWidget(figure, row, 2, Qt.AlignmentFlag.AlignRight)


def _pace_sentence(outlook: Outlook) -> str:
    """Return how fast it writes, and on what."""
    pace, layers = outlook_pace(outlook), outlook.fit.gpu_layers
    writes = _("Writes {pace}.").format(pace=pace) if pace else ""
    on_gpu = ngettext("{count} layer runs on the graphics card.", "{count} layers run on the graphics card.", layers)
    return sentences(writes, on_gpu.format(count=layers) if layers else "")


def lengths_up_to(longest: int, usual: int) -> list[int]:
    """Return the context lengths to choose from: doubling from 2k to what the model was trained for, and the usual."""
    most = longest or max(_UNKNOWN_LONGEST, usual)
    found = {usual, most}
    length = _SHORTEST
    while length < most:
        found.add(length)
        length *= 2
    return sorted(found)
