"""Where each row of a long list lies: heights that are known or guessed, and their sums when they are needed."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Geometry:
    """Rows below each other, in pixels. A changed height costs only the sums below it, when they are asked for."""

    def __init__(self) -> None:
        self._heights: list[int] = []
        self._tops: list[int] = [0]

    def __len__(self) -> int:
        return len(self._heights)

    def set(self, heights: Iterable[int]) -> None:
        """Begin anew with these rows."""
        self._heights = list(heights)
        self._tops = [0]

    def append(self, height: int) -> None:
        """Add a row at the end."""
        self._heights.append(height)

    def height(self, row: int) -> int:
        """Return the height of a row."""
        return self._heights[row]

    def change(self, row: int, height: int) -> bool:
        """Set the height of a row; says whether it was another one."""
        if self._heights[row] == height:
            return False
        self._heights[row] = height
        del self._tops[row + 1 :]
        return True

    def top(self, row: int) -> int:
        """Return where a row begins; one past the last row is the end of all."""
        return self._sums()[row]

    @property
    def total(self) -> int:
        """Where the last row ends."""
        return self._sums()[-1]

    def row_at(self, y: float) -> int:
        """Return the row at a height, the nearest one outside; only when there are rows."""
        return max(0, min(len(self._heights) - 1, bisect_right(self._sums(), y) - 1))

    def _sums(self) -> list[int]:
        known = len(self._tops)
        if known <= len(self._heights):
            last = self._tops.pop()
            self._tops.extend(accumulate(self._heights[known - 1 :], initial=last))
        return self._tops
