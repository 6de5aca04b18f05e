"""The running model as the rest of the program sees it: one object on the main thread, over one worker at a time.

The worker's words lie in the mailbox as ``EngineEvent``; whoever drains it gives them to ``apply``. Each request ends
with exactly one ``Done``, ``NeedsWhole`` or ``Failed`` among ``Applied.messages``, whatever becomes of the worker.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.changes import Change, EngineChanged
from assistant.engine.client import EngineEvent, Limits, WorkerProcess
from assistant.engine.failures import error_of, exit_reason, failure_of
from assistant.engine.jobs import Job, Jobs
from assistant.engine.placement import gpus
from assistant.engine.protocol import (
    BACKGROUND,
    Failed,
    Generate,
    Hello,
    Load,
    Loaded,
    LoadProgress,
    Message,
    Sampling,
    Turn,
    Wake,
    WorkerDied,
)
from assistant.engine.spawn import WORKER
from assistant.engine.state import EngineState, Phase
from assistant.engine.steps import Attempt, given_up, next_load
from assistant.errors import AssistantError, EngineCrashed, EngineHung, GenerationFailed, ModelLoadFailed, NoModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.mailbox import Mailbox

__all__ = ["Applied", "Engine", "EngineEvent", "Limits", "error_of", "exit_reason"]

log = logging.getLogger(__name__)
_SELF = 0
"""The worker number of events the engine posts itself."""


@dataclass(frozen=True)
class Applied:
    """What an event came to: what is different now, and what concerns requests, in order."""

    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()


class Engine:
    """Loads a model, answers requests, survives the worker. Main thread only; nothing but ``close`` blocks."""

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        log_folder: Path,
        command: Sequence[str] | None = None,
        heartbeat_limit_s: float = 20.0,
        cancel_limit_s: float = 3.0,
    ) -> None:
        self._mailbox = mailbox
        self._log_folder = log_folder
        self._command = command or WORKER
        self._limits = Limits(heartbeat_s=heartbeat_limit_s, cancel_s=cancel_limit_s)
        self._jobs = Jobs()
        self._last_request = 0
        self._last_worker = 0
        self._worker: WorkerProcess | None = None
        self._former: list[WorkerProcess] = []
        self._load: Load | None = None
        self._asked: Load | None = None  # the same without what was given up
        self._layers = self._trained_context = 0
        self._base = EngineState()  # the state without what requests make of it
        self._reported = self._base
        self._hello: Hello | None = None

    # --- what is true now -------------------------------------------------------------------------------------------

    @property
    def state(self) -> EngineState:
        """What the model's process is doing."""
        job = self._jobs.shown
        if job is None or self._base.phase is not Phase.READY:
            return self._base
        phase = Phase.WRITING if job.is_writing else Phase.READING
        done, total = (0, 0) if job.is_writing else (job.done, job.total)
        return replace(self._base, phase=phase, done=done, total=total)

    @property
    def hello(self) -> Hello | None:
        """What the last worker said of itself: library version, sandbox, devices; ``None`` before the first."""
        return self._hello

    @property
    def command(self) -> Sequence[str]:
        """What starts a worker, for ``probe``."""
        return self._command

    def learn(self, hello: Hello) -> None:
        """Take what a worker said of itself that was only asked; one that got a model has told later."""
        self._hello = self._hello or hello

    @property
    def worker_pid(self) -> int | None:
        """The process with the model, ``None`` when there is none."""
        return self._worker.pid if self._worker else None

    # --- the model --------------------------------------------------------------------------------------------------

    def load(
        self,
        path: Path,
        *,
        context_length: int = 0,
        gpu_layers: int = -1,
        cache_type: str = "f16",
        is_forced: bool = False,
        layers: int = 0,
        trained_context: int = 0,
    ) -> None:
        """Load the model at ``path`` into a new worker; the old one ends. What is not sent yet waits for the new model.

        The first four as in ``protocol.Load``. When there is too little memory for them, or the worker dies, something
        is given up and it is tried again (``EngineState.steps``); ``layers`` and ``trained_context`` are what is known
        of the model for that, 0 when nothing is.
        """
        number = self._next_request()
        self._load = self._asked = Load(
            number, str(path.absolute()), context_length, gpu_layers, cache_type=cache_type, is_forced=is_forced
        )
        self._layers, self._trained_context = layers, trained_context
        self._start()
        self._announce()

    def restart(self) -> None:
        """Load the same model again; nothing when there is none."""
        if self._load:
            self._start()
            self._announce()

    def unload(self) -> None:
        """End the worker and free its memory; open requests end."""
        self._retire()
        self._load = self._asked = None
        self._base = EngineState()
        for job in self._jobs:
            self._settle(job.ended(NoModel()))
        self._announce()

    def close(self) -> None:
        """End every worker and wait for it, two seconds at most and a kill. Open requests are not heard of again."""
        self._retire()
        for worker in self._former:
            worker.join()
        self._former.clear()

    # --- requests ---------------------------------------------------------------------------------------------------

    def generate(
        self,
        turns: Sequence[Turn],
        sampling: Sampling,
        sequence: int = 0,
        candidates: int = 0,
        *,
        is_whole: bool = True,
    ) -> int:
        """Have ``turns`` answered; returns the request's number, by which its messages are known.

        While the model loads it waits. A crashed worker is started again, but not for background work. Never raises:
        without a model its end is ``Failed`` with ``NoModel``. ``is_whole`` as in ``protocol.Generate``.
        """
        is_restarting = self._base.phase is Phase.FAILED and sequence != BACKGROUND
        job = self._jobs.add(Generate(self._next_request(), tuple(turns), sampling, sequence, candidates, is_whole))
        if is_restarting:
            self._start()
        return self._accept(job)

    def cancel(self, request: int) -> None:
        """End a request soon: its next message is ``Done`` with ``cancelled``. Nothing when it has ended already.

        A worker that does not obey in time is killed and the model is loaded again.
        """
        job = self._jobs.get(request)
        if job is None or job.is_cancelled:
            return
        job.is_cancelled = True
        if job.is_sent and self._worker:
            sent = [other for other in self._jobs if other.is_sent]
            self._worker.cancel(request, at_once=sent == [job] or self._jobs.shown is job)
        else:
            self._settle(job.cut())

    # --- events -----------------------------------------------------------------------------------------------------

    def apply(self, event: EngineEvent) -> Applied:
        """Take an event out of the mailbox. What a former worker or an ended request still says is dropped."""
        if event.worker == _SELF:
            messages = self._jobs.settled(event.message)
        elif self._worker and event.worker == self._worker.number:
            messages = self._hear(event.message)
        else:
            messages = ()
        self._former = [worker for worker in self._former if not worker.has_ended]
        return Applied(tuple(self.take_changes()), messages)

    def take_changes(self) -> list[Change]:
        """Return what is different since it was last asked or applied: at most one ``EngineChanged``."""
        state = self.state
        if state == self._reported and state.error is self._reported.error:
            return []
        self._reported = state
        return [EngineChanged(state)]

    def _hear(self, message: Message) -> tuple[Message, ...]:
        match message:
            case Hello():
                self._hello = message
            case LoadProgress(fraction=fraction) if self._base.phase is Phase.LOADING:
                self._base = replace(self._base, done=min(1000, max(0, int(fraction * 1000))))
            case Loaded(facts=facts):
                self._base = EngineState(Phase.READY, self._base.path, facts=facts, steps=self._base.steps)
                for job in self._jobs:
                    self._send(job)
            case Failed() if self._load and message.request in (0, self._load.request):
                return self._fail(self._load_error(message), message.log)
            case WorkerDied():
                return self._bury(message)
            case _:
                return self._jobs.hear(message)
        return ()

    def _bury(self, death: WorkerDied) -> tuple[Message, ...]:
        """Take leave of the worker: its requests end, and after an ignored cancel a new one comes at once."""
        reason = exit_reason(death.exit_code, death.log)
        error = error_of(death.cause) if death.cause else EngineCrashed(reason=reason)
        ignored_cancel = isinstance(error, EngineHung) and any(job.is_cancelled for job in self._jobs)
        if not ignored_cancel:
            return self._fail(error, death.log)
        ends = self._jobs.end_all(error, death.log, sent_only=True)
        self._start()
        return ends

    def _fail(self, error: AssistantError, log: str) -> tuple[Message, ...]:
        if self._base.phase is Phase.LOADING:
            if load := self._next_load(error):
                self._load = load
                self._start()
                return ()
            self._load = self._asked
        ends = self._jobs.end_all(error, log)
        self._retire()
        self._base = EngineState(Phase.FAILED, self._base.path, error=error, steps=self._base.steps)
        return ends

    def _next_load(self, error: AssistantError) -> Load | None:
        """Return what to try after loading failed, ``None`` when nothing is left to give up."""
        assert self._load
        has_gpu = self._hello is not None and bool(gpus(self._hello.devices))
        has_weights = self._base.done >= self._base.total
        attempt = Attempt(self._load, self._layers, self._trained_context, has_gpu, has_weights)
        load = next_load(attempt, error)
        log.info("loading failed (%s) with %s; trying again: %s", error.kind, self._load, load is not None)
        return load

    def _load_error(self, failed: Failed) -> AssistantError:
        error = error_of(failed)
        if isinstance(error, GenerationFailed) and self._base.phase is Phase.LOADING:
            return ModelLoadFailed(path=self._base.path, reason=error.values["reason"])
        return error

    # --- the worker -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        assert self._load
        self._retire()
        self._last_worker += 1
        self._worker = WorkerProcess(
            self._last_worker, self._mailbox, self._command, self._load, self._log_folder, self._limits
        )
        self._worker.start(after=tuple(self._former))
        steps = given_up(self._asked, self._load) if self._asked else ()
        self._base = EngineState(Phase.LOADING, Path(self._load.path), 0, 1000, steps=steps)

    def _retire(self) -> None:
        """Let the worker end by itself, but not wait for the end of loading; what it was at is cut."""
        if self._worker is None:
            return
        if self._base.phase is Phase.LOADING:
            self._worker.kill()
        else:
            self._worker.end()
        self._former.append(self._worker)
        self._worker = None
        for job in self._jobs:
            if job.is_sent:
                self._settle(job.cut())

    def _accept(self, job: Job) -> int:
        phase = self._base.phase
        if phase is Phase.READY:
            self._send(job)
        elif phase is not Phase.LOADING:
            self._settle(failure_of(job.command.request, self._base.error or NoModel()))
        self._announce()
        return job.command.request

    def _send(self, job: Job) -> None:
        assert self._worker
        job.is_sent = True
        self._worker.send(job.command)

    def _settle(self, message: Message) -> None:
        self._jobs.settle(message, lambda end: self._mailbox.post(EngineEvent(_SELF, end)))

    def _next_request(self) -> int:
        self._last_request += 1
        return self._last_request

    def _announce(self) -> None:
        """Have the mailbox drained for the sake of the new state, should the caller not take it along."""
        if self.state != self._reported:
            self._mailbox.post(EngineEvent(_SELF, Wake(0)))
