"""How much of what the model can see is used: a bar and its figures, as measured by the last answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assistant.i18n import N_, _, language

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

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


def _colour(theme: Theme, part: int) -> QColor:
    return theme.tokens.color(("data.0", "accent", "press")[part])


class _Bar(QWidget):
    """The parts side by side."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.use = ContextUse()
        self.setFixedHeight(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Read, written, left."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            whole = QRectF(self.rect())
            shape = QPainterPath()
            shape.addRoundedRect(whole, 3, 3)
            painter.setClipPath(shape)
            painter.fillRect(whole, _colour(self._theme, 2))
            if not self.use.is_measured:
                return
            left = 0.0
            for part, tokens in enumerate((self.use.prompt, self.use.answer)):
                width = max(2.0, whole.width() * tokens / self.use.total)
                painter.fillRect(QRectF(left, 0, width, whole.height()), _colour(self._theme, part))
                left += width + 1


class _Dot(QWidget):
    """The colour of a part beside its words."""

    def __init__(self, theme: Theme, part: int) -> None:
        super().__init__()
        self._theme = theme
        self._part = part
        self.setFixedSize(QSize(8, 8))
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A small disc."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_colour(self._theme, self._part))
            painter.drawEllipse(self.rect())


class ContextMeter(QWidget):
    """Title, bar and legend; says so while nothing was measured."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._use = ContextUse()
        self._title = QLabel()
        self._title.setProperty("role", "strong")
        self.total = QLabel()
        self.total.setProperty("role", "muted")
        self._bar = _Bar(theme)
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
        self._bar.use = use
        self._bar.update()
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
        self._bar.setAccessibleName(spoken if is_measured else self.note.text())

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
            grid.addWidget(_Dot(theme, part), part, 0)
            grid.addWidget(name, part, 1)
            grid.addWidget(figure, part, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._legend)
        layout.addWidget(self.note)
