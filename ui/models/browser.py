"""What is there to get: the catalog, or what the hub answers to a search; cards open and close."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.i18n import _
from assistant.models.fit import Verdict
from assistant.models.remote import Page, Query, Repository, Sort
from ui.models.browse_view import BrowseView
from ui.models.card import ModelCard
from ui.models.download_strip import DownloadStrip
from ui.models.filters import Shelf, chosen_listings
from ui.models.source import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.errors import AssistantError
    from assistant.models.download_state import Download
    from ui.models.desk import Desk
    from ui.models.filters import Filters
    from ui.models.judge import Judge
    from ui.models.requests import Requests
    from ui.models.source import ModelSource
    from ui.theme.theme import Theme


@dataclass
class Entry:
    """A listing and how far its card has been opened."""

    listing: Listing
    details: Repository | None = None
    is_open: bool = False
    task: int = 0
    error: AssistantError | None = None

    @property
    def repository(self) -> Repository:
        """The best that is known of it."""
        return self.details if self.details and self.is_open else self.listing.repository


class Browser(QObject):
    """Fills a ``BrowseView``.

    Signals: ``rewound()`` when another list begins, ``cleared()`` when a person goes back to the catalog,
    ``settings_requested()`` for those of the network.
    """

    rewound = Signal()
    cleared = Signal()
    settings_requested = Signal()

    def __init__(
        self, theme: Theme, source: ModelSource, judge: Judge, desk: Desk, requests: Requests, filters: Filters
    ) -> None:
        super().__init__()
        self._theme = theme
        self._source = source
        self._judge = judge
        self._desk = desk
        self._requests = requests
        self._filters = filters
        self._entries: dict[str, Entry] = {}
        self._text = ""
        self._task = 0
        self._more_task = 0
        self._next_page = ""
        self._has_results = False
        self.view = BrowseView(theme, self._make_card)
        self.view.back_requested.connect(self.cleared)
        self.view.acted.connect(self._on_acted)
        self.view.settings_requested.connect(self.settings_requested)
        self.view.more_requested.connect(self._ask_more)
        requests.open_files.connect(self.open_files)
        requests.close_files.connect(self.close_files)

    # --- lists ------------------------------------------------------------------------------------------------------

    def show(self, text: str) -> None:
        """Show what the hub has for a text, or without one the catalog; in both cases as the filters say."""
        is_other = text != self._text
        self._text = text
        self._leave()
        if text:
            self._search()
        else:
            self._show_catalog(is_other=is_other)

    def refresh(self) -> None:
        """Downloads or models on this computer are different: show each open card as it stands now."""
        for name, card in self.view.grid.cards.items():
            if isinstance(card, ModelCard):
                self._apply(card, self._entries[name])

    def refresh_repository(self, name: str) -> None:
        """The same for one repository."""
        card = self.view.grid.cards.get(name)
        if isinstance(card, ModelCard):
            self._apply(card, self._entries[name])

    def show_download(self, download: Download) -> None:
        """Show how far a download is, where its strip is shown."""
        card = self.view.grid.cards.get(download.repository)
        if isinstance(card, ModelCard) and card.offers is not None:
            row = card.offers.rows.get(download.offer)
            if isinstance(row, DownloadStrip):
                row.show_download(download)

    def retranslate(self) -> None:
        """Show every sentence in the language in use; the catalog's own sentences are asked for again."""
        self.view.retranslate()
        for card in self.view.grid.cards.values():
            if isinstance(card, ModelCard):
                card.retranslate()
        if not self._text:
            self._entries.clear()
            self.view.grid.set_keys([])
        if self._has_results or not self._text:
            self._show_heading()
        if not self._text:
            self._show_catalog(is_other=False)

    # --- one card ---------------------------------------------------------------------------------------------------

    def open_files(self, name: str) -> None:
        """Show the files of a card if it is listed, asking the hub for them where that was not done."""
        entry = self._entries.get(name)
        if entry is None:
            return
        if entry.details is None and not entry.task:
            entry.error = None
            entry.task = self._desk.wait(self._source.details(name), partial(self._on_details, name))
        entry.is_open = entry.details is not None
        self.refresh_repository(name)

    def close_files(self, name: str) -> None:
        """Hide the files of a card, or those that our catalog did not choose."""
        self._entries[name].is_open = False
        self.refresh_repository(name)

    # --- the catalog ------------------------------------------------------------------------------------------------

    def _show_catalog(self, *, is_other: bool) -> None:
        self._filters.set_search(False)
        self._next_page, self._has_results = "", False
        listings = chosen_listings(self._source.suggestions(), self._filters)
        if self._filters.shelf is Shelf.COMPUTER:
            listings = [listing for listing in listings if self._fits(listing)]
        self._take(listings)
        self._show_heading()
        self.view.show_more("")
        if listings:
            self.view.show_cards([listing.name for listing in listings])
        else:
            words = _("The catalog has nothing like that.")
            self.view.show_state().show_words("search", words, _("Search for more above."), _("Show all"))
        if is_other:
            self.rewound.emit()

    def _fits(self, listing: Listing) -> bool:
        repository = listing.repository
        verdicts = [self._judge.outlook(repository, offer).fit.verdict for offer in repository.offers]
        return any(verdict is not Verdict.TOO_BIG for verdict in verdicts)

    # --- the hub ----------------------------------------------------------------------------------------------------

    def _query(self) -> Query:
        filters = self._filters
        filters.set_search(True)
        least, most = filters.parameters
        if filters.shelf is Shelf.COMPUTER and not most:
            most = self._source.computer().most_parameters
        return Query(
            text=self._text,
            sort=Sort(filters.order),
            kind=filters.kind,
            licence=filters.licence,
            parameters=(least, most),
        )

    def _search(self) -> None:
        self._task = self._desk.wait(self._source.search(self._query()), self._on_found)
        words = _("Searching for “{text}” …").format(text=self._text)
        self.view.show_heading(words)
        if not self._has_results:
            self._take([])
            self.view.show_state().show_loading(words)
            self.rewound.emit()

    def _on_found(self, value: object, error: AssistantError | None) -> None:
        self._task = 0
        self._has_results = error is None
        if error is not None:
            self._take([])
            self._next_page = ""
            self.view.show_heading(self._text)
            self.view.show_state().show_error(error)
            return
        assert isinstance(value, Page)
        self._next_page = value.next_page
        self._take([Listing(repository) for repository in value.repositories])
        self._show_heading()
        self.view.show_more("")
        if value.repositories:
            self.view.show_cards(list(self._entries))
            self._open_only_one()
        else:
            self._show_nothing_found()
        self.rewound.emit()

    def _show_nothing_found(self) -> None:
        words = _("Nothing was found for “{text}”.").format(text=self._text)
        if self._filters.are_open:
            self.view.show_state().show_words("search", words, _("Try other words, or fewer."))
        else:
            hint = _("Only “{shelf}” was searched, with the size and licence chosen above.").format(
                shelf=self._filters.chips[self._filters.shelf].text()
            )
            self.view.show_state().show_words("search", words, hint, _("Search everything"))

    def _open_only_one(self) -> None:
        """Who pasted an address wants its files."""
        if len(self._entries) == 1 and not self._next_page:
            self.open_files(next(iter(self._entries)))

    def _ask_more(self) -> None:
        if self._next_page and not self._more_task and not self._task:
            self._more_task = self._desk.wait(self._source.search(self._query(), self._next_page), self._on_more)
            self.view.show_more(_("More is coming …"))

    def _on_more(self, value: object, error: AssistantError | None) -> None:
        if error is not None:
            self.view.show_more("", error)
            self._more_task = 0
            return
        assert isinstance(value, Page)
        self._more_task, self._next_page = 0, value.next_page
        for repository in value.repositories:
            self._entries.setdefault(repository.name, self._entry(Listing(repository)))
        self.view.show_more("")
        self.view.show_cards(list(self._entries))

    def _on_acted(self) -> None:
        """The button of the state: once more after an error, else without filters."""
        if self._has_results or not self._text:
            self._filters.open_all()
        self._has_results = False
        self.show(self._text)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        """Wait for nothing of the list before."""
        for task in (self._task, self._more_task):
            self._desk.leave(task)
        self._task = self._more_task = 0

    def _take(self, listings: Sequence[Listing]) -> None:
        """Hold these listings; what was opened of them stays so."""
        before = self._entries
        self._entries = {}
        for listing in listings:
            entry = before.pop(listing.name, None)
            if entry is None or entry.listing.is_suggested is not listing.is_suggested:
                entry = self._entry(listing)
            entry.listing = listing
            self._entries[listing.name] = entry
        for entry in before.values():
            self._desk.leave(entry.task)
        if self.view.grid.keys != list(self._entries):
            self.view.grid.set_keys([])

    def _entry(self, listing: Listing) -> Entry:
        details = listing.repository if listing.repository.has_details and not listing.is_suggested else None
        return Entry(listing, details)

    def _make_card(self, name: str) -> ModelCard:
        entry = self._entries[name]
        card = ModelCard(self._theme, self._requests, entry.listing)
        self._apply(card, entry)
        return card

    def _apply(self, card: ModelCard, entry: Entry) -> None:
        listing = replace(entry.listing, repository=entry.repository)
        if listing != card.listing:
            card.show_listing(listing)
        if entry.is_open or entry.listing.is_suggested:
            has_all = entry.is_open or not entry.listing.is_suggested
            card.show_files(self._judge.states(entry.repository), has_all=has_all)
        else:
            card.show_closed()
        if entry.task:
            card.show_asking()
        elif entry.error:
            card.show_error(entry.error)

    def _on_details(self, name: str, value: object, error: AssistantError | None) -> None:
        entry = self._entries.get(name)
        if entry is None:
            return
        entry.task, entry.error = 0, error
        if isinstance(value, Repository):
            entry.details, entry.is_open = value, True
            self._measure(value)
        self.refresh_repository(name)

    def _measure(self, repository: Repository) -> None:
        """Have the header of the file read that most will take, so that the verdicts are exact."""
        offers = sorted(repository.offers, key=lambda offer: not offer.is_recommended)
        if offers and not self._judge.outlook(repository, offers[0]).is_exact:
            self._desk.wait(self._source.measure(repository, offers[0]), partial(self._on_measured, repository.name))

    def _on_measured(self, name: str, _value: object, _error: AssistantError | None) -> None:
        self._judge.forget_repository(name)
        self.refresh_repository(name)

    def _show_heading(self) -> None:
        self.view.show_heading(_("Found for “{text}”").format(text=self._text) if self._text else "")
