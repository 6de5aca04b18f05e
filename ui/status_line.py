"""What this computer is doing for the model: its state, the speed and the context used, all as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from assistant.engine.state import EngineState, Phase
from assistant.i18n import N_, _, language
from ui.theme.icons import pixmap
from ui.widgets.pill import Pill, Tone

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_PILLS: dict[Phase, tuple[str, Tone]] = {
    Phase.EMPTY: (N_("no model"), "neutral"),
    Phase.LOADING: (N_("loading"), "warn"),
    Phase.READY: (N_("idle"), "ok"),
    Phase.READING: (N_("reading"), "accent"),
    Phase.WRITING: (N_("writing"), "accent"),
    Phase.FAILED: (N_("stopped"), "bad"),
}


class StatusLine(QFrame):
    """A small card; figures that were not measured are not shown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._theme = theme
        self._state = EngineState()
        self._rate = 0.0
        self._icon = QLabel()
        self._title = QLabel()
        self._title.setProperty("role", "strong")
        self.pill = Pill()
        self.speed = QLabel()
        self.speed.setProperty("role", "muted")
        self.device = QLabel()
        self.device.setProperty("role", "muted")
        self._lay_out()
        theme.changed.connect(self._draw)
        self._draw()
        self.retranslate()

    def set_state(self, state: EngineState) -> None:
        """Show what the engine is doing."""
        self._state = state
        self.retranslate()

    def set_figures(self, rate: float) -> None:
        """Show tokens a second of the last answer; 0 is unknown."""
        self._rate = rate
        self.retranslate()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        words, tone = _PILLS[self._state.phase]
        self._title.setText(_("This computer"))
        self.pill.setText(_(words))
        self.pill.set_tone(tone)
        rate = QLocale(language()).toString(float(self._rate), "f", 1)
        self.speed.setText(_("{rate} tokens/s").format(rate=rate) if self._rate else "")
        self.device.setText(self._device_words())
        for label in (self.speed, self.device):
            label.setVisible(bool(label.text()))

    def _device_words(self) -> str:
        facts = self._state.facts
        if facts is None:
            return ""
        if facts.gpu_layers and facts.layers and facts.gpu_layers < facts.layers:
            return _("{device}, {layers} of {total} layers").format(
                device=facts.device, layers=facts.gpu_layers, total=facts.layers
            )
        return facts.device

    def _draw(self) -> None:
        self._icon.setPixmap(pixmap(self._theme, "gauge", "text_muted", 16, self.devicePixelRatioF()))

    def _lay_out(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.pill)
        foot.addWidget(self.speed)
        foot.addStretch(1)
        foot.addWidget(self.device)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(foot)
