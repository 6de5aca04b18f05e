"""Mouse and keyboard of a transcript: selecting, following links, going from message to message."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QTextCursor

from ui.chat.selection import Selection
from ui.chat.transcript_find import Finder
from ui.chat.transcript_flow import TranscriptFlow

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from ui.chat.transcript_rows import Problem
    from ui.theme.theme import Theme

_STEP = 40
_SAME_PLACE = 6


class TranscriptInput(TranscriptFlow):
    """Turns what the hands do into a selection, scrolling and signals.

    Signals: ``link_activated(str)``; ``copied(int)`` with the number of messages on the clipboard now.
    """

    link_activated = Signal(str)
    copied = Signal(int)

    def __init__(self, theme: Theme, problem_of: Problem) -> None:
        super().__init__(theme, problem_of)
        self.selection = Selection(self)
        self.finder = Finder(self)
        self._pressed_link = ""
        self._pressed_at = QPoint()
        self._last_press = (0.0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.selection.changed.connect(self._show_selection)
        self.selection.copied.connect(self.copied)
        self.finder.changed.connect(self._show_found)

    def _show_selection(self) -> None:
        for row in self.rows_in_view():
            self._views[row].set_selected(self.selection.part_of(row))

    def _show_found(self) -> None:
        for row in self.rows_in_view():
            self._views[row].set_highlights(self.finder.highlights(row))

    # the mouse --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to select; twice quickly takes a word, three times a paragraph."""
        if event.button() != Qt.MouseButton.LeftButton or not len(self.rows):
            super().mousePressEvent(event)
            return
        point = event.position().toPoint()
        before, count = self._last_press
        now = time.monotonic()
        is_again = now - before < QGuiApplication.styleHints().mouseDoubleClickInterval() / 1000
        is_again = is_again and (point - self._pressed_at).manhattanLength() < _SAME_PLACE
        self._last_press = (now, count % 3 + 1 if is_again else 1)
        self._pressed_at = point
        self._pressed_link = self._link_at(point)
        if self._last_press[1] == 1:
            self.selection.press(point, extends=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            kind = QTextCursor.SelectionType
            self.selection.select_around(
                point, kind.WordUnderCursor if self._last_press[1] == 2 else kind.BlockUnderCursor
            )
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt's name for every second press."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select as far as the mouse goes."""
        if event.buttons() & Qt.MouseButton.LeftButton and self.selection.pressed_row is not None:
            self.selection.drag(event.position().toPoint())
            event.accept()
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End selecting; a click on a link follows it."""
        self.selection.release()
        point = event.position().toPoint()
        if self._pressed_link and self.selection.ends is None and self._link_at(point) == self._pressed_link:
            self.link_activated.emit(self._pressed_link)
        self._pressed_link = ""
        event.accept()

    def _link_at(self, point: QPoint) -> str:
        view = self.view(self.row_at(point)) if len(self.rows) else None
        return view.link_at(point - view.pos()) if view is not None else ""

    # the keyboard -----------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+C and Ctrl+A for the selection while the transcript has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.matches(QKeySequence.StandardKey.Copy) or event.matches(QKeySequence.StandardKey.SelectAll):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll, select all, copy; Ctrl+Up and Ctrl+Down go from message to message."""
        bar, page = self.verticalScrollBar(), self.viewport().height() - _STEP
        steps = {Qt.Key.Key_Up: -_STEP, Qt.Key.Key_Down: _STEP, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Copy):
            self.selection.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selection.select_all()
        elif key == Qt.Key.Key_Escape and self.selection.ends is not None:
            self.selection.clear()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go_to_message(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            self.scroll_to_end()
        elif key in steps:
            self.scroll_by(steps[key])
        else:
            super().keyPressEvent(event)

    def _go_to_message(self, direction: int) -> None:
        if not len(self.rows):
            return
        row = self._focused_row()
        start = self.anchor()[0] - direction if row is None else row
        if row is None and self.is_at_end:
            start = len(self.rows) if direction < 0 else len(self.rows) - 2
        target = max(0, min(len(self.rows) - 1, start + direction))
        view = self.view(target)
        if view is None or view.y() < 0 or view.geometry().bottom() > self.viewport().height():
            self.scroll_to(target, -20)
            view = self.view(target)
        if view is not None:
            view.take_focus(-1)

    def _focused_row(self) -> int | None:
        focused = self.focusWidget()
        for row, view in self._views.items():
            if focused is not None and (view is focused or view.isAncestorOf(focused)):
                return row
        return None

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go through a message's links and buttons, then on to what stands beside the transcript."""
        row = self._focused_row()
        view = self.view(row) if row is not None else None
        focused = self.focusWidget()
        if view is None or focused is None:
            return super().focusNextPrevChild(forward)
        stops = view.stops()
        here = (focused, view.link if focused is view else -1)
        if here not in stops:  # the field of a message that is edited
            return super().focusNextPrevChild(forward)
        index = stops.index(here) + (1 if forward else -1)
        if 0 <= index < len(stops):
            widget, link = stops[index]
            if widget is view:
                view.take_focus(link)
            else:
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                view.refresh_actions()
            return True
        self.setFocus()
        return super().focusNextPrevChild(forward) if forward else True
