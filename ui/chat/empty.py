"""What stands where a conversation has not begun: a greeting, the model in honest words, and three examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assistant.engine.state import EngineState, Phase
from assistant.i18n import N_, _
from ui.chat.model_words import model_name
from ui.widgets.button import Button
from ui.widgets.mark import Mark

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from assistant.models.library import ModelFile
    from ui.theme.theme import Theme

EXAMPLES = (
    ("lightbulb", N_("Explain a rainbow"), N_("Explain to a ten-year-old why there are rainbows.")),
    ("mail", N_("Write a thank-you note"), N_("Write a short thank-you note to a neighbour who watered my plants.")),
    ("list-checks", N_("Pack for a weekend"), N_("Make a packing list for a weekend by the sea.")),
)
"""Icon, words on the chip, text that goes into the composer."""
_GAP = 8
_EDGE = 24


class EmptyState(QWidget):
    """A friendly beginning.

    Signal: ``example_chosen(str)`` with the text for the composer.
    """

    example_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("scrolled")
        self._theme = theme
        self._state = EngineState()
        self._model: ModelFile | None = None
        self._greeting = self._label("h1")
        self._about = self._label("muted")
        self.chips = [Button(theme, kind="chip", icon_name=example[0]) for example in EXAMPLES]
        self._lay_out()
        for chip, example in zip(self.chips, EXAMPLES, strict=True):
            chip.setCursor(Qt.CursorShape.PointingHandCursor)
            chip.setProperty("example", example[2])
            chip.clicked.connect(self._on_chip)
        self.retranslate()

    def set_model(self, state: EngineState, model: ModelFile | None) -> None:
        """Name the model that will answer."""
        self._state = state
        self._model = model
        self._about.setText(self._words())

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self._greeting.setText(_("What shall we write today?"))
        self._about.setText(self._words())
        for chip, example in zip(self.chips, EXAMPLES, strict=True):
            chip.setText(_(example[1]))
            chip.setToolTip(_(example[2]))
            chip.setAccessibleName(_("Example: {text}").format(text=_(example[2])))

    def _words(self) -> str:
        name = model_name(self._state, self._model)
        if self._state.phase is Phase.EMPTY:
            return _("Choose a model at the top of the window to begin.")
        if self._model is not None and self._model.is_starter:
            return _("{name}: a very small model; good for trying things out").format(name=name)
        return _("{name} answers, on this computer alone.").format(name=name)

    def _on_chip(self) -> None:
        chip = self.sender()
        if isinstance(chip, QPushButton):
            self.example_chosen.emit(_(str(chip.property("example"))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the chips below each other where they do not fit side by side."""
        super().resizeEvent(event)
        wanted = sum(chip.sizeHint().width() + _GAP for chip in self.chips) + 2 * _EDGE
        is_narrow = self.width() < wanted
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)

    def _label(self, role: str) -> QLabel:
        label = QLabel()
        label.setProperty("role", role)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        return label

    def _lay_out(self) -> None:
        row = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(_GAP)
        row.addStretch(1)
        for chip in self.chips:
            row.addWidget(chip, 0, Qt.AlignmentFlag.AlignCenter)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        layout.setSpacing(8)
        layout.addStretch(3)
        layout.addWidget(Mark(self._theme, size=44), 0, Qt.AlignmentFlag.AlignCenter)
        layout.addSpacing(12)
        layout.addWidget(self._greeting)
        layout.addWidget(self._about)
        layout.addSpacing(16)
        layout.addLayout(row)
        layout.addStretch(4)
