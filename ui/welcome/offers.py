"""What the first page offers beside beginning at once: what is here, and the one model that suits this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.changes import TaskFinished
from assistant.errors import NetworkOff
from assistant.i18n import _
from ui.models.adding import Adding
from ui.models.desk import Desk
from ui.models.getting import Getting
from ui.models.performer import Performer
from ui.models.requests import Requests
from ui.welcome.computer_row import ComputerRow
from ui.welcome.found_list import FoundList
from ui.welcome.offer_card import OfferCard
from ui.widgets.button import Button
from ui.widgets.labels import plain_label
from ui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from assistant.app import Assistant
    from assistant.errors import AssistantError
    from assistant.models.remote import Offer, Repository
    from ui.notify import Notifier
    from ui.theme.theme import Theme


class Offers(QWidget):
    """Signals: those of ``WelcomePage``."""

    used = Signal(str)
    got = Signal()
    browse_requested = Signal()
    settings_requested = Signal(str)

    def __init__(self, theme: Theme, assistant: Assistant, notifier: Notifier) -> None:
        super().__init__()
        market = self._market = assistant.market
        self.requests = Requests(self)
        self._desk = Desk(market.drop)
        self._performer = Performer(notifier)
        self._getting = Getting(theme, market, self._desk, self._performer, self.requests, self)
        self._adding = Adding(theme, market.intake, self._desk, self._performer, self)
        self.computer = ComputerRow(theme)
        self.notice = MessageBar(theme)
        self.better = plain_label("", "section")
        self.offer = OfferCard(theme, market, assistant.ledger, self.requests)
        self.here = plain_label("", "section")
        self.found = FoundList(theme, market, self.requests)
        self.folder_button = Button(theme, kind="ghost", icon_name="folder-open")
        self.browse_button = Button(theme, kind="ghost", icon_name="box")
        self._lay_out(theme)
        self._connect(notifier)
        self.retranslate()

    def refresh(self) -> None:
        """Read again what this computer has, and what is here."""
        self.computer.show_computer(self._market.computer())
        self.found.refresh()
        self.offer.refresh()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.better.setText(_("A better one for this computer"))
        self.here.setText(_("Models on this computer"))
        self.folder_button.setText(_("Look in another folder…"))
        self.browse_button.setText(_("Browse all models"))
        self.notice.retranslate()
        self.computer.retranslate()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed while nobody could see it has not been shown."""
        super().showEvent(event)
        self.refresh()

    # --- what a person does -----------------------------------------------------------------------------------------

    def _on_get(self, _repository: Repository, _offer: Offer) -> None:
        """Getting has done it, unless there is no network."""
        if self._market.is_offline:
            error = NetworkOff()
            self.notice.show_message("info", error.message, error.hint, action=_("Network settings…"))
        self.got.emit()

    def _on_network(self) -> None:
        self.settings_requested.emit("network")

    def _on_working(self, words: str) -> None:
        if words:
            self.notice.show_message("info", words, can_close=False)
        else:
            self.notice.hide()

    def _on_told(self, sentence: str, hint: str) -> None:
        self.notice.show_message("info", sentence, hint)

    def _on_failed(self, error: AssistantError) -> None:
        self.notice.show_error(error)

    # --- what happened ----------------------------------------------------------------------------------------------

    def _on_task(self, change: TaskFinished) -> None:
        self._desk.finish(change)

    def _on_models(self) -> None:
        if self.isVisible():
            self.found.refresh()
            self.offer.refresh()

    def _on_downloads(self) -> None:
        self.offer.refresh()

    def _on_progress(self, download_id: str) -> None:
        self.offer.show_progress(download_id)

    def _on_setting(self, name: str) -> None:
        if name == "network.offline":
            self.notice.hide()
            self.offer.refresh()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _connect(self, notifier: Notifier) -> None:
        self.requests.get.connect(self._on_get)
        self._getting.used.connect(self.used)
        self._getting.measured.connect(self._on_downloads)
        self._performer.failed.connect(self._on_failed)
        self.notice.acted.connect(self._on_network)
        self.folder_button.clicked.connect(self._adding.ask_for_folder)
        self._adding.working.connect(self._on_working)
        self._adding.told.connect(self._on_told)
        self.browse_button.clicked.connect(self.browse_requested)
        notifier.task_finished.connect(self._on_task)
        notifier.models_changed.connect(self._on_models)
        notifier.downloads_changed.connect(self._on_downloads)
        notifier.download_progressed.connect(self._on_progress)
        notifier.setting_changed.connect(self._on_setting)

    def _lay_out(self, theme: Theme) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.folder_button)
        foot.addStretch(1)
        foot.addWidget(self.browse_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px("s"))
        layout.addWidget(self.computer)
        layout.addWidget(self.notice)
        layout.addSpacing(theme.px("s"))
        layout.addWidget(self.better)
        layout.addWidget(self.offer)
        layout.addSpacing(theme.px("s"))
        layout.addWidget(self.here)
        layout.addWidget(self.found)
        layout.addLayout(foot)
