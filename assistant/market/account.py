"""Who asks the hub: the access token, checked before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.market.values import Kept
from assistant.models.token import TokenPlace

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.models.hub import Hub
    from assistant.models.token import TokenKeeper
    from assistant.tasks import Tasks


class Account:
    """The token for repositories that ask for one. Main thread only."""

    def __init__(self, keeper: TokenKeeper, hub: Hub, tasks: Tasks) -> None:
        self._keeper = keeper
        self._hub = hub
        self._tasks = tasks

    @property
    def has_token(self) -> bool:
        """Whether one is kept."""
        return self._keeper.place is not TokenPlace.NONE

    @property
    def place(self) -> TokenPlace:
        """Where the token in use comes from."""
        return self._keeper.place

    @property
    def file(self) -> Path:
        """Where a token lies that no keyring keeps."""
        return self._keeper.file

    def save(self, token: str) -> int:
        """Have a token checked with the hub and kept; returns the task that brings ``Kept``.

        Its errors: TokenRefused, NetworkError, and what keeping it can meet.
        """
        return self._tasks.start(lambda: self._save(token), "token")

    def forget(self) -> int:
        """Have the token deleted from this computer: a task that brings nothing.

        Its errors: TokenNotForgotten when the keyring has it still, FolderUnusable.
        """
        return self._tasks.start(self._keeper.forget, "token")

    def _save(self, token: str) -> Kept:
        name = self._hub.check_token(token)
        return Kept(name, self._keeper.set(token))
