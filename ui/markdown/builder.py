"""markdown-it tokens into a document, by a cursor: blocks, lists, quotes, code cards, rules and tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat

from ui.markdown.highlight import Line, OpenCode, closed_lines
from ui.markdown.inline import InlineWriter
from ui.markdown.style import (
    BLOCK_GAP,
    CARD_BOTTOM,
    CARD_GAP,
    DEEPEST_OFFSET,
    INDENT,
    ITEM_GAP,
    QUOTE_INDENT,
    Edge,
    MarkdownStyle,
    Property,
)
from ui.markdown.tables import TableWriter, rows_of
from ui.markdown.untrusted import break_words, plain_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from PySide6.QtGui import QTextCursor

    from ui.markdown.tables import TableState

_TASK = re.compile(r"\[([ xX])\][ \t]+")
BULLETS = ("•", "◦", "▪")


@dataclass(frozen=True)
class ListState:
    """A list that goes on: whether it is numbered, and the number of its next item."""

    is_ordered: bool
    number: int


@dataclass
class _Level:
    """One open list, and the offset to go back to behind it."""

    is_ordered: bool
    number: int
    offset: int
    is_new: bool = True


class Builder:
    """Appends blocks at the end of a document.

    ``is_fresh`` says that the block the cursor stands in is empty and takes the next block's place. Lists and tables
    stay open between two calls of ``append`` when their tokens do. ``last_table`` is the last table that was closed.
    """

    def __init__(
        self, style: MarkdownStyle, cursor: QTextCursor, *, is_fresh: bool = True, open_code: OpenCode | None = None
    ) -> None:
        self.style = style
        self.cursor = cursor
        self.is_fresh = is_fresh
        self.open_code = open_code
        self._inline = InlineWriter(style)
        self.last_table: TableWriter | None = None
        self._table: TableWriter | None = None
        self._levels: list[_Level] = []
        self._markers: list[str] = []
        self._marker_top = ITEM_GAP
        self._offset = 0
        self._bars: list[int] = []
        self._base = "body"

    def continue_list(self, state: ListState) -> None:
        """Make the next list at the top level go on where ``state`` left off."""
        self._levels.append(_Level(state.is_ordered, state.number, 0, is_new=False))

    def open_list(self) -> ListState | None:
        """Return the list at the top level that is still open."""
        return ListState(self._levels[0].is_ordered, self._levels[0].number) if self._levels else None

    def continue_table(self, state: TableState) -> None:
        """Make the next table, which repeats the head, go on where ``state`` left off."""
        gap = self.style.block("gap")
        self._table = TableWriter(self.cursor, self.style, 0, gap, self._inline, state)

    def open_table(self) -> TableState | None:
        """Return the table at the top level that is still open."""
        return self._table.state() if self._table is not None else None

    def append(self, tokens: Sequence[Token]) -> None:
        """Write the blocks of ``tokens``, a slice of a parse that begins at a block."""
        index = 0
        while index < len(tokens):
            token = tokens[index]
            match token.type:
                case "inline":
                    self._inline.write(self.cursor, token.children or [], self._base)
                case "fence" | "code_block":
                    self._code(token)
                case "hr":
                    self._settle_item()
                    self._block("rule", BLOCK_GAP)
                case "table_open" | "tr_open":
                    index = self._write_table(tokens, index)
                case "paragraph_open" | "heading_open":
                    self._open_text(token, tokens[index + 1])
                case _:
                    self._open_or_close(token)
            index += 1

    # containers -------------------------------------------------------------------------------------------------

    def _open_or_close(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._open_list(token)
            case "bullet_list_close" | "ordered_list_close":
                self._offset = self._levels.pop().offset
            case "list_item_open":
                self._open_item(self._levels[-1])
            case "list_item_close":
                self._settle_item()
            case "blockquote_open":
                self._bars.append(self._offset)
                self._offset += QUOTE_INDENT
            case "blockquote_close":
                self._offset = self._bars.pop()
            case _:
                pass  # the ends of paragraphs and headings

    def _open_list(self, token: Token) -> None:
        if not self._levels or token.level:  # else it is the list that continue_list announced
            ordered = token.type == "ordered_list_open"
            start = token.attrGet("start") if ordered else None
            self._levels.append(_Level(ordered, 1 if start is None else int(start), self._offset))
        self._offset += INDENT

    def _open_item(self, level: _Level) -> None:
        if not self._markers:
            is_first = level.is_new and len(self._levels) == 1 and not self._bars
            self._marker_top = BLOCK_GAP if is_first else ITEM_GAP
        level.is_new = False
        bullet = BULLETS[min(len(self._levels), len(BULLETS)) - 1]
        marker = f"{level.number}." if level.is_ordered else bullet
        self._markers.append(f"{min(self._offset, DEEPEST_OFFSET)}:{marker}")
        level.number += 1

    def _settle_item(self) -> None:
        """Give an item a block of its own when what it holds cannot carry the marker."""
        if self._markers:
            self._block("text", self._marker_top)

    def _top(self) -> int:
        if self._markers:
            return self._marker_top
        return ITEM_GAP if self._levels else BLOCK_GAP

    # blocks -----------------------------------------------------------------------------------------------------

    def _open_text(self, token: Token, text: Token) -> None:
        self._base = "body"
        if token.type == "paragraph_open":
            if self._markers:
                self._take_task(text)
            self._block("text", self._top())
            return
        level = int(token.tag[1])
        self._base = f"h{level}"
        top = self._marker_top if self._markers else BLOCK_GAP + max(0, 8 - 2 * level)
        self._block("heading", top, self.style.text(self._base))

    def _take_task(self, text: Token) -> None:
        """Turn the box at the start of an item into its marker."""
        first = text.children[0] if text.children else None
        match = _TASK.match(first.content) if first is not None and first.type == "text" else None
        if first is None or match is None or (match.end() == len(first.content) and len(text.children or []) == 1):
            return
        first.content = first.content[match.end() :]
        place = self._markers[-1].partition(":")[0]
        self._markers[-1] = f"{place}:{'[ ]' if match.group(1) == ' ' else '[x]'}"

    def _block(self, kind: str, top: int, chars: QTextCharFormat | None = None) -> None:
        offset = min(self._offset, DEEPEST_OFFSET)
        is_first = self.is_fresh and self.cursor.position() == 0
        form = self.style.block(kind, offset, self._bar_places(), top=0 if is_first else top)
        if self._markers:
            form = QTextBlockFormat(form)
            form.setProperty(Property.MARKERS, ";".join(self._markers))
            self._markers = []
        self._insert(form, chars or self.style.text())

    def _bar_places(self) -> str:
        return ",".join(str(min(bar, DEEPEST_OFFSET - QUOTE_INDENT)) for bar in self._bars)

    def _insert(self, form: QTextBlockFormat, chars: QTextCharFormat) -> None:
        if self.is_fresh:
            self.cursor.setBlockFormat(form)
            self.cursor.setBlockCharFormat(chars)
            self.is_fresh = False
        else:
            self.cursor.insertBlock(form, chars)

    def _code(self, token: Token) -> None:
        self._settle_item()
        language = language_of(token)
        content = plain_code(token.content.removesuffix("\n"))
        lines = self._colours(language, content, is_closed=is_closed(token))
        top = BLOCK_GAP
        if self.is_fresh:  # Qt drops the margin above a first block, where the card's head is to be
            self._block("gap", 0, self.style.text("gap"))
            top = 0
        elif self.cursor.block().blockFormat().hasProperty(Property.CODE):
            top = CARD_BOTTOM + CARD_GAP
        for number, line in enumerate(lines):
            edge = (Edge.FIRST if number == 0 else Edge.NONE) | (Edge.LAST if number == len(lines) - 1 else Edge.NONE)
            self._code_line(edge, line, language, top)

    def _code_line(self, edge: Edge, line: Line, language: str, top: int) -> None:
        offset = min(self._offset, DEEPEST_OFFSET)
        self._insert(self.style.code_line(edge, offset, self._bar_places(), language, top), self.style.code())
        write_code(self.cursor, line, self.style)

    def _colours(self, language: str, content: str, *, is_closed: bool) -> Sequence[Line]:
        if is_closed or not language:
            return closed_lines(language, content)
        if self.open_code is None or self.open_code.language != language:
            self.open_code = OpenCode(language)
        return self.open_code.lines(content)

    def _write_table(self, tokens: Sequence[Token], start: int) -> int:
        """Write the table or the rows at ``start``; returns where they end."""
        end = next((n for n in range(start, len(tokens)) if tokens[n].type == "table_close"), len(tokens))
        rows = rows_of(tokens[start:end])
        if self._table is None:
            self._settle_item()
            self._block("gap", 0, self.style.text("gap"))
            offset = min(self._offset, DEEPEST_OFFSET)
            gap = self.style.block("gap", offset, self._bar_places())
            self._table = TableWriter(self.cursor, self.style, offset, gap, self._inline)
        elif tokens[start].type == "table_open":
            rows = rows[1:]
        self._table.write(rows)
        if end < len(tokens):
            self._table.close()
            self.last_table, self._table = self._table, None
        return end


def write_code(cursor: QTextCursor, line: Line, style: MarkdownStyle) -> None:
    """Insert the coloured runs of a line at the cursor."""
    for text, syntax in line:
        cursor.insertText(break_words(text), style.code(syntax))


def language_of(token: Token) -> str:
    """Return the first word behind a fence."""
    return (token.info or "").strip().split(" ")[0][:40]


def is_closed(token: Token) -> bool:
    """Tell whether a fence has its closing line (indented code always counts as closed)."""
    if token.type == "code_block" or token.map is None:
        return True
    first, end = token.map
    lines = token.content.count("\n") + (not token.content.endswith("\n") and token.content != "")
    return end - first - 1 > lines
