"""The line above a conversation: its title, the model that answers, and what else can be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from assistant.i18n import _
from ui.chat.model_picker import ModelPicker
from ui.chat.title import EditableTitle
from ui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant.models.library import ModelFile
    from ui.theme.theme import Theme


class Header(QFrame):
    """Title left, model in the middle, buttons right.

    Signals: ``sidebar_requested()``, ``new_requested()``, ``find_requested()``, ``inspector_toggled(bool)``.
    """

    sidebar_requested = Signal()
    new_requested = Signal()
    find_requested = Signal()
    inspector_toggled = Signal(bool)

    def __init__(self, theme: Theme, models: Callable[[], Sequence[ModelFile]]) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setFixedHeight(theme.tokens.px("header"))
        self.sidebar_button = IconButton(theme, "panel-left")
        self.new_button = IconButton(theme, "square-pen")
        self.title = EditableTitle(theme)
        self.picker = ModelPicker(theme, models)
        self.find_button = IconButton(theme, "search")
        self.inspector_button = IconButton(theme, "panel-right")
        self.inspector_button.setCheckable(True)
        self._lay_out()
        self.sidebar_button.clicked.connect(self.sidebar_requested)
        self.new_button.clicked.connect(self.new_requested)
        self.find_button.clicked.connect(self.find_requested)
        self.inspector_button.toggled.connect(self.inspector_toggled)
        self.set_sidebar_shown(True)
        self.offer_find(False)
        self.retranslate()

    def set_sidebar_shown(self, is_shown: bool) -> None:
        """Offer what the sidebar offers while it is hidden."""
        self.sidebar_button.setVisible(not is_shown)
        self.new_button.setVisible(not is_shown)

    def offer_find(self, is_offered: bool) -> None:
        """Show the button that finds words, where there is something to search."""
        self.find_button.setVisible(is_offered)

    def set_inspector_shown(self, is_shown: bool) -> None:
        """Show whether the inspector is open; ``inspector_toggled`` is not emitted."""
        blocked = self.inspector_button.blockSignals(True)
        self.inspector_button.setChecked(is_shown)
        self.inspector_button.blockSignals(blocked)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for button, words in (
            (self.sidebar_button, _("Show the sidebar")),
            (self.new_button, _("New chat")),
            (self.find_button, _("Find in this conversation")),
            (self.inspector_button, _("Settings of this conversation")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self.title.retranslate()
        self.picker.retranslate()

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        left_row, right_row = QHBoxLayout(left), QHBoxLayout(right)
        for row in (left_row, right_row):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(4)
        left_row.addWidget(self.sidebar_button)
        left_row.addWidget(self.new_button)
        left_row.addWidget(self.title, 1, Qt.AlignmentFlag.AlignVCenter)
        right_row.addStretch(1)
        right_row.addWidget(self.find_button)
        right_row.addWidget(self.inspector_button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(12)
        layout.addWidget(left, 1)
        layout.addWidget(self.picker)
        layout.addWidget(right, 1)
