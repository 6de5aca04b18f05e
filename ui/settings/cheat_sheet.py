"""All keys at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.settings.shortcuts import GROUPS, SHORTCUTS, Shortcut, key_caps

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ui.theme.theme import Theme


class CheatSheet(QDialog):
    """The shortcuts by group, in two columns. Escape closes it."""

    def __init__(self, theme: Theme, parent: QWidget | None, names: Collection[str] | None = None) -> None:
        """``names`` are the ids of the actions that work; keys of widgets are always shown, all without ``names``."""
        super().__init__(parent)
        self._theme = theme
        self.shown = tuple(each for each in SHORTCUTS if names is None or not each.is_action or each.id in names)
        self.setWindowTitle(_("Keyboard shortcuts"))
        self.setAccessibleName(_("Keyboard shortcuts"))
        edge = theme.px("xl")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(edge, edge, edge, edge)
        layout.setSpacing(theme.px("l"))
        title = QLabel(_("Keyboard shortcuts"))
        title.setProperty("role", "h2")
        layout.addWidget(title)
        columns = QHBoxLayout()
        columns.setSpacing(theme.px("xxl") + theme.px("s"))
        for groups in _balanced([group for group in GROUPS if self._of(group)], lambda group: len(self._of(group)) + 2):
            column = QVBoxLayout()
            column.setSpacing(theme.px("xl"))
            for group in groups:
                column.addLayout(self._group(group))
            column.addStretch(1)
            columns.addLayout(column, 1)
        layout.addLayout(columns)

    def _of(self, group: str) -> list[Shortcut]:
        return [each for each in self.shown if each.group == group]

    def _group(self, group: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._theme.px("xl"))
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(0, 1)
        heading = QLabel(_(group))
        heading.setProperty("role", "section")
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, declared in enumerate(self._of(group), start=1):
            label = QLabel(_(declared.label))
            keys = _caps(declared)
            label.setAccessibleDescription(keys.accessibleName())
            grid.addWidget(label, row, 0)
            grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
        return grid


def _caps(declared: Shortcut) -> QWidget:
    keys = QWidget()
    row = QHBoxLayout(keys)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(3)
    caps = key_caps(declared.keys[0])
    for text in caps:
        cap = QLabel(text)
        cap.setProperty("role", "key")
        cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(cap)
    keys.setAccessibleName(" ".join(caps))
    return keys


def _balanced(groups: list[str], height: Callable[[str], int]) -> list[list[str]]:
    """Return the groups in two columns of about the same height, in their order."""
    whole = sum(map(height, groups))
    left: list[str] = []
    while groups and sum(map(height, left)) + height(groups[0]) / 2 <= whole / 2:
        left.append(groups.pop(0))
    return [column for column in (left, groups) if column]
