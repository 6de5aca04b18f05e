"""The tree that the messages of one conversation form, as numbers only: which is whose version, and what is visible.

Below each message the chosen child is shown, or the newest where none was chosen. A root has no parent; several
roots are versions of the first question.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


class Tree:
    """The links of one conversation. Children are always younger than their parents, so ids grow downwards."""

    def __init__(self, links: Iterable[tuple[int, int | None, int | None]]) -> None:
        """Take ``(id, parent id, chosen child id)`` of every message, siblings in the order of their ids."""
        self._parents: dict[int, int | None] = {}
        self._children: dict[int | None, list[int]] = {}
        self._places: dict[int, int] = {}
        self._chosen: dict[int, int] = {}
        for number, parent, chosen in links:
            self._parents[number] = parent
            siblings = self._children.setdefault(parent, [])
            siblings.append(number)
            self._places[number] = len(siblings)
            if chosen is not None:
                self._chosen[number] = chosen

    def path(self, number: int) -> list[int]:
        """Return the ids from the root to ``number``, both included."""
        path = []
        current: int | None = number
        while current is not None:
            path.append(current)
            current = self._parents[current]
        path.reverse()
        return path

    def end(self, number: int) -> int:
        """Return the leaf that is shown below ``number``: itself when it has no children."""
        current = number
        while current in self._children:
            current = self.shown_child(current)
        return current

    def shown_child(self, number: int) -> int:
        """Return the chosen child of a message that has children, the newest where none was chosen."""
        children = self._children[number]
        chosen = self._chosen.get(number)
        return chosen if chosen in children else children[-1]

    def version(self, number: int) -> tuple[int, int]:
        """Return which version ``number`` is, from 1, and of how many."""
        return self._places[number], len(self._children[self._parents[number]])

    def choices(self, number: int) -> dict[int, int]:
        """Return which messages have to choose which other child for ``number`` to be visible."""
        path = self.path(number)
        return {parent: child for parent, child in pairwise(path) if self.shown_child(parent) != child}
