"""A download wherever it is shown: how far it is, what is wrong with it, the buttons to pause it or to give it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QProgressBar

from assistant.errors import RepositoryGated, TokenRefused
from assistant.i18n import _
from assistant.models.download_state import DownloadState
from ui.models.words import amount_words, download_title
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
_CAN_PAUSE = (
    DownloadState.QUEUED,
    DownloadState.RESOLVING,
    DownloadState.DOWNLOADING,
    DownloadState.WAITING,
)


class DownloadFrame(QFrame):
    """The parts and what they do; who is one lays them out, and says in ``state`` what there is room for.

    What is wanted is said through ``requests``.
    """

    def __init__(self, theme: Theme, requests: Requests, download: Download) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._requests = requests
        self.download = download
        self.state = ElidedLabel()
        self.state.setProperty("role", "muted")
        self.toggle = IconButton(theme, "pause", size=16, side=28)
        self.cancel = IconButton(theme, "x", size=16, side=28)
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.problem = plain_label("", "error")
        self.licence = Button(theme, kind="link")
        self.retry = Button(theme, kind="link")
        self.toggle.clicked.connect(self._on_toggle)
        self.cancel.clicked.connect(self._on_cancel)
        self.retry.clicked.connect(self._on_retry)
        self.licence.clicked.connect(self._on_licence)

    def show_download(self, download: Download) -> None:
        """Show a download as it stands."""
        self.download = download
        state, total, title = download.state, download.bytes_total, download_title(download)
        self.bar.setValue(download.bytes_done * STEPS // total if total else 0)
        self.bar.setAccessibleName(_("{title}: {amount}").format(title=title, amount=amount_words(download)))
        self.bar.setVisible(state is not DownloadState.FAILED)
        is_paused = state is DownloadState.PAUSED
        self.toggle.set_icon_name("play" if is_paused else "pause")
        self.toggle.setToolTip(_("Go on") if is_paused else _("Pause"))
        words = _("Go on with {title}") if is_paused else _("Pause {title}")
        self.toggle.setAccessibleName(words.format(title=title))
        self.toggle.setVisible(is_paused or state in _CAN_PAUSE)
        self.cancel.setToolTip(_("Cancel"))
        self.cancel.setAccessibleName(_("Cancel the download of {title}").format(title=title))
        self._show_problem()

    def stops(self) -> list[QWidget]:
        """Return where the keyboard stops, in order."""
        return [self.toggle, self.cancel, self.retry, self.licence]

    def _show_problem(self) -> None:
        error, state = self.download.error, self.download.state
        has_failed = state is DownloadState.FAILED
        set_style_property(self.problem, "role", "error" if has_failed else "faint")
        self.problem.setText(error_words(error))
        self.problem.setVisible(error is not None and state is not DownloadState.DOWNLOADING)
        self.retry.setText(_("Try again"))
        self.retry.setVisible(has_failed)
        self.licence.setText(_("Accept the licence…"))
        self.licence.setVisible(has_failed and isinstance(error, RepositoryGated | TokenRefused))

    def _on_toggle(self) -> None:
        is_paused = self.download.state is DownloadState.PAUSED
        (self._requests.resume if is_paused else self._requests.pause).emit(self.download.id)

    def _on_cancel(self) -> None:
        self._requests.cancel.emit(self.download.id)

    def _on_retry(self) -> None:
        self._requests.resume.emit(self.download.id)

    def _on_licence(self) -> None:
        self._requests.accept_licence.emit(self.download.repository)
