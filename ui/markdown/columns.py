"""The columns of a long table: as wide in each of its parts, whatever stands in them."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from PySide6.QtGui import QFontMetricsF, QTextLength, QTextTable, QTextTableFormat

from ui.markdown.style import CELL_ROOM, Property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QTextDocument, QTextTableCell

    from ui.markdown.style import MarkdownStyle

Demand = tuple[int, int]
"""What a column wants, in pixels: room for its longest word, and for its longest cell on one line."""

_STEPS = tuple(round(24 * 1.2**step) for step in range(19))
"""A demand grows in steps of a fifth: each step lays out every part of a table again."""
_LONGEST_WORD = 160.0
_MEASURED = 200
"""Characters of one cell; more of them want the widest column there is anyway."""
_IDEOGRAPHS = "\u2e80"


def demands_of(table: QTextTable, style: MarkdownStyle, known: Sequence[Demand] = ()) -> tuple[Demand, ...]:
    """Return what the columns of ``table`` want, and at least what is ``known`` of them."""
    prose, code = QFontMetricsF(style.text("head").font()), QFontMetricsF(style.mono)
    found: list[Demand] = list(known) or [(0, 0)] * table.columns()
    for column in range(table.columns()):
        least, most = 0.0, 0.0
        for row in range(table.rows()):
            word, line = _measure(table.cellAt(row, column), prose, code)
            least, most = max(least, word), max(most, line)
        found[column] = (max(found[column][0], _step(least)), max(found[column][1], _step(most)))
    return tuple(found)


def _measure(cell: QTextTableCell, prose: QFontMetricsF, code: QFontMetricsF) -> tuple[float, float]:
    iterator = cell.firstCursorPosition().block().begin()
    word = line = 0.0
    while not iterator.atEnd():
        fragment = iterator.fragment()
        metrics = code if fragment.charFormat().hasProperty(Property.INLINE_CODE) else prose
        text = fragment.text()[:_MEASURED]
        line += metrics.horizontalAdvance(text)
        longest = max(text.split(), key=len, default="")
        if max(longest, default="") >= _IDEOGRAPHS:
            longest = longest[:2]
        word = max(word, metrics.horizontalAdvance(longest))
        iterator += 1
    return min(word, _LONGEST_WORD) + CELL_ROOM, line + CELL_ROOM


def _step(wanted: float) -> int:
    return _STEPS[min(bisect_left(_STEPS, wanted), len(_STEPS) - 1)]


def shares(demands: Sequence[Demand], room: int) -> list[int]:
    """Divide ``room`` pixels as Qt does for one table: words first, then the same for each until a line has its own."""
    words = sum(word for word, _line in demands)
    if words > room:
        widths = [max(1, room * word // words) for word, _line in demands]
    else:
        widths = [word for word, _line in demands]
        hungry = [column for column, (word, line) in enumerate(demands) if line > word]
        rest = room - words
        while hungry and rest >= len(hungry):
            share = rest // len(hungry)
            for column in hungry:
                given = min(share, demands[column][1] - widths[column])
                widths[column] += given
                rest -= given
            hungry = [column for column in hungry if widths[column] < demands[column][1]]
        widths = [width + max(0, rest) // len(widths) for width in widths]
    widths[-1] += max(0, room - sum(widths))
    return widths


def fit(parts: Sequence[QTextTable], demands: Sequence[Demand], width: float) -> None:
    """Give the parts of one table the same columns; with no ``demands`` its one part has those that Qt chooses.

    The demands are noted in the first part, for ``fit_all``. A part of one column is a note and takes all of ``width``.
    """
    room = int(width - parts[0].format().leftMargin())
    lengths = [QTextLength(QTextLength.Type.FixedLength, share) for share in shares(demands, room)] if demands else []
    noted = ";".join(f"{word},{line}" for word, line in demands)
    for number, part in enumerate(parts):
        form = QTextTableFormat(part.format())
        form.clearColumnWidthConstraints()
        if part.columns() == len(lengths) and room > len(lengths):
            form.setColumnWidthConstraints(lengths)
        form.clearProperty(Property.DEMANDS)
        if noted and number == 0:
            form.setProperty(Property.DEMANDS, noted)
        if form != part.format():
            part.setFormat(form)


def fit_all(document: QTextDocument) -> None:
    """Fit the columns of every long table to the width of the document."""
    parts: list[QTextTable] = []
    demands: list[Demand] = []
    tables = [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]
    for table in sorted(tables, key=QTextTable.firstPosition):
        noted = table.format().property(Property.DEMANDS)
        if noted or not is_continued(table):
            if demands:
                fit(parts, demands, document.textWidth())
            parts, demands = [], _noted(str(noted or ""))
        parts.append(table)
    if demands:
        fit(parts, demands, document.textWidth())


def _noted(text: str) -> list[Demand]:
    pairs = [pair.partition(",") for pair in text.split(";") if pair]
    return [(int(word), int(line)) for word, _comma, line in pairs]


def is_continued(table: QTextTable) -> bool:
    """Tell whether a table is the continuation of the one before it."""
    return table.format().hasProperty(Property.CONTINUED)
