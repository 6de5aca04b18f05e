"""Who waits for which task."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.changes import TaskFinished
    from assistant.errors import AssistantError

    Answer = Callable[[object, AssistantError | None], None]


class Desk:
    """Keeps what to call when a task is over."""

    def __init__(self, drop: Callable[[int], None]) -> None:
        """``drop`` tells whoever runs the tasks that nobody waits for one any more."""
        self._drop = drop
        self._waiting: dict[int, Answer] = {}

    def wait(self, task: int, answer: Answer) -> int:
        """Call ``answer`` with the value, or with ``None`` and the error, when the task is over; returns the task."""
        self._waiting[task] = answer
        return task

    def leave(self, task: int) -> None:
        """Wait no more; harmless for a task that is over, or 0."""
        if self._waiting.pop(task, None) is not None:
            self._drop(task)

    def finish(self, change: TaskFinished) -> None:
        """A task is over: tell who waits, if anyone does."""
        answer = self._waiting.pop(change.task, None)
        if answer is not None:
            answer(change.value, change.error)
