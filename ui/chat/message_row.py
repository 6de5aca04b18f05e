"""One message on the screen. A dozen of these serve a conversation of any length: each shows what it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QWidget

from assistant.i18n import _
from assistant.store.rows import Role, Status
from ui.chat.message_actions import MessageActions
from ui.chat.message_layout import MARK, Place, text_left
from ui.chat.message_note import MessageNote
from ui.chat.message_paint import Highlight, paint_caret, paint_head, paint_text, paint_waiting
from ui.chat.message_words import Strip, figures_of, name_of, time_of
from ui.markdown.plain import link_positions
from ui.markdown.underlay import card_text, cards_in
from ui.markdown.untrusted import visible
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_tip
from ui.widgets.painting import paint_ground, paint_ring

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QPoint
    from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from assistant.store.rows import Message
    from ui.chat.transcript_rows import Rendered
    from ui.markdown.style import MarkdownStyle
    from ui.theme.theme import Theme

_COPY_SIDE = 28
_SPOKEN = 400


@dataclass(frozen=True)
class Shown:
    """What a row shows besides its text."""

    message: Message
    place: Place
    strip: Strip | None = None
    progress: str = ""
    is_last: bool = False


class MessageRow(QWidget):
    """Paints head, bubble and text itself; buttons, note and field are children made when first needed.

    Signals, with the message's id: ``action_chosen(int, str)`` with again, edit, continue, retry or copy,
    ``version_chosen(int, int)``; ``link_activated(str)``.
    """

    action_chosen = Signal(int, str)
    version_chosen = Signal(int, int)
    link_activated = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Shown | None = None
        self._rendered: Rendered | None = None
        self._style: MarkdownStyle | None = None
        self._highlights: list[Highlight] = []
        self._selected: tuple[int, int] | None = None
        self._link = -1
        self._is_near = False
        self._actions: MessageActions | None = None
        self._note: MessageNote | None = None
        self._copy_buttons: list[IconButton] = []
        self._card_starts: list[int] = []
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation, False)

    @property
    def message(self) -> Message:
        """The message shown; only after ``show_message``."""
        assert self._shown is not None
        return self._shown.message

    # what it shows ----------------------------------------------------------------------------------------------

    def show_message(self, shown: Shown, rendered: Rendered, style: MarkdownStyle) -> None:
        """Show a message, or news of the one that is shown."""
        if self._shown is None or self._shown.message.id != shown.message.id:
            self._link, self._is_near = -1, False
            self._highlights, self._selected = [], None
        is_news = self._shown is None or self._shown.message is not shown.message
        if is_news and shown.message.status is not Status.STREAMING:
            self.setAccessibleName(self._spoken(shown.message))
        self._shown, self._rendered, self._style = shown, rendered, style
        self._show_note()
        self._show_actions()
        self.update()

    def set_selected(self, selected: tuple[int, int] | None) -> None:
        """Mark a part of the text as selected."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def set_highlights(self, highlights: list[Highlight]) -> None:
        """Mark what was found."""
        if highlights != self._highlights:
            self._highlights = highlights
            self.update()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for part in (self._actions, self._note):
            if part is not None:
                part.retranslate()
        for button in self._copy_buttons:
            button.setToolTip(_("Copy the code"))
        self.update()

    def _spoken(self, message: Message) -> str:
        text = " ".join(visible(message.content[:_SPOKEN]).split())
        return f"{name_of(message)}, {time_of(message)}: {text}"

    def _show_note(self) -> None:
        assert self._shown is not None
        strip = self._shown.strip
        if strip is not None and self._note is None:
            self._note = MessageNote(self._theme, self)
            self._note.chosen.connect(self._on_action)
        if self._note is not None:
            is_visible = strip is not None and not self._shown.place.note.isNull()
            if strip is not None and is_visible:
                self._note.setGeometry(self._shown.place.note)
                self._note.show_strip(strip)
            self._note.setVisible(is_visible)

    def _show_actions(self) -> None:
        shown = self._shown
        assert shown is not None
        message = shown.message
        is_wanted = self._is_near or self.hasFocus() or (shown.is_last and message.role is Role.ASSISTANT)
        is_wanted = is_wanted or self._holds_focus()
        is_visible = is_wanted and message.status is not Status.STREAMING and not shown.place.foot.isNull()
        if is_visible:
            if self._actions is None:
                self._actions = MessageActions(self._theme, self)
                self._actions.chosen.connect(self._on_action)
                self._actions.version_chosen.connect(self._on_version)
            self._actions.setGeometry(shown.place.foot)
            can_continue = shown.strip is not None and "continue" in shown.strip.actions
            self._actions.show_message(message, figures_of(message), can_continue=can_continue)
        if self._actions is not None:
            self._actions.setVisible(is_visible)

    def _holds_focus(self) -> bool:
        focused = self.focusWidget()
        return focused is not None and focused.hasFocus() and self.isAncestorOf(focused)

    # code cards -------------------------------------------------------------------------------------------------

    def place_copy_buttons(self, view: QRect) -> None:
        """Put a copy button on every code card within ``view``, given in the row's coordinates."""
        shown, rendered = self._shown, self._rendered
        starts: list[int] = []
        if shown is not None and rendered is not None and shown.message.role is Role.ASSISTANT and shown.place.body:
            body = shown.place.body
            clip = QRectF(view & body).translated(-body.x(), -body.y())
            cards = [card for card in cards_in(rendered.document, clip) if card.start >= 0] if clip.height() > 0 else []
            for number, card in enumerate(cards):
                button = self._copy_button(number)
                spot = card.rect.topRight().toPoint() + body.topLeft()
                button.move(spot.x() - _COPY_SIDE - 5, spot.y() + 5)
                if self._card_starts[number : number + 1] != [card.start]:
                    button.set_icon_name("copy")
                button.show()
                starts.append(card.start)
        self._card_starts = starts
        for button in self._copy_buttons[len(starts) :]:
            button.hide()

    def _copy_button(self, number: int) -> IconButton:
        while number >= len(self._copy_buttons):
            index = len(self._copy_buttons)
            button = IconButton(self._theme, "copy", _("Copy the code"), size=15, side=_COPY_SIDE)
            button.setParent(self)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, index=index: self._on_copy_code(index))
            self._copy_buttons.append(button)
        return self._copy_buttons[number]

    def _on_copy_code(self, number: int) -> None:
        if self._rendered is not None and number < len(self._card_starts):
            QGuiApplication.clipboard().setText(card_text(self._rendered.document, self._card_starts[number]))
            self._copy_buttons[number].set_icon_name("check")

    # places -----------------------------------------------------------------------------------------------------

    def position_at(self, point: QPoint) -> int:
        """Return the position in the text nearest to a point of the row."""
        assert self._shown is not None
        assert self._rendered is not None
        body, document = self._shown.place.body, self._rendered.document
        if point.y() < body.top():
            return 0
        if point.y() > body.bottom():
            return document.characterCount() - 1
        inside = QPointF(point - body.topLeft())
        return max(0, document.documentLayout().hitTest(inside, Qt.HitTestAccuracy.FuzzyHit))

    def link_at(self, point: QPoint) -> str:
        """Return the address of the link at a point of the row, empty where there is none."""
        if self._shown is None or self._rendered is None or not self._shown.place.body.contains(point):
            return ""
        inside = QPointF(point - self._shown.place.body.topLeft())
        return self._rendered.document.documentLayout().anchorAt(inside)

    def top_of(self, position: int) -> int:
        """Return where the line with a position of the text begins in the row."""
        assert self._shown is not None
        assert self._rendered is not None
        document = self._rendered.document
        block = document.findBlock(position)
        place = document.documentLayout().blockBoundingRect(block)
        line = block.layout().lineForTextPosition(position - block.position())
        return self._shown.place.body.top() + int(place.top() + (line.y() if line.isValid() else 0))

    # the keyboard -----------------------------------------------------------------------------------------------

    def stops(self) -> list[tuple[QWidget, int]]:
        """Return what the Tab key goes through: the row itself (-1), its links by number, its buttons (-1)."""
        links = len(link_positions(self._rendered.document)) if self._rendered is not None else 0
        buttons: list[QWidget] = [button for button in self._copy_buttons if not button.isHidden()]
        if self._note is not None and not self._note.isHidden():
            buttons += self._note.buttons()
        if self._actions is not None and not self._actions.isHidden():
            buttons += self._actions.buttons()
        return [(self, -1), *((self, number) for number in range(links)), *((button, -1) for button in buttons)]

    @property
    def link(self) -> int:
        """The number of the link that has the keyboard, -1 when the row itself has it."""
        return self._link

    def take_focus(self, link: int) -> None:
        """Take the keyboard for the row (-1) or one of its links."""
        self._link = link
        self._highlights = [found for found in self._highlights if found.kind != "link"]
        if link >= 0 and self._rendered is not None:
            start, end, _url = link_positions(self._rendered.document)[link]
            self._highlights.append(Highlight(start, end, "link"))
        self.setFocus(Qt.FocusReason.TabFocusReason)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter follows the link that has the keyboard."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in enter and self._link >= 0 and self._rendered is not None:
            self.link_activated.emit(link_positions(self._rendered.document)[self._link][2])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show what can be done."""
        super().focusInEvent(event)
        if self._shown is not None:
            self._show_actions()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget the link that had the keyboard."""
        super().focusOutEvent(event)
        self._link = -1
        self._highlights = [found for found in self._highlights if found.kind != "link"]
        if self._shown is not None and not self._is_near:
            self.refresh_actions()
        self.update()

    def refresh_actions(self) -> None:
        """Look again whether the buttons are wanted."""
        if self._shown is not None:
            self._show_actions()

    # the mouse --------------------------------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show what can be done."""
        super().enterEvent(event)
        self._is_near = True
        self.refresh_actions()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide it again."""
        super().leaveEvent(event)
        self._is_near = False
        self.refresh_actions()
        for button in self._copy_buttons:
            button.set_icon_name("copy")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a beam over text and a hand over links, whose address is the tool tip; the transcript selects."""
        point = event.position().toPoint()
        if event.buttons() == Qt.MouseButton.NoButton and self._shown is not None:
            url = self.link_at(point)
            over_text = self._shown.place.body.contains(point)
            self.setToolTip(plain_tip(visible(url)))
            beam = Qt.CursorShape.IBeamCursor if over_text else Qt.CursorShape.ArrowCursor
            self.setCursor(Qt.CursorShape.PointingHandCursor if url else beam)
        event.ignore()

    # painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head or bubble, then the text."""
        shown, rendered, style = self._shown, self._rendered, self._style
        if shown is None or rendered is None or style is None:
            return
        place, message, theme = shown.place, shown.message, self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if message.role is Role.ASSISTANT and event.rect().top() < place.body.top() + MARK:
                paint_head(painter, theme, message, text_left(self.width()), self.width())
            elif not place.bubble.isNull():
                paint_ground(painter, QRectF(place.bubble), theme.radius("card"), theme.color("bubble"), None)
            if not place.body.isNull():
                clip = QRectF(event.rect() & place.body.adjusted(-MARK - 14, -4, 4, 4))
                paint_text(painter, rendered.document, style, place.body, clip, self._marks())
                if message.status is Status.STREAMING:
                    if message.content:
                        paint_caret(painter, rendered.document, style, place.body)
                    else:
                        paint_waiting(painter, style, place.body, shown.progress or _("Thinking …"))
            if self.hasFocus() and self._link < 0:
                paint_ring(painter, QRectF(self._ring()), theme.radius("card"), theme.color("accent"))

    def _ring(self) -> QRect:
        assert self._shown is not None
        place = self._shown.place
        if not place.bubble.isNull():
            return place.bubble
        return QRect(0, 0, self.width(), place.body.bottom() + 4)

    def _marks(self) -> list[Highlight]:
        marks = list(self._highlights)
        if self._selected is not None:
            marks.append(Highlight(*self._selected, "selection"))
        return marks

    # ------------------------------------------------------------------------------------------------------------

    def _on_action(self, name: str) -> None:
        self.action_chosen.emit(self.message.id, name)
        if name == "copy" and self._actions is not None:
            self._actions.show_copied()

    def _on_version(self, step: int) -> None:
        self.version_chosen.emit(self.message.id, step)
