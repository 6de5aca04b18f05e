"""What a person hears of downloads while at something else: how many run, that one has come, that one did not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.i18n import _
from assistant.models.download_state import DownloadState
from ui.desktop_notice import DesktopNotice
from ui.models.words import download_title
from ui.places import MODELS
from ui.widgets.words import error_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.app import Assistant
    from assistant.models.download_state import Download
    from ui.chat.notices import Notices
    from ui.notify import Notifier
    from ui.places import Places
    from ui.sidebar.place_button import PlaceButton

_ENDED = (DownloadState.DONE, DownloadState.FAILED)


class Arrivals(QObject):
    """Follows the downloads once there are any.

    Signals: ``use_requested(str)`` with the id of a model, ``downloads_requested()``, ``window_requested()`` by a click
    on what the system told.
    """

    use_requested = Signal(str)
    downloads_requested = Signal()
    window_requested = Signal()

    def __init__(
        self, assistant: Assistant, notifier: Notifier, notices: Notices, places: Places, button: PlaceButton
    ) -> None:
        super().__init__(notices)
        self._assistant = assistant
        self._bar = notices.arrivals
        self._places = places
        self._button = button
        self._ready = ""
        self._failed: set[str] | None = None
        self._desktop = DesktopNotice(notices)
        self._desktop.clicked.connect(self.window_requested)
        self._bar.acted.connect(self._on_acted)
        notifier.downloads_changed.connect(self._on_changed)
        notifier.download_progressed.connect(self._show_progress)
        notifier.download_done.connect(self._on_done)

    def _on_changed(self) -> None:
        downloads = self._downloads()
        failed = {each.id: each for each in downloads if each.state is DownloadState.FAILED}
        news = [failed[key] for key in failed if self._failed is not None and key not in self._failed]
        self._failed = set(failed)  # those of former runs are no news
        for download in news:
            self._tell_failure(download)
        self._show_progress()

    def _on_done(self, _download_id: str, model_id: str) -> None:
        name = next((model.name for model in self._assistant.models.all() if model.id == model_id), "")
        if not name:
            return
        sentence = _("{model} is ready.").format(model=name)
        self._desktop.tell(sentence)
        if self._places.place != MODELS:
            self._ready = model_id
            self._bar.show_message("ok", sentence, action=_("Use now"))

    def _tell_failure(self, download: Download) -> None:
        error = download.error
        if error is None:
            return
        sentence = _("{model} could not be downloaded.").format(model=download_title(download))
        self._desktop.tell(sentence, error_words(error))
        if self._places.place != MODELS:
            self._ready = ""
            self._bar.show_message("bad", sentence, error_words(error), action=_("Show downloads"))

    def _on_acted(self) -> None:
        self._bar.hide()
        if self._ready:
            self.use_requested.emit(self._ready)
        else:
            self.downloads_requested.emit()

    def _show_progress(self, _download_id: str = "") -> None:
        """Show on the way to the models how many are coming and how far they are."""
        running = [each for each in self._downloads() if each.state not in _ENDED]
        total = sum(each.bytes_total for each in running)
        done = sum(each.bytes_done for each in running)
        self._button.set_progress(len(running), done / total if total else 0.0)

    def _downloads(self) -> Sequence[Download]:
        return self._assistant.market.downloads.all() if self._assistant.is_market_open else []
