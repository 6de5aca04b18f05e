"""A model as a card: what it is, for whom, and the quantizations there are of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.errors import RepositoryGated, TokenRefused
from assistant.i18n import _
from ui.models.offer_list import OfferList
from ui.models.tab_order import chain
from ui.models.titled_card import TitledCard
from ui.models.words import KINDS, about_words, fame_words, title_words
from ui.theme.icons import icon
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import plain_label
from ui.widgets.menu import Menu
from ui.widgets.words import error_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent

    from assistant.errors import AssistantError
    from ui.models.requests import Requests
    from ui.models.source import Listing, OfferState
    from ui.theme.theme import Theme
    from ui.widgets.pill import Tone


class ModelCard(TitledCard):
    """Closed, asking for its files, open, or with what went wrong; says what is wanted through ``requests``."""

    def __init__(self, theme: Theme, requests: Requests, listing: Listing) -> None:
        super().__init__(theme, listing.repository.kind)
        self._requests = requests
        self.listing = listing
        self.fame = ElidedLabel()
        self.fame.setProperty("role", "faint")
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.files_button = Button(theme, kind="link", icon_name="chevron-down")
        self.problem: CardProblem | None = None
        self.offers: OfferList | None = None
        self._error: AssistantError | None = None
        self._is_asking = False
        self._has_all = True
        self._lay_out()
        self.menu_button.clicked.connect(self.open_menu)
        self.files_button.clicked.connect(self.toggle_files)
        self.show_listing(listing)

    # --- what it shows ----------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether files are shown."""
        return self.offers is not None

    def stops(self) -> list[QWidget]:
        """Return where the keyboard stops, in order."""
        files = self.offers.stops() if self.offers is not None else []
        return [self.menu_button, *files, self.files_button, *(self.problem.buttons if self.problem else ())]

    def show_listing(self, listing: Listing) -> None:
        """Show the facts of a listing; its files are shown by ``show_files``."""
        self.listing = listing
        repository = listing.repository
        self.show_head(listing.title or title_words(repository.name), about_words(listing), self._wanted_pills())
        self.fame.setText(fame_words(listing))
        self.sentence.setText(listing.for_whom)
        self.sentence.setVisible(bool(listing.for_whom))
        self._show_foot()

    def show_asking(self) -> None:
        """Its files have been asked for."""
        self._is_asking, self._error = True, None
        self._show_foot()

    def show_error(self, error: AssistantError) -> None:
        """Say why its files did not come."""
        self._is_asking, self._error = False, error
        self._show_foot()

    def show_files(self, states: Sequence[OfferState], *, has_all: bool = True) -> None:
        """Show the quantizations as they stand; without ``has_all`` the others can be asked for."""
        self._has_all, self._is_asking, self._error = has_all, False, None
        if self.offers is None:
            self.offers = OfferList(self._theme, self._requests, self.listing.repository)
            self.offers.extended.connect(self._order)
            self._column.insertWidget(self._column.indexOf(self.sentence) + 1, self.offers)
        self.offers.show_states(states)
        self.offers.show()
        self._show_foot()
        self._order()

    def show_closed(self) -> None:
        """Hide the quantizations, and what went wrong with them."""
        if self.offers is not None:
            self._column.removeWidget(self.offers)
            self.offers.hide()
            self.offers.deleteLater()
            self.offers = None
        self._is_asking, self._error = False, None
        self._show_foot()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.show_listing(self.listing)
        if self.offers is not None:
            self.offers.retranslate()

    # --- what a person does -----------------------------------------------------------------------------------------

    def toggle_files(self) -> None:
        """Ask for the files, or hide them."""
        if self.is_open and self._has_all:
            self._requests.close_files.emit(self.listing.name)
        else:
            self._ask()

    def open_menu(self) -> None:
        """Show what else can be done."""
        menu = Menu(self)
        repository = self.listing.repository
        menu.addAction(icon(self._theme, "file-text"), _("Read the model card"), self._on_read)
        menu.addAction(icon(self._theme, "external-link"), _("Open its page in the browser…"), self._on_visit)
        menu.addAction(icon(self._theme, "copy"), _("Copy the name"), self._on_copy)
        menu.setAccessibleName(repository.name)
        menu.open_below(self.menu_button)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on a closed card opens it."""
        is_inside = self.rect().contains(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and is_inside and not self.is_open and not self._is_asking:
            self._ask()
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _order(self) -> None:
        """Let Tab go from top to bottom."""
        chain(self.stops())

    def _ask(self) -> None:
        self._requests.open_files.emit(self.listing.name)

    def _on_licence(self) -> None:
        self._requests.accept_licence.emit(self.listing.name)

    def _on_read(self) -> None:
        self._requests.read.emit(self.listing.repository)

    def _on_visit(self) -> None:
        self._requests.visit.emit(self.listing.name)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.listing.name)

    def _wanted_pills(self) -> list[tuple[str, Tone]]:
        repository = self.listing.repository
        kind = KINDS[repository.kind][0]
        wanted: list[tuple[str, Tone]] = []
        if self.listing.is_recommended:
            wanted.append((_("Recommended"), "accent"))
        if kind:
            wanted.append((_(kind), "info"))
        if repository.is_gated:
            wanted.append((_("Licence first"), "warn"))
        return wanted

    def _show_foot(self) -> None:
        error = self._error
        if self.problem is not None:
            self.problem.hide()
            self.problem.deleteLater()
            self.problem = None
        if error is not None:
            self.problem = CardProblem(self._theme, error)
            self.problem.retry_button.clicked.connect(self._ask)
            self.problem.licence_button.clicked.connect(self._on_licence)
            self._column.insertWidget(self._column.count() - 2, self.problem)
        self.files_button.setVisible(error is None)
        self.files_button.setEnabled(not self._is_asking)
        words = self._foot_words()
        is_foldable = self.is_open and self._has_all
        self.files_button.set_icon_name("chevron-up" if is_foldable else "chevron-down")
        self.files_button.setText(words)
        self.files_button.setAccessibleName(f"{self.title.text()}: {words}")

    def _foot_words(self) -> str:
        if self._is_asking:
            return _("Asking for the files …")
        if not self.is_open:
            return _("Show the files")
        if not self._has_all:
            return _("More sizes")
        return _("Fewer sizes") if self.listing.is_suggested else _("Hide the files")

    def _lay_out(self) -> None:
        theme = self._theme
        foot = QHBoxLayout()
        foot.setSpacing(theme.px("s"))
        foot.addWidget(self.fame, 1)
        foot.addWidget(self.files_button)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(theme.px("l"), theme.px("l"), theme.px("l"), theme.px("s"))
        column.setSpacing(theme.px("s"))
        column.addLayout(self.head)
        column.addWidget(self.sentence)
        column.addStretch(1)
        column.addLayout(foot)


class CardProblem(QWidget):
    """Why the files of a card did not come, and what can be done."""

    def __init__(self, theme: Theme, error: AssistantError) -> None:
        super().__init__()
        self.sentence = plain_label(error_words(error), "error")
        self.retry_button = Button(theme, _("Try again"), kind="link")
        self.licence_button = Button(theme, _("Accept the licence…"), kind="link")
        self.licence_button.setVisible(isinstance(error, RepositoryGated | TokenRefused))
        self.buttons = (self.retry_button, self.licence_button)
        row = QHBoxLayout()
        row.setSpacing(theme.px("xs"))
        row.addWidget(self.retry_button)
        row.addWidget(self.licence_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px("xs"))
        column.addWidget(self.sentence)
        column.addLayout(row)
