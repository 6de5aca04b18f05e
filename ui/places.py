"""The rooms of the window, one at a time: the conversations, the models once somebody goes there, and the welcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from assistant.app import Assistant
    from ui.models.page import ModelsPage
    from ui.notify import Notifier
    from ui.theme.theme import Theme
    from ui.welcome.page import WelcomePage

CHAT, MODELS, WELCOME = "chat", "models", "welcome"


class Places(QStackedWidget):
    """Begins with the conversations.

    Signals: ``went(str)`` to ``CHAT``, ``MODELS`` or ``WELCOME``; ``made(ModelsPage)`` and ``greeted(WelcomePage)``
    when those pages exist, once each.
    """

    went = Signal(str)
    made = Signal(object)
    greeted = Signal(object)

    def __init__(self, theme: Theme, assistant: Assistant, notifier: Notifier, chat: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self._assistant = assistant
        self._notifier = notifier
        self._chat = chat
        self.models: ModelsPage | None = None
        self.welcome: WelcomePage | None = None
        self.addWidget(chat)

    @property
    def place(self) -> str:
        """Where a person is."""
        shown = self.currentWidget()
        if shown is self._chat:
            return CHAT
        return MODELS if shown is self.models else WELCOME

    def go(self, place: str) -> None:
        """Show another room."""
        {MODELS: self.show_models, WELCOME: self.show_welcome}.get(place, self.show_chat)()

    def show_chat(self) -> None:
        """Show the conversations."""
        if self.place != CHAT:
            self.setCurrentWidget(self._chat)
            self.went.emit(CHAT)

    def show_models(self) -> None:
        """Show the models; nothing happens where they cannot be had."""
        if not self._assistant.is_market_open and self._notifier.perform(self._assistant.open_market) is None:
            return
        if self.models is None:
            from ui.models.page import ModelsPage

            self.models = ModelsPage(self._theme, self._assistant.market, self._notifier)
            self.addWidget(self.models)
            self.made.emit(self.models)
        if self.place != MODELS:
            self.setCurrentWidget(self.models)
            self.went.emit(MODELS)

    def show_welcome(self) -> None:
        """Show what there is to begin with; all of it once the market is open."""
        if self.welcome is None:
            from ui.welcome.page import WelcomePage

            self.welcome = WelcomePage(self._theme)
            self.addWidget(self.welcome)
            self.greeted.emit(self.welcome)
        self.fill_welcome()
        if self.place != WELCOME:
            self.setCurrentWidget(self.welcome)
            self.went.emit(WELCOME)

    def fill_welcome(self) -> None:
        """The market is open: show on the welcome page what there is."""
        if self.welcome is not None and self._assistant.is_market_open:
            self.welcome.open(self._assistant, self._notifier)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for page in (self.models, self.welcome):
            if page is not None:
                page.retranslate()
