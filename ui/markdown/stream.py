"""Markdown as it is being written: only what can still change is laid out again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor

from ui.markdown.boundary import last_boundary
from ui.markdown.builder import Builder
from ui.markdown.open_fence import OpenFence
from ui.markdown.parser import References, parse
from ui.markdown.render import clear, render
from ui.markdown.untrusted import prepare

if TYPE_CHECKING:
    from PySide6.QtGui import QTextDocument

    from ui.markdown.builder import ListState
    from ui.markdown.highlight import OpenCode
    from ui.markdown.style import MarkdownStyle


@dataclass
class _Settled:
    """What cannot change any more: the source, where its rendering ends, and how to go on from there."""

    source: str = ""
    position: int = 0
    is_fresh: bool = True
    open_list: ListState | None = None
    """The list at the top level that is still open."""
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
        self._open_code: OpenCode | None = None
        self._is_stale = False

    def update(self, full_text: str) -> None:
        """Show ``full_text``; cheap when it begins with the text shown before."""
        source = prepare(full_text)
        if source == self._source:
            return
        if not source.startswith(self._settled.source):
            self._settled, self._fence, self._is_stale = _Settled(), None, False
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
            self._settled, self._fence, self._is_stale = _Settled(), None, False

    # ------------------------------------------------------------------------------------------------------------

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
        tail = source[len(self._settled.source) :]
        tokens, references = parse(tail, self._settled.references)
        self._is_stale = self._is_stale or bool(references)
        self._remove_tail(cursor)
        builder = Builder(self._style, cursor, is_fresh=self._settled.is_fresh, open_code=self._open_code)
        if self._settled.open_list is not None:
            builder.continue_list(self._settled.open_list)
        lines = tail.split("\n")
        boundary = last_boundary(tokens, lines)
        if boundary.index:
            builder.append(tokens[: boundary.index])
            known = {
                k: v for k, v in references.items() if k in self._settled.references or _is_before(v, boundary.line)
            }
            head = "".join(f"{line}\n" for line in lines[: boundary.line])
            self._settle(cursor, head, known, is_fresh=builder.is_fresh)
            self._settled.open_list = builder.open_list()
        builder.append(tokens[boundary.index :])
        self._open_code = builder.open_code
        self._fence = None
        if tokens and tokens[-1].type == "fence" and tokens[-1].level == 0:
            self._fence = OpenFence.at_end(
                cursor, tokens[-1], lines[boundary.line :], boundary.line, self._style, self._open_code
            )

    def _settle(self, cursor: QTextCursor, head: str, references: References, *, is_fresh: bool) -> None:
        self._settled = _Settled(
            self._settled.source + head,
            cursor.position(),
            is_fresh,
            None,
            references,
            cursor.blockFormat(),
            cursor.blockCharFormat(),
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
