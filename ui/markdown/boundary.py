"""Where a text that is still being written can no longer change, however it goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.markdown import tables
from ui.markdown.builder import is_closed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_DELIMITER_ROW = re.compile(r"[ \t|:-]*-[ \t|:-]*")
_QUOTE = re.compile(r" {0,3}>")
_EMPTY_QUOTE = re.compile(r" {0,3}>[ \t]*")
_CANNOT_BE_AN_ITEM = re.compile(r"[^\s\d*+-]")
MOST_CELLS = 0x10000
"""A table with more empty cells than this is ended by the parser, which must then see all of it."""
_ENDED_BY_A_BLANK_LINE = frozenset({"paragraph_open", "heading_open", "table_open", "hr", "blockquote_open", "fence"})


@dataclass(frozen=True)
class Boundary:
    """Tokens before ``index`` and lines before ``line`` are settled; nothing is when ``index`` is 0."""

    index: int = 0
    line: int = 0


def last_boundary(tokens: Sequence[Token], lines: Sequence[str], rows: int = 0) -> Boundary:
    """Find the last place before which nothing can change.

    That is the start of the last block; in a list that of the last item, in a table of the last part, in a quote of the
    last block behind an empty line. ``lines`` are the source's; the last of them is incomplete (empty when the source
    ends in a newline). A line decides only when it is complete: ``- a`` and ``--`` may become a rule. With ``rows`` the
    source begins with the head of a table that has this many rows already, the head counted.
    """
    starts = [n for n, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
    if not starts:
        return Boundary()
    index = starts[-1]
    token = tokens[index]
    can_part = len(starts) == 1 or _parts_here(tokens[starts[-2]], token, lines)
    if not can_part:
        return Boundary()
    inner = Boundary()
    if token.type.endswith("_list_open"):
        inner = _last_item(tokens, index, lines)
    elif token.type == "table_open":
        inner = _last_part(tokens, index, 0 if index else rows)
    elif token.type == "blockquote_open":
        inner = _last_quoted(tokens, index, lines)
    if inner.index or len(starts) == 1:
        return inner
    return Boundary(index, _line(token))


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _is_blank(line: str) -> bool:
    """Tell whether a line is empty for Markdown, which knows spaces and tabs only."""
    return not line.strip(" \t")


def _parts_here(before: Token, token: Token, lines: Sequence[str]) -> bool:
    """Tell whether the block ``before`` is over for good where ``token`` begins."""
    line = _line(token)
    end = before.map[1] if before.map else line
    is_after_blank = _is_blank(lines[line - 1])
    if not is_after_blank and not all(_is_blank(text) for text in lines[end:line]):
        return False  # a link definition stands between; its title may go on in this line
    if line + (1 if token.type == "table_open" else 0) < len(lines) - 1:
        return True
    if before.type == "fence":
        return is_closed(before)
    if not is_after_blank:
        return False
    if before.type in _ENDED_BY_A_BLANK_LINE:
        return True
    return before.type.endswith("_list_open") and _CANNOT_BE_AN_ITEM.match(lines[line]) is not None


def _last_item(tokens: Sequence[Token], start: int, lines: Sequence[str]) -> Boundary:
    """Find the last item, but the first, that reads the same when its list begins with it."""
    for index in range(len(tokens) - 1, start + 1, -1):
        token = tokens[index]
        if token.type != "list_item_open" or token.level != 1:
            continue
        line = _line(token)
        is_complete = line + 1 < len(lines) - 1
        is_indented = lines[line].startswith(("    ", "\t", " \t", "  \t", "   \t"))
        if not is_complete or is_indented or _DELIMITER_ROW.fullmatch(lines[line + 1]):
            continue
        return Boundary(index, line)
    return Boundary()


def _last_quoted(tokens: Sequence[Token], start: int, lines: Sequence[str]) -> Boundary:
    """Find the last block of a quote, but the first, that reads the same when the quote begins with it."""
    children = [n for n in range(start + 1, len(tokens)) if tokens[n].level == 1 and tokens[n].nesting >= 0]
    for before, index in zip(reversed(children[:-1]), reversed(children[1:]), strict=True):
        line = _line(tokens[index])
        is_apart = _EMPTY_QUOTE.fullmatch(lines[line - 1]) is not None and _QUOTE.match(lines[line]) is not None
        if is_apart and tokens[before].type in _ENDED_BY_A_BLANK_LINE:
            return Boundary(index, line)
    return Boundary()


def _last_part(tokens: Sequence[Token], start: int, rows: int) -> Boundary:
    """Find the row that the last part of a table begins with, but the first part."""
    starts = [n for n in range(start, len(tokens)) if tokens[n].type == "tr_open"]
    before = max(0, rows - 1)
    last = (before + len(starts) - 1) // tables.PART_ROWS * tables.PART_ROWS
    if last <= rows or is_too_big(tokens, start, rows):
        return Boundary()
    row = tokens[starts[last - before]]
    return Boundary(starts[last - before], _line(row))


def is_too_big(tokens: Sequence[Token], start: int, rows: int) -> bool:
    """Tell whether the table at ``start``, which has ``rows`` rows already, may have too many empty cells."""
    columns = sum(token.type == "th_open" for token in tokens[start:])
    return (rows + sum(token.type == "tr_open" for token in tokens[start:])) * columns > MOST_CELLS
