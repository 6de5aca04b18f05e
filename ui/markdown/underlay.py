"""What is painted under the text of a document: code cards, quote bars, rules, task boxes, the ground of inline code.

Everything is found from the block properties of the blocks in view, at each painting; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from assistant.i18n import _
from ui.markdown.markers import paint_markers
from ui.markdown.style import (
    CARD_BOTTOM,
    CARD_HEADER,
    CARD_PADDING,
    CARD_RADIUS,
    CODE_LINE,
    HANGING,
    Edge,
    MarkdownStyle,
    Property,
)
from ui.theme.fonts import interface_font

if TYPE_CHECKING:
    from PySide6.QtGui import QTextBlock, QTextBlockFormat, QTextDocument, QTextLine

_BEYOND = 100.0
"""How far a card is drawn past the view when its end is not in it."""


@dataclass
class Card:
    """A code card in view. ``start`` is the position of its first line, or -1 when that line is out of view."""

    rect: QRectF
    language: str
    start: int


def blocks_in(document: QTextDocument, clip: QRectF) -> Iterator[tuple[QTextBlock, QRectF]]:
    """Yield the blocks that stand in ``clip``, with their places."""
    layout = document.documentLayout()
    position = layout.hitTest(QPointF(0, clip.top()), Qt.HitTestAccuracy.FuzzyHit)
    block = document.findBlock(max(0, position))
    if block.previous().isValid():
        block = block.previous()
    while block.isValid():
        place = layout.blockBoundingRect(block)
        if place.top() > clip.bottom() + CARD_HEADER:
            return
        yield block, place
        block = block.next()


def cards_in(document: QTextDocument, clip: QRectF) -> list[Card]:
    """Return the code cards in ``clip``."""
    cards: list[Card] = []
    is_open = False
    for block, place in blocks_in(document, clip):
        form = block.blockFormat()
        if not form.hasProperty(Property.CODE):
            is_open = False
            continue
        edge = Edge(int(form.property(Property.CODE)) - CODE_LINE)
        if Edge.FIRST in edge or not is_open:
            cards.append(_card(block, place, form, edge, document.textWidth()))
            is_open = True
        card = cards[-1].rect
        card.setBottom(place.bottom() + (CARD_BOTTOM if Edge.LAST in edge else _BEYOND))
    return cards


def _card(block: QTextBlock, place: QRectF, form: QTextBlockFormat, edge: Edge, width: float) -> Card:
    is_first = Edge.FIRST in edge
    top = place.top() - (CARD_HEADER if is_first else _BEYOND)
    left = form.leftMargin() - CARD_PADDING - HANGING
    language = str(form.property(Property.LANGUAGE) or "") if is_first else ""
    return Card(QRectF(left, top, width - left, 0), language, block.position() if is_first else -1)


def card_text(document: QTextDocument, start: int) -> str:
    """Return the code of the card whose first line is at ``start``, as it is shown."""
    block = document.findBlock(start)
    lines: list[str] = []
    while block.isValid():
        lines.append(block.text())
        value = block.blockFormat().property(Property.CODE)
        if value is None or Edge.LAST in Edge(int(value) - CODE_LINE):
            break
        block = block.next()
    return "\n".join(lines)


def paint_underlay(painter: QPainter, document: QTextDocument, style: MarkdownStyle, clip: QRectF) -> None:
    """Paint what lies under the text of ``document`` within ``clip``, both in the document's coordinates."""
    for card in cards_in(document, clip):
        _paint_card(painter, card, style)
    above = clip.top() - _BEYOND
    for block, place in blocks_in(document, clip):
        form = block.blockFormat()
        bars = form.property(Property.QUOTES)
        if bars:
            _paint_bars(painter, str(bars), block, place, above, style)
        if form.hasProperty(Property.RULE):
            y = round(place.center().y()) + 0.5
            painter.setPen(QPen(style.color("border_strong"), 1))
            painter.drawLine(QPointF(form.leftMargin(), y), QPointF(document.textWidth(), y))
        markers = form.property(Property.MARKERS)
        if markers:
            paint_markers(painter, str(markers), block, place, style)
        if not form.hasProperty(Property.CODE):
            _paint_inline_code(painter, block, place, style)
        above = place.bottom()


def _paint_card(painter: QPainter, card: Card, style: MarkdownStyle) -> None:
    painter.setPen(QPen(style.color("code_border"), 1))
    painter.setBrush(style.color("code_bg"))
    painter.drawRoundedRect(card.rect.adjusted(0.5, 0.5, -0.5, -0.5), CARD_RADIUS, CARD_RADIUS)
    if card.start >= 0:
        painter.setPen(style.color("text_muted"))
        painter.setFont(interface_font(max(11, round(style.size * 0.8))))
        place = QRectF(card.rect.left() + CARD_PADDING, card.rect.top(), card.rect.width() - 80, CARD_HEADER)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, card.language or _("code"))


def _paint_bars(
    painter: QPainter, bars: str, block: QTextBlock, place: QRectF, above: float, style: MarkdownStyle
) -> None:
    """Paint the bars beside a block, up to the block above where that stands in the same quotes."""
    before = block.previous()
    others = str(before.blockFormat().property(Property.QUOTES) or "").split(",") if before.isValid() else []
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.color("border_strong"))
    code = block.blockFormat().property(Property.CODE)
    bottom = place.bottom() + (CARD_BOTTOM if code and Edge.LAST in Edge(int(code) - CODE_LINE) else 0)
    for number, bar in enumerate(bars.split(",")):
        is_same = others[: number + 1] == bars.split(",")[: number + 1]
        top = above - 2 if is_same else place.top()
        painter.drawRoundedRect(QRectF(float(bar) + 2, top, 3, bottom - top), 1.5, 1.5)


def _paint_inline_code(painter: QPainter, block: QTextBlock, place: QRectF, style: MarkdownStyle) -> None:
    iterator = block.begin()
    layout = None
    while not iterator.atEnd():
        fragment = iterator.fragment()
        iterator += 1
        if not fragment.charFormat().hasProperty(Property.INLINE_CODE):
            continue
        if layout is None:
            layout = block.layout()
            painter.setPen(QPen(style.color("code_border"), 1))
            painter.setBrush(style.color("code_bg"))
        start = fragment.position() - block.position()
        end = start + fragment.length()
        for number in range(layout.lineForTextPosition(start).lineNumber(), layout.lineCount()):
            line = layout.lineAt(number)
            first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
            if last <= first:
                break
            left, right = _x(line, first), _x(line, last)
            left, right = min(left, right), max(left, right)
            top = round(place.top() + line.y() + line.ascent() - style.size * 0.96)
            pill = QRectF(place.left() + left - 2, top, right - left + 4, round(style.size * 1.3))
            painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


def _x(line: QTextLine, position: int) -> float:
    found = line.cursorToX(position)
    assert isinstance(found, tuple)  # a pair in Python, which the stubs do not know
    return float(found[0])
