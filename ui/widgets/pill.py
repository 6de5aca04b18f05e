"""A small word on a coloured ground: a state, a kind, a count."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Tone = Literal["neutral", "accent", "ok", "info", "warn", "bad"]


class Pill(QLabel):
    """Its colours come from the theme by its ``tone``."""

    def __init__(self, text: str = "", tone: Tone = "neutral") -> None:
        super().__init__(text)
        self.setProperty("role", "pill")
        self.setProperty("tone", tone)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def tone(self) -> str:
        """The tone shown."""
        return str(self.property("tone"))

    def set_tone(self, tone: Tone) -> None:
        """Show another tone."""
        set_style_property(self, "tone", tone)


def set_style_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and let the widget be styled again if it is different."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
