"""Lucide icons as Qt icons: tinted with a colour token, a stroke of 1.75, sharp at every scale, drawn once."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme.assets import asset

if TYPE_CHECKING:
    from ui.theme.theme import Theme

STROKE = 1.75
SCALES = (1.0, 2.0, 3.0)
APP_ICON_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(theme: Theme, name: str, token: str = "text_muted", size: int = 18, *, gap: int = 0) -> QIcon:
    """Return an icon in a colour of the theme in use, at 1×, 2× and 3×; it does not follow a later change of theme.

    ``gap`` is empty room on its right in pixels, for buttons, whose own distance to the words is too small.
    """
    return _icon(name, theme.hex(token), theme.hex("text_disabled"), size, gap)


def pixmap(theme: Theme, name: str, token: str, size: int, scale: float) -> QPixmap:
    """Return an icon for painting at exactly this device pixel ratio."""
    return _pixmap(name, theme.hex(token), size, scale)


def paint_icon(painter: QPainter, theme: Theme, name: str, token: str, place: QRectF) -> None:
    """Paint an icon into a square of logical pixels, as sharp as the device allows."""
    side = round(place.width())
    image = pixmap(theme, name, token, side, painter.device().devicePixelRatioF())
    painter.drawPixmap(place, image, QRectF(image.rect()))


@cache
def app_icon() -> QIcon:
    """Return Inkstone's own icon for windows and the task bar."""
    made = QIcon()
    for size in APP_ICON_SIZES:
        made.addPixmap(_render(asset("icons", "inkstone.svg").read_bytes(), size, 1.0))
    return made


def mark(size: int, scale: float) -> QPixmap:
    """Return Inkstone's own icon for painting inside a window."""
    return _mark(size, scale)


@lru_cache(maxsize=256)
def _icon(name: str, color: str, disabled: str, size: int, gap: int) -> QIcon:
    made = QIcon()
    for scale in SCALES:
        for mode, tint in ((QIcon.Mode.Normal, color), (QIcon.Mode.Active, color), (QIcon.Mode.Disabled, disabled)):
            made.addPixmap(_pixmap(name, tint, size, scale, gap), mode)
    return made


@lru_cache(maxsize=1024)
def _pixmap(name: str, color: str, size: int, scale: float, gap: int = 0) -> QPixmap:
    return _render(_source(name).replace("currentColor", color).encode(), size, scale, gap)


@cache
def _mark(size: int, scale: float) -> QPixmap:
    return _render(asset("icons", "inkstone.svg").read_bytes(), size, scale)


@cache
def _source(name: str) -> str:
    text = asset("icons", f"{name}.svg").read_text(encoding="utf-8")
    return text.replace('stroke-width="2"', f'stroke-width="{STROKE}"')


def _render(svg: bytes, size: int, scale: float, gap: int = 0) -> QPixmap:
    side = max(1, round(size * scale))
    image = QPixmap(QSize(side + round(gap * scale), side))
    image.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(svg))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, side, side))
    image.setDevicePixelRatio(scale)
    return image
