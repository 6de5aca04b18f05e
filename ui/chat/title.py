"""The title of a conversation: one elided line that turns into a field when clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStackedLayout, QWidget

from assistant.i18n import _
from ui.widgets.escape_field import EscapeField
from ui.widgets.labels import plain_tip

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QPaintEvent

    from ui.theme.theme import Theme

MAX_LENGTH = 200
_PAD = 8


class _TitleButton(QAbstractButton):
    """The title as it is read."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("titleButton")
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def title_font(self) -> QFont:
        """The font of titles."""
        font = QFont(self.font())
        font.setPixelSize(self._theme.tokens.type_px("title"))
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def sizeHint(self) -> QSize:
        """The whole title, when there is room."""
        return QSize(QFontMetrics(self.title_font()).horizontalAdvance(self.text()) + 2 * _PAD + 2, 34)

    def minimumSizeHint(self) -> QSize:
        """It can shrink to a few letters."""
        return QSize(48, 34)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Elided text; a ground under the pointer says that it can be edited."""
        tokens = self._theme.tokens
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.isEnabled() and (self.underMouse() or self.hasFocus()):
                painter.setBrush(tokens.color("hover"))
                painter.setPen(QPen(tokens.color("accent"), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)
            painter.setFont(self.title_font())
            painter.setPen(tokens.color("text"))
            room = QRect(self.rect()).adjusted(_PAD, 0, -_PAD, 0)
            shown = QFontMetrics(self.title_font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)


class _TitleField(EscapeField):
    """The title as it is edited: Enter or leaving keeps, Escape gives up."""

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A menu may take the focus for a moment without ending the edit."""
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            super().focusOutEvent(event)


class EditableTitle(QWidget):
    """Shows a title, and lets it be changed.

    Signals: ``renamed(str)`` with a title that is different and not blank, ``done()`` when Enter or Escape ended the
    edit and the keyboard is free.
    """

    renamed = Signal(str)
    done = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._title = ""
        self.button = _TitleButton(theme)
        self.field = _TitleField()
        self.field.setObjectName("titleField")
        self.field.setMaxLength(MAX_LENGTH)
        self._layout = QStackedLayout(self)
        self._layout.addWidget(self.button)
        self._layout.addWidget(self.field)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(34)
        self.button.clicked.connect(self.edit)
        self.field.editingFinished.connect(self._keep)
        self.field.returnPressed.connect(self.done)
        self.field.given_up.connect(self._give_up)
        self.retranslate()

    def set_title(self, title: str, *, can_edit: bool) -> None:
        """Show ``title``; an edit under way goes on."""
        self._title = title
        self.button.setText(title)
        self.button.setEnabled(can_edit)
        self.button.setAccessibleName(title)
        self.button.setToolTip(plain_tip(title))
        self.button.updateGeometry()
        self.button.update()

    def title(self) -> str:
        """The title shown."""
        return self._title

    def edit(self) -> None:
        """Turn into a field with the whole title chosen."""
        if not self.button.isEnabled():
            return
        self.field.setText(self._title)
        self._layout.setCurrentWidget(self.field)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def is_editing(self) -> bool:
        """Whether the field is shown."""
        return self._layout.currentWidget() is self.field

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.field.setAccessibleName(_("Title of the conversation"))
        self.button.setAccessibleDescription(_("Click to rename the conversation"))

    def _keep(self) -> None:
        if not self.is_editing():
            return
        title = " ".join(self.field.text().split())
        self._layout.setCurrentWidget(self.button)
        if title and title != self._title:
            self.renamed.emit(title)

    def _give_up(self) -> None:
        self.field.setText(self._title)  # hiding the field ends the edit, as leaving it does
        self._layout.setCurrentWidget(self.button)
        self.done.emit()
