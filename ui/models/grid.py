"""Cards side by side in columns; only those near the view exist, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QTimer, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.models.tab_order import chain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QResizeEvent, QShowEvent

GAP = 16
LEAST_WIDTH = 420
MOST_COLUMNS = 3
AT_ONCE = 2
"""Cards made in one go; the rest follow when the window is idle, so that it never stands still."""
NEAR, FAR = 400, 1200
"""Pixels beyond the view within which cards are made, and beyond which they are given up."""
GUESS = 136
"""The height of a card before any was measured."""


class Card(QFrame):
    """What the grid holds. It can be made again at any time, so it keeps nothing of its own."""

    @property
    def is_open(self) -> bool:
        """Open and closed cards side by side have heights of their own."""
        return False

    def stops(self) -> Sequence[QWidget]:
        """Return where the keyboard stops, in order."""
        return ()


class CardGrid(QWidget):
    """Holds a card for each key, in order, and puts it in its place.

    Signal: ``end_near()`` when there is, or soon will be, room for more in the view.
    """

    end_near = Signal()

    def __init__(self, make: Callable[[str], Card], *, least_width: int = LEAST_WIDTH) -> None:
        """``make`` gives a new card for a key, as it stands."""
        super().__init__()
        self._make = make
        self._least_width = least_width
        self._keys: list[str] = []
        self.cards: dict[str, Card] = {}
        """Those that exist now."""
        self._heights: dict[str, tuple[int, bool]] = {}
        self._index: dict[str, int] = {}
        self._places: list[QRect] = []
        self._view = (0, 0)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._fill)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # --- what it holds ----------------------------------------------------------------------------------------------

    @property
    def keys(self) -> list[str]:
        """The keys, in order."""
        return list(self._keys)

    def set_keys(self, keys: Sequence[str]) -> None:
        """Hold these and no others; cards that exist already stay."""
        self._keys = list(dict.fromkeys(keys))
        for key in self.cards.keys() - set(self._keys):
            self._give_up(key)
        self._heights = {key: found for key, found in self._heights.items() if key in self.cards}
        self._places.clear()
        self.place()
        self._fill()

    def place_of(self, key: str) -> QRect:
        """Return where a card stands, or will stand."""
        return self._places[self._index[key]]

    # --- where they stand -------------------------------------------------------------------------------------------

    def set_view(self, top: int, bottom: int) -> None:
        """Tell which part of it is in view, in its own pixels."""
        if (top, bottom) != self._view:
            self._view = (top, bottom)
            if not self._idle.isActive():
                self._fill()

    def place(self) -> None:
        """Put every card in its place."""
        columns = max(1, min(MOST_COLUMNS, (self.width() + GAP) // (self._least_width + GAP)))
        width = (self.width() - GAP * (columns - 1)) // columns
        measured = {key: (_height(card, width), card.is_open) for key, card in self.cards.items()}
        is_other = any(self._heights.get(key, self._guess) != found for key, found in measured.items())
        self._heights |= measured
        if is_other or len(self._places) != len(self._keys):
            self._measure(columns, width)
        for key, card in self.cards.items():
            place = self.place_of(key)
            if card.geometry() != place:
                card.setGeometry(place)

    def _measure(self, columns: int, width: int) -> None:
        """Find the places of all."""
        self._places, top = [], 0
        for start in range(0, len(self._keys), columns):
            heights = self._even(self._keys[start : start + columns])
            self._places += [QRect(place * (width + GAP), top, width, high) for place, high in enumerate(heights)]
            top += max(heights) + GAP
        self._index = {key: place for place, key in enumerate(self._keys)}
        self.setFixedHeight(max(0, top - GAP))

    def event(self, event: QEvent) -> bool:
        """A card became higher or lower."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.place()
            self._idle.start(0)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take more or fewer columns."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._heights.clear()
            self._places.clear()
            self.place()
            self._idle.start(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Only now do the cards know their heights."""
        super().showEvent(event)
        self.place()
        self._fill()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _even(self, keys: Sequence[str]) -> list[int]:
        """Return the heights of a row: those that are open alike are equally high."""
        found = [self._heights.get(key, self._guess) for key in keys]
        return [max(high for high, is_open in found if is_open is mine) for _high, mine in found]

    @property
    def _guess(self) -> tuple[int, bool]:
        """What a card that was never made is taken for."""
        return self._heights.get(self._keys[0], (GUESS, False)) if self._keys else (GUESS, False)

    def _near(self, reach: int) -> list[str]:
        top, bottom = self._view[0] - reach, self._view[1] + reach
        places = zip(self._keys, self._places, strict=True)
        return [key for key, place in places if place.bottom() >= top and place.top() <= bottom]

    def _fill(self) -> None:
        """Make cards near the view, give up those far from it; nothing while nobody sees it."""
        self._idle.stop()
        if not self.isVisible():
            return
        missing = [key for key in self._near(NEAR) if key not in self.cards]
        for key in missing[:AT_ONCE]:
            card = self.cards[key] = self._make(key)
            card.setParent(self)
            card.setGeometry(self.place_of(key))
            card.show()  # its parts count for its height only once they were shown
        if missing:
            near = set(self._near(FAR))
            for key in [key for key, card in self.cards.items() if key not in near and not _has_keyboard(card)]:
                self._give_up(key)
            chain([stop for key in self._keys if key in self.cards for stop in self.cards[key].stops()])
            self.place()
            self._idle.start(0)
        elif self._keys and self.height() <= self._view[1] + NEAR:
            self.end_near.emit()

    def _give_up(self, key: str) -> None:
        card = self.cards.pop(key)
        card.hide()
        card.deleteLater()


def _height(card: Card, width: int) -> int:
    layout = card.layout()
    assert layout is not None
    return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()


def _has_keyboard(card: Card) -> bool:
    focused = card.window().focusWidget()
    return focused is not None and card.isAncestorOf(focused)
