"""What copying takes out of a rendered document: the words as they are read, without Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from ui.markdown.builder import BULLETS
from ui.markdown.columns import is_continued
from ui.markdown.style import CODE_LINE, INDENT, Edge, Property
from ui.markdown.untrusted import join_words, visible

if TYPE_CHECKING:
    from PySide6.QtGui import QTextBlock, QTextDocument, QTextTable

_BREAKS = re.compile("[\u2028\u2029\ufdd0\ufdd1]")


def plain_text(document: QTextDocument, start: int = 0, end: int | None = None) -> str:
    """Return the text between two positions of a rendered document.

    Items keep their numbers, cells are parted by tabs, paragraphs by an empty line; direction overrides, hidden
    characters and the breaks put into long words are left out.
    """
    end = document.characterCount() - 1 if end is None else end
    block = document.findBlock(start)
    parts: list[str] = []
    before: QTextBlock | None = None
    while block.isValid() and block.position() <= end:
        if not block.blockFormat().hasProperty(Property.GAP):
            first = max(0, start - block.position())
            text = _slice(block.text(), first, end - block.position())
            if first == 0:
                text = _marker(block) + text
            parts.append(_between(before, block) + text)
            before = block
        block = block.next()
    return visible(join_words(_BREAKS.sub("\n", "".join(parts)))).replace("\xa0", " ")


def _slice(text: str, start: int, end: int) -> str:
    """Cut by Qt's positions, which count a letter beyond the first 65,536 twice."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return text[start:end]
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "ignore")


def _marker(block: QTextBlock) -> str:
    markers = block.blockFormat().property(Property.MARKERS)
    if not markers:
        return ""
    parts = [marker.partition(":")[2] for marker in str(markers).split(";")]
    depth = int(str(markers).partition(":")[0]) // INDENT - 1
    return "   " * depth + "".join(f"{'-' if part in BULLETS else part} " for part in parts)


def _between(before: QTextBlock | None, block: QTextBlock) -> str:
    """Return what parts two blocks."""
    if before is None:
        return ""
    here, there = _cell(before), _cell(block)
    if here is not None and there is not None and (here[0] == there[0] or is_continued(there[0])):
        return "\t" if here == there else "\n"
    code, form = before.blockFormat(), block.blockFormat()
    if form.hasProperty(Property.PLAIN):
        return "\n"
    if form.hasProperty(Property.CODE) and code.hasProperty(Property.CODE):
        return "\n\n" if (int(form.property(Property.CODE)) - CODE_LINE) & Edge.FIRST else "\n"
    if code.hasProperty(Property.MARKERS) and form.hasProperty(Property.MARKERS):
        return "\n"
    return "\n\n"


def _table(block: QTextBlock) -> QTextTable | None:
    return QTextCursor(block).currentTable()


def _cell(block: QTextBlock) -> tuple[QTextTable, int] | None:
    """Return the table, or the part of one, and the row a block stands in."""
    table = _table(block)
    if table is None:
        return None
    return table, table.cellAt(block.position()).row()


def link_positions(document: QTextDocument) -> list[tuple[int, int, str]]:
    """Return where the links of a document stand: start, end, address; neighbours with one address count as one."""
    found: list[tuple[int, int, str]] = []
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            url = fragment.charFormat().anchorHref()
            start, end = fragment.position(), fragment.position() + fragment.length()
            if url and found and found[-1][1] == start and found[-1][2] == url:
                found[-1] = (found[-1][0], end, url)
            elif url:
                found.append((start, end, url))
            iterator += 1
        block = block.next()
    return found
