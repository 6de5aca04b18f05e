"""A download in the list of all: what it is, its place in the queue, its folder, and what to do at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from assistant.i18n import _
from assistant.models.download_state import DownloadState
from ui.models.download_frame import DownloadFrame
from ui.models.words import amount_words, download_title, state_words
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.words import joined, path_words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from assistant.models.download_state import Download
    from ui.models.requests import Requests
    from ui.theme.theme import Theme


class DownloadRow(DownloadFrame):
    """Alt with the up or down key moves it in the queue.

    Signals: ``moved(str, int)`` with the download's id and by how many places, ``reveal_requested(str)`` with its id.
    """

    moved = Signal(str, int)
    reveal_requested = Signal(str)

    def __init__(self, theme: Theme, requests: Requests, download: Download) -> None:
        super().__init__(theme, requests, download)
        self.title = ElidedLabel()
        self.title.setProperty("role", "strong")
        self.up = IconButton(theme, "arrow-up", size=14, side=26)
        self.down = IconButton(theme, "arrow-down", size=14, side=26)
        self.use = Button(theme, kind="primary")
        self.reveal = IconButton(theme, "folder-open", size=14, side=26)
        self.folder = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.folder.setProperty("role", "caption")
        self._model_id = ""
        self._lay_out()
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        for keys, act in (("Alt+Up", self._on_up), ("Alt+Down", self._on_down)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        self.use.clicked.connect(self._on_use)
        self.reveal.clicked.connect(self._on_reveal)
        self.show_download(download)

    def show_download(self, download: Download) -> None:
        """Show a download as it stands."""
        super().show_download(download)
        state = download.state
        is_done = state is DownloadState.DONE
        self.title.setText(download_title(download))
        amount = "" if is_done else amount_words(download)
        tries = _("try {count}").format(count=download.attempts) if download.attempts > 1 else ""
        is_told = state is DownloadState.WAITING
        self.state.setText(joined(amount, state_words(download), "" if is_told else tries))
        self.bar.setVisible(not is_done and state is not DownloadState.FAILED)
        self.folder.setText(path_words(download.folder))
        self.folder.setAccessibleName(_("Goes to {folder}").format(folder=download.folder))
        self.reveal.setToolTip(_("Show in its folder"))
        self.use.setText(_("Use now"))
        self.use.setAccessibleName(_("Use {model} now").format(model=download_title(download)))
        self.cancel.setToolTip(_("Take off the list") if is_done else _("Cancel"))
        self._name_move(self.up, _("Up in the queue"), "Alt+Up")
        self._name_move(self.down, _("Down in the queue"), "Alt+Down")

    def show_place(self, *, is_first: bool, is_last: bool, model_id: str) -> None:
        """Tell where it stands among those that wait, and which model came of it, if one has."""
        is_done = self.download.state is DownloadState.DONE
        self._model_id = model_id
        self.up.setEnabled(not is_first)
        self.down.setEnabled(not is_last)
        self.up.setVisible(not is_done)
        self.down.setVisible(not is_done)
        self.use.setVisible(is_done and bool(model_id))

    def stops(self) -> list[QWidget]:
        """Return where the keyboard stops, in order."""
        head = [self.toggle, self.cancel, self.retry, self.licence, self.use]
        return [*head, self.reveal, self.up, self.down]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _name_move(self, button: IconButton, words: str, keys: str) -> None:
        native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{words}  ({native})")
        button.setAccessibleName(f"{words}: {download_title(self.download)}")

    def _move(self, by: int) -> None:
        if (self.up if by < 0 else self.down).isEnabled():
            self.moved.emit(self.download.id, by)

    def _on_up(self) -> None:
        self._move(-1)

    def _on_down(self) -> None:
        self._move(1)

    def _on_use(self) -> None:
        self._requests.use.emit(self._model_id)

    def _on_reveal(self) -> None:
        self.reveal_requested.emit(self.download.id)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        head.addWidget(self.toggle)
        head.addWidget(self.cancel)
        actions = QHBoxLayout()
        actions.setSpacing(4)
        for button in (self.retry, self.licence, self.use):
            actions.addWidget(button)
        actions.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(4)
        foot.addWidget(self.folder, 1)
        for icon_button in (self.reveal, self.up, self.down):
            foot.addWidget(icon_button)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 4, 0)
        words.setSpacing(8)
        for part in (self.state, self.bar, self.problem):
            words.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(words)
        layout.addLayout(actions)
        layout.addLayout(foot)
