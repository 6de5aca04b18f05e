"""How Markdown looks: fonts, distances and formats, made once for a theme and shared by every document."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTableCellFormat,
    QTextTableFormat,
)

from ui.theme.fonts import code_font, interface_font

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_OWN = int(QTextFormat.Property.UserProperty.value)


class Property(IntEnum):
    """Properties of our own in block and character formats, read by the painter and by copying."""

    CODE = _OWN + 1
    """A line of a code card: ``CODE_LINE`` plus the ``Edge`` it is at."""
    LANGUAGE = _OWN + 2
    """On the first line of a card: the language written behind the fence, may be empty."""
    QUOTES = _OWN + 3
    """The left edges of the quote bars beside a block, in pixels, joined by commas."""
    RULE = _OWN + 4
    OFFSET = _OWN + 5
    """Where the block's container begins, in pixels."""
    MARKERS = _OWN + 6
    """The items that begin with a block, joined by semicolons: where their text begins, a colon, the marker."""
    INLINE_CODE = _OWN + 7
    GAP = _OWN + 8
    """The empty block that Qt wants beside a table."""
    PLAIN = _OWN + 9
    """A line of a text shown as it was typed."""
    CONTINUED = _OWN + 10
    """A table that is the next part of the table before it."""
    DEMANDS = _OWN + 11
    """On the first part of a long table: what its columns want, see ``columns.Demand``."""


class Edge(IntFlag):
    """Which ends of a code card a line is at."""

    NONE = 0
    FIRST = 1
    LAST = 2


class Face(IntFlag):
    """What is laid over a base text format."""

    PLAIN = 0
    BOLD = 1
    ITALIC = 2
    STRIKE = 4
    CODE = 8
    LINK = 16
    NOTE = 32


CODE_LINE = 4
INDENT = 24
QUOTE_INDENT = 16
DEEPEST_OFFSET = 8 * INDENT
CARD_PADDING = 14
CARD_HEADER = 36
CARD_BOTTOM = 12
CARD_GAP = 10
CARD_RADIUS = 10
BLOCK_GAP = 12
ITEM_GAP = 6
TABLE_GAP = 4
CELL_ROOM = 20
"""What a cell takes beside its text, left and right together."""
LINE_GAP = 7
PLAIN_LINE_GAP = 4
CODE_LINE_GAP = 7
HANGING = 24
"""A code line that does not fit goes on this much further in."""


class MarkdownStyle:
    """Formats for one theme. Make a new one when the theme changes, then render again."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._chars: dict[tuple[str, Face], QTextCharFormat] = {}
        self._blocks: dict[tuple[object, ...], QTextBlockFormat] = {}
        self._syntax: dict[str, QTextCharFormat] = {}
        self._cells: dict[tuple[str, bool, bool], QTextTableCellFormat] = {}

    # fonts and colours ------------------------------------------------------------------------------------------

    def color(self, name: str) -> QColor:
        """Return a colour of the theme."""
        return self.theme.color(name)

    @cached_property
    def size(self) -> int:
        """The size of running text in pixels."""
        return self.theme.text_size

    @cached_property
    def font(self) -> QFont:
        """The font of running text."""
        return interface_font(self.size)

    @cached_property
    def mono(self) -> QFont:
        """The font of code."""
        return code_font(round(self.size * 0.92))

    def _heading_px(self, level: int) -> int:
        h2, title, read = (self.theme.type_px(name) for name in ("h2", "title", "read"))
        steps = {1: h2, 2: (h2 + title) // 2, 3: title}
        return round(steps.get(level, read) * self.size / read)

    # characters -------------------------------------------------------------------------------------------------

    def text(self, base: str = "body", face: Face = Face.PLAIN) -> QTextCharFormat:
        """Return the format of text. ``base``: body, head (of a table), gap, h1 to h6. Do not change it."""
        found = self._chars.get((base, face))
        if found is None:
            found = self._chars[base, face] = self._make_text(base, face)
        return found

    def _make_text(self, base: str, face: Face) -> QTextCharFormat:
        form = QTextCharFormat()
        font = QFont(self.mono if Face.CODE in face else self.font)
        if base[0] == "h" and base[1:].isdigit():
            font.setPixelSize(self._heading_px(int(base[1:])))
        if base == "gap":
            font.setPixelSize(1)
        if base != "body" or Face.BOLD in face:
            font.setWeight(QFont.Weight.DemiBold)
        font.setItalic(Face.ITALIC in face or Face.NOTE in face)
        font.setStrikeOut(Face.STRIKE in face)
        form.setFont(font)
        form.setForeground(self.color(self._text_color(base, face)))
        if Face.CODE in face:
            form.setProperty(Property.INLINE_CODE, 1)
        if Face.LINK in face:
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        return form

    @staticmethod
    def _text_color(base: str, face: Face) -> str:
        if Face.NOTE in face:
            return "warn"
        if Face.LINK in face:
            return "accent_text"
        return "text_muted" if base == "head" else "text"

    def link(self, base: str, face: Face, url: str) -> QTextCharFormat:
        """Return the format of a link's text."""
        form = QTextCharFormat(self.text(base, face | Face.LINK))
        form.setAnchor(True)
        form.setAnchorHref(url)
        return form

    def code(self, syntax: str = "") -> QTextCharFormat:
        """Return the format of code of a syntax class; empty: code without a colour of its own."""
        found = self._syntax.get(syntax)
        if found is None:
            found = QTextCharFormat()
            font = QFont(self.mono)
            font.setItalic(syntax == "comment")
            found.setFont(font)
            found.setForeground(self.theme.syntax(syntax) if syntax else self.color("text"))
            self._syntax[syntax] = found
        return found

    # blocks -----------------------------------------------------------------------------------------------------

    def block(self, kind: str, offset: int = 0, bars: str = "", *, top: int = 0) -> QTextBlockFormat:
        """Return the format of a block of a kind: text, plain, heading, rule or gap.

        ``offset`` is its left edge, ``top`` the room above, both in pixels; ``bars`` as in ``Property.QUOTES``.
        """
        key = (kind, offset, bars, top)
        found = self._blocks.get(key)
        if found is None:
            found = self._blocks[key] = self._make_block(kind, offset, bars, top)
        return found

    def _make_block(self, kind: str, offset: int, bars: str, top: int) -> QTextBlockFormat:
        form = QTextBlockFormat()
        form.setTopMargin(top)
        form.setLeftMargin(offset)
        if bars:
            form.setProperty(Property.QUOTES, bars)
        if kind == "rule":
            form.setProperty(Property.RULE, 1)
            form.setLineHeight(9, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        elif kind == "gap":
            form.setProperty(Property.GAP, 1)
            form.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        elif kind == "plain":
            form.setProperty(Property.PLAIN, 1)
            form.setLineHeight(PLAIN_LINE_GAP, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        elif kind == "heading":
            form.setLineHeight(4, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
            form.setBottomMargin(ITEM_GAP)
        else:
            form.setLineHeight(LINE_GAP, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        return form

    def code_line(self, edge: Edge, offset: int, bars: str, language: str, top: int) -> QTextBlockFormat:
        """Return the format of a line of a code card."""
        key = ("code", edge, offset, bars, language if Edge.FIRST in edge else "", top)
        found = self._blocks.get(key)
        if found is not None:
            return found
        form = QTextBlockFormat()
        form.setProperty(Property.CODE, int(edge) + CODE_LINE)
        form.setProperty(Property.OFFSET, offset)
        if bars:
            form.setProperty(Property.QUOTES, bars)
        if Edge.FIRST in edge:
            form.setProperty(Property.LANGUAGE, language)
        form.setTopMargin(CARD_HEADER + top if Edge.FIRST in edge else 0)
        form.setBottomMargin(CARD_BOTTOM + CARD_GAP if Edge.LAST in edge else 0)
        form.setLeftMargin(offset + CARD_PADDING + HANGING)
        form.setTextIndent(-HANGING)
        form.setRightMargin(CARD_PADDING)
        form.setLineHeight(CODE_LINE_GAP, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        if len(self._blocks) > 500:  # a model can write any language name
            self._blocks.clear()
        self._blocks[key] = form
        return form

    # tables -----------------------------------------------------------------------------------------------------

    def table(self, offset: int, columns: int, *, is_continued: bool) -> QTextTableFormat:
        """Return the format of a table, or of a later part of one, as wide as its container."""
        form = QTextTableFormat()
        form.setCellPadding(0)
        form.setCellSpacing(0)
        form.setBorder(0)
        form.setBorderCollapse(True)
        form.setTopMargin(0 if is_continued else TABLE_GAP)
        form.setBottomMargin(0)
        form.setLeftMargin(offset)
        form.setHeaderRowCount(0 if is_continued else 1)
        if is_continued:
            form.setProperty(Property.CONTINUED, 1)
        form.setColumns(columns)
        form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        return form

    def cell(self, base: str, *, is_first: bool, is_last: bool) -> QTextTableCellFormat:
        """Return the format of a table's cell: its text, a line below, room around."""
        form = self._cells.get((base, is_first, is_last))
        if form is not None:
            return form
        form = QTextTableCellFormat()
        form.merge(self.text(base))
        form.setTopPadding(7)
        form.setBottomPadding(2)
        form.setLeftPadding(2 if is_first else CELL_ROOM // 2)
        form.setRightPadding(2 if is_last else CELL_ROOM // 2)
        form.setBottomBorder(1)
        form.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBottomBorderBrush(self.color("border"))
        self._cells[base, is_first, is_last] = form
        return form

    def cell_block(self, alignment: Qt.AlignmentFlag) -> QTextBlockFormat:
        """Return the block format inside a cell."""
        key = ("cell", alignment)
        found = self._blocks.get(key)
        if found is None:
            found = QTextBlockFormat(self.block("text"))
            found.setAlignment(alignment)
            self._blocks[key] = found
        return found
