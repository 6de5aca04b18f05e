"""Says that model files may be let go over the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from assistant.i18n import _
from ui.theme.fonts import interface_font

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

_EDGE = 12


class DropTarget(QWidget):
    """Lies over its parent while model files are dragged over it.

    Signal: ``dropped(list)`` with the paths let go.
    """

    dropped = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what is dragged over the parent."""
        if isinstance(event, QDragEnterEvent):
            if files_in(event):
                event.acceptProposedAction()
                self._open()
                return True
        elif isinstance(event, QDropEvent) and event.type() is QEvent.Type.Drop:
            self.hide()
            paths = files_in(event)
            if paths:
                event.acceptProposedAction()
                self.dropped.emit(paths)
                return True
        elif event.type() is QEvent.Type.DragLeave:
            self.hide()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A veil, a line around, and the words."""
        theme = self._theme
        place = QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        veil = theme.color("accent_soft")
        veil.setAlpha(240)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 2, Qt.PenStyle.DashLine))
            painter.setBrush(veil)
            painter.drawRoundedRect(place, theme.radius("card"), theme.radius("card"))
            painter.setPen(theme.color("accent_text"))
            painter.setFont(interface_font(theme.type_px("h2")))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, _("Let go to add the model"))

    def _open(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()


def files_in(event: QDropEvent) -> list[Path]:
    """Return the model files and the folders that are dragged; others beside them are left out."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() == ".gguf" or path.is_dir()]
