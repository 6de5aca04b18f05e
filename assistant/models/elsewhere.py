"""What other programs and the folders a person chose hold on this computer, as it was found last.

Looking takes a second and more on a slow disk. Whoever must not wait, as the window, has it done in a task and keeps
what was found, nothing at first; for all others it is looked each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from assistant.models.discover import Budget, Found, discover
from assistant.models.records import chosen_folders
from assistant.paths import Paths


class Elsewhere:
    """The models of others on this computer. Any thread; ``keep`` in one."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._kept: tuple[Found, ...] | None = None

    def found(self) -> Sequence[Found]:
        """Return what is kept; look now when nothing is."""
        kept = self._kept
        return self.look() if kept is None else kept

    def only_keep(self) -> None:
        """Never look when asked from now on: ``found`` is what was kept last, nothing while nothing was."""
        self._kept = self._kept or ()

    def look(self, *more: Path, budget: Budget | None = None) -> tuple[Found, ...]:
        """Look through ``more``, the folders that were chosen, and the places of other programs.

        Blocks as long as ``budget`` allows, two seconds unless given. Never raises.
        """
        return tuple(discover(folders=[*more, *chosen_folders(self._paths)], budget=budget))

    def keep(self, found: tuple[Found, ...]) -> bool:
        """Give this out from now on; says whether it is different."""
        is_other = found != self._kept
        self._kept = found
        return is_other


@lru_cache(maxsize=8)
def elsewhere(paths: Paths) -> Elsewhere:
    """Return what is kept for a home, one for all who ask."""
    return Elsewhere(paths)
