"""What the models page needs from the rest of the program, and nothing else; ``assistant.market`` fulfils it.

Main thread only. A method that takes time returns the number of a task, whose ``TaskFinished`` carries the value named
in its docstring, or the error of the world. Actions return what changed and raise AssistantError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistant.market.values import Computer, Installed, Kept, Listing, Outlook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assistant.changes import Change
    from assistant.engine.protocol import Sampling
    from assistant.model_choice import Habits
    from assistant.models.download_state import Download
    from assistant.models.remote import Offer, Query, Repository

__all__ = [
    "Account",
    "Computer",
    "Installed",
    "Kept",
    "Library",
    "Listing",
    "ModelSource",
    "OfferState",
    "Outlook",
    "Queue",
]


@dataclass(frozen=True)
class OfferState:
    """An offer with what is known of it here: the outlook, the installed model's id, the download on its way."""

    offer: Offer
    outlook: Outlook
    model_id: str = ""
    is_used: bool = False
    download: Download | None = None


class Queue(Protocol):
    """The downloads, in their order."""

    def all(self) -> Sequence[Download]:
        """Return every download, those that are over too."""

    def start(self, repository: Repository, offer: Offer) -> list[Change]:
        """Put an offer at the end of the queue."""

    def pause(self, download_id: str) -> list[Change]:
        """Stop it for now."""

    def resume(self, download_id: str) -> list[Change]:
        """Go on where it stopped, or try a failed one again."""

    def cancel(self, download_id: str) -> list[Change]:
        """Give it up and remove what has come."""

    def move(self, download_id: str, place: int) -> list[Change]:
        """Put it at another place in the queue, counted from 0."""

    def clear(self) -> list[Change]:
        """Take those that are over off the list; their files stay."""


class Library(Protocol):
    """The models on this computer."""

    def all(self) -> Sequence[Installed]:
        """Return every model, missing ones too."""

    def use(self, model_id: str, *, anyway: bool = False) -> list[Change]:
        """Load a model; ``anyway`` although it is too big. Raises ModelTooBig and the like."""

    def set_default(self, model_id: str) -> list[Change]:
        """Load this model at the next start."""

    @property
    def common_sampling(self) -> Sampling:
        """What a model samples with that has nothing set for it."""

    def habits(self, model_id: str) -> Habits:
        """Return what is set for this model in particular."""

    def set_habits(self, model_id: str, wanted: Habits) -> list[Change]:
        """Set it; how it is loaded holds from the next time on."""

    def facts(self, model_id: str) -> int:
        """Ask for what the file says of itself: a ``Header``."""

    def verify(self, model_id: str) -> int:
        """Check the file: ``True`` when its bytes match the checksum, ``False`` when there is none but it is sound."""

    def delete(self, model_id: str, *, confirm_foreign: bool = False) -> tuple[int, list[Change]]:
        """Have a model deleted: the task, which brings ``Gone``, and what is different at once.

        Raises ModelNotOurs for another program's unless confirmed.
        """

    def forget(self, model_id: str) -> list[Change]:
        """Take a missing model off the list."""

    def locate(self, model_id: str, path: Path) -> list[Change]:
        """Say where a missing file is now."""

    def download_again(self, model_id: str) -> list[Change]:
        """Queue the download of a missing model."""

    def newer(self, model_id: str) -> int:
        """Ask the hub for another version of a model's file: its repository and offer, or ``None``."""


class Intake(Protocol):
    """How models that are on this computer already come in."""

    def add(self, path: Path) -> list[Change]:
        """Use a file where it lies."""

    def copy(self, path: Path) -> int:
        """Copy a file into the models folder: where the copy lies."""

    def look_in(self, folder: Path) -> int:
        """Look through a folder, now and from now on: ``Looked``."""

    def look_around(self) -> None:
        """Have it looked for what others have put on this computer meanwhile."""

    def stop_looking_in(self, folder: Path) -> list[Change]:
        """Take a chosen folder with its models off the list; the files stay."""


class Account(Protocol):
    """The access token for repositories that ask for one."""

    @property
    def has_token(self) -> bool:
        """Whether one is kept."""

    def save(self, token: str) -> int:
        """Check a token with the hub and keep it: ``Kept``."""


class ModelSource(Protocol):
    """All that the page looks at and does."""

    @property
    def downloads(self) -> Queue:
        """What is on its way."""

    @property
    def library(self) -> Library:
        """What is here."""

    @property
    def intake(self) -> Intake:
        """How what is on this computer already comes in."""

    @property
    def account(self) -> Account:
        """Who asks."""

    @property
    def is_offline(self) -> bool:
        """Whether the network switch is off."""

    def computer(self) -> Computer:
        """Return what this computer has; a few milliseconds at most."""

    def measure_computer(self) -> int | None:
        """Measure how fast memory is read, so that speeds can be told; ``None`` when that is known."""

    def suggestions(self) -> Sequence[Listing]:
        """Return the catalog that came with the program, the best first."""

    def search(self, query: Query, page: str = "") -> int:
        """Ask the hub: a ``Page``."""

    def details(self, repository: str) -> int:
        """Ask for a repository with its offers: a ``Repository``."""

    def readme(self, repository: Repository) -> int:
        """Ask for the model card: its Markdown."""

    def drop(self, task: int) -> None:
        """Have nothing reported of a task that nobody waits for any more."""

    def outlook(self, repository: Repository, offer: Offer, context_length: int = 0) -> Outlook:
        """Judge an offer at a context length, 0 for the one it would get; from what is known now, at once."""

    def measure(self, repository: Repository, offer: Offer) -> int:
        """Ask for the file's header, so that ``outlook`` becomes exact: nothing."""

    def page_address(self, repository: str) -> str:
        """Return where a repository can be read in a browser."""
