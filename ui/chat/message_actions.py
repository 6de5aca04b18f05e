"""The row of small buttons under a message: copy, another answer, edit, go on, the versions; figures on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from assistant.i18n import _
from assistant.store.rows import Role
from ui.theme.fonts import interface_font
from ui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from assistant.store.rows import Message
    from ui.theme.theme import Theme

_SIDE = 28
_STEP = 29
_ICONS = {
    "copy": "copy",
    "again": "refresh-cw",
    "edit": "pencil",
    "continue": "play",
    "back": "chevron-left",
    "forth": "chevron-right",
}


class MessageActions(QWidget):
    """Signals: ``chosen(str)`` with copy, again, edit or continue; ``version_chosen(int)`` with the step, -1 or 1."""

    chosen = Signal(str)
    version_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._buttons = {name: IconButton(theme, icon, size=16, side=_SIDE) for name, icon in _ICONS.items()}
        self._names: list[str] = []
        self._versions = ""
        self._versions_left = 0
        self._figures = ""
        self._is_right = False
        for name, button in self._buttons.items():
            button.setParent(self)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript walks through its buttons itself
            if name in ("copy", "again", "edit", "continue"):
                button.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
        self._buttons["back"].clicked.connect(lambda: self.version_chosen.emit(-1))
        self._buttons["forth"].clicked.connect(lambda: self.version_chosen.emit(1))
        self.retranslate()

    def show_message(self, message: Message, figures: str, *, can_continue: bool) -> None:
        """Show what can be done with ``message``."""
        is_answer = message.role is Role.ASSISTANT
        self._names = ["copy"]
        self._names += ["again"] if is_answer else []
        self._names += ["edit"]
        self._names += ["continue"] if can_continue else []
        self._names += ["back", "forth"] if message.versions > 1 else []
        for name, button in self._buttons.items():
            button.setVisible(name in self._names)
        self._buttons["back"].setEnabled(message.version > 1)
        self._buttons["forth"].setEnabled(message.version < message.versions)
        self._versions = f"{message.version} / {message.versions}" if message.versions > 1 else ""
        self._figures = figures
        self._is_right = not is_answer
        self._buttons["copy"].set_icon_name("copy")
        self._arrange()
        self.update()

    def show_copied(self) -> None:
        """Tell by a tick that the message is on the clipboard, until the message is shown again."""
        self._buttons["copy"].set_icon_name("check")

    def buttons(self) -> list[QWidget]:
        """Return the buttons that can be used, from left to right."""
        return [self._buttons[name] for name in self._names if self._buttons[name].isEnabled()]

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        words = {
            "copy": _("Copy"),
            "again": _("Another answer"),
            "edit": _("Edit"),
            "continue": _("Continue"),
            "back": _("Earlier version"),
            "forth": _("Later version"),
        }
        for name, button in self._buttons.items():
            button.setToolTip(words[name])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons in a row."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The number of the version and the figures."""
        with QPainter(self) as painter:
            painter.setFont(interface_font(self._theme.type_px("small")))
            painter.setPen(self._theme.color("text_muted"))
            if self._versions:
                place = QRect(self._versions_left, 0, self._versions_width(), self.height())
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._versions)
            if self._figures:
                right = self.rect().adjusted(self._end() + 8, 0, 0, 0)
                painter.setFont(interface_font(self._theme.type_px("caption")))
                words = painter.fontMetrics().elidedText(self._figures, Qt.TextElideMode.ElideRight, right.width())
                painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)

    # ------------------------------------------------------------------------------------------------------------

    def _versions_width(self) -> int:
        font = interface_font(self._theme.type_px("small"))
        return QFontMetrics(font).horizontalAdvance(self._versions) + 8 if self._versions else 0

    def _width(self) -> int:
        return _STEP * len(self._names) + (self._versions_width() + 8 if self._versions else 0)

    def _end(self) -> int:
        return self._left() + self._width()

    def _left(self) -> int:
        return self.width() - self._width() if self._is_right else -6

    def _arrange(self) -> None:
        left = self._left()
        top = (self.height() - _SIDE) // 2
        for name in self._names:
            if name == "back":
                left += 8
            if name == "forth":
                self._versions_left = left
                left += self._versions_width()
            self._buttons[name].setGeometry(left, top, _SIDE, _SIDE)
            left += _STEP
