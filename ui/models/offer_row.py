"""One quantization in a card: what it is, how large, how fast, whether it will run, and the button that gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from assistant.i18n import _
from assistant.models.remote import Kind
from ui.models.verdict_button import VerdictButton
from ui.models.words import offer_name, outlook_pace
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import retain_place
from ui.widgets.pill import Pill, set_style_property
from ui.widgets.words import size_words

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from assistant.models.remote import Repository
    from ui.models.requests import Requests
    from ui.models.source import OfferState
    from ui.theme.theme import Theme

HEIGHT = 40
_LABEL, _SIZE, _BUTTON = 84, 60, 80
_ROOM_FOR_PACE = 460
_ROOM_FOR_PILL = 600


class OfferRow(QFrame):
    """Shows the state it is given; says what is wanted through ``requests``."""

    def __init__(
        self, theme: Theme, requests: Requests, repository: Repository, state: OfferState, *, is_marked: bool = False
    ) -> None:
        """``is_marked``: the one we recommend among several."""
        super().__init__()
        self._is_marked = is_marked
        self._room = 0
        self.setProperty("role", "offer")
        self.setProperty("used", False)
        self.setFixedHeight(HEIGHT)
        self._requests = requests
        self._repository = repository
        self.label = ElidedLabel()
        self.label.setProperty("role", "strong")
        self.amount = QLabel()
        self.amount.setProperty("role", "muted")
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.pace = ElidedLabel()
        self.pace.setProperty("role", "faint")
        self.recommended = Pill(tone="accent")
        self.verdict = VerdictButton(theme)
        self.get_button = Button(theme, kind="primary" if is_marked else "normal", icon_name="download")
        self.use_button = Button(theme, kind="primary")
        self.in_use = Pill(tone="accent")
        self._lay_out()
        self.verdict.clicked.connect(self._on_verdict)
        self.get_button.clicked.connect(self._on_get)
        self.use_button.clicked.connect(self._on_use)
        self.show_state(state)

    def show_state(self, state: OfferState) -> None:
        """Show an offer as it stands."""
        self.state = state
        offer, outlook = state.offer, state.outlook
        name = offer_name(offer.size_bytes, offer.id)
        self.label.setText(offer.id)
        self.amount.setText(size_words(offer.size_bytes))
        is_for_chats = self._repository.kind is not Kind.EMBEDDING
        self.pace.setText(outlook_pace(outlook) if is_for_chats else "")
        set_style_property(self.pace, "tone", "warn" if outlook.is_slow else "")
        self.recommended.setText(_("Recommended"))
        self._show_what_has_room()
        self.verdict.show_outlook(outlook, name)
        self.get_button.setText(_("Get"))
        get = _("Get {model}, recommended") if self._is_marked else _("Get {model}")
        self.get_button.setAccessibleName(get.format(model=name))
        self.use_button.setText(_("Use"))
        self.use_button.setAccessibleName(_("Use {model}").format(model=name))
        self.in_use.setText(_("In use") if state.is_used else _("Here"))
        self.get_button.setVisible(not state.model_id)
        can_use = bool(state.model_id) and not state.is_used and is_for_chats
        self.use_button.setVisible(can_use)
        self.in_use.setVisible(bool(state.model_id) and not can_use)
        set_style_property(self, "used", bool(state.model_id))

    def stops(self) -> list[QWidget]:
        """Return where the keyboard stops, in order."""
        return [self.verdict, self.get_button, self.use_button]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the speed where there is no room; the numbers behind the verdict have it too."""
        super().resizeEvent(event)
        self._room = event.size().width()
        self._show_what_has_room()

    def _show_what_has_room(self) -> None:
        self.pace.setVisible(self._room >= _ROOM_FOR_PACE)
        self.recommended.setVisible(self._is_marked and self._room >= _ROOM_FOR_PILL)

    def _on_verdict(self) -> None:
        self._requests.explain.emit(self._repository, self.state.offer, self.verdict)

    def _on_get(self) -> None:
        self._requests.get.emit(self._repository, self.state.offer)

    def _on_use(self) -> None:
        self._requests.use.emit(self.state.model_id)

    def _lay_out(self) -> None:
        self.label.setMinimumWidth(_LABEL)
        self.label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.amount.setMinimumWidth(_SIZE)
        retain_place(self.pace)
        for button in (self.get_button, self.use_button, self.in_use):
            button.setMinimumWidth(_BUTTON)
        self.in_use.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 4, 0)
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addWidget(self.amount)
        row.addSpacing(4)
        row.addWidget(self.pace, 1)
        row.addWidget(self.recommended)
        row.addWidget(self.verdict)
        row.addWidget(self.get_button)
        row.addWidget(self.use_button)
        row.addWidget(self.in_use)
