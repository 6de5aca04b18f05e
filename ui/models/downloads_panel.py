"""All downloads in the order of the queue, beside the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from assistant.i18n import _
from assistant.models.download_state import DownloadState
from ui.models.download_row import DownloadRow
from ui.models.tab_order import chain
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QKeyEvent

    from assistant.models.download_state import Download
    from ui.models.requests import Requests
    from ui.theme.theme import Theme

WIDTH = 360


class DownloadsPanel(QFrame):
    """Shows the downloads it is given.

    Signals: ``closed()``, ``clear_requested()`` for those that are over, ``reveal_requested(str)`` with a download's
    id.
    """

    closed = Signal()
    clear_requested = Signal()
    reveal_requested = Signal(str)

    def __init__(self, theme: Theme, requests: Requests) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._requests = requests
        self._downloads: tuple[Download, ...] = ()
        self._models: Mapping[str, str] = {}
        self.rows: dict[str, DownloadRow] = {}
        self.title = ElidedLabel()
        self.title.setProperty("role", "title")
        self.clear_button = Button(theme, kind="link")
        self.close_button = IconButton(theme, "x", size=16, side=28)
        self.nothing = plain_label("", "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area = QScrollArea()
        self._lay_out()
        self.close_button.clicked.connect(self.closed)
        self.clear_button.clicked.connect(self.clear_requested)
        self.retranslate()

    def show_downloads(self, downloads: Sequence[Download], models: Mapping[str, str]) -> None:
        """Show downloads in their order; ``models`` has the ids of the models that came, by the download's id."""
        self._downloads, self._models = tuple(downloads), models
        ids = [download.id for download in downloads]
        for gone in self.rows.keys() - set(ids):
            row = self.rows.pop(gone)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, download in enumerate(downloads):
            row = self._row(download)
            if self._list.indexOf(row) != place:
                self._list.removeWidget(row)
                self._list.insertWidget(place, row)
            row.show()
            row.show_place(is_first=place == 0, is_last=place == len(ids) - 1, model_id=models.get(download.id, ""))
        self.nothing.setVisible(not downloads)
        self.clear_button.setVisible(any(download.state is DownloadState.DONE for download in downloads))
        chain([self.clear_button, self.close_button, *(stop for key in ids for stop in self.rows[key].stops())])

    def show_download(self, download: Download) -> None:
        """Show one of them as it stands now."""
        if download.id in self.rows:
            self.rows[download.id].show_download(download)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.title.setText(_("Downloads"))
        self.clear_button.setText(_("Clear finished"))
        self.close_button.setToolTip(_("Close"))
        self.close_button.setAccessibleName(_("Close the downloads"))
        self.nothing.setText(_("Nothing is on its way. What you get will stand here until it is ready."))
        self.show_downloads(self._downloads, self._models)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _row(self, download: Download) -> DownloadRow:
        row = self.rows.get(download.id)
        if row is None:
            row = self.rows[download.id] = DownloadRow(self._theme, self._requests, download)
            row.moved.connect(self._on_moved)
            row.reveal_requested.connect(self.reveal_requested)
        else:
            row.show_download(download)
        return row

    def _on_moved(self, download_id: str, by: int) -> None:
        place = [download.id for download in self._downloads].index(download_id)
        self._requests.move.emit(download_id, place + by)

    def _lay_out(self) -> None:
        theme = self._theme
        head = QHBoxLayout()
        head.setContentsMargins(theme.px("l"), 0, theme.px("m"), 0)
        head.setSpacing(theme.px("xs"))
        head.addWidget(self.title, 1)
        head.addWidget(self.clear_button)
        head.addWidget(self.close_button)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.px("l"), 0, theme.px("l"), theme.px("l"))
        column.setSpacing(0)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px("s"))
        column.addLayout(self._list)
        column.addSpacing(theme.px("l"))
        column.addWidget(self.nothing)
        column.addStretch(1)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px("m"), 0, 0)
        layout.setSpacing(theme.px("m"))
        layout.addLayout(head)
        layout.addWidget(self._area, 1)
