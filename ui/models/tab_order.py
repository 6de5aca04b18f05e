"""The order in which Tab goes through widgets that were made in another one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence


def chain(stops: Sequence[QWidget]) -> None:
    """Let Tab go from each of these to the next one."""
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)
