"""Work that takes time and touches no state: run in a thread, its result comes back through the mailbox.

For reads over the network and of many files. A task gets nothing but values and returns a value; errors of the world
come back as values too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.changes import Change, TaskFinished
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.mailbox import Mailbox

T = TypeVar("T")


@dataclass(frozen=True)
class TaskEnded:
    """The event a task posts at its end: its value, the error of the world it met, or our own mistake."""

    task: int
    value: object = None
    error: AssistantError | None = None
    mistake: BaseException | None = None


class Tasks:
    """Starts tasks and turns their ends into changes. Main thread only.

    Each runs in a thread of its own; there are few at a time, since each was asked for by a person.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._last = 0
        self._threads: dict[int, threading.Thread] = {}
        self._endings: dict[int, Callable[[Any], list[Change]]] = {}  # each takes what its own task brings
        self._forgotten: set[int] = set()

    def start(
        self, work: Callable[[], T], name: str = "task", *, ended: Callable[[T], list[Change]] | None = None
    ) -> int:
        """Run ``work`` in a thread and return the task's number, which its ``TaskFinished`` carries.

        What ``work`` raises as AssistantError is the task's error; anything else is raised again by ``apply``.
        ``ended`` keeps what ``work`` brought, on the main thread, be the task forgotten or not; its changes come before
        ``TaskFinished``, and what it raises as AssistantError is the task's error, too.
        """
        self._last += 1
        if ended:
            self._endings[self._last] = ended
        thread = threading.Thread(target=self._run, args=(self._last, work), name=name)
        self._threads[self._last] = thread
        thread.start()
        return self._last

    def forget(self, task: int) -> None:
        """Have nothing reported of a task that nobody waits for any more; its thread goes on to its end."""
        if task in self._threads:
            self._forgotten.add(task)

    def apply(self, event: TaskEnded) -> list[Change]:
        """Take the end of a task out of the mailbox. Raises what went wrong by a mistake of ours."""
        self._threads.pop(event.task).join()
        ended = self._endings.pop(event.task, None)
        if event.mistake:
            raise event.mistake
        changes: list[Change] = []
        error = event.error
        if ended and not error:
            try:
                changes = ended(event.value)
            except AssistantError as problem:
                error = problem
        if event.task in self._forgotten:
            self._forgotten.remove(event.task)
            return changes
        return [*changes, TaskFinished(event.task, None if error else event.value, error)]

    def close(self) -> None:
        """Wait for what still runs; whoever made the tasks has told their sources to give up before."""
        for thread in self._threads.values():
            thread.join()
        self._threads.clear()
        self._endings.clear()

    def _run(self, task: int, work: Callable[[], object]) -> None:
        try:
            event = TaskEnded(task, value=work())
        except AssistantError as error:
            event = TaskEnded(task, error=error)
        except BaseException as mistake:  # noqa: BLE001 - raised again on the main thread
            event = TaskEnded(task, mistake=mistake)
        self._mailbox.post(event)
