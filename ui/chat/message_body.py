"""The text of one message: a rendered document that can be selected, with its code cards painted beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPalette
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from assistant.i18n import _
from ui.markdown.plain import plain_text
from ui.markdown.underlay import Card, card_text, cards_in, paint_underlay
from ui.theme.icons import paint_icon

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QWheelEvent

    from ui.markdown.document import MarkdownDocument
    from ui.markdown.style import MarkdownStyle

_ICON = 15


class MessageBody(QTextBrowser):
    """Shows a document as high as it is; never scrolls and never opens anything by itself.

    Signal: ``link_activated(str)``.
    """

    link_activated = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._style: MarkdownStyle | None = None
        self._shown: MarkdownDocument | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setOpenLinks(False)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(_("Text of the message"))
        self.anchorClicked.connect(self._on_link)

    def show_document(self, document: MarkdownDocument, style: MarkdownStyle) -> None:
        """Show another document; it stays its owner's."""
        self._style = style
        if self._shown is not document:
            self._shown = document
            self.setDocument(document)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return nothing: no file is read and no address is asked, whatever the text says."""
        return None

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy words, not formats."""
        from PySide6.QtCore import QMimeData as Data

        cursor = self.textCursor()
        data = Data()
        data.setText(plain_text(self.document(), cursor.selectionStart(), cursor.selectionEnd()))
        return data

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the transcript."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cards, bars and rules first, then the text."""
        if self._shown is not None and self._style is not None:
            clip = QRectF(event.rect())
            with QPainter(self.viewport()) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                paint_underlay(painter, self._shown, self._style, clip)
                for card in cards_in(self._shown, clip):
                    if card.start >= 0:
                        paint_icon(painter, self._style.theme, "copy", "text_muted", copy_place(card))
        super().paintEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The copy mark of a code card copies its code; all else selects."""
        card = self._card_to_copy(event.position())
        if card and self._shown is not None and event.button() == Qt.MouseButton.LeftButton:
            QGuiApplication.clipboard().setText(card_text(self._shown, card.start))
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand over the copy mark."""
        super().mouseMoveEvent(event)
        if self._card_to_copy(event.position()):
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)

    def _card_to_copy(self, place: QPointF) -> Card | None:
        if self._shown is None:
            return None
        near = QRectF(0, place.y() - 40, self.viewport().width(), 80)
        for card in cards_in(self._shown, near):
            if card.start >= 0 and copy_place(card).adjusted(-6, -6, 6, 6).contains(place):
                return card
        return None

    def _on_link(self, url: QUrl) -> None:
        self.link_activated.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))


def copy_place(card: Card) -> QRectF:
    """Return where the copy mark of a card stands."""
    return QRectF(card.rect.right() - _ICON - 12, card.rect.top() + 10, _ICON, _ICON)
