"""Markdown as it is being written: only what can still change is laid out again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor

from ui.markdown.boundary import is_too_big, last_boundary
from ui.markdown.builder import Builder
from ui.markdown.open_fence import OpenFence
from ui.markdown.parser import References, parse
from ui.markdown.render import clear, render
from ui.markdown.tables import rows_of
from ui.markdown.untrusted import prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from PySide6.QtGui import QTextDocument

    from ui.markdown.boundary import Boundary
    from ui.markdown.builder import ListState
    from ui.markdown.highlight import OpenCode
    from ui.markdown.style import MarkdownStyle
    from ui.markdown.tables import TableState, TableWriter

_HEAD = 2
"""Lines of a table's head: names and dashes."""


@dataclass
class _Settled:
    """What cannot change any more: the source, where its rendering ends, and how to go on from there."""

    source: str = ""
    position: int = 0
    is_fresh: bool = True
    open_list: ListState | None = None
    """The list at the top level that is still open."""
    open_table: TableState | None = None
    """The table that is still open, and the lines of its head: what follows is read below them."""
    table_head: list[str] = field(default_factory=list)
    references: References = field(default_factory=dict)
    block_format: QTextBlockFormat | None = None
    char_format: QTextCharFormat | None = None


class StreamingRenderer:
    """Shows a text that grows.

    After every ``update`` the document equals ``render`` of the same text, with one exception: a link definition that
    comes after its use takes effect at ``finish``. Nobody else may change the document.
    """

    def __init__(self, document: QTextDocument, style: MarkdownStyle) -> None:
        self._document = document
        self._style = style
        self._source: str | None = None
        self._settled = _Settled()
        self._fence: OpenFence | None = None
        self._table: TableWriter | None = None
        self._open_code: OpenCode | None = None
        self._is_stale = False

    def update(self, full_text: str) -> None:
        """Show ``full_text``; cheap when it begins with the text shown before."""
        source = prepare(full_text)
        if source == self._source:
            return
        if not source.startswith(self._settled.source):
            self._forget()
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        if not self._extend_fence(cursor, source):
            self._replace_tail(cursor, source)
        cursor.endEditBlock()
        self._source = source

    def finish(self, full_text: str) -> None:
        """Show ``full_text`` in its final form."""
        self.update(full_text)
        if self._is_stale:
            render(self._document, full_text, self._style)
            self._forget()

    # ------------------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._settled, self._fence, self._table, self._is_stale = _Settled(), None, None, False

    def _extend_fence(self, cursor: QTextCursor, source: str) -> bool:
        """Append to the code that is open; returns False when the tail must be rendered as usual."""
        tail = source[len(self._settled.source) :]
        if self._fence is None or not self._fence.extend(cursor, tail):
            return False
        end = self._fence.closed_at
        if end:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            self._settle(cursor, tail[:end], self._settled.references, is_fresh=False)
            self._fence = None
            if tail[end:]:
                self._replace_tail(cursor, source)
        return True

    def _replace_tail(self, cursor: QTextCursor, source: str) -> None:
        lines, tokens, references = self._parse_tail(source)
        settled = self._settled
        head = len(settled.table_head)
        self._is_stale = self._is_stale or bool(references)
        rows = settled.open_table.rows if settled.open_table is not None else 0
        boundary = last_boundary(tokens, lines, rows)
        if not boundary.index and self._rewrite_table(tokens, is_going_on=rows > 0):
            return
        self._remove_tail(cursor)
        builder = Builder(self._style, cursor, is_fresh=settled.is_fresh, open_code=self._open_code)
        if settled.open_list is not None:
            builder.continue_list(settled.open_list)
        if settled.open_table is not None:
            builder.continue_table(settled.open_table)
        if boundary.index:
            builder.append(tokens[: boundary.index])
            known = {k: v for k, v in references.items() if k in settled.references or _is_before(v, boundary.line)}
            done = "".join(f"{line}\n" for line in lines[head : boundary.line])
            self._settle(cursor, done, known, is_fresh=builder.is_fresh)
            self._settled.open_list = builder.open_list()
            self._settled.open_table = builder.open_table()
            if self._settled.open_table is not None:
                self._settled.table_head = _table_head(tokens, lines, boundary)
        builder.append(tokens[boundary.index :])
        self._open_code = builder.open_code
        self._table = builder.last_table if _is_one_table(tokens[boundary.index :]) else None
        self._fence = None
        if tokens and tokens[-1].type == "fence" and tokens[-1].level == 0:
            first = max(boundary.line, head)
            self._fence = OpenFence.at_end(cursor, tokens[-1], lines[first:], first, self._style, self._open_code)

    def _rewrite_table(self, tokens: Sequence[Token], *, is_going_on: bool) -> bool:
        """Change the rows of a table that is, and was, the whole tail; returns whether that was all there was to do."""
        if self._table is None or not _is_one_table(tokens):
            return False
        return self._table.rewrite(rows_of(tokens)[1 if is_going_on else 0 :])

    def _parse_tail(self, source: str) -> tuple[list[str], Sequence[Token], References]:
        """Parse what is not settled, below the head of the table it goes on with."""
        settled = self._settled
        lines = settled.table_head + source[len(settled.source) :].split("\n")
        tokens, references = parse("\n".join(lines), settled.references)
        if settled.open_table is not None and is_too_big(tokens, 0, settled.open_table.rows):
            self._settled, self._table = _Settled(), None
            return self._parse_tail(source)
        return lines, tokens, references

    def _settle(self, cursor: QTextCursor, head: str, references: References, *, is_fresh: bool) -> None:
        self._settled = _Settled(
            self._settled.source + head,
            cursor.position(),
            is_fresh,
            references=references,
            block_format=cursor.blockFormat(),
            char_format=cursor.blockCharFormat(),
        )

    def _remove_tail(self, cursor: QTextCursor) -> None:
        settled = self._settled
        if settled.block_format is None or settled.char_format is None:
            clear(cursor, self._style)
            return
        cursor.setPosition(settled.position)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        if cursor.hasSelection():
            cursor.removeSelectedText()
            # an empty block takes the format of the block whose end it got
            cursor.setBlockFormat(settled.block_format)
            cursor.setBlockCharFormat(settled.char_format)


def _is_before(definition: dict[str, object], line: int) -> bool:
    where = definition.get("map")
    return isinstance(where, list) and where[1] <= line


def _is_one_table(tokens: Sequence[Token]) -> bool:
    """Tell whether ``tokens`` are one table at the top level, or the last rows of one."""
    if not tokens or tokens[0].type not in ("table_open", "tr_open") or tokens[-1].type != "table_close":
        return False
    return sum(token.type == "table_close" for token in tokens) == 1 and all(t.level > 0 for t in tokens[1:-1])


def _table_head(tokens: Sequence[Token], lines: list[str], boundary: Boundary) -> list[str]:
    """Return the lines of the head of the table that ``boundary`` lies in."""
    table = next(token for token in reversed(tokens[: boundary.index]) if token.type == "table_open")
    first = table.map[0] if table.map else 0
    return lines[first : first + _HEAD]
