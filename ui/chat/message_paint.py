"""How the parts of a message are painted: head, text with what is marked in it, the caret of a text that grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontMetrics,
    QPainter,
    QPalette,
    QTextCharFormat,
    QTextCursor,
)

from ui.chat.message_layout import HEAD, MARK
from ui.chat.message_words import name_of, time_of
from ui.markdown.spans import spans
from ui.markdown.underlay import paint_underlay
from ui.theme.fonts import interface_font
from ui.widgets.mark import paint_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant.store.rows import Message
    from ui.markdown.document import MarkdownDocument
    from ui.markdown.style import MarkdownStyle
    from ui.theme.theme import Theme

Kind = Literal["selection", "hit", "current", "link"]
_COLORS: dict[Kind, tuple[str, str]] = {
    "selection": ("selection", "text"),
    "hit": ("warn_soft", "warn"),
    "current": ("accent", "on_accent"),
    "link": ("accent", "on_accent"),
}


@dataclass(frozen=True)
class Highlight:
    """A marked part of a text, by positions in its document."""

    start: int
    end: int
    kind: Kind


def paint_head(painter: QPainter, theme: Theme, message: Message, left: int, width: int) -> None:
    """Paint the mark, the name of the model and the time."""
    paint_mark(painter, theme, QRectF(0, 0, MARK, MARK), "sparkles")
    left = left or MARK + 10
    strong = interface_font(theme.type_px("body"), QFont.Weight.DemiBold)
    small = interface_font(theme.type_px("small"))
    time = time_of(message)
    time_width = QFontMetrics(small).horizontalAdvance(time)
    metrics = QFontMetrics(strong)
    name = metrics.elidedText(name_of(message), Qt.TextElideMode.ElideRight, max(40, width - left - time_width - 10))
    baseline = (HEAD - 6 + metrics.capHeight()) // 2
    painter.setFont(strong)
    painter.setPen(theme.color("text"))
    painter.drawText(left, baseline, name)
    painter.setFont(small)
    painter.setPen(theme.color("text_muted"))
    painter.drawText(left + metrics.horizontalAdvance(name) + 9, baseline, time)


def paint_text(
    painter: QPainter,
    document: MarkdownDocument,
    style: MarkdownStyle,
    body: QRect,
    clip: QRectF,
    marks: list[Highlight],
) -> None:
    """Paint a document into ``body`` as far as it stands in ``clip``, both in the row's coordinates."""
    if clip.isEmpty():
        return
    inside = clip.translated(-body.x(), -body.y())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = inside
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, style.color("text"))
    context.palette = palette
    context.selections = [selection for mark in marks for selection in _selections(document, style, mark)]
    painter.save()
    painter.translate(body.topLeft())
    paint_underlay(painter, document, style, inside)
    document.documentLayout().draw(painter, context)
    painter.restore()


def _selections(
    document: MarkdownDocument, style: MarkdownStyle, mark: Highlight
) -> Iterator[QAbstractTextDocumentLayout.Selection]:
    last = document.characterCount() - 1
    ground, text = _COLORS[mark.kind]
    form = QTextCharFormat()
    form.setBackground(style.color(ground))
    if mark.kind != "selection":
        form.setForeground(style.color(text))
    for start, end in spans(document, min(mark.start, last), min(mark.end, last)):
        selection = QAbstractTextDocumentLayout.Selection()
        selection.cursor = QTextCursor(document)
        selection.cursor.setPosition(start)
        selection.cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        selection.format = form
        yield selection


def paint_caret(painter: QPainter, document: MarkdownDocument, style: MarkdownStyle, body: QRect) -> None:
    """Paint the place where the text goes on."""
    block = document.lastBlock()
    place = document.documentLayout().blockBoundingRect(block)
    layout = block.layout()
    if layout.lineCount() == 0:
        return
    line = layout.lineAt(layout.lineCount() - 1)
    height = style.size * 1.2
    middle = place.top() + line.y() + line.ascent() - style.size * 0.36
    x = place.left() + line.naturalTextRect().right() + 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.color("accent"))
    spot = QPointF(body.x() + min(x, document.textWidth() - 3), body.y() + middle - height / 2)
    painter.drawRoundedRect(QRectF(spot.x(), spot.y(), 2.5, height), 1.2, 1.2)


def paint_waiting(painter: QPainter, style: MarkdownStyle, body: QRect, words: str) -> None:
    """Paint what the model is doing while there is no text."""
    painter.setFont(style.font)
    painter.setPen(style.color("text_muted"))
    painter.drawText(body, Qt.AlignmentFlag.AlignVCenter, words)
