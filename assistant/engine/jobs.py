"""The requests that are under way, and what each has come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.engine.failures import failure_of
from assistant.engine.protocol import (
    BACKGROUND,
    Done,
    Failed,
    Generate,
    Message,
    NeedsWhole,
    PromptProgress,
    Tokens,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assistant.errors import AssistantError


@dataclass
class Job:
    """One request. ``is_settled``: its end is decided here and lies in the mailbox."""

    command: Generate
    is_sent: bool = False
    is_cancelled: bool = False
    is_settled: bool = False
    is_writing: bool = False
    done: int = 0
    total: int = 0
    reused: int = 0
    tokens: int = 0

    @property
    def is_visible(self) -> bool:
        """Whether a person waits for it."""
        return self.command.sequence != BACKGROUND

    def cut(self) -> Done:
        """Return the end of a request that was cancelled and will not be heard of again."""
        return Done(self.command.request, "cancelled", self.total, self.reused, self.tokens, 0.0, 0.0)

    def ended(self, error: AssistantError, log: str = "") -> Message:
        """Return its end, now that the worker is gone: a cancelled one has what it wanted."""
        return self.cut() if self.is_cancelled else failure_of(self.command.request, error, log)


class Jobs:
    """Every request from ``add`` until its end was handed out by ``hear`` or ``settled``; oldest first."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}

    def __iter__(self) -> Iterator[Job]:
        """Iterate over those still open, so not the settled ones."""
        return iter([job for job in self._jobs.values() if not job.is_settled])

    def add(self, command: Generate) -> Job:
        """Take a new request."""
        job = self._jobs[command.request] = Job(command)
        return job

    def get(self, request: int) -> Job | None:
        """Return an open request, ``None`` when it has ended or is unknown."""
        job = self._jobs.get(request)
        return None if job is None or job.is_settled else job

    @property
    def shown(self) -> Job | None:
        """The request whose progress the window shows: the oldest that is with the worker and that someone awaits."""
        return next((job for job in self if job.is_sent and job.is_visible), None)

    def hear(self, message: Message) -> tuple[Message, ...]:
        """Take what the worker says of a request; returns it when it still matters to anyone."""
        job = self.get(message.request)
        if job is None:
            return ()
        match message:
            case Done() | Failed() | NeedsWhole():
                del self._jobs[message.request]
                return (job.cut(),) if job.is_cancelled and isinstance(message, Failed | NeedsWhole) else (message,)
            case PromptProgress(done=done, total=total, reused=reused):
                job.done, job.total, job.reused = done, total, reused
            case Tokens(count=count):
                job.is_writing = True
                job.tokens += count
            case _:
                return ()
        return () if job.is_cancelled else (message,)

    def settle(self, message: Message, post: Callable[[Message], None]) -> None:
        """Decide here how a request ends; ``post`` puts it into the mailbox, so that it is heard like any other."""
        self._jobs[message.request].is_settled = True
        post(message)

    def settled(self, message: Message) -> tuple[Message, ...]:
        """Take a settled end out of the mailbox."""
        job = self._jobs.get(message.request)
        if job is None or not job.is_settled:
            return ()
        del self._jobs[message.request]
        return (message,)

    def end_all(self, error: AssistantError, log: str = "", *, sent_only: bool = False) -> tuple[Message, ...]:
        """End every open request, or those with the worker, because of ``error``; returns their ends."""
        ending = [job for job in self if job.is_sent or not sent_only]
        for job in ending:
            del self._jobs[job.command.request]
        return tuple(job.ended(error, log) for job in ending)
