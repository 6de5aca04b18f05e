"""Finding words in a conversation: counted over the texts of all messages, shown in those that are rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCursor, QTextDocument

from ui.chat.message_paint import Highlight

if TYPE_CHECKING:
    from ui.chat.transcript_flow import TranscriptFlow

MOST_IN_A_MESSAGE = 1_000


def places(document: QTextDocument, words: str) -> list[tuple[int, int]]:
    """Return where ``words`` stand in a document, in any case of letters."""
    found: list[tuple[int, int]] = []
    cursor = document.find(words, QTextCursor(document)) if words else QTextCursor()
    while not cursor.isNull() and len(found) < MOST_IN_A_MESSAGE:
        found.append((cursor.selectionStart(), cursor.selectionEnd()))
        cursor = document.find(words, cursor)
    return found


class Finder(QObject):
    """What is looked for and where it stands.

    Counts come from the source of the messages and are corrected when a message is rendered, since marks of Markdown
    may stand between or inside of words. Signal: ``changed(int, int)`` with the number of the current place (from 1,
    0 for none) and of all places.
    """

    changed = Signal(int, int)

    def __init__(self, flow: TranscriptFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._words = ""
        self._counts: dict[int, int] = {}
        self._current: tuple[int, int] | None = None

    @property
    def count(self) -> int:
        """How many places there are."""
        return sum(self._counts.values())

    def find(self, words: str) -> int:
        """Look for ``words`` in all messages and return how often they occur; empty words end the search."""
        self._words, self._current, self._counts = words, None, {}
        if words:
            wanted = words.casefold()
            for row, message in enumerate(self._flow.rows.messages):
                count = message.content.casefold().count(wanted)
                if count:
                    self._counts[row] = min(count, MOST_IN_A_MESSAGE)
        self._tell()
        return self.count

    def refresh(self) -> int:
        """Look again: there are other messages, or more text."""
        current = self._current
        count = self.find(self._words)
        if current is not None and current[0] in self._counts:
            self._current = current
            self._tell()
        return count

    def step(self, direction: int) -> bool:
        """Go to the next place (1) or the one before (-1), around the ends; False when there is none."""
        rows = sorted(self._counts)
        if not rows:
            return False
        row, number = self._current or self._start(rows, direction)
        number += direction
        while self._counts:
            found = self._places(row)
            if 0 <= number < len(found):
                self._current = (row, number)
                self._reveal(row, found[number])
                self._tell()
                return True
            rows = sorted(self._counts)
            if not rows:
                break
            row = self._row_after(rows, row, direction)
            number = 0 if direction > 0 else len(self._places(row)) - 1
        self._current = None
        self._tell()
        return False

    def highlights(self, row: int) -> list[Highlight]:
        """Return what to mark in a row."""
        if not self._words or row not in self._counts:
            return []
        found = places(self._flow.rows.rendered(row).document, self._words)
        return [
            Highlight(start, end, "current" if (row, number) == self._current else "hit")
            for number, (start, end) in enumerate(found)
        ]

    # ------------------------------------------------------------------------------------------------------------

    def _start(self, rows: list[int], direction: int) -> tuple[int, int]:
        """Begin with what is in view."""
        top = self._flow.anchor()[0]
        if direction > 0:
            return next((row for row in rows if row >= top), rows[0]), -1
        row = next((row for row in reversed(rows) if row <= top), rows[-1])
        return row, len(self._places(row))

    def _places(self, row: int) -> list[tuple[int, int]]:
        """Return the places in a rendered row, and correct what was counted."""
        found = places(self._flow.rows.rendered(row).document, self._words)
        if found:
            self._counts[row] = len(found)
        else:
            self._counts.pop(row, None)
        return found

    @staticmethod
    def _row_after(rows: list[int], row: int, direction: int) -> int:
        if direction > 0:
            return next((other for other in rows if other > row), rows[0])
        return next((other for other in reversed(rows) if other < row), rows[-1])

    def _reveal(self, row: int, place: tuple[int, int]) -> None:
        flow = self._flow
        height = flow.viewport().height()
        if flow.view(row) is None:
            flow.scroll_to(row, -height // 3)
        view = flow.view(row)
        if view is None:
            return
        top = view.top_of(place[0])
        if not 40 <= view.y() + top <= height - 60:
            flow.scroll_to(row, top - height // 3)

    def _tell(self) -> None:
        number = 0
        if self._current is not None:
            row, index = self._current
            number = sum(count for other, count in self._counts.items() if other < row) + index + 1
        self.changed.emit(number, self.count)
