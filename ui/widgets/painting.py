"""What the painted widgets draw alike: grounds with a crisp border, and the ring around what has the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

RING_PX = 1.75
"""How thick the focus ring is."""


def paint_ground(painter: QPainter, place: QRectF, radius: float, fill: QColor | None, border: QColor | None) -> None:
    """Fill a rounded rectangle; the 1 px border lies inside of ``place``. ``None`` leaves a part out."""
    painter.setBrush(QBrush(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    if border is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(place, radius, radius)
        return
    painter.setPen(QPen(border, 1))
    inner = place - QMarginsF(0.5, 0.5, 0.5, 0.5)
    painter.drawRoundedRect(inner, radius - 0.5, radius - 0.5)


def paint_ring(painter: QPainter, place: QRectF, radius: float, color: QColor) -> None:
    """Draw the focus ring just inside of ``place``."""
    half = RING_PX / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, RING_PX))
    painter.drawRoundedRect(place - QMarginsF(half, half, half, half), radius - half, radius - half)


def pill_radius(place: QRectF) -> float:
    """Return the radius of a pill: half its height."""
    return place.height() / 2


def paint_shadow(painter: QPainter, place: QRectF, radius: float, *, is_dark: bool, reach: int = 10) -> None:
    """Draw the soft shadow of something that lies above the page; it needs ``reach`` pixels around ``place``."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 16 if is_dark else 4))
    for spread in range(reach - 2, 0, -2):
        shade = place.adjusted(-spread, 2 - spread, spread, 2 + spread)
        painter.drawRoundedRect(shade, radius + spread, radius + spread)
