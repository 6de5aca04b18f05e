"""The counter of models for the length of one command, and waiting for what is asked there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assistant.app import Assistant
from assistant.changes import Change, Notice, TaskFinished
from assistant.cli.output import Output
from assistant.market import Market
from assistant.paths import Paths

WAIT_S = 0.2
"""How long to sleep at most before looking again: Ctrl+C is heard in between."""


class Counter:
    """An assistant with its counter open, without a database."""

    def __init__(self, assistant: Assistant, output: Output) -> None:
        self.assistant = assistant
        self.output = output

    @property
    def market(self) -> Market:
        """What can be asked for."""
        return self.assistant.market

    def know_devices(self) -> None:
        """Have the graphics cards asked for, which a window's loaded model has told of, to judge by them, too."""
        if (task := self.market.judge.ask_devices()) is not None:
            self.value(task)

    def value(self, task: int) -> object:
        """Wait for a task and return what it brings. Raises the error it met."""
        for change in self.changes(lambda: False):
            if isinstance(change, TaskFinished) and change.task == task:
                if change.error:
                    raise change.error
                return change.value
        raise AssertionError("a task always ends")

    def changes(self, is_reached: Callable[[], bool]) -> Iterator[Change]:
        """Yield changes as they come until something is so; ``None`` of them at least five times a second."""
        while not is_reached():
            self.assistant.mailbox.wait(WAIT_S)
            yield from self.assistant.pump()


@contextmanager
def counter(paths: Paths, output: Output) -> Iterator[Counter]:
    """Open the counter and close it afterwards; downloads of a window are left to it. Raises FolderUnusable."""
    assistant = Assistant(paths)
    changes = assistant.open()
    try:
        changes += assistant.open_market(resumes=False)
        for change in changes:
            if isinstance(change, Notice):
                output.remark(change.error.message)
        yield Counter(assistant, output)
    finally:
        assistant.close()
