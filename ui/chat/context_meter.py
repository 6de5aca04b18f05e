"""How much of what the model can see is used: a bar and its figures, as measured by the last answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.i18n import N_, _, language
from ui.widgets.dot import Dot
from ui.widgets.meter import Meter, Part

if TYPE_CHECKING:
    from ui.theme.theme import Theme


@dataclass(frozen=True)
class ContextUse:
    """Tokens of the last answer: what the model read, what it wrote, and how many it can see at all."""

    prompt: int = 0
    answer: int = 0
    total: int = 0

    @property
    def used(self) -> int:
        """Read and written together."""
        return self.prompt + self.answer

    @property
    def is_measured(self) -> bool:
        """Whether there is anything to show."""
        return self.total > 0 and self.used > 0


_PARTS = (N_("Read by the model"), N_("Its last answer"), N_("Left"))
_TOKENS = ("data.0", "accent", "press")


class ContextMeter(QWidget):
    """Title, bar and legend; says so while nothing was measured."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._use = ContextUse()
        self._title = QLabel()
        self._title.setProperty("role", "strong")
        self.total = QLabel()
        self.total.setProperty("role", "muted")
        self._bar = Meter(theme, height=8)
        self._legend = QWidget()
        self._names = [QLabel() for _part in _PARTS]
        self.figures = [QLabel() for _part in _PARTS]
        self.note = QLabel()
        self.note.setProperty("role", "caption")
        self.note.setWordWrap(True)
        self._lay_out(theme)
        self.retranslate()

    def set_use(self, use: ContextUse) -> None:
        """Show what was measured."""
        self._use = use
        self.retranslate()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        use, number = self._use, QLocale(language()).toString
        self._title.setText(_("Context"))
        for label, words in zip(self._names, _PARTS, strict=True):
            label.setText(_(words))
        for label, tokens in zip(self.figures, (use.prompt, use.answer, max(0, use.total - use.used)), strict=True):
            label.setText(number(tokens))
        is_measured = use.is_measured
        self.total.setText(f"{number(use.used)} / {number(use.total)}" if is_measured else "")
        self._legend.setVisible(is_measured)
        self.note.setVisible(not is_measured)
        self.note.setText(_("How many tokens this conversation takes is measured with its first answer."))
        spoken = _("{used} of {total} tokens").format(used=number(use.used), total=number(use.total))
        self._bar.setAccessibleName(self._title.text())
        parts = [Part(tokens, _TOKENS[part]) for part, tokens in enumerate((use.prompt, use.answer))]
        self._bar.set_parts(parts, use.total if is_measured else 0, spoken if is_measured else self.note.text())

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.total)
        grid = QGridLayout(self._legend)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for part, (name, figure) in enumerate(zip(self._names, self.figures, strict=True)):
            name.setProperty("role", "muted")
            figure.setProperty("role", "muted")
            grid.addWidget(Dot(theme, _TOKENS[part]), part, 0)
            grid.addWidget(name, part, 1)
            grid.addWidget(figure, part, 2, Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._legend)
        layout.addWidget(self.note)
