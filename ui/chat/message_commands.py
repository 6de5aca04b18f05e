"""What a person does with messages that are there: other words, another answer, one version or the next, a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from assistant.store.rows import Role
from ui.widgets.links import ask_and_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.app import Assistant
    from assistant.changes import Change
    from assistant.store.rows import Message
    from ui.chat.transcript import Transcript
    from ui.notify import Notifier
    from ui.theme.theme import Theme


class MessageCommands(QObject):
    """Carries out what the transcript asks for, and the commands for its last messages.

    Signal: ``done()`` when something was tried that may have begun an answer, whatever came of it.
    """

    done = Signal()

    def __init__(self, theme: Theme, assistant: Assistant, notifier: Notifier, transcript: Transcript) -> None:
        super().__init__(transcript)
        self._theme = theme
        self._assistant = assistant
        self._notifier = notifier
        self._transcript = transcript
        transcript.edit_submitted.connect(self._on_edited)
        transcript.again_requested.connect(self._on_again)
        transcript.continue_requested.connect(self._on_continue)
        transcript.retry_requested.connect(self._on_retry)
        transcript.version_requested.connect(self._on_version)
        transcript.link_activated.connect(self._on_link)

    def another_answer(self) -> None:
        """Have the last question answered once more."""
        last = self._last(Role.ASSISTANT)
        if last:
            self._on_again(last.id)

    def copy_answer(self) -> None:
        """Put the last answer on the clipboard, as Markdown."""
        last = self._last(Role.ASSISTANT)
        if last:
            QGuiApplication.clipboard().setText(last.content)

    def edit_last_question(self) -> None:
        """Turn the last question into a text field."""
        last = self._last(Role.USER)
        if last:
            self._transcript.edit(last.id)

    # --- what the transcript asks for -------------------------------------------------------------------------------

    def _on_edited(self, message_id: int, text: str) -> None:
        if self._notifier.perform(lambda: self._assistant.chats.edit(message_id, text)) is not None:
            self._transcript.editing.end()
        self.done.emit()

    def _on_again(self, message_id: int) -> None:
        self._perform(lambda: self._assistant.chats.again(message_id))

    def _on_continue(self, message_id: int) -> None:
        self._perform(lambda: self._assistant.chats.go_on(message_id))

    def _on_retry(self, message_id: int) -> None:
        self._perform(lambda: self._assistant.chats.retry(message_id))

    def _on_version(self, message_id: int, step: int) -> None:
        self._perform(lambda: self._assistant.chats.step_version(message_id, step))

    def _on_link(self, address: str) -> None:
        asks = self._assistant.settings.get("chat.ask_before_opening_links", bool)
        ask_and_open(self._theme, self._transcript.window(), address, asks=asks)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _perform(self, action: Callable[[], list[Change]]) -> None:
        self._notifier.perform(action)
        self.done.emit()

    def _last(self, role: Role) -> Message | None:
        return next((message for message in reversed(self._transcript.rows.messages) if message.role is role), None)
