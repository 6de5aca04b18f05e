"""Keeps the conversation on the screen as it is in the store: hears of its messages and shows what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.chat.transcript import ScrollState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant.app import Assistant
    from assistant.store.rows import Message
    from ui.chat.stage import Stage
    from ui.notify import Notifier


class Follower(QObject):
    """Fills the stage with one conversation, and follows it until another is shown.

    Signals: ``refilled()`` when all messages were put there anew, ``answering_changed()`` when an answer may have begun
    or ended, ``figures_changed()`` when what was measured of the answers may be different.
    """

    refilled = Signal()
    answering_changed = Signal()
    figures_changed = Signal()

    def __init__(self, assistant: Assistant, notifier: Notifier, stage: Stage) -> None:
        super().__init__(stage)
        self._assistant = assistant
        self._notifier = notifier
        self._stage = stage
        self._conversation_id: int | None = None
        self._is_behind = False
        notifier.message_added.connect(self._on_added)
        notifier.message_text.connect(self._on_text)
        notifier.message_changed.connect(self._on_changed)
        notifier.branch_changed.connect(self._on_branch)

    def show(self, conversation_id: int | None, messages: Sequence[Message], place: ScrollState) -> None:
        """Show the messages of a conversation, and follow it; ``None`` for the one that does not exist yet."""
        self._conversation_id = conversation_id
        self._is_behind = False
        self._fill(messages, place)

    # --- what changed -----------------------------------------------------------------------------------------------

    def _on_added(self, conversation_id: int, message_id: int) -> None:
        if conversation_id == self._conversation_id:
            self._follow(lambda: self._add(self._assistant.chats.message(message_id)))
            self.answering_changed.emit()

    def _on_text(self, conversation_id: int, message_id: int, text: str) -> None:
        if conversation_id == self._conversation_id:
            self._stage.transcript.update_text(message_id, text)

    def _on_changed(self, conversation_id: int, message_id: int) -> None:
        if conversation_id == self._conversation_id:
            self._follow(lambda: self._stage.transcript.update_message(self._assistant.chats.message(message_id)))
            self.answering_changed.emit()
            self.figures_changed.emit()

    def _on_branch(self, conversation_id: int) -> None:
        if conversation_id == self._conversation_id:
            place = ScrollState() if self._assistant.chats.is_answering(conversation_id) else None
            self._follow(lambda: self._reload(place))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _follow(self, change: Callable[[], None]) -> None:
        """Show a change; what cannot be read now is shown with the next one."""

        def catch_up() -> bool:
            if self._is_behind:
                self._reload(None)
            else:
                change()
            return True

        self._is_behind = not self._notifier.read(catch_up)

    def _add(self, message: Message) -> None:
        shown = self._stage.transcript.rows.messages
        if shown and message.parent_id != shown[-1].id:
            self._reload(ScrollState())  # another program has written here, or this is another branch
        else:
            self._stage.append(message)

    def _reload(self, place: ScrollState | None) -> None:
        if self._conversation_id is not None:
            self._fill(self._assistant.chats.branch(self._conversation_id), place)

    def _fill(self, messages: Sequence[Message], place: ScrollState | None) -> None:
        self._stage.show_messages(messages, place)
        self.refilled.emit()
