"""When the welcome page is shown: at the first start, until a person has chosen something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.places import CHAT, MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.app import Assistant
    from ui.places import Places
    from ui.welcome.page import WelcomePage

SETTING = "window.welcomed"


class Welcoming(QObject):
    """Shows the page and leaves it. A home that has a database is not new: there it is decided by what is in it.

    Signals: ``done()`` to go on to the conversations, ``browse_requested()``, ``settings_requested(str)``.
    """

    done = Signal()
    browse_requested = Signal()
    settings_requested = Signal(str)

    def __init__(self, assistant: Assistant, places: Places, keep: Callable[[str, object], None]) -> None:
        """``keep`` keeps a setting."""
        super().__init__(places)
        self._assistant = assistant
        self._places = places
        self._keep = keep
        self._is_undecided = False
        places.greeted.connect(self._on_greeted)
        places.went.connect(self._on_went)

    def begin(self) -> None:
        """The program starts: show the page if it was never started here."""
        if self._is_welcomed():
            return
        if self._assistant.paths.database.exists():
            self._is_undecided = True
        else:
            self._places.show_welcome()

    def heed_conversations(self, *, is_any: bool) -> None:
        """The conversations are listed: whoever has some was here before there was a welcome."""
        if not self._is_undecided:
            return
        self._is_undecided = False
        if is_any:
            self._mark()
        elif self._places.place == CHAT:
            self._places.show_welcome()

    def _on_greeted(self, page: WelcomePage) -> None:
        page.started.connect(self.done)
        page.used.connect(self._on_used)
        page.got.connect(self._mark)
        page.browse_requested.connect(self.browse_requested)
        page.settings_requested.connect(self.settings_requested)

    def _on_used(self, _model_id: str) -> None:
        self.done.emit()

    def _on_went(self, place: str) -> None:
        if place in (CHAT, MODELS):
            self._is_undecided = False
            self._mark()

    def _is_welcomed(self) -> bool:
        return self._assistant.settings.get(SETTING, bool)

    def _mark(self) -> None:
        if not self._is_welcomed():
            self._keep(SETTING, True)
