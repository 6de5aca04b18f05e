"""What a person has typed and set and not sent yet: kept in the next pause, so that nothing of it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from assistant.store.rows import Setup

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.changes import Change
    from ui.chat.composer import Composer

_PAUSE_MS, _LIMIT_MS = 400, 2000


class Drafts(QObject):
    """Keeps the text in the composer, and what the next new conversation is set to.

    Before the store is open both wait here; what is stored is then put before what was typed. Signal: ``due()`` when
    it is time to keep them.
    """

    due = Signal()

    def __init__(self, assistant: Assistant, composer: Composer) -> None:
        super().__init__(composer)
        self._assistant = assistant
        self._composer = composer
        self._conversation_id: int | None = None
        self._setup = Setup()
        self._is_text_taken_up = False
        self._is_setup_taken_up = False
        self._pause, self._limit = (QTimer(self) for _timer in range(2))
        for timer, duration_ms in ((self._pause, _PAUSE_MS), (self._limit, _LIMIT_MS)):
            timer.setSingleShot(True)
            timer.setInterval(duration_ms)
            timer.timeout.connect(self.due)
        composer.text_edited.connect(self._on_typed)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed, and nothing set for the next new conversation that is known of."""
        return self._composer.is_empty() and self._setup == Setup()

    def show(self, conversation_id: int | None, text: str | None) -> None:
        """Put a conversation's draft into the composer; ``None`` for one that could not be read."""
        self._conversation_id = conversation_id
        self._composer.set_text(text or "")
        self._is_text_taken_up = text is not None

    def take_up(self) -> None:
        """Put the stored draft of the new conversation before what is typed already, once. Raises StoreError."""
        if not self._is_text_taken_up:
            self._composer.prepend(self._assistant.conversations.draft(None))
            self._is_text_taken_up = True

    def keep_soon(self) -> None:
        """Keep them in the next pause of typing."""
        self._pause.start()

    def rest(self) -> None:
        """Keep nothing in the next pause: it is done, or there is nothing."""
        self._pause.stop()
        self._limit.stop()

    def keep(self) -> list[Change]:
        """Keep them now. Raises StoreError."""
        self.take_up()
        self._store(self._conversation_id, self._composer.text())
        return []

    def forget(self, conversation_id: int | None) -> list[Change]:
        """Keep no text for a conversation: it was sent. Raises StoreError."""
        self._store(conversation_id, "")
        return []

    # --- what the next new conversation is set to -------------------------------------------------------------------

    @property
    def known_setup(self) -> Setup:
        """What is known of it without reading anything."""
        return self._setup

    def setup(self) -> Setup:
        """Return it: what was set before the store was open goes first. Raises StoreError."""
        if self._assistant.is_store_open and not self._is_setup_taken_up:
            early, kept = self._setup, self._assistant.conversations.new_setup()
            self._setup = Setup(early.system_prompt or kept.system_prompt, {**kept.sampling, **early.sampling})
            self._is_setup_taken_up = True
        return self._setup

    def set_up(self, *, system_prompt: str | None, sampling: dict[str, float] | None) -> None:
        """Set it, for ``keep``; ``None`` leaves a part as it is."""
        known = self._setup
        prompt = known.system_prompt if system_prompt is None else system_prompt
        self._setup = Setup(prompt, known.sampling if sampling is None else sampling)

    def begin_anew(self) -> None:
        """The new conversation exists now: the one after it is set to nothing."""
        self._setup = Setup()

    def _on_typed(self) -> None:
        """Keep the draft in the next pause, but do not wait for one for ever."""
        self._pause.start()
        if not self._limit.isActive():
            self._limit.start()

    def _store(self, conversation_id: int | None, text: str) -> None:
        if conversation_id is None:
            self._assistant.conversations.set_new(text, self.setup())
        else:
            self._assistant.conversations.set_draft(conversation_id, text)
