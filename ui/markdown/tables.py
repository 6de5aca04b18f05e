"""Markdown tables into Qt tables, part by part and within limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from assistant.i18n import ngettext
from ui.markdown.columns import demands_of, fit
from ui.markdown.style import Face, MarkdownStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from PySide6.QtGui import QTextBlockFormat, QTextTable

    from ui.markdown.columns import Demand
    from ui.markdown.inline import InlineWriter

MOST_ROWS = 120
MOST_COLUMNS = 16
"""More than this many rows are announced, not shown; a multiple of ``PART_ROWS``."""
PART_ROWS = 8
"""A table with more rows, the head counted, is made of several: while it is written, only the last is made anew."""


@dataclass
class Cell:
    """One cell: its text and where it stands."""

    is_head: bool
    alignment: Qt.AlignmentFlag
    text: Token | None = None


_ALIGNMENTS = {
    "text-align:right": Qt.AlignmentFlag.AlignRight,
    "text-align:center": Qt.AlignmentFlag.AlignHCenter,
}


def rows_of(tokens: Sequence[Token]) -> list[list[Cell]]:
    """Return the cells of a table's tokens, row by row."""
    rows: list[list[Cell]] = []
    for token in tokens:
        match token.type:
            case "tr_open":
                rows.append([])
            case "th_open" | "td_open":
                style = str(token.attrGet("style") or "")
                alignment = _ALIGNMENTS.get(style, Qt.AlignmentFlag.AlignLeft)
                rows[-1].append(Cell(token.type == "th_open", alignment))
            case "inline":
                rows[-1][-1].text = token
            case _:
                pass
    return rows


@dataclass(frozen=True)
class TableState:
    """A table that goes on behind its last full part.

    ``rows`` counts those that are written or left out, the head too; ``demands`` is what the columns want so far.
    """

    columns: int = 0
    rows: int = 0
    parts: tuple[QTextTable, ...] = ()
    demands: tuple[Demand, ...] = ()


class TableWriter:
    """Writes one table in parts of ``PART_ROWS`` rows, each of them a table for Qt, which lays out a table as a whole.

    The cursor is to stand in an empty block with the format ``gap``; it is left in such a block behind the last part.
    """

    def __init__(
        self,
        cursor: QTextCursor,
        style: MarkdownStyle,
        offset: int,
        gap: QTextBlockFormat,
        inline: InlineWriter,
        state: TableState | None = None,
    ) -> None:
        self._cursor = cursor
        self._style = style
        self._offset = offset
        self._gap = gap
        self._inline = inline
        self._is_going_on = state is not None
        self._state = self._before = state or TableState()
        self._rows: list[list[Cell]] = []
        self._unmeasured: list[QTextTable] = []

    def write(self, rows: list[list[Cell]]) -> None:
        """Write rows behind a full part; those beyond the limit are counted only."""
        state = self._before = self._state
        self._rows = rows
        columns = state.columns or _columns(rows)
        self._state = replace(state, columns=columns, rows=state.rows + len(rows))
        shown = rows[: max(0, MOST_ROWS - state.rows)]
        for first in range(0, len(shown), PART_ROWS):
            chunk = shown[first : first + PART_ROWS]
            table = self._insert(len(chunk), columns)
            for number, row in enumerate(chunk):
                self._fill(table, number, row)
            self._unmeasured.append(table)

    def rewrite(self, rows: list[list[Cell]]) -> bool:
        """Make a closed table end in ``rows`` instead of what was written last; False, with nothing done, if it cannot.

        Only rows and cells that differ are touched. Qt keeps every format of a table that was ever inserted.
        """
        before, known = self._before, self._rows
        if not (0 < len(rows) <= PART_ROWS and 0 < len(known) <= PART_ROWS) or _columns(rows) != self._state.columns:
            return False
        if before.rows >= MOST_ROWS:
            return len(rows) == len(known)
        table = self._state.parts[-1]
        if len(rows) > len(known):
            table.appendRows(len(rows) - len(known))
        elif len(rows) < len(known):
            table.removeRows(len(rows), len(known) - len(rows))
        for number, row in enumerate(rows):
            self._fill(table, number, row, known[number] if number < len(known) else None)
        self._rows = rows
        self._state = replace(self._state, rows=before.rows + len(rows), demands=before.demands)
        self._unmeasured = [table]
        self.close()
        return True

    def state(self) -> TableState:
        """Return what it takes to go on with the table later; its last part is to be full."""
        for part in self._unmeasured:
            self._state = replace(self._state, demands=demands_of(part, self._style, self._state.demands))
        self._unmeasured = []
        return self._state

    def close(self) -> None:
        """Say what is left out, and make the columns of all parts the same."""
        is_long = self._state.rows > PART_ROWS
        if not is_long and not self._is_going_on:
            return
        left_out = self._state.rows - MOST_ROWS
        if left_out > 0:
            note = ngettext("{count} more row is not shown", "{count} more rows are not shown", left_out)
            at = self._insert(1, 1).firstCursorPosition()
            at.insertText(note.format(count=left_out), self._style.text("body", Face.NOTE))
        fit(self._state.parts, self.state().demands if is_long else (), self._cursor.document().textWidth())

    def _insert(self, rows: int, columns: int) -> QTextTable:
        cursor, style = self._cursor, self._style
        form = style.table(self._offset, columns, is_continued=bool(self._state.parts))
        table = cursor.insertTable(rows, columns, form)
        self._state = replace(self._state, parts=(*self._state.parts, table))
        cursor.setPosition(table.lastPosition() + 1)
        cursor.setBlockFormat(self._gap)
        cursor.setBlockCharFormat(style.text("gap"))
        return table

    def _fill(self, table: QTextTable, number: int, row: list[Cell], known: list[Cell] | None = None) -> None:
        columns = table.columns()
        at = table.firstCursorPosition()
        for column, cell in enumerate(row[:columns]):
            if known is not None and known[column] == cell:
                continue
            place = table.cellAt(number, column)
            at.setPosition(place.firstPosition())
            if known is not None:
                at.setPosition(place.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
                at.removeSelectedText()
            base = "head" if cell.is_head else "body"
            place.setFormat(self._style.cell(base, is_first=column == 0, is_last=column == columns - 1))
            at.setBlockFormat(self._style.cell_block(cell.alignment))
            if cell.text is not None:
                self._inline.write(at, cell.text.children or [], base)


def _columns(rows: list[list[Cell]]) -> int:
    return min(MOST_COLUMNS, max(len(row) for row in rows))
