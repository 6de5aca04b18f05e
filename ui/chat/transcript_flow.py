"""A long column of rows of which only those in view, and a little around, are widgets.

Heights are guessed until a row comes near, then measured. The place one reads is an anchor, a row and how many pixels
of it are above the view, so that heights changing above never move the text.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from ui.chat.geometry import Geometry
from ui.chat.message_row import MessageRow
from ui.chat.transcript_rows import Problem, Rows

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from ui.theme.theme import Theme

MARGIN = 200
"""Pixels above and below the view that are laid out with it."""
TOP, BOTTOM, SIDE = 24, 20, 24
_NEAR_END = 2
_FAR_AWAY = 10_000


class TranscriptFlow(QAbstractScrollArea):
    """Places rows and scrolls through them.

    Signal: ``end_visible_changed(bool)``.
    """

    end_visible_changed = Signal(bool)

    def __init__(self, theme: Theme, problem_of: Problem) -> None:
        super().__init__()
        self._theme = theme
        self.rows = Rows(theme, problem_of)
        self.geometry_ = Geometry()
        self._views: dict[int, MessageRow] = {}
        self._pool: list[MessageRow] = []
        self._anchor = (0, 0)
        self._value = 0
        self._is_at_end = True
        self._is_end_visible = True
        self._is_placing = False
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._prepare_one)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(40)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # what the rest gives ----------------------------------------------------------------------------------------

    @abstractmethod
    def make_view(self) -> MessageRow:
        """Return a new widget for a row."""

    @abstractmethod
    def fill_view(self, row: int, view: MessageRow) -> None:
        """Show a row in a widget."""

    @abstractmethod
    def is_pinned(self, row: int) -> bool:
        """Tell whether a row must keep its widget even out of view."""

    # where things are -------------------------------------------------------------------------------------------

    @property
    def is_at_end(self) -> bool:
        """Whether new text keeps the end in view."""
        return self._is_at_end

    def view(self, row: int) -> MessageRow | None:
        """Return the widget of a row in view."""
        return self._views.get(row)

    def rows_in_view(self) -> list[int]:
        """Return the rows that have widgets, from top to bottom."""
        return sorted(self._views)

    def row_at(self, point: QPoint) -> int:
        """Return the row at or nearest to a point of the viewport; only when there are rows."""
        return self.geometry_.row_at(point.y() + self._value - TOP)

    def anchor(self) -> tuple[int, int]:
        """Return the row at the top of the view and how many pixels of it are above."""
        return self._anchor

    # scrolling --------------------------------------------------------------------------------------------------

    def scroll_to(self, row: int, offset: int) -> None:
        """Put the pixel ``offset`` of a row at the top of the view."""
        self._is_at_end = False
        self._anchor = (row, offset)
        self.relayout()

    def scroll_to_end(self) -> None:
        """Show the end, and stay there while text comes."""
        self._is_at_end = True
        self.relayout()

    def scroll_by(self, pixels: int) -> None:
        """Scroll down, or up when negative."""
        self.verticalScrollBar().setValue(self._value + pixels)

    def _on_scrolled(self, value: int) -> None:
        if self._is_placing or not len(self.rows):
            return
        step = value - self._value
        if abs(step) <= 2 * self.viewport().height():
            self._anchor = (self._anchor[0], self._anchor[1] + step)
        else:
            row = self.geometry_.row_at(value - TOP)
            self._anchor = (row, value - TOP - self.geometry_.top(row))
        self._is_at_end = step > 0 and value >= self.verticalScrollBar().maximum() - _NEAR_END
        self.relayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again for a new width."""
        super().resizeEvent(event)
        self.relayout()

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out what came while hidden."""
        super().showEvent(event)
        self.relayout()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        super().hideEvent(event)
        self._idle.stop()

    # laying out -------------------------------------------------------------------------------------------------

    def column_width(self) -> int:
        """Return the width of the column of text for the width there is."""
        widest = self._theme.size("reading_column")
        return max(160, min(widest, self.viewport().width() - 2 * SIDE))

    def restart(self) -> None:
        """Lay out from the guesses on: the rows are others, or look different."""
        self.rows.column = self.column_width()
        for row in list(self._views):
            self._release(row)
        self.geometry_.set(self.rows.guesses(self.rows.messages))
        self.relayout()

    def refresh(self, row: int) -> None:
        """Show news of a row."""
        self.rows.touch(row)
        view = self._views.get(row)
        if view is None:
            self.geometry_.change(row, next(iter(self.rows.guesses([self.rows.messages[row]]))))
            self.relayout()
            return
        if self._measure(row):
            self.relayout()
        self.fill_view(row, view)
        self._place_buttons(row, view)

    def relayout(self) -> None:
        """Measure what comes into view, set the scroll bar, and put the widgets in their places."""
        if not self.isVisible():
            return
        if self.rows.column != self.column_width():
            self.rows.column = self.column_width()
        height = self.viewport().height()
        if not len(self.rows):
            for row in list(self._views):
                self._release(row)
            self._set_bar(0, height)
            self._tell_end()
            return
        top = self._settle_end(height) if self._is_at_end else self._settle_anchor(height)
        if top > self._total() - height:
            top = self._settle_end(height)
        self._set_bar(top, height)
        self._place_views(height)
        self._idle.start()
        self._tell_end()

    def _measure(self, row: int) -> bool:
        """Take the real height of a row; says whether it was another one."""
        return self.geometry_.change(row, self.rows.place(row).height)

    def _settle_end(self, height: int) -> int:
        row, seen = len(self.rows) - 1, BOTTOM
        while row >= 0 and seen < height + MARGIN:
            self._measure(row)
            seen += self.geometry_.height(row)
            row -= 1
        return max(0, self._total() - height)

    def _settle_anchor(self, height: int) -> int:
        geometry, last = self.geometry_, len(self.rows) - 1
        row, offset = min(self._anchor[0], last), self._anchor[1]
        self._measure(row)
        while offset > geometry.height(row) and row < last:
            offset -= geometry.height(row)
            row += 1
            self._measure(row)
        while offset < 0 and row > 0:
            row -= 1
            self._measure(row)
            offset += geometry.height(row)
        below, seen = row + 1, geometry.height(row) - offset
        while below <= last and seen < height + MARGIN:
            self._measure(below)
            seen += geometry.height(below)
            below += 1
        above, seen = row - 1, offset
        while above >= 0 and seen < MARGIN:
            self._measure(above)
            seen += geometry.height(above)
            above -= 1
        self._anchor = (row, offset)
        return TOP + geometry.top(row) + offset

    def _total(self) -> int:
        return TOP + self.geometry_.total + BOTTOM if len(self.rows) else 0

    def _set_bar(self, top: int, height: int) -> None:
        bar = self.verticalScrollBar()
        self._is_placing = True
        bar.setPageStep(height)
        bar.setRange(0, max(0, self._total() - height))
        bar.setValue(top)
        self._is_placing = False
        self._value = bar.value()
        if len(self.rows):
            row = self.geometry_.row_at(self._value - TOP)
            self._anchor = (row, self._value - TOP - self.geometry_.top(row))

    def _place_views(self, height: int) -> None:
        geometry, column = self.geometry_, self.rows.column
        first = geometry.row_at(self._value - TOP - MARGIN)
        last = geometry.row_at(self._value - TOP + height + MARGIN)
        for row in [row for row in self._views if not first <= row <= last]:
            if self.is_pinned(row):
                self._views[row].move(self._views[row].x(), -_FAR_AWAY)
            else:
                self._release(row)
        left = (self.viewport().width() - column) // 2
        for row in range(first, last + 1):
            moved = self._measure(row)
            view = self._views.get(row)
            if view is None:
                view = self._views[row] = self._pool.pop() if self._pool else self.make_view()
                self.fill_view(row, view)
            elif moved or view.width() != column:
                self.fill_view(row, view)
            view.setGeometry(left, TOP + geometry.top(row) - self._value, column, geometry.height(row))
            if view.isHidden():
                view.show()
            self._place_buttons(row, view)

    def _place_buttons(self, _row: int, view: MessageRow) -> None:
        size = self.viewport().size()
        view.place_copy_buttons(QRect(-view.x(), -view.y() - MARGIN, size.width(), size.height() + 2 * MARGIN))

    def _release(self, row: int) -> None:
        view = self._views.pop(row)
        if view.hasFocus() or (view.focusWidget() is not None and view.isAncestorOf(view.focusWidget())):
            self.setFocus()
        view.hide()
        self._pool.append(view)

    def _tell_end(self) -> None:
        is_visible = self._value >= self.verticalScrollBar().maximum() - _NEAR_END
        if is_visible != self._is_end_visible:
            self._is_end_visible = is_visible
            self.end_visible_changed.emit(is_visible)

    # idle -------------------------------------------------------------------------------------------------------

    def _prepare_one(self) -> None:
        """Render one more row within a screen of the view; stop when there is none."""
        row = self._next_to_prepare()
        if row is None:
            self._idle.stop()
            return
        is_above = row < min(self._views)
        if self._measure(row):
            height = self.viewport().height()
            top = TOP + self.geometry_.top(self._anchor[0]) + self._anchor[1] if is_above else self._value
            self._set_bar(self._total() - height if self._is_at_end else top, height)

    def _next_to_prepare(self) -> int | None:
        if not self._views or not len(self.rows):
            return None
        height = self.viewport().height()
        in_view = self.rows_in_view()
        last = self.geometry_.row_at(self._value - TOP + 2 * height)
        for row in range(in_view[-1] + 1, last + 1):
            if not self.rows.is_ready(row):
                return row
        first = self.geometry_.row_at(self._value - TOP - height)
        for row in range(in_view[0] - 1, first - 1, -1):
            if not self.rows.is_ready(row):
                return row
        return None
