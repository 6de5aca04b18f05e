"""The quantizations of a repository on their three shelves, the most useful ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assistant.i18n import _
from assistant.models.remote import Group
from ui.models.download_strip import DownloadStrip
from ui.models.offer_row import OfferRow
from ui.models.tab_order import chain
from ui.models.words import GROUPS
from ui.widgets.button import Button
from ui.widgets.labels import plain_label
from ui.widgets.words import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QLabel

    from assistant.models.remote import Repository
    from ui.models.requests import Requests
    from ui.models.source import OfferState
    from ui.theme.theme import Theme

MOST_SHOWN = 6
"""With more offers than this each shelf shows but two, until all are asked for."""
_ON_A_SHELF = 2


class OfferList(QWidget):
    """A row for each offer, or a strip while it is on its way.

    Signal: ``extended()`` when a person asked for all of them, and they stand there.
    """

    extended = Signal()

    def __init__(self, theme: Theme, requests: Requests, repository: Repository) -> None:
        super().__init__()
        self._theme = theme
        self._requests = requests
        self._repository = repository
        self._states: tuple[OfferState, ...] = ()
        self._shows_all = False
        self.rows: dict[str, OfferRow | DownloadStrip] = {}
        self._captions: dict[Group, QLabel] = {}
        self.more_button = Button(theme, kind="link")
        self.more_button.clicked.connect(self._on_more)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._more_row = QVBoxLayout()
        self._more_row.setContentsMargins(6, 4, 0, 0)
        self._more_row.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._layout.addLayout(self._more_row)

    def show_states(self, states: Sequence[OfferState]) -> None:
        """Show offers as they stand; rows of those shown already stay, and keep the keyboard."""
        self._states = tuple(states)
        shown = self._shown()
        has_captions = len({state.offer.group for state in shown}) > 1 and len(shown) > _ON_A_SHELF
        wanted: list[QWidget] = []
        for group in Group:
            of_group = [state for state in shown if state.offer.group is group]
            if of_group and has_captions:
                wanted.append(self._caption(group))
            wanted += [self._row(state) for state in of_group]
        self._drop_others({state.offer.id for state in shown})
        self._place(wanted)
        chain(self.stops())
        hidden = len(states) - len(shown)
        self.more_button.setVisible(hidden > 0)
        self.more_button.setText(_("Show all {count} files").format(count=len(states)))

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for group, caption in self._captions.items():
            caption.setText(_caption_words(group))
        self.show_states(self._states)

    def stops(self) -> list[QWidget]:
        """Return where the keyboard stops, in order."""
        rows = (self.rows[state.offer.id] for state in self._shown())
        return [*(stop for row in rows for stop in row.stops()), self.more_button]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _shown(self) -> list[OfferState]:
        if self._shows_all or len(self._states) <= MOST_SHOWN:
            return list(self._states)
        kept: set[str] = set()
        for group in Group:
            of_group = [state.offer for state in self._states if state.offer.group is group]
            of_group.sort(key=lambda offer: offer.size_bytes, reverse=group is Group.SMALL)
            of_group.sort(key=lambda offer: not offer.is_recommended)
            kept |= {offer.id for offer in of_group[:_ON_A_SHELF]}
        return [state for state in self._states if state.offer.id in kept or state.model_id or state.download]

    def _row(self, state: OfferState) -> QWidget:
        row = self.rows.get(state.offer.id)
        if state.download is not None:
            if isinstance(row, DownloadStrip):
                row.show_download(state.download)
                return row
            return self._put(state.offer.id, DownloadStrip(self._theme, self._requests, state.download))
        if isinstance(row, OfferRow):
            row.show_state(state)
            return row
        is_marked = state.offer.is_recommended and len(self._states) > 1
        made = OfferRow(self._theme, self._requests, self._repository, state, is_marked=is_marked)
        return self._put(state.offer.id, made)

    def _put(self, offer_id: str, row: OfferRow | DownloadStrip) -> QWidget:
        """Take a row in place of the one there was."""
        before = self.rows.pop(offer_id, None)
        if before is not None:
            self._layout.removeWidget(before)
            before.hide()
            before.deleteLater()
        self.rows[offer_id] = row
        return row

    def _drop_others(self, ids: set[str]) -> None:
        for offer_id in self.rows.keys() - ids:
            row = self.rows.pop(offer_id)
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()

    def _place(self, wanted: Sequence[QWidget]) -> None:
        """Put these in order above the button; captions that are not wanted are hidden."""
        for index, widget in enumerate(wanted):
            if self._layout.indexOf(widget) != index:
                self._layout.removeWidget(widget)
                self._layout.insertWidget(index, widget)
            widget.show()
        for caption in self._captions.values():
            if caption not in wanted:
                self._layout.removeWidget(caption)
                caption.hide()

    def _caption(self, group: Group) -> QLabel:
        if group not in self._captions:
            caption = self._captions[group] = plain_label(_caption_words(group), "section")
            caption.setContentsMargins(12, 8, 0, 2)
        return self._captions[group]

    def _on_more(self) -> None:
        self._shows_all = True
        self.show_states(self._states)
        self.extended.emit()
        self.stops()[0].setFocus()


def _caption_words(group: Group) -> str:
    words, hint = GROUPS[group]
    return joined(_(words), _(hint))
