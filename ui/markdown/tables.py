"""Markdown tables into Qt tables, within limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from assistant.i18n import ngettext
from ui.markdown.style import Face, MarkdownStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from PySide6.QtGui import QTextCursor

    from ui.markdown.inline import InlineWriter

MOST_ROWS = 120
MOST_COLUMNS = 16
"""More than this many are announced, not laid out: Qt lays out a table as a whole."""


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


def insert_table(
    cursor: QTextCursor, rows: list[list[Cell]], style: MarkdownStyle, offset: int, inline: InlineWriter
) -> None:
    """Insert a table of ``rows`` and leave the cursor in the empty block behind it."""
    shown = [row[:MOST_COLUMNS] for row in rows[:MOST_ROWS]]
    columns = max(len(row) for row in shown)
    left_out = len(rows) - len(shown)
    table = cursor.insertTable(len(shown) + (left_out > 0), columns, style.table(offset, columns))
    at = table.firstCursorPosition()
    for row_number, row in enumerate(shown):
        for column, cell in enumerate(row):
            place = table.cellAt(row_number, column)
            base = "head" if cell.is_head else "body"
            place.setFormat(style.cell(base, is_first=column == 0, is_last=column == columns - 1))
            at.setPosition(place.firstPosition())
            at.setBlockFormat(style.cell_block(cell.alignment))
            if cell.text is not None:
                inline.write(at, cell.text.children or [], base)
    if left_out > 0:
        note = ngettext("{count} more row is not shown", "{count} more rows are not shown", left_out)
        at.setPosition(table.cellAt(len(shown), 0).firstPosition())
        at.insertText(note.format(count=left_out), style.text("body", Face.NOTE))
    cursor.setPosition(table.lastPosition() + 1)
