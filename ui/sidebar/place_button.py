"""The way to a page in the sidebar, with how much is going on there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from assistant.i18n import ngettext
from ui.widgets.button import Button
from ui.widgets.painting import paint_ground, pill_radius

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from ui.theme.theme import Theme

_PILL, _EDGE = 18, 10
_BAR, _BAR_EDGE = 2, 12
_STEPS = 200
"""More finely than this the bar does not move: each step is a repaint."""


class PlaceButton(Button):
    """A row that can carry a count and a line of progress."""

    def __init__(self, theme: Theme, icon_name: str) -> None:
        super().__init__(theme, kind="nav", icon_name=icon_name)
        self._count = 0
        self._step = 0

    @property
    def count(self) -> int:
        """How many are under way."""
        return self._count

    @property
    def share(self) -> float:
        """How much of it is done."""
        return self._step / _STEPS

    def set_progress(self, count: int, share: float) -> None:
        """Show that ``count`` are under way and ``share`` of all is done; nothing for a count of 0."""
        step = round(min(max(share, 0.0), 1.0) * _STEPS)
        if (count, step) != (self._count, self._step):
            self._count, self._step = count, step
            self.describe()
            self.update()

    def describe(self) -> None:
        """Say the count to screen readers, in the language in use."""
        words = ngettext("{count} download under way", "{count} downloads under way", self._count)
        self.setAccessibleDescription(words.format(count=self._count) if self._count else "")
        self.setToolTip(self.accessibleDescription())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, then the count at its end and the line below."""
        super().paintEvent(event)
        if not self._count:
            return
        theme = self._theme
        font = QFont(self.font())
        font.setPixelSize(theme.type_px("caption"))
        font.setWeight(QFont.Weight.DemiBold)
        words = str(self._count)
        width = max(_PILL, QFontMetrics(font).horizontalAdvance(words) + 10)
        place = QRectF(self.width() - _EDGE - width, (self.height() - _PILL) / 2, width, _PILL)
        line = QRectF(_BAR_EDGE, self.height() - _BAR - 2, self.width() - 2 * _BAR_EDGE, _BAR)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ground(painter, place, pill_radius(place), theme.color("accent_soft"), None)
            painter.setFont(font)
            painter.setPen(theme.color("accent_text"))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
            paint_ground(painter, line, _BAR / 2, theme.color("press"), None)
            line.setWidth(line.width() * self.share)
            paint_ground(painter, line, _BAR / 2, theme.color("accent"), None)
