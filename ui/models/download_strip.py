"""A download inside its card: how far, how fast, how long still, and the buttons to pause or give up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout

from assistant.errors import RepositoryGated, TokenRefused
from assistant.i18n import _
from assistant.models.download_state import DownloadState
from ui.models.words import amount_words, download_title, state_words
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_label
from ui.widgets.pill import set_style_property
from ui.widgets.words import error_words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from assistant.models.download_state import Download
    from ui.models.requests import Requests
    from ui.theme.theme import Theme

STEPS = 1000
"""How finely the bar moves."""
_CAN_RESUME = (DownloadState.PAUSED,)
_CAN_PAUSE = (
    DownloadState.QUEUED,
    DownloadState.RESOLVING,
    DownloadState.DOWNLOADING,
    DownloadState.WAITING,
)


class DownloadStrip(QFrame):
    """Shows the download it is given; says what is wanted through ``requests``."""

    def __init__(self, theme: Theme, requests: Requests, download: Download) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._requests = requests
        self.label = QLabel()
        self.label.setProperty("role", "strong")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.amount = QLabel()
        self.amount.setProperty("role", "muted")
        self.state = ElidedLabel()
        self.state.setProperty("role", "muted")
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.toggle = IconButton(theme, "pause", size=16, side=28)
        self.cancel = IconButton(theme, "x", size=16, side=28)
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.problem = plain_label("", "error")
        self.licence = Button(theme, kind="link")
        self.retry = Button(theme, kind="link")
        self._lay_out()
        self.toggle.clicked.connect(self._on_toggle)
        self.cancel.clicked.connect(self._on_cancel)
        self.retry.clicked.connect(self._on_retry)
        self.licence.clicked.connect(self._on_licence)
        self.show_download(download)

    def show_download(self, download: Download) -> None:
        """Show a download as it stands."""
        self.download = download
        state = download.state
        self.label.setText(download.offer)
        self.amount.setText(amount_words(download))
        self.state.setText(state_words(download))
        total = download.bytes_total
        self.bar.setValue(download.bytes_done * STEPS // total if total else 0)
        self.bar.setAccessibleName(
            _("{title}: {amount}").format(title=download_title(download), amount=amount_words(download))
        )
        self.bar.setVisible(state is not DownloadState.FAILED)
        self._name_toggle(is_paused=state in _CAN_RESUME)
        self.toggle.setVisible(state in _CAN_PAUSE or state in _CAN_RESUME)
        words = _("Cancel the download of {title}").format(title=download_title(download))
        self.cancel.setToolTip(_("Cancel"))
        self.cancel.setAccessibleName(words)
        self._show_problem()

    def stops(self) -> list[QWidget]:
        """Return where the keyboard stops, in order."""
        return [self.toggle, self.cancel, self.retry, self.licence]

    def _name_toggle(self, *, is_paused: bool) -> None:
        words = _("Go on with {title}") if is_paused else _("Pause {title}")
        self.toggle.set_icon_name("play" if is_paused else "pause")
        self.toggle.setToolTip(_("Go on") if is_paused else _("Pause"))
        self.toggle.setAccessibleName(words.format(title=download_title(self.download)))

    def _show_problem(self) -> None:
        error = self.download.error
        has_failed = self.download.state is DownloadState.FAILED
        set_style_property(self.problem, "role", "error" if has_failed else "faint")
        self.problem.setText(error_words(error))
        self.problem.setVisible(error is not None and self.download.state is not DownloadState.DOWNLOADING)
        self.retry.setText(_("Try again"))
        self.retry.setVisible(has_failed)
        self.licence.setText(_("Accept the licence…"))
        self.licence.setVisible(has_failed and isinstance(error, RepositoryGated | TokenRefused))

    def _on_toggle(self) -> None:
        is_paused = self.download.state in _CAN_RESUME
        (self._requests.resume if is_paused else self._requests.pause).emit(self.download.id)

    def _on_cancel(self) -> None:
        self._requests.cancel.emit(self.download.id)

    def _on_retry(self) -> None:
        self._requests.retry.emit(self.download.id)

    def _on_licence(self) -> None:
        self._requests.accept_licence.emit(self.download.repository)

    def _lay_out(self) -> None:
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
