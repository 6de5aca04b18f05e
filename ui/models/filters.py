"""What is to be listed: the shelf, and on it the size, the licence and the order."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from assistant.i18n import N_, _
from assistant.models.remote import Kind, Sort
from ui.models.choice_button import ChoiceButton
from ui.models.flow import FlowRow
from ui.models.words import licence_words
from ui.widgets.button import Button

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QAbstractButton

    from ui.models.source import Listing
    from ui.theme.theme import Theme


class Shelf(Enum):
    """The chips, in their order."""

    COMPUTER = "computer"
    ALL = "all"
    CHAT = "chat"
    VISION = "vision"
    EMBEDDING = "embedding"
    INSTALLED = "installed"


SHELVES = {
    Shelf.COMPUTER: N_("For this computer"),
    Shelf.ALL: N_("All"),
    Shelf.CHAT: N_("Chat"),
    Shelf.VISION: N_("Vision"),
    Shelf.EMBEDDING: N_("Embedding"),
    Shelf.INSTALLED: N_("Installed"),
}
KINDS = {Shelf.CHAT: Kind.CHAT, Shelf.VISION: Kind.VISION, Shelf.EMBEDDING: Kind.EMBEDDING}
_WIDE = 920
BILLION = 1_000_000_000
SIZES = {"": (0, 0), "2": (0, 2), "5": (2, 5), "10": (5, 10), "35": (10, 35), "more": (35, 0)}
"""From and to how many billion parameters, 0 for no bound."""
LICENCES = ("", "apache-2.0", "mit", "gemma", "llama3.1", "llama3.2", "llama3.3")
RECOMMENDED, SMALLEST, LARGEST = "recommended", "smallest", "largest"
CATALOG_ORDERS = {RECOMMENDED: N_("Recommended first"), SMALLEST: N_("Smallest first"), LARGEST: N_("Largest first")}
HUB_ORDERS = {
    Sort.TRENDING.value: N_("Trending"),
    Sort.DOWNLOADS.value: N_("Most downloads"),
    Sort.LIKES.value: N_("Most likes"),
    Sort.NEWEST.value: N_("Newest"),
}


class Filters(QWidget):
    """Chips and lists.

    Signals: ``shelf_chosen()`` for another chip, ``changed()`` for another size, licence or order.
    """

    shelf_chosen = Signal()
    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._is_search = False
        self._is_wide = True
        self._installed = 0
        self.chips: dict[Shelf, Button] = {}
        self._group = QButtonGroup(self)
        self._row = FlowRow()
        for shelf in Shelf:
            chip = self.chips[shelf] = Button(theme, kind="chip")
            chip.setCheckable(True)
            chip.setCursor(Qt.CursorShape.PointingHandCursor)
            self._group.addButton(chip)
            self._row.add(chip)
        self.chips[Shelf.COMPUTER].setChecked(True)
        self.size_box = ChoiceButton(theme)
        self.licence_box = ChoiceButton(theme)
        self.order_box = ChoiceButton(theme)
        self._row.add(self.size_box)
        self._row.add(self.licence_box)
        row = self._line = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px("s"))
        row.addWidget(self._row, 1)
        row.addWidget(self.order_box, 0, Qt.AlignmentFlag.AlignTop)
        self._group.buttonClicked.connect(self._on_chip)
        for box in (self.size_box, self.licence_box, self.order_box):
            box.chosen.connect(self._on_chosen)
        self.retranslate()

    # --- what is chosen ---------------------------------------------------------------------------------------------

    @property
    def shelf(self) -> Shelf:
        """The chip taken."""
        return next(shelf for shelf, chip in self.chips.items() if chip.isChecked())

    def set_shelf(self, shelf: Shelf) -> None:
        """Take a chip; ``shelf_chosen`` is not emitted."""
        self.chips[shelf].setChecked(True)
        self._show_boxes()

    @property
    def kind(self) -> Kind | None:
        """The kind of the chip taken, ``None`` for all."""
        return KINDS.get(self.shelf)

    @property
    def parameters(self) -> tuple[int, int]:
        """The least and most parameters, 0 for no bound."""
        least, most = SIZES[self.size_box.value()]
        return least * BILLION, most * BILLION

    @property
    def licence(self) -> str:
        """The licence as the hub names it, empty for any."""
        return self.licence_box.value()

    @property
    def order(self) -> str:
        """One of ``CATALOG_ORDERS`` or ``HUB_ORDERS``."""
        return self.order_box.value()

    @property
    def are_open(self) -> bool:
        """Whether nothing is held back by size, licence or chip."""
        return self.shelf is Shelf.ALL and not self.size_box.value() and not self.licence

    def open_all(self) -> None:
        """Hold nothing back."""
        self.set_shelf(Shelf.ALL)
        self.size_box.set_value("")
        self.licence_box.set_value("")

    # --- how it looks -----------------------------------------------------------------------------------------------

    def set_search(self, is_search: bool) -> None:
        """Offer the orders of the hub, or those of the catalog."""
        if is_search is not self._is_search:
            self._is_search = is_search
            self._show_boxes()

    def set_installed(self, count: int) -> None:
        """Show how many models are here."""
        self._installed = count
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the order stand on the right where there is room for it."""
        super().resizeEvent(event)
        is_wide = self.width() >= _WIDE
        if is_wide is not self._is_wide:
            self._is_wide = is_wide
            if is_wide:
                self._line.addWidget(self.order_box, 0, Qt.AlignmentFlag.AlignTop)
            else:
                self._row.add(self.order_box)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for shelf, chip in self.chips.items():
            words = _(SHELVES[shelf])
            chip.setText(f"{words}  {self._installed}" if shelf is Shelf.INSTALLED and self._installed else words)
            chip.setAccessibleName(_("Show: {shelf}").format(shelf=chip.text()))
        self.size_box.set_choices(_("Size"), [(value, _size_words(*SIZES[value])) for value in SIZES])
        names = [(value, licence_words(value) or _("Any licence")) for value in LICENCES]
        self.licence_box.set_choices(_("Licence"), names)
        self._show_boxes()

    def _show_boxes(self) -> None:
        is_here = self.shelf is Shelf.INSTALLED
        for box in (self.size_box, self.licence_box, self.order_box):
            box.setVisible(not is_here)
        orders = HUB_ORDERS if self._is_search else CATALOG_ORDERS
        self.order_box.set_choices(_("Order"), [(value, _(words)) for value, words in orders.items()])

    def _on_chip(self, _chip: QAbstractButton) -> None:
        self._show_boxes()
        self.shelf_chosen.emit()

    def _on_chosen(self, _value: str) -> None:
        self.changed.emit()


def chosen_listings(listings: Iterable[Listing], filters: Filters) -> list[Listing]:
    """Return those of the catalog that the filters let through, in their order."""
    found = [listing for listing in listings if _is_wanted(listing, filters)]
    if filters.order != RECOMMENDED:
        found.sort(key=lambda listing: listing.repository.parameters, reverse=filters.order == LARGEST)
    return found


def _is_wanted(listing: Listing, filters: Filters) -> bool:
    repository = listing.repository
    least, most = filters.parameters
    if (least and repository.parameters < least) or (most and repository.parameters > most):
        return False
    if filters.licence and repository.licence.casefold() != filters.licence:
        return False
    kind = filters.kind
    return kind in (None, repository.kind) or (kind is Kind.CHAT and repository.kind is Kind.VISION)


def _size_words(least: int, most: int) -> str:
    if not least and not most:
        return _("Any size")
    if not least:
        return _("Up to {most} B").format(most=most)
    return _("{least} to {most} B").format(least=least, most=most) if most else _("Over {least} B").format(least=least)
