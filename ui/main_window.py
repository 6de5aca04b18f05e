"""The main window: sidebar, chat page, and the commands that belong to no single conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QWidget

from assistant.i18n import _
from ui.arrivals import Arrivals
from ui.chat.page import ChatPage
from ui.conversations import Conversations
from ui.places import CHAT, MODELS, Places
from ui.settings.shortcuts import make_action, retranslate_action
from ui.side_pane import SidePane
from ui.sidebar.view import Sidebar
from ui.status_line import StatusLine
from ui.welcoming import Welcoming
from ui.widgets.toast import UndoToast
from ui.window_settings import WindowSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction, QCloseEvent, QPaintEvent, QResizeEvent

    from assistant.app import Assistant
    from assistant.engine.state import EngineState
    from ui.models.page import ModelsPage
    from ui.notify import Notifier
    from ui.theme.theme import Theme

LEAST_FOR_SIDEBAR, LEAST_FOR_INSPECTOR = 760, 1080
"""From which width of the window there is room for the columns beside the page."""
CHAT_ONLY = (
    "rename_conversation",
    "delete_conversation",
    "find_next",
    "find_previous",
    "another_answer",
    "copy_answer",
    "jump_to_end",
    "toggle_inspector",
)
"""Commands for what is shown of a conversation, and for nothing else."""


class MainWindow(QMainWindow):
    """Shows what the assistant has and carries commands to it.

    Signal: ``painted()`` once, when the first picture stands on the screen.
    """

    painted = Signal()

    def __init__(self, theme: Theme, assistant: Assistant, notifier: Notifier) -> None:
        super().__init__()
        self._theme = theme
        self._assistant = assistant
        self._notifier = notifier
        self._has_painted = False
        self._was_kept_open = False
        self._is_answering = False
        self.sidebar = Sidebar(theme)
        self.page = ChatPage(theme, assistant, notifier)
        self.places = Places(theme, assistant, notifier, self.page)
        self.settings = WindowSettings(theme, assistant, notifier, self)
        self.welcoming = Welcoming(assistant, self.places, self.settings.keep)
        self.arrivals = Arrivals(assistant, notifier, self.page.notices, self.places, self.sidebar.places[MODELS])
        self.status = StatusLine(theme)
        self.page.inspector.add_below(self.status)
        self.toast = UndoToast(theme, self.page.stage)
        self.conversations = Conversations(assistant, notifier, self.sidebar, self.page, self.places, self.toast)
        settings = assistant.settings
        self.sidebar_pane = SidePane(
            self.sidebar, LEAST_FOR_SIDEBAR, is_wished=settings.get("window.sidebar_visible", bool), parent=self
        )
        self.inspector_pane = SidePane(
            self.page.inspector,
            LEAST_FOR_INSPECTOR,
            is_wished=settings.get("window.inspector_visible", bool),
            parent=self,
        )
        self.actions_by_name: dict[str, QAction] = {}
        self._lay_out()
        self._make_actions()
        self._connect()
        self._restore()
        self._show_engine(assistant.engine.state)
        self.retranslate()
        self.page.composer.setFocus()

    # --- life -------------------------------------------------------------------------------------------------------

    def list_conversations(self) -> None:
        """The store is open: list what is there."""
        is_any = self.conversations.fill()
        if is_any is not None:
            self.welcoming.heed_conversations(is_any=is_any)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and tell it the first time."""
        super().paintEvent(event)
        if not self._has_painted:
            self._has_painted = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is typed and how the window stands; stay open the first time when that cannot be saved."""
        if not self.page.flush() and not self._was_kept_open:
            self._was_kept_open = True
            event.ignore()
            return
        self.settings.keep("window.geometry", bytes(self.saveGeometry().toBase64().data()).decode())
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the page where the window is narrow."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Coming back to the window, the day may be another one."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.sidebar.model.refresh()

    def raise_to_front(self) -> None:
        """Come before the other windows, as asked by a second launch."""
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for action in self.actions_by_name.values():
            retranslate_action(action)
        for part in (self.sidebar, self.page, self.places, self.status, self.toast):
            part.retranslate()
        self._show_title()

    # --- commands ---------------------------------------------------------------------------------------------------

    def show_chat(self) -> None:
        """Go to the conversations, ready to write."""
        self.places.show_chat()
        self.page.composer.setFocus()

    def show_models(self) -> None:
        """Go to the models, ready to search."""
        self.places.show_models()
        if self.places.models is not None:
            self.places.models.focus_search()

    def open_cheat_sheet(self) -> None:
        """Show what every key does."""
        from ui.settings.cheat_sheet import CheatSheet

        sheet = CheatSheet(self._theme, self, [*self.actions_by_name, "send", "new_line", "edit_last"])
        sheet.exec()
        sheet.deleteLater()

    def show_sidebar(self, is_shown: bool) -> None:
        """Show or hide the list of conversations, and remember it."""
        self.sidebar_pane.set_shown(is_shown)

    def show_inspector(self, is_shown: bool) -> None:
        """Show or hide the settings of the conversation, and remember it."""
        self.inspector_pane.set_shown(is_shown)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _make_actions(self) -> None:
        settings, conversations = self.settings, self.conversations
        commands: dict[str, Callable[[], object]] = {
            "new_conversation": conversations.begin,
            "previous_conversation": lambda: conversations.step(-1),
            "next_conversation": lambda: conversations.step(1),
            "rename_conversation": conversations.rename_current,
            "delete_conversation": conversations.delete_current,
            "find": self._find,
            "find_next": lambda: self.page.stage.find_step(1),
            "find_previous": lambda: self.page.stage.find_step(-1),
            "focus_composer": self.show_chat,
            "stop": self.page.stop,
            "another_answer": self.page.messages.another_answer,
            "copy_answer": self.page.messages.copy_answer,
            "jump_to_end": self.page.transcript.scroll_to_end,
            "show_chat": self.show_chat,
            "show_models": self.show_models,
            "choose_model": self._choose_model,
            "toggle_sidebar": self.sidebar_pane.toggle,
            "toggle_inspector": self.inspector_pane.toggle,
            "larger_text": settings.enlarge_text,
            "smaller_text": settings.shrink_text,
            "normal_text": settings.reset_text,
            "settings": settings.open,
            "cheat_sheet": self.open_cheat_sheet,
            "quit": self.close,
        }
        self.actions_by_name = {name: make_action(name, self, command) for name, command in commands.items()}
        self.actions_by_name["stop"].setEnabled(False)  # Escape belongs to others while there is nothing to stop

    def _connect(self) -> None:
        self.sidebar.hide_requested.connect(self._hide_sidebar)
        self.sidebar_pane.shown.connect(self.page.header.set_sidebar_shown)
        self.sidebar_pane.wished.connect(self._on_sidebar_wished)
        self.inspector_pane.shown.connect(self.page.header.set_inspector_shown)
        self.inspector_pane.wished.connect(self._on_inspector_wished)
        self.sidebar.settings_requested.connect(self.settings.open)
        self.sidebar.place_chosen.connect(self._on_place_chosen)
        self.places.went.connect(self._on_went)
        self.places.made.connect(self._on_models_made)
        self.welcoming.done.connect(self.show_chat)
        self.welcoming.browse_requested.connect(self.show_models)
        self.welcoming.settings_requested.connect(self.settings.open)
        self.arrivals.use_requested.connect(self.page.models.use)
        self.arrivals.downloads_requested.connect(self._show_downloads)
        self.arrivals.window_requested.connect(self.raise_to_front)
        self.page.header.picker.more_requested.connect(self.show_models)
        self.page.header.sidebar_requested.connect(self._bring_sidebar)
        self.page.header.new_requested.connect(self.conversations.begin)
        self.page.header.inspector_toggled.connect(self.show_inspector)
        self.page.opened.connect(self._on_opened)
        self.page.answering.connect(self._on_answering)
        self.page.rate_measured.connect(self.status.set_figures)
        self.conversations.changed.connect(self._show_title)
        self._notifier.engine_changed.connect(self._show_engine)
        self.settings.refused.connect(self.page.show_error)
        self.settings.language_changed.connect(self.retranslate)
        self.settings.offline_changed.connect(self.sidebar.set_offline)
        self.settings.first_steps_requested.connect(self.places.show_welcome)

    def _on_place_chosen(self, place: str) -> None:
        if place == MODELS:
            self.show_models()
        else:
            self.show_chat()
        self.sidebar.set_place(self.places.place)

    def _on_went(self, place: str) -> None:
        """Another page is shown: mark it, and let the keys of the conversations rest while they are not."""
        is_chat = place == CHAT
        self.sidebar.set_place(place)
        self.sidebar.set_current(self.page.conversation_id if is_chat else None)
        for name in CHAT_ONLY:
            self.actions_by_name[name].setEnabled(is_chat)
        self._on_answering(self._is_answering)
        if not self.sidebar_pane.has_room:
            self.sidebar_pane.set_shown(False)
        self._show_title()

    def _on_models_made(self, models: ModelsPage) -> None:
        models.used.connect(self._on_model_used)
        models.sidebar_requested.connect(self._bring_sidebar)
        models.settings_requested.connect(self.settings.open)
        self.sidebar_pane.shown.connect(models.header.set_sidebar_shown)
        models.header.set_sidebar_shown(self.sidebar.isVisibleTo(self))

    def _show_downloads(self) -> None:
        self.places.show_models()
        if self.places.models is not None:
            self.places.models.show_downloads(True)

    def _on_model_used(self, _model_id: str) -> None:
        self.page.notices.arrivals.hide()
        self.show_chat()

    def _on_answering(self, is_answering: bool) -> None:
        self._is_answering = is_answering
        self.actions_by_name["stop"].setEnabled(is_answering and self.places.place == CHAT)

    def _find(self) -> None:
        if self.places.place == MODELS:
            self.show_models()
        else:
            self.page.stage.begin_find()

    def _choose_model(self) -> None:
        self.places.show_chat()
        self.page.header.picker.open_menu()

    def _on_opened(self, conversation_id: int | None) -> None:
        self.sidebar.set_current(conversation_id)
        if conversation_id is not None:
            self.sidebar.model.set_unread(conversation_id, False)
        if not self.sidebar_pane.has_room:
            self.sidebar_pane.set_shown(False)
        self._show_title()

    def _hide_sidebar(self) -> None:
        self.show_sidebar(False)

    def _bring_sidebar(self) -> None:
        self.show_sidebar(True)

    def _on_sidebar_wished(self, is_shown: bool) -> None:
        self.settings.keep("window.sidebar_visible", is_shown)

    def _on_inspector_wished(self, is_shown: bool) -> None:
        self.settings.keep("window.inspector_visible", is_shown)

    def _show_engine(self, state: EngineState) -> None:
        self.status.set_state(state)

    def _show_title(self) -> None:
        if self.places.place != CHAT:
            self.setWindowTitle(f"{_('Models')} – Inkstone" if self.places.place == MODELS else "Inkstone")
            return
        title = self.page.header.title.title()
        self.setWindowTitle(f"{title} – Inkstone" if self.page.conversation_id is not None else "Inkstone")

    def _restore(self) -> None:
        settings = self._assistant.settings
        geometry = settings.get("window.geometry", str)
        if not geometry or not self.restoreGeometry(QByteArray.fromBase64(geometry.encode())):
            self.resize(1280, 820)
        self.setMinimumSize(480, 420)
        self.sidebar.set_offline(settings.get("network.offline", bool))
        self._fit()

    def _fit(self) -> None:
        self.sidebar_pane.fit(self.width())
        self.inspector_pane.fit(self.width())

    def _lay_out(self) -> None:
        self.sidebar.setFixedWidth(self._theme.px("sidebar"))
        middle = QWidget()
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sidebar)
        layout.addWidget(self.places, 1)
        self.setCentralWidget(middle)
