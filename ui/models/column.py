"""The column that the models page scrolls: of a bounded width, in the middle of whatever room there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.models.grid import CardGrid
    from ui.theme.theme import Theme


class Column(QScrollArea):
    """Holds what is added, from top to bottom.

    Signal: ``moved()`` when another part of it is in view.
    """

    moved = Signal()

    def __init__(self, theme: Theme, widest: int) -> None:
        """``widest``: how wide it gets, in pixels."""
        super().__init__()
        inner = QWidget()
        inner.setMaximumWidth(widest)
        self._body = QVBoxLayout(inner)
        edge = theme.px("xl")
        self._body.setContentsMargins(edge, theme.px("l") + 4, edge, edge)
        self._body.setSpacing(theme.px("l"))
        ground = _Ground(theme)
        row = QHBoxLayout(ground)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inner, 1000)
        row.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(ground)
        self.verticalScrollBar().valueChanged.connect(self.moved)
        self.viewport().installEventFilter(self)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put something below what is there."""
        self._body.addWidget(widget, stretch)

    def watch(self, grid: CardGrid) -> None:
        """Tell about a grid, too, that comes to lie elsewhere or gets another size."""
        grid.installEventFilter(self)

    def rewind(self) -> None:
        """Show the beginning."""
        self.verticalScrollBar().setValue(0)

    def show_in(self, grid: CardGrid) -> None:
        """Tell a grid which part of it is in view."""
        top = -grid.mapTo(self, QPoint(0, 0)).y()
        grid.set_view(top, top + self.viewport().height())

    def bring_into_view(self, widget: QWidget | None) -> None:
        """Scroll to what the keyboard came to, if it is in here."""
        inside = self.widget()
        if widget is not None and inside is not None and inside.isAncestorOf(widget):
            self.ensureWidgetVisible(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when the view, or what is watched, changes."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.moved.emit()
        return super().eventFilter(watched, event)


class _Ground(QWidget):
    """A plain ground that hides all behind it: scrolling moves what stands on it without painting it again."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page's colour."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), self._theme.color("bg"))
