"""How a model looks in the list to choose from: a tick on the one in use, two lines of words, a pill at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.chat.model_rows import ModelRows
from ui.theme.icons import paint_icon
from ui.widgets.painting import paint_ground

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtWidgets import QWidget

    from ui.theme.theme import Theme
    from ui.widgets.pill import Tone

ROW_HEIGHT = 48
_PAD = 10
_ICON = 16
_PILL_PAD, _PILL_HEIGHT = 10, 20
_GROUNDS: dict[Tone, tuple[str, str]] = {
    "neutral": ("press", "text_muted"),
    "accent": ("accent_soft", "accent_text"),
    "ok": ("ok_soft", "ok"),
    "info": ("info_soft", "info"),
    "warn": ("warn_soft", "warn"),
    "bad": ("bad_soft", "bad"),
}
"""Ground and words of a pill."""


class ModelDelegate(QStyledItemDelegate):
    """Paints the rows of ``ModelRows``."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """The same for each row."""
        return QSize(0, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRect(option.rect).adjusted(0, 1, 0, -1)
        self._paint_ground(painter, option, place)
        inner = place.adjusted(_PAD, 5, -_PAD, -5)
        if index.data(ModelRows.IS_CURRENT):
            tick = QRectF(inner.left(), place.center().y() - _ICON / 2 + 0.5, _ICON, _ICON)
            paint_icon(painter, self._theme, "check", "accent_text", tick)
        inner.setLeft(inner.left() + _ICON + 8)
        pill = index.data(ModelRows.PILL)
        if isinstance(pill, tuple):
            inner.setRight(self._paint_pill(painter, option, inner, *pill) - 8)
        self._paint_words(painter, option, index, inner)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, place: QRect) -> None:
        is_marked = bool(option.state & QStyle.StateFlag.State_Selected)
        is_enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        name = "accent_soft" if is_marked else "hover"
        if is_marked or (is_enabled and option.state & QStyle.StateFlag.State_MouseOver):
            paint_ground(painter, place.toRectF(), self._theme.radius("control"), self._theme.color(name), None)
        if is_marked and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 7, 7)

    def _paint_pill(self, painter: QPainter, option: QStyleOptionViewItem, inner: QRect, words: str, tone: Tone) -> int:
        """Draw a pill at the end of the row and return where it begins."""
        ground, ink = _GROUNDS[tone]
        font = self._font(option, "caption", QFont.Weight.DemiBold)
        width = QFontMetrics(font).horizontalAdvance(words) + 2 * _PILL_PAD
        place = QRect(inner.right() - width, inner.center().y() - _PILL_HEIGHT // 2 + 1, width, _PILL_HEIGHT)
        is_marked = bool(option.state & QStyle.StateFlag.State_Selected)
        fill = self._theme.color("raised" if is_marked and tone == "accent" else ground)
        paint_ground(painter, place.toRectF(), _PILL_HEIGHT / 2, fill, None)
        painter.setFont(font)
        painter.setPen(self._theme.color(ink))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        return place.left()

    def _paint_words(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        inner: QRect,
    ) -> None:
        is_enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        lines = (
            (str(index.data()), "body", QFont.Weight.DemiBold, "text" if is_enabled else "text_muted", top),
            (str(index.data(ModelRows.DETAIL)), "small", QFont.Weight.Normal, "text_muted", bottom),
        )
        for words, size, weight, token, edge in lines:
            font = self._font(option, size, weight)
            painter.setFont(font)
            painter.setPen(self._theme.color(token))
            shown = QFontMetrics(font).elidedText(" ".join(words.split()), Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, edge | Qt.AlignmentFlag.AlignLeading, shown)

    def _font(self, option: QStyleOptionViewItem, size: str, weight: QFont.Weight) -> QFont:
        font = QFont(option.font)
        font.setPixelSize(self._theme.type_px(size))
        font.setWeight(weight)
        return font
