"""The rooms of the window, one at a time: the conversations, and the models once somebody goes there."""

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

CHAT, MODELS = "chat", "models"


class Places(QStackedWidget):
    """Begins with the conversations.

    Signals: ``went(str)`` to ``CHAT`` or ``MODELS``, ``made(ModelsPage)`` when that page exists, once.
    """

    went = Signal(str)
    made = Signal(object)

    def __init__(self, theme: Theme, assistant: Assistant, notifier: Notifier, chat: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self._assistant = assistant
        self._notifier = notifier
        self._chat = chat
        self.models: ModelsPage | None = None
        self.addWidget(chat)

    @property
    def place(self) -> str:
        """Where a person is."""
        return CHAT if self.currentWidget() is self._chat else MODELS

    def go(self, place: str) -> None:
        """Show another room."""
        if place == MODELS:
            self.show_models()
        else:
            self.show_chat()

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

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        if self.models is not None:
            self.models.retranslate()
