"""The models page: carries what a person wants to the program, and shows what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.changes import (
    Change,
    DownloadDone,
    DownloadProgressed,
    DownloadsChanged,
    EngineChanged,
    ModelsChanged,
    SettingChanged,
    TaskFinished,
)
from assistant.engine.state import Phase
from assistant.errors import NetworkOff
from assistant.i18n import _
from assistant.models.download_state import DownloadState
from ui.models.adding import Adding
from ui.models.browser import Browser
from ui.models.column import Column
from ui.models.computer_card import ComputerCard
from ui.models.desk import Desk
from ui.models.downloads_panel import WIDTH as DOWNLOADS_WIDTH
from ui.models.downloads_panel import DownloadsPanel
from ui.models.drop_target import DropTarget
from ui.models.filters import Filters, Shelf
from ui.models.getting import Getting
from ui.models.header import ModelsHeader
from ui.models.installed import InstalledShelf
from ui.models.judge import Judge
from ui.models.keeping import Keeping
from ui.models.performer import Performer
from ui.models.requests import Requests
from ui.models.words import download_title
from ui.widgets.message_bar import MessageBar
from ui.widgets.reveal import reveal

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QResizeEvent, QShowEvent

    from assistant.engine.state import EngineState
    from assistant.errors import AssistantError
    from ui.models.installed_card import Wish
    from ui.models.source import ModelSource
    from ui.notify import Notifier
    from ui.theme.theme import Theme

WIDEST = 1440
LEAST_FOR_BOTH = 800
"""From which width of the page there is room for models and downloads side by side."""
_ENDED = (DownloadState.DONE, DownloadState.FAILED)
_NO_BOUND = 16_777_215


class ModelsPage(QWidget):
    """Everything about models that is not a conversation.

    Signals: ``used(str)`` with the id of a model that is loaded now, ``sidebar_requested()``,
    ``settings_requested(str)`` with the section of the settings that would help.
    """

    used = Signal(str)
    sidebar_requested = Signal()
    settings_requested = Signal(str)

    def __init__(self, theme: Theme, source: ModelSource, notifier: Notifier) -> None:
        super().__init__()
        self.setObjectName("modelsPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._source = source
        self._notifier = notifier
        self.desk = Desk(source.drop)
        self.requests = Requests(self)
        self.header = ModelsHeader(theme)
        self.computer = ComputerCard(theme)
        self.filters = Filters(theme)
        self.notice = MessageBar(theme)
        self.judge = Judge(source)
        self.browser = Browser(theme, source, self.judge, self.desk, self.requests, self.filters)
        self.performer = Performer(notifier)
        self.getting = Getting(theme, source, self.desk, self.performer, self.requests, self)
        self.keeping = Keeping(theme, source, self.desk, self.performer, self.requests, self)
        self.adding = Adding(theme, source.intake, self.desk, self.performer, self)
        self.installed = InstalledShelf(theme, self.judge)
        self.drop_target = DropTarget(theme, self)
        self.downloads = DownloadsPanel(theme, self.requests)
        self.downloads.setFixedWidth(DOWNLOADS_WIDTH)
        self.downloads.hide()
        self.area = Column(theme, WIDEST)
        self._text = ""
        self._arrived: dict[str, str] = {}
        self._ready = ""
        self.is_filled = False
        """Whether it was seen and shows something."""
        self._beginning = QTimer(self)
        self._beginning.setSingleShot(True)
        self._beginning.timeout.connect(self._begin)
        self._engine: tuple[Phase, Path | None] | None = None
        self._lay_out()
        self._connect()
        self.browser.view.hide()
        self.installed.view.hide()

    # --- what is shown ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read again what this computer has and what is on its way."""
        self.computer.show_computer(self._source.computer())
        self._show_counts()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for part in (
            self.header,
            self.computer,
            self.filters,
            self.notice,
            self.browser,
            self.downloads,
            self.installed,
        ):
            part.retranslate()

    def show_error(self, error: AssistantError) -> None:
        """Say what went wrong, until it is closed."""
        self.notice.show_error(error)
        self.area.rewind()

    def focus_search(self) -> None:
        """Give the keyboard to the search field."""
        self.header.field.setFocus()
        self.header.field.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        """Memory and disk may be others than when it was last seen; the first time there is nothing yet."""
        super().showEvent(event)
        self._source.intake.look_around()
        if self.is_filled:
            self._look_again()
        else:
            self._beginning.start(0)

    def _begin(self) -> None:
        """Fill the page, now that it stands on the screen; measure the computer if nobody did."""
        self.is_filled = True
        self.refresh()
        self._show_shelf()
        task = self._source.measure_computer()
        if task is not None:
            self.desk.wait(task, self._on_computer_measured)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Bring into view what the keyboard comes to; the scroll area sees only what moves inside of it."""
        has_moved = super().focusNextPrevChild(is_next)
        if has_moved:
            self.area.bring_into_view(self.focusWidget())
        return has_moved

    # --- what a person does -----------------------------------------------------------------------------------------

    def show_shelf(self, shelf: Shelf) -> None:
        """Show another shelf, as its chip does."""
        self.filters.set_shelf(shelf)
        if self.is_filled:
            self._show_shelf()

    def _show_shelf(self) -> None:
        """Show what the chips and the search field ask for."""
        is_installed = self.filters.shelf is Shelf.INSTALLED
        self.browser.view.setVisible(not is_installed)
        self.installed.view.setVisible(is_installed)
        self.header.set_local(is_installed)
        if is_installed:
            self.installed.show(self._text)
        else:
            self.browser.show(self._text)

    def _on_searched(self, text: str) -> None:
        self._text = text
        self._show_shelf()

    def _on_wanted(self, wish: Wish, model_id: str) -> None:
        self.keeping.do(wish, model_id)

    def _on_folder(self) -> None:
        reveal(self._source.computer().folder)

    def _on_added(self) -> None:
        self.show_shelf(Shelf.INSTALLED)

    def _on_noted(self) -> None:
        self.installed.refresh(self.keeping.states)

    def _on_working(self, words: str) -> None:
        if words:
            self.working.show_message("info", words, can_close=False)
        else:
            self.working.hide()

    def _on_told(self, words: str, hint: str = "") -> None:
        self.notice.show_message("info", words, hint)

    def show_downloads(self, is_shown: bool) -> None:
        """Show or hide the list of downloads; in a narrow page it takes the place of the models."""
        self.downloads.setVisible(is_shown)
        self.header.set_downloads_shown(is_shown)
        self._fit()
        if is_shown:
            self.downloads.close_button.setFocus()
        elif self.focusWidget() is None:
            self.header.downloads_button.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the list of downloads."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_narrow = self.width() < LEAST_FOR_BOTH
        self.area.setVisible(not (is_narrow and self.downloads.isVisibleTo(self)))
        self.downloads.setMaximumWidth(_NO_BOUND if is_narrow else DOWNLOADS_WIDTH)
        self.downloads.setMinimumWidth(0 if is_narrow else DOWNLOADS_WIDTH)

    def _hide_downloads(self) -> None:
        self.show_downloads(False)

    def _on_clear(self) -> None:
        self.performer.perform(self._source.downloads.clear)

    def _on_reveal_download(self, download_id: str) -> None:
        for download in self._source.downloads.all():
            if download.id == download_id:
                reveal(download.path)

    def _on_use_ready(self) -> None:
        self.ready.hide()
        self.getting.use(self._ready)

    def _on_network_settings(self) -> None:
        self.settings_requested.emit("network")

    # --- what happened ----------------------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        match change:
            case TaskFinished():
                self.desk.finish(change)
            case DownloadProgressed(download_id):
                self._on_progress(download_id)
            case DownloadDone(download_id, model_id):
                self._on_done(download_id, model_id)
            case DownloadsChanged():
                self._show_counts()
                self.browser.refresh()
            case ModelsChanged():
                self._look_again()
            case EngineChanged(state):
                self._heed_engine(state)
            case SettingChanged("network.offline"):
                self._show_offline()

    def _look_again(self) -> None:
        """Models or memory are different: judge everything anew."""
        self.judge.forget()
        if not self.is_filled:
            return
        self.refresh()
        self.browser.refresh()
        self.installed.refresh(self.keeping.states)

    def _heed_engine(self, state: EngineState) -> None:
        """Another model is loaded, or none: its progress in between changes nothing here."""
        is_settled = state.phase in (Phase.EMPTY, Phase.READY, Phase.FAILED)
        if is_settled and (state.phase, state.path) != self._engine:
            self._engine = (state.phase, state.path)
            self._look_again()

    def _on_measured(self, repository: str) -> None:
        self.judge.forget_repository(repository)
        self.browser.refresh_repository(repository)

    def _on_computer_measured(self, _value: object, _error: AssistantError | None) -> None:
        """Speeds can be told now."""
        self._look_again()

    def _on_progress(self, download_id: str) -> None:
        for download in self._source.downloads.all():
            if download.id == download_id:
                self.browser.show_download(download)
                self.downloads.show_download(download)

    def _on_done(self, download_id: str, model_id: str) -> None:
        """A model has come: say so, and offer to use it."""
        self._arrived[download_id] = model_id
        self._show_counts()
        self.browser.refresh()
        title = next((download_title(each) for each in self._source.downloads.all() if each.id == download_id), "")
        self._ready = model_id
        self.ready.show_message("ok", _("{model} is ready.").format(model=title), action=_("Use now"))

    def _show_counts(self) -> None:
        """Show how many models are here and what is on its way."""
        self.filters.set_installed(sum(not each.model.is_missing for each in self.judge.models()))
        downloads = self._source.downloads.all()
        self.header.set_active(sum(download.state not in _ENDED for download in downloads))
        self.downloads.show_downloads(downloads, self._arrived)
        self._show_offline()

    def _show_offline(self) -> None:
        if self._source.is_offline:
            error = NetworkOff()
            self.offline.show_message("info", error.message, error.hint, action=_("Network settings…"), can_close=False)
        else:
            self.offline.hide()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _tell_view(self) -> None:
        for grid in (self.browser.view.grid, self.installed.grid):
            self.area.show_in(grid)

    def _connect(self) -> None:
        header = self.header
        header.searched.connect(self._on_searched)
        header.sidebar_requested.connect(self.sidebar_requested)
        header.add_requested.connect(self.adding.ask_for_files)
        self.filters.shelf_chosen.connect(self._show_shelf)
        self.filters.changed.connect(self._show_shelf)
        self.drop_target.dropped.connect(self.adding.add)
        self.installed.wanted.connect(self._on_wanted)
        self.installed.folder_requested.connect(self._on_folder)
        self.installed.add_requested.connect(self.adding.ask_for_files)
        self.installed.search_requested.connect(self.adding.ask_for_folder)
        self.adding.added.connect(self._on_added)
        self.adding.working.connect(self._on_working)
        self.adding.told.connect(self._on_told)
        self.keeping.noted.connect(self._on_noted)
        self.keeping.told.connect(self._on_told)
        self.browser.rewound.connect(self.area.rewind)
        self.browser.cleared.connect(header.clear)
        self.browser.settings_requested.connect(self._on_network_settings)
        self.offline.acted.connect(self._on_network_settings)
        header.downloads_toggled.connect(self.show_downloads)
        self.downloads.closed.connect(self._hide_downloads)
        self.downloads.clear_requested.connect(self._on_clear)
        self.downloads.reveal_requested.connect(self._on_reveal_download)
        self.ready.acted.connect(self._on_use_ready)
        self.getting.used.connect(self.used)
        self.getting.measured.connect(self._on_measured)
        self.performer.failed.connect(self.show_error)
        self._notifier.changed.connect(self._on_changed)
        self.area.moved.connect(self._tell_view)
        for grid in (self.browser.view.grid, self.installed.grid):
            self.area.watch(grid)

    def _lay_out(self) -> None:
        theme = self._theme
        self.offline, self.ready, self.working = MessageBar(theme), MessageBar(theme), MessageBar(theme)
        for part in (self.computer, self.filters, self.offline, self.ready, self.working, self.notice):
            self.area.add(part)
        self.area.add(self.browser.view, 1)
        self.area.add(self.installed.view, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.area, 1)
        middle.addWidget(self.downloads)
        layout.addLayout(middle, 1)
