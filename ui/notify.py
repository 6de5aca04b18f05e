"""Spreads what changed: one place where actions are started and every screen hears what is different now."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from assistant.changes import (
    BranchChanged,
    Change,
    ConversationAdded,
    ConversationChanged,
    ConversationRemoved,
    DownloadDone,
    DownloadProgressed,
    DownloadsChanged,
    EngineChanged,
    LedgerChanged,
    LoadSteppedDown,
    MessageAdded,
    MessageChanged,
    MessageText,
    ModelsChanged,
    Notice,
    SettingChanged,
    TaskFinished,
)
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


class Notifier(QObject):
    """Tells every screen about changes, in the order they happened. Main thread only.

    Signals: ``changed(Change)`` for each one, and after it the signal of its kind, where a screen needs one, with the
    change's values.
    """

    changed = Signal(object)
    conversation_added = Signal(int)
    conversation_changed = Signal(int)
    conversation_removed = Signal(int)
    message_added = Signal(int, int)
    branch_changed = Signal(int)
    message_text = Signal(int, int, str)
    message_changed = Signal(int, int)
    engine_changed = Signal(object)
    setting_changed = Signal(str)
    noticed = Signal(object)
    models_changed = Signal()
    task_finished = Signal(object)
    downloads_changed = Signal()
    download_progressed = Signal(str)
    download_done = Signal(str, str)
    ledger_changed = Signal()
    load_stepped_down = Signal(object)

    def publish(self, changes: Iterable[Change]) -> None:
        """Tell about each change."""
        for change in changes:
            self.changed.emit(change)
            self._emit_kind(change)

    def perform(self, action: Callable[[], list[Change]]) -> list[Change] | None:
        """Run ``action`` and tell what it changed.

        When the world refuses it, the error is told as a notice and ``None`` comes back.
        """
        try:
            changes = action()
        except AssistantError as error:
            self.publish([Notice(error)])
            return None
        self.publish(changes)
        return changes

    def read(self, what: Callable[[], T]) -> T | None:
        """Return what ``what`` reads; when the world refuses it, tell that as a notice and return ``None``."""
        try:
            return what()
        except AssistantError as error:
            self.publish([Notice(error)])
            return None

    def _emit_kind(self, change: Change) -> None:
        match change:
            case MessageText(conversation_id, message_id, text):
                self.message_text.emit(conversation_id, message_id, text)
            case MessageChanged(conversation_id, message_id):
                self.message_changed.emit(conversation_id, message_id)
            case MessageAdded(conversation_id, message_id):
                self.message_added.emit(conversation_id, message_id)
            case EngineChanged(state):
                self.engine_changed.emit(state)
            case Notice(error):
                self.noticed.emit(error)
            case _:
                self._emit_rare_kind(change)

    def _emit_rare_kind(self, change: Change) -> None:
        match change:
            case BranchChanged(conversation_id):
                self.branch_changed.emit(conversation_id)
            case ConversationAdded(conversation_id):
                self.conversation_added.emit(conversation_id)
            case ConversationChanged(conversation_id):
                self.conversation_changed.emit(conversation_id)
            case ConversationRemoved(conversation_id):
                self.conversation_removed.emit(conversation_id)
            case SettingChanged(name):
                self.setting_changed.emit(name)
            case _:
                self._emit_kind_of_models(change)

    def _emit_kind_of_models(self, change: Change) -> None:
        match change:
            case DownloadProgressed(download_id):
                self.download_progressed.emit(download_id)
            case DownloadsChanged():
                self.downloads_changed.emit()
            case DownloadDone(download_id, model_id):
                self.download_done.emit(download_id, model_id)
            case ModelsChanged():
                self.models_changed.emit()
            case LedgerChanged():
                self.ledger_changed.emit()
            case LoadSteppedDown():
                self.load_stepped_down.emit(change)
            case TaskFinished():
                self.task_finished.emit(change)
