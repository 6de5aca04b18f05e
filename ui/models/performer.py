"""Does what a person asked for: what changed is told to everyone, what the world refuses to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.errors import AssistantError

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.changes import Change
    from ui.notify import Notifier


class Performer(QObject):
    """Signal: ``failed(AssistantError)`` for what was refused."""

    failed = Signal(object)

    def __init__(self, notifier: Notifier) -> None:
        super().__init__()
        self._notifier = notifier

    def perform(self, action: Callable[[], list[Change]]) -> bool:
        """Do something; says whether the world let it happen."""
        try:
            self.attempt(action)
        except AssistantError as error:
            self.failed.emit(error)
            return False
        return True

    def attempt(self, action: Callable[[], list[Change]]) -> None:
        """Do something for one who knows what to do about the AssistantError it raises."""
        self._notifier.publish(action())
