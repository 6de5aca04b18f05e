"""Text inside a block: emphasis, code, links that go where they say, and pictures as their description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.i18n import _
from ui.markdown.style import Face, MarkdownStyle
from ui.markdown.untrusted import break_words, link_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from PySide6.QtGui import QTextCharFormat, QTextCursor

LINE_BREAK = "\u2028"

_FACES = {"strong": Face.BOLD, "em": Face.ITALIC, "s": Face.STRIKE}


class InlineWriter:
    """Writes the children of an inline token at a cursor."""

    def __init__(self, style: MarkdownStyle) -> None:
        self._style = style

    def write(self, cursor: QTextCursor, children: Sequence[Token], base: str) -> None:
        """Insert ``children`` with the base format named ``base`` (see ``MarkdownStyle.text``)."""
        face = Face.PLAIN
        url = note = ""
        plain = self._style.text(base)
        for index, token in enumerate(children):
            if token.type == "text":
                if token.content:
                    form = plain if not face and not url else self._format(base, face, url)
                    cursor.insertText(break_words(token.content), form)
                continue
            name, _separator, end = token.type.rpartition("_")
            if name in _FACES:
                face = face | _FACES[name] if end == "open" else face & ~_FACES[name]
            elif token.type == "link_open":
                target = link_target(str(token.attrGet("href") or ""), _shown(children[index + 1 :]))
                url, note = target.url, target.note
            elif token.type == "link_close":
                if note:
                    cursor.insertText(f" ({break_words(note)})", self._style.text(base, Face.NOTE))
                url = note = ""
            else:
                self._leaf(cursor, token, base, face, url)

    def _leaf(self, cursor: QTextCursor, token: Token, base: str, face: Face, url: str) -> None:
        match token.type:
            case "softbreak" | "hardbreak":
                cursor.insertText(LINE_BREAK, self._format(base, face, url))
            case "code_inline":
                cursor.insertText(break_words(token.content), self._format(base, face | Face.CODE, url))
            case "image":
                text = _shown(token.children or []) or _("picture")
                cursor.insertText(break_words(text), self._format(base, face | Face.ITALIC, url))
            case _:
                if token.content:
                    cursor.insertText(break_words(token.content), self._format(base, face, url))

    def _format(self, base: str, face: Face, url: str) -> QTextCharFormat:
        return self._style.link(base, face, url) if url else self._style.text(base, face)


def _shown(children: Sequence[Token]) -> str:
    """Return the text of ``children`` up to the end of the link they are in."""
    parts = []
    for token in children:
        if token.type == "link_close":
            break
        parts.append(_shown(token.children or []) if token.type == "image" else token.content)
    return "".join(parts)
