"""What is different now: the small facts that ``Assistant.pump()`` and every action report to the window.

A change says what to look at again, not how to draw it. Frozen, safe to keep and to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.i18n import _

if TYPE_CHECKING:
    from assistant.engine.state import EngineState
    from assistant.engine.steps import Step
    from assistant.errors import AssistantError


@dataclass(frozen=True)
class Change:
    """The base of all changes."""


@dataclass(frozen=True)
class StoreOpened(Change):
    """The database is open: lists can be filled. ``repaired`` answers of a dead run were marked as interrupted."""

    repaired: int


@dataclass(frozen=True)
class ConversationAdded(Change):
    """A conversation appeared, new or restored from the trash."""

    conversation_id: int


@dataclass(frozen=True)
class ConversationChanged(Change):
    """Title, order, model, system prompt or sampling of a conversation changed."""

    conversation_id: int


@dataclass(frozen=True)
class ConversationRemoved(Change):
    """A conversation went to the trash."""

    conversation_id: int


@dataclass(frozen=True)
class MessageAdded(Change):
    """A message was appended at the end of the visible branch."""

    conversation_id: int
    message_id: int


@dataclass(frozen=True)
class BranchChanged(Change):
    """Another version became visible, so the rows from some point on are different ones."""

    conversation_id: int


@dataclass(frozen=True)
class MessageText(Change):
    """More text of a message that is being written; ``text`` is the whole text so far."""

    conversation_id: int
    message_id: int
    text: str


@dataclass(frozen=True)
class MessageChanged(Change):
    """Status, counts or final text of a message changed."""

    conversation_id: int
    message_id: int


@dataclass(frozen=True)
class EngineChanged(Change):
    """The model's process went to another state, or made progress in it."""

    state: EngineState


@dataclass(frozen=True)
class ModelsChanged(Change):
    """The list of models on this computer is different."""


@dataclass(frozen=True)
class LoadSteppedDown(Change):
    """A model did not load as it was set and is loaded all the same; ``steps`` is what was given up for that."""

    model_id: str
    name: str
    steps: tuple[Step, ...]

    @property
    def message(self) -> str:
        """What happened, in the language in use."""
        words = _(", ").join(step.words for step in self.steps)
        return _("“{name}” could not be loaded as it is set, but with {steps}.").format(name=self.name, steps=words)

    @property
    def hint(self) -> str:
        """What to do about it, in the language in use."""
        return _("This is remembered for this model; its settings change it.")


@dataclass(frozen=True)
class TaskFinished(Change):
    """Something that was asked for has come: its value, or the error of the world that it met."""

    task: int
    value: object
    error: AssistantError | None


@dataclass(frozen=True)
class DownloadsChanged(Change):
    """The list of downloads is different: one came, went, moved in the queue, or went to another state."""


@dataclass(frozen=True)
class DownloadProgressed(Change):
    """More of a download has come; at most ten a second."""

    download_id: str


@dataclass(frozen=True)
class DownloadDone(Change):
    """A model has come whole, was verified and can be used. ``model_id`` is its id in the library."""

    download_id: str
    model_id: str


@dataclass(frozen=True)
class LedgerChanged(Change):
    """A request over the network has ended and stands in the ledger."""


@dataclass(frozen=True)
class SettingChanged(Change):
    """A setting has another value."""

    name: str


@dataclass(frozen=True)
class Notice(Change):
    """Something a person should read: an error of the world with its hint."""

    error: AssistantError
