"""What this computer has to run models with: memory, processor, disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assistant.i18n import _, ngettext
from ui.models.flow import FlowRow
from ui.theme.icons import paint_icon
from ui.widgets.meter import Meter, Part
from ui.widgets.painting import paint_ground
from ui.widgets.words import joined, size_words

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from ui.models.source import Computer
    from ui.theme.theme import Theme

_TILE, _ICON = 36, 18
_METER_WIDTH = 240
_NARROW = 760
"""Below this width the meter stands under the figures."""


class ComputerCard(QFrame):
    """Figures as measured; what is not known is left out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._computer: Computer | None = None
        self.memory = Fact(theme, "memory-stick")
        self.processor = Fact(theme, "cpu")
        self.disk = Fact(theme, "hard-drive")
        self.meter = Meter(theme, height=8)
        self._meter_name = QLabel()
        self._meter_words = QLabel()
        for label in (self._meter_name, self._meter_words):
            label.setProperty("role", "caption")
        self._lay_out(theme)

    def show_computer(self, computer: Computer) -> None:
        """Show what there is."""
        self._computer = computer
        memory, free = computer.memory_bytes, computer.available_bytes
        self.memory.show_words(
            _("{size} memory").format(size=size_words(memory)), _("{size} free now").format(size=size_words(free))
        )
        cores = ngettext("{count} core", "{count} cores", computer.cores).format(count=computer.cores)
        self.processor.show_words(f"{cores}, {computer.features}" if computer.features else cores, gpu_words(computer))
        self.disk.setVisible(computer.disk_free_bytes > 0)
        used = _("models use {size}").format(size=size_words(computer.models_bytes)) if computer.models_bytes else ""
        self.disk.show_words(_("{size} disk free").format(size=size_words(computer.disk_free_bytes)), used)
        self.disk.setToolTip(str(computer.folder))
        self._show_meter(computer)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        if self._computer is not None:
            self.show_computer(self._computer)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the meter where there is room."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)

    def _show_meter(self, computer: Computer) -> None:
        model = min(computer.model_bytes, computer.memory_bytes - computer.available_bytes)
        others = max(0, computer.memory_bytes - computer.available_bytes - model)
        words = joined(
            _("others {size}").format(size=size_words(others)),
            _("model {size}").format(size=size_words(model)) if model else "",
            _("free {size}").format(size=size_words(computer.available_bytes)),
        )
        self._meter_name.setText(_("Memory"))
        self._meter_words.setText(words)
        parts = [Part(others, "text_disabled", _("others")), Part(model, "accent", _("model"))]
        self.meter.set_parts(parts, computer.memory_bytes, words)
        self.meter.setAccessibleName(_("Memory"))

    def _lay_out(self, theme: Theme) -> None:
        facts = FlowRow(theme.px("xl"))
        for fact in (self.memory, self.processor, self.disk):
            facts.add(fact)
        names = QHBoxLayout()
        names.setSpacing(theme.px("l"))
        names.addWidget(self._meter_name)
        names.addStretch(1)
        names.addWidget(self._meter_words)
        right = QWidget()
        right.setMinimumWidth(_METER_WIDTH)
        right.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        bar = QVBoxLayout(right)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(theme.px("s"))
        bar.addLayout(names)
        bar.addWidget(self.meter)
        layout = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        layout.setContentsMargins(theme.px("l"), theme.px("m"), theme.px("l"), theme.px("m"))
        layout.setSpacing(theme.px("m"))
        layout.addWidget(facts, 1)
        layout.addWidget(right)


class Fact(QWidget):
    """An icon on a tinted square, a figure, and what it means."""

    def __init__(self, theme: Theme, icon_name: str) -> None:
        super().__init__()
        self.figure = QLabel()
        self.figure.setProperty("role", "strong")
        self.hint = QLabel()
        self.hint.setProperty("role", "faint")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.figure)
        words.addWidget(self.hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(_Tile(theme, icon_name), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words)

    def show_words(self, figure: str, hint: str) -> None:
        """Show a figure and what stands below it."""
        self.figure.setText(figure)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.setAccessibleName(joined(figure, hint))


class _Tile(QWidget):
    """A square in the soft accent with an icon."""

    def __init__(self, theme: Theme, icon_name: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon_name
        self.setFixedSize(QSize(_TILE, _TILE))
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground and icon."""
        theme, place = self._theme, QRectF(self.rect())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ground(painter, place, theme.radius("control"), theme.color("accent_soft"), None)
            inner = QRectF(0, 0, _ICON, _ICON)
            inner.moveCenter(place.center())
            paint_icon(painter, theme, self._icon_name, "accent_text", inner)


def gpu_words(computer: Computer) -> str:
    """Return the graphics card, or that none is needed."""
    if not computer.gpu:
        return _("no graphics card needed")
    return joined(computer.gpu, size_words(computer.gpu_bytes) if computer.gpu_bytes else "")
