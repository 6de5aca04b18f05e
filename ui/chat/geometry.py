"""Where each row of a long list lies: heights that are known or guessed, and their sums when they are needed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Geometry:
    """Rows below each other with a gap after each; pixels. Sums are made anew only after something above changed."""

    def __init__(self, gap: int) -> None:
        self._gap = gap
        self._heights: list[int] = []
        self._tops: list[int] = [0]
        self._is_stale = False

    def __len__(self) -> int:
        return len(self._heights)

    def set(self, heights: Iterable[int]) -> None:
        """Begin anew with these rows."""
        self._heights = list(heights)
        self._is_stale = True

    def append(self, height: int) -> None:
        """Add a row at the end."""
        self._heights.append(height)
        if not self._is_stale:
            self._tops.append(self._tops[-1] + height + self._gap)

    def height(self, row: int) -> int:
        """The height of a row without its gap."""
        return self._heights[row]

    def change(self, row: int, height: int) -> bool:
        """Set the height of a row; says whether it was another one. The last row costs nothing."""
        if self._heights[row] == height:
            return False
        difference = height - self._heights[row]
        self._heights[row] = height
        if row == len(self._heights) - 1 and not self._is_stale:
            self._tops[-1] += difference
        else:
            self._is_stale = True
        return True

    def top(self, row: int) -> int:
        """Where a row begins; one past the last row is the end of all."""
        return self._sums()[row]

    @property
    def total(self) -> int:
        """Where the last row ends, its gap included."""
        return self._sums()[-1]

    def row_at(self, y: int) -> int:
        """The row at a height, the nearest one outside; only when there are rows."""
        return max(0, min(len(self._heights) - 1, bisect_right(self._sums(), y) - 1))

    def _sums(self) -> list[int]:
        if self._is_stale:
            self._tops = list(accumulate((height + self._gap for height in self._heights), initial=0))
            self._is_stale = False
        return self._tops
