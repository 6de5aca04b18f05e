"""What stands where there are no cards: they are coming, there are none, or why they cannot come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assistant.errors import NetworkOff
from assistant.i18n import _
from ui.models.grid import GAP, LEAST_WIDTH
from ui.theme.icons import pixmap
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.labels import plain_label
from ui.widgets.painting import paint_ground
from ui.widgets.words import error_words, sentences

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from assistant.errors import AssistantError
    from ui.theme.theme import Theme

_ICON = 28
_GHOST = 136
_GHOSTS = 6


class StateView(QWidget):
    """An icon, a sentence, what to do, and up to two buttons; or the outlines of cards that are coming.

    Signals: ``acted()`` for the first button, ``settings_requested()`` for the second.
    """

    acted = Signal()
    settings_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = "search"
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = plain_label("", "title")
        self.hint = plain_label("", "muted")
        for label in (self.sentence, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.action = Button(theme)
        self.settings_button = Button(theme)
        self.ghosts = _Ghosts(theme)
        self._lay_out()
        self.action.clicked.connect(self.acted)
        self.settings_button.clicked.connect(self.settings_requested)
        theme.changed.connect(self._draw)

    def show_loading(self, words: str) -> None:
        """Cards are coming."""
        self.ghosts.setAccessibleName(words)
        self._show("", words, "")
        self.ghosts.show()

    def show_words(self, icon_name: str, sentence: str, hint: str = "", action: str = "") -> None:
        """There are no cards, and why."""
        self._show(icon_name, sentence, hint, action)
        announce(self, sentences(sentence, hint))

    def show_error(self, error: AssistantError) -> None:
        """They cannot come: an error of the world, with its hint and a way to try again."""
        is_off = isinstance(error, NetworkOff)
        self._show("plane" if is_off else "triangle-alert", error.message, error.hint, _("Try again"))
        self.settings_button.setText(_("Network settings…"))
        self.settings_button.show()
        announce(self, error_words(error))

    def _show(self, icon_name: str, sentence: str, hint: str, action: str = "") -> None:
        self.ghosts.hide()
        self._icon_name = icon_name
        self._draw()
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(icon_name))
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.settings_button.hide()
        self.show()

    def _draw(self) -> None:
        self._icon.setVisible(bool(self._icon_name))
        if self._icon_name:
            ratio = self.devicePixelRatioF()
            self._icon.setPixmap(pixmap(self._theme, self._icon_name, "text_faint", _ICON, ratio))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(self._theme.px("s"))
        buttons.addStretch(1)
        buttons.addWidget(self.action)
        buttons.addWidget(self.settings_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px("s"))
        layout.addWidget(self.ghosts)
        layout.addSpacing(self._theme.px("xxl"))
        layout.addWidget(self._icon)
        layout.addWidget(self.sentence)
        layout.addWidget(self.hint)
        layout.addSpacing(self._theme.px("s"))
        layout.addLayout(buttons)
        layout.addStretch(1)


class _Ghosts(QWidget):
    """The outlines of cards."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Three lines of cards."""
        return QSize(LEAST_WIDTH, 3 * (_GHOST + GAP))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Grounds, and bars where words will be."""
        theme = self._theme
        columns = max(1, min(2, (self.width() + GAP) // (LEAST_WIDTH + GAP)))
        width = (self.width() - GAP * (columns - 1)) / columns
        radius = theme.radius("card")
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number in range(_GHOSTS):
                row, column = divmod(number, columns)
                place = QRectF(column * (width + GAP), row * (_GHOST + GAP), width, _GHOST)
                paint_ground(painter, place, radius, theme.color("surface"), theme.color("border"))
                x, y = place.x() + 16, place.y() + 16
                bar = theme.color("sunken" if not theme.is_dark else "hover")
                paint_ground(painter, QRectF(x, y, 40, 40), 11, bar, None)
                for left, top, share in ((52, 4, 0.4), (52, 24, 0.6), (0, 60, 0.7), (0, 88, 0.25)):
                    paint_ground(painter, QRectF(x + left, y + top, (width - 84) * share, 12), 6, bar, None)
