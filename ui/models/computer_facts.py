"""Memory, processor and disk of this computer, side by side as far as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.i18n import _, ngettext
from ui.models.flow import FlowRow
from ui.theme.icons import paint_icon
from ui.widgets.painting import paint_ground
from ui.widgets.words import clauses, joined, size_words

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.models.source import Computer
    from ui.theme.theme import Theme

_TILE, _ICON = 36, 18


class ComputerFacts(FlowRow):
    """Figures as measured; what is not known is left out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme.px("xl"))
        self.memory = Fact(theme, "memory-stick")
        self.processor = Fact(theme, "cpu")
        self.disk = Fact(theme, "hard-drive")
        for fact in (self.memory, self.processor, self.disk):
            self.add(fact)

    def show_computer(self, computer: Computer) -> None:
        """Show what there is, in the language in use."""
        self.memory.show_words(
            _("{size} memory").format(size=size_words(computer.memory_bytes)),
            _("{size} free now").format(size=size_words(computer.available_bytes)),
        )
        cores = ngettext("{count} core", "{count} cores", computer.cores).format(count=computer.cores)
        self.processor.show_words(clauses(cores, computer.features), _gpu_words(computer))
        used = _("models use {size}").format(size=size_words(computer.models_bytes))
        self.disk.show_words(
            _("{size} disk free").format(size=size_words(computer.disk_free_bytes)),
            used if computer.models_bytes else _("for models"),
        )
        self.disk.setVisible(computer.disk_free_bytes > 0)
        self.disk.setToolTip(str(computer.folder))


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


def _gpu_words(computer: Computer) -> str:
    """Return the graphics card, or that none is needed."""
    if not computer.gpu:
        return _("no graphics card needed")
    return joined(computer.gpu, size_words(computer.gpu_bytes) if computer.gpu_bytes else "")
