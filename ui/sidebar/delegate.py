"""How a conversation looks in the list: title, a muted second line, a dot; headings above the sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from assistant.i18n import _
from ui.sidebar.model import Activity, ConversationListModel

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from ui.theme.theme import Theme

ROW_HEIGHT = 48
HEADING_HEIGHT = 34
_DOT = 7


class ConversationDelegate(QStyledItemDelegate):
    """Paints the rows of a ``ConversationListModel`` and edits titles in place."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Fixed heights: a thousand rows are laid out at once."""
        is_heading = index.data(ConversationListModel.ID) is None
        return QSize(0, HEADING_HEIGHT if is_heading else ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(ConversationListModel.ID) is None:
            self._paint_heading(painter, option, index)
        else:
            self._paint_conversation(painter, option, index)
        painter.restore()

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """A line edit over the title."""
        editor = QLineEdit(parent)
        editor.setObjectName("renameInList")
        editor.setMaxLength(200)
        editor.setAccessibleName(_("Title of the conversation"))
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Put the line edit in the middle of the row, as wide as the row."""
        row = QRect(option.rect)
        height = editor.sizeHint().height()
        editor.setGeometry(row.adjusted(2, (row.height() - height) // 2, -2, 0).intersected(row))
        editor.resize(editor.width(), height)

    def _paint_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect = QRect(option.rect).adjusted(10, 0, -10, -6)
        painter.setFont(self._font(option, "small", QFont.Weight.DemiBold))
        painter.setPen(self._theme.tokens.color("text_faint"))
        words = str(index.data() or "")
        painter.drawText(rect, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading, words)

    def _paint_conversation(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = self._theme.tokens
        rect = QRect(option.rect).adjusted(0, 1, 0, -1)
        self._paint_ground(painter, option, rect)
        text = rect.adjusted(10, 6, -10, -6)
        activity = index.data(ConversationListModel.ACTIVITY)
        if activity is not Activity.NONE:
            self._paint_dot(painter, text, activity)
            text.setRight(text.right() - _DOT - 8)
        title_font = self._font(
            option, "body", QFont.Weight.DemiBold if self._is_selected(option) else QFont.Weight.Medium
        )
        painter.setFont(title_font)
        painter.setPen(tokens.color("text"))
        leading = Qt.AlignmentFlag.AlignLeading
        title = QFontMetrics(title_font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignTop | leading, title)
        detail_font = self._font(option, "small", QFont.Weight.Normal)
        painter.setFont(detail_font)
        painter.setPen(tokens.color("text_muted" if self._is_selected(option) else "text_faint"))
        detail = str(index.data(ConversationListModel.DETAIL))
        detail = QFontMetrics(detail_font).elidedText(detail, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignBottom | leading, detail)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        tokens = self._theme.tokens
        state = option.state
        name = ""
        if self._is_selected(option):
            name = "accent_soft"
        elif state & QStyle.StateFlag.State_MouseOver:
            name = "hover"
        if name:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.color(name))
            painter.drawRoundedRect(rect, 8, 8)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(tokens.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 7, 7)

    def _paint_dot(self, painter: QPainter, text: QRect, activity: Activity) -> None:
        accent = self._theme.tokens.color("accent")
        spot = QRect(text.right() - _DOT, text.top() + 5, _DOT, _DOT)
        if activity is Activity.ANSWERING:
            painter.setPen(QPen(accent, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent)
        painter.drawEllipse(spot)

    def _is_selected(self, option: QStyleOptionViewItem) -> bool:
        return bool(option.state & QStyle.StateFlag.State_Selected)

    def _font(self, option: QStyleOptionViewItem, size: str, weight: QFont.Weight) -> QFont:
        font = QFont(option.font)
        font.setPixelSize(self._theme.tokens.type_px(size))
        font.setWeight(weight)
        return font
