"""The way to models whose makers want their licence accepted first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from assistant.errors import RepositoryGated, TokenRefused
from assistant.models.download_state import DownloadState
from ui.models.licence_dialog import LicenceDialog
from ui.models.source import Kept
from ui.widgets.links import ask_and_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from assistant.errors import AssistantError
    from ui.models.desk import Desk
    from ui.models.performer import Performer
    from ui.models.requests import Requests
    from ui.models.source import ModelSource
    from ui.theme.theme import Theme


class Licensing(QObject):
    """Hears ``accept_licence`` and leads through it."""

    def __init__(
        self, theme: Theme, source: ModelSource, desk: Desk, performer: Performer, requests: Requests, page: QWidget
    ) -> None:
        super().__init__(page)
        self._theme = theme
        self._source = source
        self._desk = desk
        self._performer = performer
        self._requests = requests
        self._page = page
        requests.accept_licence.connect(self._on_accept)

    def ask(self, repository: str, then: Callable[[], object]) -> None:
        """Lead through it; ``then`` is what was wanted."""
        has_token = self._source.account.has_token
        dialog = LicenceDialog(self._theme, self._page.window(), repository, has_token=has_token)
        dialog.visit_requested.connect(partial(self._visit, dialog, repository))
        dialog.token_entered.connect(partial(self._save, dialog))
        dialog.retry_requested.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_accept(self, repository: str) -> None:
        self.ask(repository, partial(self._try_again, repository))

    def _try_again(self, repository: str) -> None:
        """Go on with the downloads that the licence stopped; where there are none, ask for the files again."""
        stopped = [
            download
            for download in self._source.downloads.all()
            if download.repository == repository
            and download.state is DownloadState.FAILED
            and isinstance(download.error, RepositoryGated | TokenRefused)
        ]
        for download in stopped:
            self._performer.perform(partial(self._source.downloads.resume, download.id))
        if not stopped:
            self._requests.open_files.emit(repository)

    def _visit(self, dialog: LicenceDialog, repository: str) -> None:
        ask_and_open(self._theme, dialog, self._source.page_address(repository))

    def _save(self, dialog: LicenceDialog, token: str) -> None:
        dialog.show_checking()
        task = self._desk.wait(self._source.account.save(token), partial(self._on_saved, dialog))
        dialog.finished.connect(lambda _result: self._desk.leave(task))

    def _on_saved(self, dialog: LicenceDialog, value: object, error: AssistantError | None) -> None:
        if error is not None:
            dialog.show_error(error)
        elif isinstance(value, Kept):
            dialog.show_kept(value)
