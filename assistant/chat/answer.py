"""One answer on its way: what has come of it, what of that is saved, and what each event makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.changes import Change, MessageChanged, MessageText
from assistant.engine.protocol import Done, Failed, Message, Tokens
from assistant.store.rows import Status, Usage

LOOK_EVERY_S = 0.25
"""How often to look whether something is to be saved while an answer is written: where no more text comes nothing else
would."""
SAVE_EVERY_S = 1.0 - LOOK_EVERY_S
"""So at most a second of streamed text can be lost by a kill or a power cut."""


@dataclass
class Answer:
    """The state of one streaming message. Main thread only; knows nothing of the store.

    ``request`` is the engine's job. ``status`` is ``STREAMING`` until the end is known. ``wants_saving`` says that text
    has come that the store has not seen for ``SAVE_EVERY_S``.
    """

    conversation_id: int
    message_id: int
    request: int
    text: str = ""
    status: Status = Status.STREAMING
    usage: Usage = field(default_factory=Usage)
    error_kind: str = ""
    error_values: dict[str, object] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    is_stopping: bool = False
    _saved_length: int = field(default=0, init=False)
    _tried_at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.saved()

    @property
    def is_over(self) -> bool:
        """The last event has come."""
        return self.status is not Status.STREAMING

    @property
    def wants_saving(self) -> bool:
        """There is unsaved text, and the last saving is long enough ago."""
        return len(self.text) != self._saved_length and self.is_due

    @property
    def is_due(self) -> bool:
        """The last saving, or the last try, is long enough ago."""
        return self.clock() - self._tried_at >= SAVE_EVERY_S

    def saved(self) -> None:
        """The store has the text so far."""
        self._saved_length = len(self.text)
        self._tried_at = self.clock()

    def not_saved(self) -> None:
        """Saving failed; try again when it is due."""
        self._tried_at = self.clock()

    def apply(self, message: Message) -> list[Change]:
        """Take in an event of this answer's request; returns what is different. Events after the end change nothing."""
        if self.is_over:
            return []
        if isinstance(message, Tokens):
            self.text += message.text
            return [MessageText(self.conversation_id, self.message_id, self.text)]
        if isinstance(message, Done):
            self._finish(message)
        elif isinstance(message, Failed):
            self._fail(message)
        else:
            return []
        return [MessageChanged(self.conversation_id, self.message_id)]

    def _finish(self, done: Done) -> None:
        self.status = Status.STOPPED if done.finish_reason == "cancelled" else Status.COMPLETE
        self.usage = Usage(
            finish_reason=done.finish_reason,
            prompt_tokens=done.prompt_tokens,
            reused_tokens=done.reused_tokens,
            completion_tokens=done.completion_tokens,
            prompt_ms=done.prompt_ms,
            duration_ms=done.duration_ms,
        )

    def _fail(self, failed: Failed) -> None:
        if self.is_stopping:
            # the person asked for the end, and has it; how the engine got there is not their trouble
            self.status = Status.STOPPED
            self.usage = Usage(finish_reason="cancelled")
            return
        self.status = Status.FAILED
        self.usage = Usage(finish_reason="error")
        self.error_kind = failed.kind
        self.error_values = dict(failed.values)
