"""Documents that hold rendered Markdown and never read or fetch anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTextCursor, QTextDocument, QTextOption

from ui.markdown.columns import fit_all

if TYPE_CHECKING:
    from PySide6.QtCore import QUrl

    from ui.markdown.style import MarkdownStyle


class MarkdownDocument(QTextDocument):
    """A document without undo and margins, whose pictures and style sheets do not exist."""

    def __init__(self, style: MarkdownStyle, width: float | None = None) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setDefaultFont(style.font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setDefaultTextOption(option)
        if width is not None:
            self.setTextWidth(width)

    def setTextWidth(self, width: float) -> None:
        """Lay the document out for a width; the columns of long tables, too."""
        super().setTextWidth(width)
        cursor = QTextCursor(self)
        cursor.beginEditBlock()
        fit_all(self)
        cursor.endEditBlock()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return an empty picture: no file is read and no address is asked, whatever the text says.

        With no picture at all Qt would go and read the named file on its own.
        """
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        nothing = QImage(1, 1, QImage.Format.Format_ARGB32)
        nothing.fill(Qt.GlobalColor.transparent)
        return nothing
