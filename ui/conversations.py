"""The conversations of the sidebar: what a person does with them, and how the list follows what happens to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.i18n import _
from ui.sidebar.model import title_of

if TYPE_CHECKING:
    from assistant.app import Assistant
    from ui.chat.page import ChatPage
    from ui.notify import Notifier
    from ui.places import Places
    from ui.sidebar.view import Sidebar
    from ui.widgets.toast import UndoToast


class Conversations(QObject):
    """Joins the sidebar to the page that shows one conversation.

    Signal: ``changed()`` when a title may be another one.
    """

    changed = Signal()

    def __init__(
        self,
        assistant: Assistant,
        notifier: Notifier,
        sidebar: Sidebar,
        page: ChatPage,
        places: Places,
        toast: UndoToast,
    ) -> None:
        super().__init__(page)
        self._assistant = assistant
        self._notifier = notifier
        self._sidebar = sidebar
        self._page = page
        self._places = places
        self._toast = toast
        sidebar.chosen.connect(self._on_chosen)
        sidebar.new_requested.connect(self.begin)
        sidebar.rename_requested.connect(self._on_rename)
        sidebar.delete_requested.connect(self.delete)
        toast.undone.connect(self._on_undone)
        notifier.conversation_added.connect(self._on_changed)
        notifier.conversation_changed.connect(self._on_changed)
        notifier.conversation_removed.connect(sidebar.model.remove)
        notifier.message_changed.connect(self._on_message_changed)

    def fill(self) -> bool | None:
        """List what is stored; says whether there is anything, ``None`` when it cannot be read."""
        found = self._notifier.read(self._assistant.conversations.all)
        self._sidebar.model.set_conversations(found or [])
        self._sidebar.set_current(self._page.conversation_id)
        return None if found is None else bool(found)

    def show_last(self) -> None:
        """Show the one that was changed last; from now on what is written can be sent."""
        listed = self._sidebar.model.listed_ids()
        self._page.start(listed[0] if listed else None)

    def begin(self) -> None:
        """Go to the conversation that does not exist yet."""
        self._places.show_chat()
        self._page.open(None)
        self._page.composer.setFocus()

    def step(self, by: int) -> None:
        """Show the conversation ``by`` places further down the list."""
        shown = self._sidebar.model.shown_ids()
        current = self._page.conversation_id
        if shown:
            self._places.show_chat()
            place = shown.index(current) + by if current in shown else 0
            self._page.open(shown[place % len(shown)])
            self._page.composer.setFocus()

    def delete(self, conversation_id: int) -> None:
        """Move a conversation to the trash and offer to take it back."""
        deleted = self._notifier.read(lambda: self._assistant.conversations.get(conversation_id))
        if deleted is None:
            return
        follower = self._follower_of(conversation_id)
        if self._notifier.perform(lambda: self._assistant.conversations.delete(conversation_id)) is None:
            return
        if self._page.conversation_id is None and follower is not None:
            self._page.open(follower)
        self._toast.offer(_("“{title}” was deleted.").format(title=title_of(deleted)), conversation_id)

    def delete_current(self) -> None:
        """Delete the one that is shown."""
        if self._page.conversation_id is not None:
            self.delete(self._page.conversation_id)

    def rename_current(self) -> None:
        """Edit the title, where the keyboard is."""
        if self._sidebar.list.hasFocus():
            self._sidebar.edit_current()
        else:
            self._page.header.title.edit()

    # --- what happened ----------------------------------------------------------------------------------------------

    def _on_chosen(self, conversation_id: int) -> None:
        self._places.show_chat()
        self._page.open(conversation_id)
        if not self._sidebar.list.hasFocus():
            self._page.composer.setFocus()

    def _on_rename(self, conversation_id: int, title: str) -> None:
        self._notifier.perform(lambda: self._assistant.conversations.rename(conversation_id, title))

    def _on_undone(self, conversation_id: int) -> None:
        if self._notifier.perform(lambda: self._assistant.conversations.restore(conversation_id)) is not None:
            self._page.open(conversation_id)

    def _on_changed(self, conversation_id: int) -> None:
        changed = self._notifier.read(lambda: self._assistant.conversations.get(conversation_id))
        if changed is not None:
            self._sidebar.model.put(changed)
        self._sidebar.set_current(self._page.conversation_id)
        self.changed.emit()

    def _on_message_changed(self, conversation_id: int, _message_id: int) -> None:
        is_answering = self._assistant.chats.is_answering(conversation_id)
        self._sidebar.model.set_answering(conversation_id, is_answering)
        if not is_answering and conversation_id != self._page.conversation_id:
            self._sidebar.model.set_unread(conversation_id, True)

    def _follower_of(self, conversation_id: int) -> int | None:
        """Return what to show when the conversation shown goes: the next one down the list, else the one above."""
        shown = self._sidebar.model.shown_ids()
        if conversation_id != self._page.conversation_id or conversation_id not in shown or len(shown) < 2:
            return None
        place = shown.index(conversation_id)
        return shown[place + 1] if place + 1 < len(shown) else shown[place - 1]
