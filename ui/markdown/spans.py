"""A range of a document in pieces that Qt marks as it is read.

Qt marks cells as a rectangle, and a table as a whole where a range crosses its edge; a long table is several of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

if TYPE_CHECKING:
    from PySide6.QtGui import QTextDocument, QTextTable

Span = tuple[int, int]


def spans(document: QTextDocument, start: int, end: int) -> list[Span]:
    """Return the pieces of the text between two positions."""
    first, last = _table_at(document, start), _table_at(document, end)
    if first is not None and first == last:
        return _rows(first, start, end)
    before: list[Span] = []
    behind: list[Span] = []
    if first is not None:
        before = _rows(first, start, first.lastPosition())
        start = first.lastPosition() + 1
    if last is not None:
        behind = _rows(last, last.firstPosition(), end)
        end = last.firstPosition() - 1
    return before + ([(start, end)] if start < end else []) + behind


def _table_at(document: QTextDocument, position: int) -> QTextTable | None:
    cursor = QTextCursor(document)
    cursor.setPosition(position)
    return cursor.currentTable()


def _rows(table: QTextTable, start: int, end: int) -> list[Span]:
    """Return the pieces of a range within a table: the rest of a row, full rows, the begin of a row."""
    top, bottom, right = table.cellAt(start).row(), table.cellAt(end).row(), table.columns() - 1
    if top == bottom:
        return [(start, end)]
    pieces = [(start, table.cellAt(top, right).lastPosition())]
    if bottom - top > 1:
        pieces.append((table.cellAt(top + 1, 0).firstPosition(), table.cellAt(bottom - 1, right).lastPosition()))
    return [*pieces, (table.cellAt(bottom, 0).firstPosition(), end)]
