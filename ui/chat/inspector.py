"""The column on the right: what the conversation takes of the context, what the model is told, how it chooses words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.chat.context_meter import ContextMeter, ContextUse
from ui.widgets.labels import plain_label
from ui.widgets.parameter_row import ParameterRow
from ui.widgets.sampling_fields import FIELDS

if TYPE_CHECKING:
    from assistant.engine.protocol import Sampling
    from ui.theme.theme import Theme

_PAUSE_MS = 400
"""A pause in typing after which the system prompt is kept."""


class Inspector(QFrame):
    """Settings of one conversation.

    Signals: ``sampling_changed(dict)`` with all values that this conversation has of its own,
    ``system_prompt_changed(str)`` after a pause in typing or on leaving the field.
    """

    sampling_changed = Signal(dict)
    system_prompt_changed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setFixedWidth(theme.tokens.px("inspector"))
        self._own: dict[str, float] = {}
        self._kept_own: dict[str, float] = {}
        self._kept_prompt = ""
        self._recommended: Mapping[str, float] = {}
        self.meter = ContextMeter(theme)
        self.prompt = QPlainTextEdit()
        self.prompt.setTabChangesFocus(True)
        self.prompt.setFixedHeight(112)
        self.rows = {field.name: ParameterRow(theme, field) for field in FIELDS}
        self._prompt_label = plain_label("", "strong")
        self._sampling_label = plain_label("", "strong")
        self._prompt_label.setBuddy(self.prompt)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.flush)
        self._column = QVBoxLayout()
        self._lay_out()
        self.prompt.textChanged.connect(self._pause.start)
        for row in self.rows.values():
            row.changed.connect(self._on_changed)
            row.reset.connect(self._on_reset)
        self.retranslate()

    def add_below(self, widget: QWidget) -> None:
        """Put a widget at the foot of the column, outside of what scrolls."""
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 12, 16, 16)
        foot.addWidget(widget)
        self._column.addLayout(foot)

    def show_settings(self, system_prompt: str, own: Mapping[str, float], recommended: Sampling) -> None:
        """Show a conversation's own values over those that hold for all; no signal is emitted."""
        self._pause.stop()
        if self.prompt.toPlainText() != system_prompt:
            blocked = self.prompt.blockSignals(True)
            self.prompt.setPlainText(system_prompt)
            self.prompt.blockSignals(blocked)
        self._kept_prompt = system_prompt
        self._own, self._kept_own = dict(own), dict(own)
        self._recommended = asdict(recommended)
        self._show_rows()

    def show_recommended(self, recommended: Sampling) -> None:
        """Show other values that hold for all; the conversation's own and what is being typed stay."""
        self._recommended = asdict(recommended)
        self._show_rows()

    def show_use(self, use: ContextUse) -> None:
        """Show what of the context is taken, as measured."""
        self.meter.set_use(use)

    def flush(self) -> None:
        """Tell what was set last, when that has not happened yet."""
        self._pause.stop()
        if self.prompt.toPlainText() != self._kept_prompt:
            self._kept_prompt = self.prompt.toPlainText()
            self.system_prompt_changed.emit(self._kept_prompt)
        if self._own != self._kept_own:
            self._kept_own = dict(self._own)
            self.sampling_changed.emit(dict(self._own))

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self._prompt_label.setText(_("System prompt"))
        self.prompt.setPlaceholderText(_("What the model should know or heed in this conversation"))
        self.prompt.setAccessibleName(_("System prompt"))
        self._sampling_label.setText(_("How words are chosen"))
        self.meter.retranslate()
        for row in self.rows.values():
            row.retranslate()

    def _on_changed(self, name: str, value: float) -> None:
        self._own[name] = value
        self._show_rows()
        self._pause.start()

    def _on_reset(self, name: str) -> None:
        self._own.pop(name, None)
        self._show_rows()
        self._pause.start()

    def _show_rows(self) -> None:
        for name, row in self.rows.items():
            row.show_value(self._own.get(name), self._recommended.get(name, 0.0))

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("scrolled")
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.meter)
        layout.addSpacing(8)
        layout.addWidget(self._prompt_label)
        layout.addWidget(self.prompt)
        layout.addSpacing(8)
        layout.addWidget(self._sampling_label)
        for row in self.rows.values():
            layout.addWidget(row)
        layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(scroll, 1)
        self.setLayout(self._column)
