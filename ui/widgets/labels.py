"""Labels of plain words in the style sheet's roles."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain_tip(text: str) -> str:
    """Return a tool tip that shows ``text`` letter by letter, whatever markup it contains."""
    return f"<qt>{escape(text)}</qt>" if "<" in text else text  # without one Qt never takes it for markup


def plain_label(text: str, role: str) -> QLabel:
    """Return a label of plain, wrapped, selectable text in one of the style sheet's roles."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
