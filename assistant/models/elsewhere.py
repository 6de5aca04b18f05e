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
        self._only_keeps = False

    def found(self) -> Sequence[Found]:
        """Return what is kept; while nothing was, look now, unless it is to be kept only."""
        if self._kept is not None:
            return self._kept
        return () if self._only_keeps else self.look()

    def only_keep(self) -> None:
        """Never look when asked from now on."""
        self._only_keeps = True

    @property
    def is_known(self) -> bool:
        """Whether anybody has looked and kept what was found, be it nothing."""
        return self._kept is not None

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
