"""The one model that suits this computer: why, how large, whether it fits, a button that gets it, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from assistant.i18n import _
from assistant.models.download_state import DownloadState
from assistant.models.library import model_of
from ui.models.download_strip import DownloadStrip
from ui.models.verdict_button import VerdictButton
from ui.models.words import about_words, offer_name, pace_words
from ui.welcome.transfer_time import bytes_per_s, time_words
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import plain_label
from ui.widgets.mark import Mark
from ui.widgets.pill import Pill
from ui.widgets.words import joined, size_words

if TYPE_CHECKING:
    from assistant.ledger import Ledger
    from assistant.market import Market
    from assistant.market.values import Listing
    from assistant.models.download_state import Download
    from assistant.models.remote import Offer
    from ui.models.requests import Requests
    from ui.theme.theme import Theme


class OfferCard(QFrame):
    """Shows what the market recommends; says what is wanted through ``requests``."""

    def __init__(self, theme: Theme, market: Market, ledger: Ledger, requests: Requests) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._theme = theme
        self._market = market
        self._ledger = ledger
        self._requests = requests
        self._listing: Listing | None = None
        self._model_id = ""
        self.title = ElidedLabel()
        self.title.setProperty("role", "title")
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.pill = Pill(tone="accent")
        self.about = plain_label("", "muted")
        self.why = plain_label("", "muted")
        self.verdict = VerdictButton(theme)
        self.get_button = Button(theme, icon_name="download")
        self.time = plain_label("", "faint")
        self.use_button = Button(theme, kind="primary")
        self.in_use = Pill(tone="accent")
        self.strip: DownloadStrip | None = None
        self._lay_out()
        self.verdict.clicked.connect(self._on_verdict)
        self.get_button.clicked.connect(self._on_get)
        self.use_button.clicked.connect(self._on_use)

    def refresh(self) -> None:
        """Show what suits this computer now; while it is on its way the same one."""
        download = self._download()
        if self._listing is None or (download is None and not self._model_id):
            self._listing = self._market.suggestions()[0]
            download = self._download()
        self._show_state(self._listing, download)
        self._show_words(self._listing)

    def show_progress(self, download_id: str) -> None:
        """Show how far a download is, if it is this one's."""
        if self.strip is not None and self.strip.download.id == download_id and not self.strip.isHidden():
            self._show_download(self._download())

    # --- inside -----------------------------------------------------------------------------------------------------

    def _show_words(self, listing: Listing) -> None:
        offer = listing.repository.offers[0]
        outlook = self._market.outlook(listing.repository, offer)
        recommendation = self._market.judge.recommendation()
        is_same = recommendation.entry.repository == listing.repository.name
        pace = pace_words(recommendation.speed.tokens_per_s, is_measured=False) if recommendation.is_measured else ""
        self.title.setText(listing.title)
        self.pill.setText(_("Recommended"))
        self.about.setText(joined(about_words(listing), pace if is_same else ""))
        size, time = size_words(offer.size_bytes), time_words(offer.size_bytes, bytes_per_s(self._ledger.entries()))
        self.why.setText(recommendation.why if is_same else listing.for_whom)
        self.verdict.show_outlook(outlook, listing.title)
        self.get_button.setText(_("Get, {size}").format(size=size))
        self.time.setText(time)
        self.time.setVisible(bool(time) and self._download() is None and not self._model_id)
        name = f"{listing.title} {offer_name(offer.size_bytes, offer.id)}"
        self.get_button.setAccessibleName(_("Get {model}, recommended").format(model=name))
        self.get_button.setAccessibleDescription(time)
        self.use_button.setText(_("Use"))
        self.use_button.setAccessibleName(_("Use {model}").format(model=listing.title))
        self.in_use.setText(_("In use"))

    def _show_state(self, listing: Listing, download: Download | None) -> None:
        here = self._market.library.all()
        offer = listing.repository.offers[0]
        model = model_of(listing.repository.name, offer, [each.model for each in here])
        self._model_id = model.id if model else ""
        is_used = any(each.is_used for each in here if each.id == self._model_id)
        self.get_button.setVisible(model is None and download is None)
        self.use_button.setVisible(model is not None and not is_used)
        self.in_use.setVisible(is_used)
        self._show_download(download)

    def _show_download(self, download: Download | None) -> None:
        if download is None:
            if self.strip is not None:
                self.strip.hide()
            return
        if self.strip is None:
            self.strip = DownloadStrip(self._theme, self._requests, download)
            self._column.addWidget(self.strip)
        self.strip.show_download(download)
        self.strip.show()

    def _download(self) -> Download | None:
        """Return what is on its way of it; what is over is none."""
        if self._listing is None:
            return None
        offer = self._offer(self._listing)
        found = self._market.downloads.of_repository(self._listing.name)
        return next((each for each in found if each.offer == offer.id and each.state is not DownloadState.DONE), None)

    def _offer(self, listing: Listing) -> Offer:
        return listing.repository.offers[0]

    def _on_verdict(self) -> None:
        if self._listing is not None:
            self._requests.explain.emit(self._listing.repository, self._offer(self._listing), self.verdict)

    def _on_get(self) -> None:
        if self._listing is not None:
            self._requests.get.emit(self._listing.repository, self._offer(self._listing))

    def _on_use(self) -> None:
        self._requests.use.emit(self._model_id)

    def _lay_out(self) -> None:
        theme = self._theme
        head = QHBoxLayout()
        head.setSpacing(theme.px("s"))
        head.addWidget(self.title)
        head.addWidget(self.pill)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(head)
        words.addWidget(self.about)
        words.addWidget(self.why)
        row = QHBoxLayout()
        row.setSpacing(theme.px("m"))
        row.addWidget(Mark(theme, "box", size=40), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.time.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.time.setWordWrap(False)
        right = QVBoxLayout()
        right.setSpacing(theme.px("xs"))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px("m"))
        for part in (self.verdict, self.get_button, self.use_button, self.in_use):
            buttons.addWidget(part)
        right.addStretch(1)
        right.addLayout(buttons)
        right.addWidget(self.time, 0, Qt.AlignmentFlag.AlignRight)
        right.addStretch(1)
        row.addLayout(right)
        edge = theme.px("l")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(edge, edge, edge, edge)
        self._column.setSpacing(theme.px("m"))
        self._column.addLayout(row)
