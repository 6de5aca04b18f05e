"""The column on the left: a new conversation, the list with its filter, and what holds for the whole program."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
)

from assistant.i18n import N_, _
from ui.sidebar.delegate import ConversationDelegate
from ui.sidebar.model import ConversationListModel
from ui.sidebar.place_button import PlaceButton
from ui.theme.icons import icon, pixmap
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_label
from ui.widgets.mark import Mark
from ui.widgets.menu import Menu

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QAbstractButton

    from ui.theme.theme import Theme


PLACES = (("chat", "message-square", N_("Chat")), ("models", "box", N_("Models")))
"""Id, icon and words of each page, in their order."""


class Sidebar(QFrame):
    """Lists conversations; decides nothing.

    Signals: ``chosen(int)``, ``new_requested()``, ``rename_requested(int, str)``, ``delete_requested(int)``,
    ``hide_requested()``, ``settings_requested()``, ``place_chosen(str)`` with the id of another page.
    """

    chosen = Signal(int)
    new_requested = Signal()
    rename_requested = Signal(int, str)
    delete_requested = Signal(int)
    hide_requested = Signal()
    settings_requested = Signal()
    place_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.model = ConversationListModel(self)
        self.places = {name: PlaceButton(theme, icon_name) for name, icon_name, _words in PLACES}
        self.new_button = Button(theme, icon_name="square-pen")
        self.hide_button = IconButton(theme, "panel-left")
        self.settings_button = IconButton(theme, "settings")
        self.filter = QLineEdit()
        self.filter.setClearButtonEnabled(True)
        self._glass: QAction = self.filter.addAction(
            icon(theme, "search", "text_muted", 16), QLineEdit.ActionPosition.LeadingPosition
        )
        self.list = QListView()
        self.list.setObjectName("conversations")
        self._name = plain_label("Inkstone", "title")
        self._is_offline = False
        self._lock = QLabel()
        self._promise = ElidedLabel()
        self._promise.setProperty("role", "caption")
        self._nothing = plain_label("", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._set_up_list(theme)
        self._lay_out(theme)
        self._connect()
        self._draw()
        self.set_place("chat")
        self.retranslate()

    def current(self) -> int | None:
        """The id of the marked conversation, ``None`` for the new one."""
        value = self.list.currentIndex().data(ConversationListModel.ID)
        return value if isinstance(value, int) else None

    def set_current(self, conversation_id: int | None) -> None:
        """Mark a conversation and bring it into view; ``chosen`` is not emitted."""
        index = self.model.index_of(conversation_id)
        selection = self.list.selectionModel()
        blocked = selection.blockSignals(True)
        if index.isValid():
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.list.scrollTo(index)
        else:
            selection.clear()
        selection.blockSignals(blocked)
        self.list.viewport().update()

    def set_place(self, place: str) -> None:
        """Mark the page that is shown, none for one that has no button; ``place_chosen`` is not emitted."""
        self._group.setExclusive(False)
        for name, button in self.places.items():
            button.setChecked(name == place)
        self._group.setExclusive(True)

    def edit_current(self) -> None:
        """Edit the marked title in the list."""
        if self.list.currentIndex().isValid():
            self.list.edit(self.list.currentIndex())

    def set_offline(self, is_offline: bool) -> None:
        """Show that the network switch is off, or the promise that holds always."""
        self._is_offline = is_offline
        self._show_promise()
        self._draw()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for name, _icon_name, words in PLACES:
            self.places[name].setText(_(words))
            self.places[name].describe()
        self.new_button.setText(_("New conversation"))
        self.filter.setPlaceholderText(_("Filter conversations"))
        self.filter.setAccessibleName(_("Filter conversations by their titles"))
        self.list.setAccessibleName(_("Conversations"))
        self._show_promise()
        for button, words in ((self.hide_button, _("Hide the sidebar")), (self.settings_button, _("Settings"))):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self.model.refresh()
        self._show_nothing()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._group = QButtonGroup(self)
        for button in self.places.values():
            button.setCheckable(True)
            self._group.addButton(button)
        self._group.buttonClicked.connect(self._on_place)
        self.new_button.clicked.connect(self.new_requested)
        self.hide_button.clicked.connect(self.hide_requested)
        self.settings_button.clicked.connect(self.settings_requested)
        self.filter.textChanged.connect(self.model.set_filter)
        self.model.rename_requested.connect(self.rename_requested)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.customContextMenuRequested.connect(self._open_menu)
        for signal in (self.model.rowsInserted, self.model.rowsRemoved, self.model.modelReset):
            signal.connect(self._show_nothing)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._delete_current)
        self._theme.changed.connect(self._draw)

    def _set_up_list(self, theme: Theme) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(ConversationDelegate(theme, self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _on_place(self, clicked: QAbstractButton) -> None:
        self.place_chosen.emit(next(name for name, button in self.places.items() if button is clicked))

    def _on_current(self, index: QModelIndex) -> None:
        value = index.data(ConversationListModel.ID)
        if isinstance(value, int):
            self.chosen.emit(value)

    def _delete_current(self) -> None:
        current = self.current()
        if current is not None:
            self.delete_requested.emit(current)

    def _open_menu(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        conversation_id = index.data(ConversationListModel.ID)
        if not isinstance(conversation_id, int):
            return
        menu = Menu(self)
        menu.addAction(icon(self._theme, "pencil"), _("Rename"), lambda: self.list.edit(index))
        menu.addAction(icon(self._theme, "trash-2"), _("Delete"), lambda: self.delete_requested.emit(conversation_id))
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _show_nothing(self) -> None:
        self._nothing.setVisible(self.model.rowCount() == 0)
        self._nothing.setMinimumHeight(96)
        has_any = self.model.count() > 0
        self._nothing.setText(_("No title has these words.") if has_any else _("Your conversations will stand here."))

    def _show_promise(self) -> None:
        is_offline = self._is_offline
        self._promise.setText(_("Offline") if is_offline else _("Everything stays on this computer"))
        tip = _("The network is switched off in the settings: nothing is fetched or sent.") if is_offline else ""
        for label in (self._promise, self._lock):
            label.setToolTip(tip)
        self._promise.setAccessibleDescription(tip)

    def _draw(self) -> None:
        self._glass.setIcon(icon(self._theme, "search", "text_muted", 16))
        name, token = ("plane", "info") if self._is_offline else ("lock", "ok")
        self._lock.setPixmap(pixmap(self._theme, name, token, 14, self.devicePixelRatioF()))

    def _lay_out(self, theme: Theme) -> None:
        head, foot, rule = QHBoxLayout(), QHBoxLayout(), QFrame()
        rule.setProperty("role", "rule")
        head.setSpacing(8)
        head.addWidget(Mark(theme))
        head.addWidget(self._name)
        head.addStretch(1)
        head.addWidget(self.hide_button)
        foot.setContentsMargins(2, 0, 0, 0)
        foot.setSpacing(6)
        foot.addWidget(self._lock)
        foot.addWidget(self._promise, 1)
        foot.addWidget(self.settings_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        nav = QVBoxLayout()
        nav.setSpacing(2)
        for button in self.places.values():
            nav.addWidget(button)
        layout.addLayout(nav)
        layout.addWidget(self.new_button)
        layout.addWidget(self.filter)
        layout.addWidget(self._nothing)
        layout.addWidget(self.list, 1)
        layout.addWidget(rule)
        layout.addLayout(foot)
        order = (self.hide_button, *self.places.values(), self.new_button, self.filter, self.list, self.settings_button)
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
