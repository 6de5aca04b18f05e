"""A download inside its card, in place of the row of its offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from ui.models.download_frame import DownloadFrame
from ui.models.words import amount_words, state_words

if TYPE_CHECKING:
    from assistant.models.download_state import Download
    from ui.models.requests import Requests
    from ui.theme.theme import Theme


class DownloadStrip(DownloadFrame):
    """Says which file it is, as the card says already which model."""

    def __init__(self, theme: Theme, requests: Requests, download: Download) -> None:
        super().__init__(theme, requests, download)
        self.label = QLabel()
        self.label.setProperty("role", "strong")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.amount = QLabel()
        self.amount.setProperty("role", "muted")
        self._lay_out()
        self.show_download(download)

    def show_download(self, download: Download) -> None:
        """Show a download as it stands."""
        super().show_download(download)
        self.label.setText(download.offer)
        self.amount.setText(amount_words(download))
        self.state.setText(state_words(download))

    def _lay_out(self) -> None:
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.label)
        head.addWidget(self.amount)
        head.addWidget(self.state, 1)
        head.addWidget(self.toggle)
        head.addWidget(self.cancel)
        foot = QHBoxLayout()
        foot.setSpacing(4)
        foot.addWidget(self.retry)
        foot.addWidget(self.licence)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 4, 0)
        bar.addWidget(self.bar)
        layout.addLayout(bar)
        layout.addWidget(self.problem)
        layout.addLayout(foot)
