"""The typefaces: Inter for the interface, JetBrains Mono for code, the system's for Chinese and emoji behind them."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from ui.theme.assets import asset

_FILES = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "Inter-Bold.otf",
    "Inter-Italic.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Bold.ttf",
    "JetBrainsMono-Italic.ttf",
)

_HAN = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
)
_EMOJI = ("Noto Color Emoji", "Apple Color Emoji", "Segoe UI Emoji")

INTERFACE_FAMILIES = ("Inter", *_HAN, *_EMOJI)
CODE_FAMILIES = ("JetBrains Mono", "Noto Sans Mono CJK SC", *_HAN, *_EMOJI)


@cache
def load_fonts() -> tuple[int, ...]:
    """Make the shipped typefaces known to Qt, once in a process; needs an application object.

    Returns their ids, -1 for a file that Qt refused. All eight take a few milliseconds: files are mapped, not parsed.
    """
    return tuple(QFontDatabase.addApplicationFont(str(asset("fonts", name))) for name in _FILES)


def interface_font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the interface's typeface in a pixel size."""
    return _font(INTERFACE_FAMILIES, size_px, weight)


def code_font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the typeface of code in a pixel size, without ligatures: what is read is what was written."""
    font = _font(CODE_FAMILIES, size_px, weight)
    for feature in ("calt", "liga"):
        font.setFeature(QFont.Tag(feature), 0)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    return font


def _font(families: tuple[str, ...], size_px: int, weight: QFont.Weight) -> QFont:
    font = QFont(list(families))
    font.setPixelSize(size_px)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font
