"""Selecting text across messages with the mouse, and copying it as words.

The selection belongs to the transcript, not to its widgets: two ends, each a row and a position in its text. It is
shown again whenever a row comes into view.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QTextCursor

if TYPE_CHECKING:
    from ui.chat.transcript_flow import TranscriptFlow
    from ui.chat.transcript_rows import Rows

End = tuple[int, int]
"""A row and a position in its text."""
TO_THE_END = 1 << 30
_STEP_MS = 30
_SLICE_S = 0.008
_AT_ONCE = 30
"""Rows copied in one go; more are gathered in idle moments."""


class Selection(QObject):
    """What is selected.

    Signals: ``changed()``; ``copied(int)`` with the number of messages whose words are on the clipboard now.
    """

    changed = Signal()
    copied = Signal(int)

    def __init__(self, flow: TranscriptFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._anchor: End | None = None
        self._head: End = (0, 0)
        self._point = QPoint()
        self._scroll = QTimer(self)
        self._scroll.setInterval(_STEP_MS)
        self._scroll.timeout.connect(self._on_scroll)
        self._gathering = Gathering(self)
        self._gathering.done.connect(self._on_gathered)

    # what it is -------------------------------------------------------------------------------------------------

    @property
    def ends(self) -> tuple[End, End] | None:
        """The upper and the lower end, ``None`` when nothing is selected."""
        if self._anchor is None or self._anchor == self._head:
            return None
        return min(self._anchor, self._head), max(self._anchor, self._head)

    @property
    def pressed_row(self) -> int | None:
        """The row where the button was pressed, while it is."""
        return self._anchor[0] if self._scroll.isActive() and self._anchor is not None else None

    def part_of(self, row: int) -> tuple[int, int] | None:
        """Return what of a row's text is selected."""
        ends = self.ends
        if ends is None or not ends[0][0] <= row <= ends[1][0]:
            return None
        start = ends[0][1] if row == ends[0][0] else 0
        end = ends[1][1] if row == ends[1][0] else TO_THE_END
        return start, end

    def clear(self) -> None:
        """Select nothing."""
        self._gathering.stop()
        self._scroll.stop()
        if self._anchor is not None:
            self._anchor = None
            self.changed.emit()

    def select_all(self) -> None:
        """Select the whole conversation."""
        rows = len(self._flow.rows)
        if rows:
            self._anchor, self._head = (0, 0), (rows - 1, TO_THE_END)
            self.changed.emit()

    # the mouse --------------------------------------------------------------------------------------------------

    def press(self, point: QPoint, *, extends: bool) -> None:
        """Begin at a point of the viewport, or move the free end there."""
        self._point = point
        hit = self._hit(point)
        if not extends or self._anchor is None:
            self._anchor = hit
        self._head = hit
        self._scroll.start()
        self.changed.emit()

    def drag(self, point: QPoint) -> None:
        """Move the free end; outside of the view it scrolls."""
        self._point = point
        self._take(self._hit(point))

    def release(self) -> None:
        """The button is up."""
        self._scroll.stop()

    def select_around(self, point: QPoint, what: QTextCursor.SelectionType) -> None:
        """Select the word or the paragraph at a point."""
        row, position = self._hit(point)
        cursor = QTextCursor(self._flow.rows.rendered(row).document)
        cursor.setPosition(position)
        cursor.select(what)
        self._anchor, self._head = (row, cursor.selectionStart()), (row, cursor.selectionEnd())
        self.changed.emit()

    def _hit(self, point: QPoint) -> End:
        row = self._flow.row_at(point)
        view = self._flow.view(row)
        if view is None:
            return row, 0 if point.y() < 0 else TO_THE_END
        return row, view.position_at(point - view.pos())

    def _take(self, head: End) -> None:
        if head != self._head:
            self._head = head
            self.changed.emit()

    def _on_scroll(self) -> None:
        y, height = self._point.y(), self._flow.viewport().height()
        beyond = y if y < 0 else max(0, y - height)
        if beyond:
            self._flow.scroll_by(max(-60, min(60, beyond)))
            self._take(self._hit(QPoint(self._point.x(), max(0, min(height - 1, y)))))

    # copying ----------------------------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the selected words on the clipboard; a great many are gathered first, without holding the window up."""
        ends = self.ends
        if ends is not None:
            parts = [(row, self.part_of(row) or (0, 0)) for row in range(ends[0][0], ends[1][0] + 1)]
            self._gathering.start(self._flow.rows, parts)

    def _on_gathered(self, text: str, count: int) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(count)


class Gathering(QObject):
    """Collects the words of rows: a few at once, many in idle moments.

    Signal: ``done(str, int)`` with the text and the number of messages.
    """

    done = Signal(str, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._on_idle)
        self._take: Callable[[int, tuple[int, int]], str] | None = None
        self._parts: list[tuple[int, tuple[int, int]]] = []
        self._texts: list[str] = []

    def start(self, rows: Rows, parts: list[tuple[int, tuple[int, int]]]) -> None:
        """Collect the given parts of rows, in place of what was being collected."""
        self._parts, self._texts = list(reversed(parts)), []
        self._take = lambda row, part: rows.plain(row, part[0], None if part[1] == TO_THE_END else part[1])
        if len(parts) <= _AT_ONCE:
            self._collect(float("inf"))
        else:
            self._idle.start()

    def stop(self) -> None:
        """Collect nothing any more."""
        self._idle.stop()
        self._parts = []

    def _on_idle(self) -> None:
        self._collect(time.perf_counter() + _SLICE_S)

    def _collect(self, until: float) -> None:
        assert self._take is not None
        while self._parts and time.perf_counter() < until:
            self._texts.append(self._take(*self._parts.pop()))
        if not self._parts:
            self._idle.stop()
            self.done.emit("\n\n".join(text for text in self._texts if text), len(self._texts))
            self._texts = []
