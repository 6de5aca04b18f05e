"""Conversations as things to keep in order: names, settings, the trash, drafts. Every action reports what changed."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.changes import Change, ConversationAdded, ConversationChanged, ConversationRemoved
from assistant.chat.sessions import Chats
from assistant.store.rows import Conversation, Message, Setup
from assistant.store.store import Store


class Organizer:
    """The list of conversations. Main thread only; every method may raise StoreError and changes nothing then."""

    def __init__(self, store: Store, chats: Chats) -> None:
        self._store = store
        self._chats = chats

    def all(self) -> list[Conversation]:
        """All conversations outside the trash, the one changed last first."""
        return self._store.conversations.list()

    def get(self, conversation_id: int) -> Conversation:
        """One conversation. Raises ConversationNotFound."""
        return self._store.conversations.get(conversation_id)

    def messages(self, conversation_id: int) -> list[Message]:
        """Every version of every message, oldest first."""
        return self._store.conversations.messages(conversation_id)

    def rename(self, conversation_id: int, title: str) -> list[Change]:
        """Give a title; an empty one changes nothing."""
        title = " ".join(title.split())
        if not title:
            return []
        self._store.conversations.rename(conversation_id, title)
        return [ConversationChanged(conversation_id)]

    def configure(
        self,
        conversation_id: int,
        *,
        system_prompt: str | None = None,
        sampling: Mapping[str, float] | None = None,
        model_id: str | None = None,
    ) -> list[Change]:
        """Set what is given, leave what is ``None``; holds from the next answer on."""
        self._store.conversations.configure(
            conversation_id, system_prompt=system_prompt, sampling=sampling, model_id=model_id
        )
        return [ConversationChanged(conversation_id)]

    def delete(self, conversation_id: int) -> list[Change]:
        """Move a conversation to the trash; an answer on its way is stopped and kept."""
        self._chats.stop(conversation_id)
        self._store.conversations.delete(conversation_id)
        return [ConversationRemoved(conversation_id)]

    def restore(self, conversation_id: int) -> list[Change]:
        """Take a conversation back from the trash."""
        self._store.conversations.restore(conversation_id)
        return [ConversationAdded(conversation_id)]

    def draft(self, conversation_id: int | None) -> str:
        """What was typed and not sent; ``None`` is the conversation that does not exist yet."""
        return self._store.drafts.get(conversation_id)

    def set_draft(self, conversation_id: int | None, text: str) -> None:
        """Keep what was typed; empty text forgets it."""
        self._store.drafts.set(conversation_id, text)

    def new_setup(self) -> Setup:
        """What the conversation that does not exist yet is set to."""
        return self._store.drafts.setup()

    def set_new(self, text: str, setup: Setup) -> None:
        """Keep draft and settings of the conversation that does not exist yet, both at once."""
        self._store.drafts.set_new(text, setup)
