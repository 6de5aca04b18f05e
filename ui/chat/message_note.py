"""What became of an answer, said under it: stopped, cut off, failed, too long; with the buttons that go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from assistant.i18n import _
from ui.theme.fonts import interface_font
from ui.theme.icons import paint_icon
from ui.widgets.button import Button
from ui.widgets.painting import paint_ground
from ui.widgets.words import sentences

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from ui.chat.message_words import Strip
    from ui.theme.theme import Theme

_ICONS = {"warn": "triangle-alert", "bad": "circle-alert"}
_ICON = 18
_PAD = 12
_BUTTON_HEIGHT = 30
_BUTTONS_WIDTH = 230
"""Room kept for two buttons; below ``_NARROW`` they stand under the words."""
_NARROW = 460
_QUIET_HEIGHT = 28
_WRAP = Qt.TextFlag.TextWordWrap


def note_height(strip: Strip, width: int, theme: Theme) -> int:
    """Return how high the note about an answer is in ``width`` pixels."""
    if strip.tone == "info":
        return _QUIET_HEIGHT
    words = _words_height(strip, _words_width(strip, width), theme)
    if strip.actions and width < _NARROW:
        return words + _BUTTON_HEIGHT + 8 + 2 * _PAD
    return max(words, _BUTTON_HEIGHT if strip.actions else 0) + 2 * _PAD


def _words_width(strip: Strip, width: int) -> int:
    room = width - _ICON - 2 * _PAD - 8
    return max(80, room - (_BUTTONS_WIDTH if strip.actions and width >= _NARROW else 0))


def _fonts(theme: Theme) -> tuple[QFont, QFont]:
    medium = QFont.Weight.Medium
    return interface_font(theme.type_px("body"), medium), interface_font(theme.type_px("body"))


def _heights(strip: Strip, width: int, theme: Theme) -> list[int]:
    texts = zip((strip.sentence, strip.hint), _fonts(theme), strict=True)
    return [QFontMetrics(font).boundingRect(QRect(0, 0, width, 10_000), _WRAP, text).height() for text, font in texts]


def _words_height(strip: Strip, width: int, theme: Theme) -> int:
    sentence, hint = _heights(strip, width, theme)
    return sentence + (hint + 3 if strip.hint else 0)


class MessageNote(QWidget):
    """Signal: ``chosen(str)`` with the action: continue, again or retry."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._strip: Strip | None = None
        self._buttons: dict[tuple[str, bool], Button] = {}

    def show_strip(self, strip: Strip) -> None:
        """Show another note."""
        self._strip = strip
        self.setAccessibleName(sentences(strip.sentence, strip.hint))
        for (action, is_quiet), button in self._buttons.items():
            button.setVisible(action in strip.actions and is_quiet == (strip.tone == "info"))
        for action in strip.actions:
            self._button(action, is_quiet=strip.tone == "info")
        self._arrange()
        self.update()

    def buttons(self) -> list[QWidget]:
        """Return the buttons shown, from left to right."""
        if self._strip is None:
            return []
        return [self._button(action, is_quiet=self._strip.tone == "info") for action in self._strip.actions]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons at the end of the words."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A soft ground with a sign and the words; a quiet note is words only."""
        strip, theme = self._strip, self._theme
        if strip is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            strong, plain = _fonts(theme)
            if strip.tone == "info":
                painter.setFont(interface_font(theme.type_px("small")))
                painter.setPen(theme.color("text_muted"))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, strip.sentence)
                return
            paint_ground(painter, QRectF(self.rect()), 10, theme.color(f"{strip.tone}_soft"), None)
            width = _words_width(strip, self.width())
            sentence, hint = _heights(strip, width, theme)
            total = sentence + (hint + 3 if strip.hint else 0)
            top = _PAD if self.width() < _NARROW else (self.height() - total) // 2
            icon_top = top + (QFontMetrics(strong).height() - _ICON) / 2
            paint_icon(
                painter, theme, _ICONS[strip.tone], strip.tone, QRectF(QPointF(_PAD, icon_top), QSize(_ICON, _ICON))
            )
            left = _PAD + _ICON + 8
            painter.setFont(strong)
            painter.setPen(theme.color("text"))
            painter.drawText(QRect(left, top, width, sentence), _WRAP, strip.sentence)
            painter.setFont(plain)
            painter.setPen(theme.color("text_muted"))
            painter.drawText(QRect(left, top + sentence + 3, width, hint), _WRAP, strip.hint)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        words = _action_words()
        for (action, _is_quiet), button in self._buttons.items():
            button.setText(words[action])

    # ------------------------------------------------------------------------------------------------------------

    def _button(self, action: str, *, is_quiet: bool) -> Button:
        button = self._buttons.get((action, is_quiet))
        if button is None:
            button = Button(self._theme, _action_words()[action], kind="link" if is_quiet else "normal")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript walks through its buttons itself
            button.setParent(self)
            button.clicked.connect(lambda: self.chosen.emit(action))
            self._buttons[action, is_quiet] = button
            button.show()
        return button

    def _arrange(self) -> None:
        strip = self._strip
        if strip is None:
            return
        if strip.tone == "info":
            font = interface_font(self._theme.type_px("small"))
            left = QFontMetrics(font).horizontalAdvance(strip.sentence) + 8
            for button in self.buttons():
                size = button.sizeHint()
                button.setGeometry(left, (self.height() - size.height()) // 2, size.width(), size.height())
                left += size.width()
            return
        right = self.width() - _PAD
        is_narrow = self.width() < _NARROW
        if is_narrow:
            right = _PAD + _ICON + 8 + sum(button.sizeHint().width() + 8 for button in self.buttons()) - 8
        top = self.height() - _PAD - _BUTTON_HEIGHT if is_narrow else (self.height() - _BUTTON_HEIGHT) // 2
        for button in reversed(self.buttons()):
            width = button.sizeHint().width()
            button.setGeometry(right - width, top, width, _BUTTON_HEIGHT)
            right -= width + 8


def _action_words() -> dict[str, str]:
    return {"continue": _("Continue"), "again": _("Try again"), "retry": _("Retry")}
