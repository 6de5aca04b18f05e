"""What was just done, for a few seconds at the bottom of the page, with a way to undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from assistant.i18n import _
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.painting import paint_ground, paint_shadow

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QEnterEvent, QPaintEvent

    from ui.theme.theme import Theme

SHOWN_MS = 8_000
_SHADE = 10
_WIDEST = 460


class UndoToast(QWidget):
    """Lies over its parent. It waits while the pointer or the keyboard is on it.

    Signals: ``undone(object)`` and ``expired(object)`` with the key of the offer; one of them follows each offer.
    """

    undone = Signal(object)
    expired = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, *, shown_ms: int = SHOWN_MS) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page = parent
        self._key: object = None
        self._is_open = False
        self._lift = theme.px("xl")
        self.sentence = ElidedLabel()
        self.undo_button = Button(theme, kind="ghost", icon_name="undo-2")
        self.close_button = IconButton(theme, "x", size=14, side=24)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(shown_ms)
        self._timer.timeout.connect(self.expire)
        self.undo_button.clicked.connect(self._on_undo)
        self.close_button.clicked.connect(self.expire)
        row = QHBoxLayout(self)
        row.setContentsMargins(_SHADE + 16, _SHADE + 6, _SHADE + 8, _SHADE + 6)
        row.setSpacing(theme.px("s"))
        row.addWidget(self.sentence, 1)
        row.addWidget(self.undo_button)
        row.addWidget(self.close_button)
        parent.installEventFilter(self)
        for button in (self.undo_button, self.close_button):
            button.installEventFilter(self)
        theme.changed.connect(self.update)
        self.retranslate()
        self.hide()

    def offer(self, sentence: str, key: object = None) -> None:
        """Say what was done; an offer still open expires first."""
        self.expire()
        self._key = key
        self._is_open = True
        self.sentence.setText(sentence)
        self.place()
        self.show()
        self.raise_()
        self._timer.start()
        announce(self, sentence)

    def expire(self) -> None:
        """Close an open offer: what was done stays done."""
        if self._is_open:
            key = self._end()
            self.expired.emit(key)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.undo_button.setText(_("Undo"))
        self.close_button.setToolTip(_("Close"))

    def place(self) -> None:
        """Go to the middle of the parent's lower edge."""
        page = self._page
        wanted = self.sentence.fontMetrics().horizontalAdvance(self.sentence.text()) + 4
        row = self.layout()
        assert row is not None
        width = min(wanted - self.sentence.minimumSizeHint().width() + row.minimumSize().width(), _WIDEST)
        self.resize(min(width, page.width()), self.sizeHint().height())
        self.move(QPoint((page.width() - self.width()) // 2, page.height() - self.height() - self._lift + _SHADE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the parent's size; wait while a button of it has the keyboard."""
        kind = event.type()
        if watched is self._page:
            if kind is QEvent.Type.Resize:
                self.place()
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._wait_or_go_on(is_waiting=kind is QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait under the pointer."""
        super().enterEvent(event)
        self._wait_or_go_on(is_waiting=True)

    def leaveEvent(self, event: QEvent) -> None:
        """Go on."""
        super().leaveEvent(event)
        self._wait_or_go_on(is_waiting=False)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A raised card with a shadow."""
        theme = self._theme
        card = QRectF(self.rect()).adjusted(_SHADE, _SHADE, -_SHADE, -_SHADE)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_shadow(painter, card, theme.radius("card"), is_dark=theme.is_dark, reach=_SHADE)
            paint_ground(painter, card, theme.radius("card"), theme.color("raised"), theme.color("border_strong"))

    def _wait_or_go_on(self, *, is_waiting: bool) -> None:
        if self._is_open:
            self._timer.stop() if is_waiting else self._timer.start()

    def _on_undo(self) -> None:
        if self._is_open:
            key = self._end()
            self.undone.emit(key)

    def _end(self) -> object:
        key, self._key, self._is_open = self._key, None, False
        self._timer.stop()
        self.hide()
        return key
