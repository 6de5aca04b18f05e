"""A bar that shows parts of a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

_GAP = 1.0


@dataclass(frozen=True)
class Part:
    """One part: how much, in which colour token, and what it is called."""

    amount: float
    token: str = "accent"
    name: str = ""


class Meter(QWidget):
    """Parts side by side in their own colours; what is left of the whole stays pale."""

    def __init__(self, theme: Theme, *, height: int = 6) -> None:
        super().__init__()
        self._theme = theme
        self._height = height
        self._parts: tuple[Part, ...] = ()
        self._whole = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_parts(self, parts: Sequence[Part], whole: float, words: str = "") -> None:
        """Show ``parts`` of ``whole``; ``words`` say the same to screen readers."""
        self._parts = tuple(parts)
        self._whole = whole
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, self._height)

    def minimumSizeHint(self) -> QSize:
        """A few pixels still tell a share."""
        return QSize(24, self._height)

    def spans(self) -> list[tuple[float, float]]:
        """Return where each part begins and ends, in pixels; what is over the whole is cut."""
        found, start = [], 0.0
        for part in self._parts:
            share = part.amount / self._whole if self._whole > 0 else 0.0
            end = min(self.width(), start + max(0.0, share) * self.width())
            found.append((start, end))
            start = end
        return found

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The pale whole, then the parts, cut to its round ends."""
        place = QRectF(self.rect())
        radius = place.height() / 2
        outline = QPainterPath()
        outline.addRoundedRect(place, radius, radius)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillPath(outline, self._theme.color("press"))
            for part, (start, end) in zip(self._parts, self.spans(), strict=True):
                gap = _GAP if end < place.width() and len(self._parts) > 1 else 0.0
                piece = QPainterPath()
                piece.addRect(QRectF(start, 0, max(0.0, end - start - gap), place.height()))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.fillPath(outline.intersected(piece), self._theme.color(part.token))
