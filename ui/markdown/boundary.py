"""Where a text that is still being written can no longer change, however it goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.markdown.builder import is_closed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_DELIMITER_ROW = re.compile(r"[ \t|:-]*-[ \t|:-]*")
_CANNOT_BE_AN_ITEM = re.compile(r"[^\s\d*+-]")
_ENDED_BY_A_BLANK_LINE = frozenset({"paragraph_open", "heading_open", "table_open", "hr", "blockquote_open", "fence"})


@dataclass(frozen=True)
class Boundary:
    """Tokens before ``index`` and lines before ``line`` are settled; nothing is when ``index`` is 0."""

    index: int = 0
    line: int = 0


def last_boundary(tokens: Sequence[Token], lines: Sequence[str]) -> Boundary:
    """Find the last place before which nothing can change.

    That is the start of the last block, or of the last item when that block is a list. ``lines`` are the source's; the
    last of them is incomplete (empty when the source ends in a newline). A line decides only when it is complete:
    ``- a`` and ``--`` may become a rule.
    """
    starts = [n for n, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
    if not starts:
        return Boundary()
    index = starts[-1]
    token = tokens[index]
    can_part = len(starts) == 1 or _parts_here(tokens[starts[-2]], token, lines)
    if can_part and token.type.endswith("_list_open"):
        item = _last_item(tokens, index, lines)
        if item.index:
            return item
    if len(starts) == 1 or not can_part:
        return Boundary()
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
