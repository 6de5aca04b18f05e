"""A code fence at the end of a text that grows: new lines are appended, the lines before stay as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from ui.markdown.builder import is_closed, language_of, write_code
from ui.markdown.highlight import Line, OpenCode, closed_lines
from ui.markdown.style import CARD_BOTTOM, CARD_GAP, CODE_LINE, Edge, MarkdownStyle, Property
from ui.markdown.untrusted import plain_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


class OpenFence:
    """Knows how much of the tail it has shown; ``extend`` shows the rest while it is nothing but code.

    ``closed_at`` is the length of the tail up to and with the closing line once that is complete, else 0.
    """

    def __init__(self, language: str, head: str, markup: str, style: MarkdownStyle, open_code: OpenCode) -> None:
        self.closed_at = 0
        self._language = language
        self._head = head
        self._closing = re.compile(rf" {{0,3}}{re.escape(markup[0])}{{{len(markup)},}}[ \t]*")
        self._style = style
        self._open_code = open_code
        self._body = ""
        self._shown: list[Line] = []
        self._first_block = 0

    @staticmethod
    def at_end(
        cursor: QTextCursor,
        token: Token,
        lines: Sequence[str],
        first_line: int,
        style: MarkdownStyle,
        open_code: OpenCode | None,
    ) -> OpenFence | None:
        """Return the fence ``token`` just written before ``cursor``, or ``None`` if it cannot be extended.

        ``lines`` are the tail's, the first of them being line ``first_line`` of what was parsed.
        """
        opening = (token.map[0] if token.map else 0) - first_line
        if is_closed(token) or opening + 1 >= len(lines) or not lines[opening].startswith(token.markup):
            return None
        if "|" in lines[opening] and opening + 2 >= len(lines):
            return None  # a row of dashes below makes it the head of a table
        language = language_of(token)
        if open_code is None or open_code.language != language:
            open_code = OpenCode(language)
        fence = OpenFence(
            language, "".join(f"{line}\n" for line in lines[: opening + 1]), token.markup, style, open_code
        )
        fence._body = "\n".join(lines[opening + 1 :])
        fence._shown = list(open_code.lines(_content(fence._body)))
        fence._first_block = cursor.blockNumber() - len(fence._shown) + 1
        return fence

    def extend(self, cursor: QTextCursor, tail: str) -> bool:
        """Show what ``tail`` has more; False, with nothing done, when it no longer begins with what was shown."""
        if not tail.startswith(self._head) or not tail.startswith(self._body, len(self._head)):
            return False
        body = tail[len(self._head) :]
        end = self._find_closing(body)
        if end is None:
            self._show(cursor, self._open_code.lines(_content(body)))
            self._body = body
            return True
        self._show(cursor, closed_lines(self._language, _content(body[:end])))
        self._body = body[:end]
        after = body.find("\n", end)
        self.closed_at = len(self._head) + after + 1 if after >= 0 else 0
        return True

    def _find_closing(self, body: str) -> int | None:
        """Return where the closing line begins, looking from the last line shown on."""
        at = self._body.rfind("\n") + 1
        for line in body[at:].split("\n"):
            if self._closing.fullmatch(line):
                return at
            at += len(line) + 1
        return None

    def _show(self, cursor: QTextCursor, lines: Sequence[Line]) -> None:
        known = len(self._shown)
        for number, line in enumerate(lines[:known]):
            if line is not self._shown[number] and line != self._shown[number]:
                self._go_to(cursor, number)
                cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
                cursor.removeSelectedText()
                write_code(cursor, line, self._style)
        if len(lines) < known:
            self._go_to(cursor, len(lines) - 1)
            form = cursor.blockFormat()
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            cursor.setBlockFormat(form)  # an empty block takes the format of the one whose end it got
            self._set_edge(cursor, len(lines) - 1, is_last=True)
        elif len(lines) > known:
            self._set_edge(cursor, known - 1, is_last=False)
            cursor.movePosition(QTextCursor.MoveOperation.End)
            for number, line in enumerate(lines[known:], known + 1):
                edge = Edge.LAST if number == len(lines) else Edge.NONE
                cursor.insertBlock(self._style.code_line(edge, 0, "", "", 0), self._style.code())
                write_code(cursor, line, self._style)
        self._shown = list(lines)

    def _go_to(self, cursor: QTextCursor, number: int) -> None:
        cursor.setPosition(cursor.document().findBlockByNumber(self._first_block + number).position())

    def _set_edge(self, cursor: QTextCursor, number: int, *, is_last: bool) -> None:
        self._go_to(cursor, number)
        form = cursor.blockFormat()
        edge = (Edge.LAST if is_last else Edge.NONE) | (Edge.FIRST if number == 0 else Edge.NONE)
        form.setProperty(Property.CODE, int(edge) + CODE_LINE)
        form.setBottomMargin(CARD_BOTTOM + CARD_GAP if is_last else 0)
        cursor.setBlockFormat(form)


def _content(body: str) -> str:
    """Return the code of a fence's lines as the parser does: an incomplete last line of spaces does not count."""
    if body.endswith((" ", "\t")) and not body[body.rfind("\n") + 1 :].strip(" \t"):
        body = body[: body.rfind("\n") + 1]
    return plain_code(body.removesuffix("\n"))
