"""A notice inside the page: what happened, what to do about it, a button that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from assistant.i18n import _
from ui.theme.icons import pixmap
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_label
from ui.widgets.pill import set_style_property
from ui.widgets.words import sentences

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from assistant.errors import AssistantError
    from ui.theme.theme import Theme

NoticeTone = Literal["ok", "info", "warn", "bad"]

_ICONS = {"ok": "circle-check", "info": "info", "warn": "triangle-alert", "bad": "circle-alert"}
_ICON = 18


class MessageBar(QFrame):
    """Hidden until there is something to say; says it to screen readers too. Escape closes it.

    Signals: ``acted()`` for the button with words, ``other_acted()`` for the second one, ``closed()`` when a person
    closed it.
    """

    acted = Signal()
    other_acted = Signal()
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tone: NoticeTone = "info"
        self.setProperty("role", "notice")
        self.setProperty("tone", self._tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._icon = QLabel()
        self.sentence = plain_label("", "strong")
        self.hint = plain_label("", "small")
        self.action = Button(theme)
        self.other = Button(theme)
        self.close_button = IconButton(theme, "x", size=16, side=26)
        self._lay_out()
        self.action.clicked.connect(self.acted)
        self.other.clicked.connect(self.other_acted)
        self.close_button.clicked.connect(self._on_close)
        theme.changed.connect(self._draw)
        self.retranslate()
        self.hide()

    def show_message(
        self,
        tone: NoticeTone,
        sentence: str,
        hint: str = "",
        *,
        action: str = "",
        other: str = "",
        can_close: bool = True,
    ) -> None:
        """Show a notice in place of the last one; ``action`` and ``other`` are buttons with words, if there are any."""
        self._tone = tone
        set_style_property(self, "tone", tone)
        self.sentence.setText(sentence)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        for button, words in ((self.action, action), (self.other, other)):
            button.setText(words)
            button.setVisible(bool(words))
        self.close_button.setVisible(can_close)
        self._align(Qt.AlignmentFlag.AlignTop if hint else Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(sentences(sentence, hint))
        self._draw()
        self.show()
        announce(self, self.accessibleName(), is_urgent=tone == "bad")

    def show_error(self, error: AssistantError, *, action: str = "", other: str = "", can_close: bool = True) -> None:
        """Show what went wrong in the world, with its own hint."""
        self.show_message("bad", error.message, error.hint, action=action, other=other, can_close=can_close)

    @property
    def tone(self) -> NoticeTone:
        """The tone of the notice shown."""
        return self._tone

    def retranslate(self) -> None:
        """Name the close button in the language in use; the notice itself stays as it was given."""
        self.close_button.setToolTip(_("Close"))
        self.close_button.setAccessibleName(_("Close this notice"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape and not self.close_button.isHidden():
            self._on_close()
        else:
            super().keyPressEvent(event)

    def _on_close(self) -> None:
        self.hide()
        self.closed.emit()

    def _draw(self) -> None:
        self._icon.setPixmap(pixmap(self._theme, _ICONS[self._tone], self._tone, _ICON, self.devicePixelRatioF()))

    def _align(self, edge: Qt.AlignmentFlag) -> None:
        """Put icon and close button beside the first line, or in the middle where there is only one."""
        self._row.setAlignment(self._icon, edge)
        self._row.setAlignment(self.close_button, edge)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(2)
        words.addWidget(self.sentence)
        words.addWidget(self.hint)
        self._icon.setFixedSize(QSize(_ICON, _ICON))
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 10, 10)
        row.setSpacing(self._theme.px("m"))
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        for button in (self.other, self.action):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.close_button)
