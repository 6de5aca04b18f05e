"""The first start: begin at once with the model that is here, or give the program a better one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from assistant.i18n import _
from ui.widgets.button import Button
from ui.widgets.labels import plain_label
from ui.widgets.mark import Mark

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QShowEvent

    from assistant.app import Assistant
    from ui.notify import Notifier
    from ui.theme.theme import Theme
    from ui.welcome.offers import Offers

WIDEST = 720


class WelcomePage(QWidget):
    """Complete only after ``open``; until then one can begin. Nothing is fetched by showing it.

    Signals: ``started()`` to begin with the model there is, ``used(str)`` with the id of another one that is loaded
    now, ``got()`` when a download was begun, ``browse_requested()``, ``settings_requested(str)`` with a section.
    """

    started = Signal()
    used = Signal(str)
    got = Signal()
    browse_requested = Signal()
    settings_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("welcomePage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.offers: Offers | None = None
        self.greeting = plain_label("", "h1")
        self.about = plain_label("", "muted")
        self.start = _StartCard(theme)
        self._column = QVBoxLayout()
        self._lay_out()
        self.start.button.clicked.connect(self.started)
        self.retranslate()

    def open(self, assistant: Assistant, notifier: Notifier) -> None:
        """Show what this computer has and what suits it. Harmless when it does already."""
        if self.offers is not None:
            return
        from ui.welcome.offers import Offers

        self.offers = offers = Offers(self._theme, assistant, notifier)
        offers.used.connect(self.used)
        offers.got.connect(self.got)
        offers.browse_requested.connect(self.browse_requested)
        offers.settings_requested.connect(self.settings_requested)
        self._column.insertWidget(self._column.count() - 1, offers)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.greeting.setText(_("Welcome to Inkstone"))
        self.about.setText(
            _("Chat and write with a language model that runs on this computer. Nothing you type leaves it.")
        )
        self.start.retranslate()
        if self.offers is not None:
            self.offers.retranslate()

    def showEvent(self, event: QShowEvent) -> None:
        """Enter begins."""
        super().showEvent(event)
        self.start.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, as the space bar does."""
        button = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, Button):
            button.click()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        theme = self._theme
        for label in (self.greeting, self.about):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column, inside = QWidget(), QWidget()
        column.setMaximumWidth(WIDEST)
        inside.setObjectName("scrolled")
        layout = self._column
        column.setLayout(layout)
        edge = theme.px("xl")
        layout.setContentsMargins(edge, theme.px("xxl"), edge, edge)
        layout.setSpacing(theme.px("l"))
        layout.addWidget(Mark(theme, size=44), 0, Qt.AlignmentFlag.AlignCenter)
        words = QVBoxLayout()
        words.setSpacing(theme.px("xs"))
        words.addWidget(self.greeting)
        words.addWidget(self.about)
        layout.addLayout(words)
        layout.addWidget(self.start)
        layout.addStretch(1)
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(column, 1000)
        row.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)


class _StartCard(QFrame):
    """The starter model in honest words, and the button that begins."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.title = plain_label("", "title")
        self.about = plain_label("", "muted")
        self.button = Button(theme, kind="primary", icon_name="message-square")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.about)
        row = QHBoxLayout(self)
        edge = theme.px("l")
        row.setContentsMargins(edge, edge, edge, edge)
        row.setSpacing(theme.px("m"))
        row.addWidget(Mark(theme, "sparkles", size=40), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.title.setText(_("A small model is here already"))
        self.about.setText(_("Quick and good for trying things out; wrong about many things."))
        self.button.setText(_("Start chatting now"))
