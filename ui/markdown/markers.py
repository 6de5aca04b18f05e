"""The markers of lists: numbers, bullets by depth, and boxes of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from ui.theme.icons import paint_icon

if TYPE_CHECKING:
    from PySide6.QtGui import QTextBlock

    from ui.markdown.style import MarkdownStyle

_DISTANCE = 7
"""Between a marker and its text, in pixels."""


def paint_markers(painter: QPainter, markers: str, block: QTextBlock, place: QRectF, style: MarkdownStyle) -> None:
    """Paint the markers of a block (see ``Property.MARKERS``) on its first line."""
    font = block.charFormat().font()
    metrics = QFontMetricsF(font)
    layout = block.layout()
    baseline = place.top() + (layout.lineAt(0).ascent() if layout.lineCount() else metrics.ascent())
    for marker in markers.split(";"):
        offset, _colon, text = marker.partition(":")
        right = float(offset) - _DISTANCE
        middle = baseline - metrics.xHeight() / 2
        if text[0] == "[":
            _paint_box(painter, right, middle - 0.75, is_done=text == "[x]", style=style)
        elif text[0].isdigit():
            painter.setFont(font)
            painter.setPen(style.color("text"))
            painter.drawText(QPointF(right - metrics.horizontalAdvance(text), baseline), text)
        else:
            _paint_bullet(painter, QPointF(right - 4, middle), text, style)


def _paint_bullet(painter: QPainter, center: QPointF, bullet: str, style: MarkdownStyle) -> None:
    color = style.color("text")
    half = style.size / 6
    if bullet == "◦":
        painter.setPen(QPen(color, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(center, half - 0.2, half - 0.2)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if bullet == "•":
        painter.drawEllipse(center, half, half)
    else:
        painter.drawRect(QRectF(center.x() - half + 0.5, center.y() - half + 0.5, 2 * half - 1, 2 * half - 1))


def _paint_box(painter: QPainter, right: float, middle: float, *, is_done: bool, style: MarkdownStyle) -> None:
    side = round(style.size * 0.94)
    box = QRectF(round(right - side + 1), round(middle - side / 2), side, side)
    painter.setPen(QPen(style.color("accent" if is_done else "border_strong"), 1))
    painter.setBrush(style.color("accent" if is_done else "surface"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if is_done:
        paint_icon(painter, style.theme, "check", "on_accent", box.adjusted(2, 2, -2, -2))
