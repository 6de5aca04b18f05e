"""Markdown of others to read: nothing is fetched, links are told and not followed, long texts come bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QTextBrowser

from ui.markdown.document import MarkdownDocument
from ui.markdown.stream import StreamingRenderer
from ui.markdown.style import MarkdownStyle
from ui.markdown.underlay import paint_underlay

if TYPE_CHECKING:
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

AT_ONCE = 8_000
"""Characters laid out in one go; about a frame's time."""


class MarkdownView(QTextBrowser):
    """Text to scroll, select and copy; Tab goes through the links.

    Signal: ``link_chosen(str)`` with an address.
    """

    link_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self._shown = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        self.anchorClicked.connect(self._on_anchor)
        theme.changed.connect(self._begin)
        self._begin()

    def show_text(self, text: str) -> None:
        """Show a Markdown text from its beginning."""
        self._text = text
        self._begin()

    @property
    def is_complete(self) -> bool:
        """Whether all of the text is laid out."""
        return self._shown >= len(self._text)

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:
        """Nothing is read or fetched, whatever the text says."""
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        """What lies under the text, then the text."""
        top, left = self.verticalScrollBar().value(), self.horizontalScrollBar().value()
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-left, -top)
            clip = QRectF(event.rect()).translated(left, top)
            paint_underlay(painter, self._document, self._style, clip)
        super().paintEvent(event)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._style = MarkdownStyle(self._theme)
        self._document = MarkdownDocument(self._style)
        self._document.setParent(self)
        self._renderer = StreamingRenderer(self._document, self._style)
        self.setDocument(self._document)
        self._shown = 0
        self._go_on()

    def _go_on(self) -> None:
        """Lay out some more, up to the end of a line."""
        self._timer.stop()
        end = self._text.find("\n", self._shown + AT_ONCE)
        if end < 0:
            self._renderer.finish(self._text)
            self._shown = len(self._text)
            return
        self._renderer.update(self._text[: end + 1])
        self._shown = end + 1
        self._timer.start(0)

    def _on_anchor(self, address: QUrl) -> None:
        self.link_chosen.emit(address.toString())
