"""The frame of Inkstone's dialogs, and a question with named answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.theme.icons import pixmap
from ui.widgets.button import Button
from ui.widgets.labels import plain_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.theme.theme import Theme
    from ui.widgets.button import Kind

_ICON = 22


class Dialog(QDialog):
    """``body`` takes the content, ``foot`` the buttons from the right. Escape closes it."""

    def __init__(self, theme: Theme, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        edge = theme.px("xl")
        self.body = QVBoxLayout()
        self.body.setContentsMargins(edge, edge, edge, theme.px("l"))
        self.body.setSpacing(theme.px("m"))
        self._foot = QWidget()
        self._foot.setObjectName("dialogFoot")
        self._foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.foot = QHBoxLayout(self._foot)
        self.foot.setContentsMargins(edge, theme.px("m"), edge, theme.px("m"))
        self.foot.setSpacing(theme.px("s"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.body, 1)
        layout.addWidget(self._foot)

    def add_heading(self, sentence: str, hint: str = "", *, icon_name: str = "", token: str = "text_muted") -> None:
        """Add what the dialog is about to the body: a sentence, and in smaller letters what follows from it."""
        row = QHBoxLayout()
        row.setSpacing(self._theme.px("m"))
        if icon_name:
            picture = QLabel()
            picture.setFixedSize(QSize(_ICON, _ICON))
            picture.setPixmap(pixmap(self._theme, icon_name, token, _ICON, self.devicePixelRatioF()))
            row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(self._theme.px("xs"))
        words.addWidget(plain_label(sentence, "title"))
        if hint:
            words.addWidget(plain_label(hint, "muted"))
        row.addLayout(words, 1)
        self.body.addLayout(row)


class Question(Dialog):
    """Asks before something is done; each answer is a button with a verb.

    Signal: ``answered(str)`` with the id of the answer, empty for Escape or the window's close button.
    """

    answered = Signal(str)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        title: str,
        sentence: str,
        hint: str = "",
        *,
        answers: Sequence[tuple[str, str, Kind]],
        icon_name: str = "",
    ) -> None:
        """``answers`` are id, words and kind, from left to right; Enter takes the last one."""
        super().__init__(theme, parent, title)
        self._answer = ""
        self.buttons: dict[str, Button] = {}
        self.add_heading(sentence, hint, icon_name=icon_name)
        self.body.addStretch(1)
        self.foot.addStretch(1)
        for answer, words, kind in answers:
            button = Button(theme, words, kind=kind)
            button.setProperty("answer", answer)
            button.clicked.connect(self._on_clicked)
            self.foot.addWidget(button)
            self.buttons[answer] = button
        last = self.buttons[answers[-1][0]]
        last.setDefault(True)
        last.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setMinimumWidth(420)
        self.finished.connect(self._on_finished)

    def ask(self) -> str:
        """Show it, wait for the answer and return its id; empty when there was none."""
        self.exec()
        return self._answer

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self._answer = str(button.property("answer"))
            self.accept()

    def _on_finished(self, _result: int) -> None:
        self.answered.emit(self._answer)
