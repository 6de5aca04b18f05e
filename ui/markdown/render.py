"""Markdown text into a document, as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from ui.markdown.builder import Builder
from ui.markdown.parser import parse
from ui.markdown.untrusted import break_words, prepare

if TYPE_CHECKING:
    from PySide6.QtGui import QTextDocument

    from ui.markdown.style import MarkdownStyle


def render(document: QTextDocument, text: str, style: MarkdownStyle) -> None:
    """Replace what ``document`` holds by ``text`` rendered as Markdown."""
    tokens, _references = parse(prepare(text))
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    clear(cursor, style)
    Builder(style, cursor).append(tokens)
    cursor.endEditBlock()


def render_plain(document: QTextDocument, text: str, style: MarkdownStyle) -> None:
    """Replace what ``document`` holds by ``text`` as it was typed."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.removeSelectedText()
    cursor.setBlockFormat(style.block("plain"))
    cursor.insertText(break_words(prepare(text)), style.text())
    cursor.endEditBlock()


def clear(cursor: QTextCursor, style: MarkdownStyle) -> None:
    """Empty the document of ``cursor`` and give its one block the look of text."""
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.removeSelectedText()
    cursor.setBlockFormat(style.block("text"))
    cursor.setBlockCharFormat(style.text())
