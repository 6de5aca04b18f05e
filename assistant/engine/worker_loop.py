"""The worker's loop, the same for every model: hears commands, moves answers on step by step, says what came of it.

All of it runs on the process's main thread. Between two steps it listens; a step that takes long is given up by way of
the shared memory and taken again when it was another's that should end.
"""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING, TypeVar

from assistant.engine.failures import failure_of
from assistant.engine.protocol import (
    BACKGROUND,
    Cancel,
    Done,
    Generate,
    Load,
    Loaded,
    LoadProgress,
    Message,
    NeedsWhole,
    Ping,
    Pong,
    Quit,
)
from assistant.engine.running import Aborted, Incomplete, OpenModel, RunningModel
from assistant.engine.worker_job import Job
from assistant.errors import AssistantError, GenerationFailed, ModelLoadFailed, NoModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.engine.inbox import Inbox
    from assistant.engine.worker_control import WorkerControl

_Command = TypeVar("_Command", bound=Message)
_PROGRESS_STEP = 0.01


class WorkerLoop:
    """Runs until ``Quit``. ``send`` writes a frame to the app; ``inbox`` must call ``interrupt`` for each command."""

    def __init__(self, open_model: OpenModel, control: WorkerControl, send: Callable[[Message], None]) -> None:
        self._open_model = open_model
        self._control = control
        self._send = send
        self._model: RunningModel | None = None
        self._waiting: list[Generate] = []
        self._jobs: list[Job] = []
        """At most one a sequence, the one that has waited longest for a step first."""
        self._running = 0
        self._runs_background = False

    def interrupt(self, command: Message) -> None:
        """Have the running step given up when ``command`` cannot wait for its end. Called from the inbox's thread."""
        is_urgent = isinstance(command, Generate) and command.sequence != BACKGROUND and self._runs_background
        if is_urgent or isinstance(command, Quit) or (isinstance(command, Cancel) and command.request == self._running):
            self._control.abort()

    def run(self, inbox: Inbox) -> None:
        """Serve until ``Quit`` comes; what runs then is cancelled."""
        self._inbox = inbox
        while not inbox.is_quitting:
            self._hear()
            if self._jobs:
                self._step(min(self._jobs, key=lambda job: job.is_background))
            else:
                inbox.wait()
        self._cancel_all()
        if self._model:
            self._model.close()

    # --- hearing ----------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        """Take the commands that have come, end the jobs that were cancelled, and begin those that can be."""
        unwanted = self._control.take() if self._control.is_set else 0
        for command in self._inbox.take():
            self._obey(command, self._do)
        self._cancel([job for job in self._jobs if job.request == unwanted or self._is_cancelled(job.request)])
        for command in list(self._waiting):
            is_free = all(job.sequence != command.sequence for job in self._jobs)
            if is_free or self._is_cancelled(command.request):
                self._waiting.remove(command)
                self._obey(command, self._begin)

    def _is_cancelled(self, request: int) -> bool:
        return self._inbox.is_cancelled(request) or self._inbox.is_quitting

    def _obey(self, command: _Command, do: Callable[[_Command], None]) -> None:
        try:
            do(command)
        except Incomplete:
            self._send(NeedsWhole(command.request))
            self._inbox.forget(command.request)
        except AssistantError as error:
            self._fail(command.request, error)
        except Exception as error:  # noqa: BLE001 - the outermost loop: a mistake of ours ends one job, not the worker
            self._fail(command.request, _mistake(command, error))

    def _do(self, command: Message) -> None:
        match command:
            case Load():
                self._load(command)
            case Generate():
                self._waiting.append(command)
            case Ping():
                self._send(Pong(command.request))
            case _:
                pass  # Cancel and Quit are known to the inbox

    def _loaded_model(self) -> RunningModel:
        if self._model is None:
            raise NoModel
        return self._model

    def _load(self, command: Load) -> None:
        self._cancel_all()
        if self._model:
            self._model.close()
            self._model = None
        self._running = command.request
        try:
            self._model = self._open_model(command, _Progress(command.request, self))
            self._send(Loaded(command.request, self._model.facts))
        except Aborted:
            self._send(_unbegun(command.request))
        finally:
            self._rest(command.request)

    def goes_on(self, request: int, fraction: float | None) -> bool:
        """Say whether loading goes on; a ``fraction`` is told to the app."""
        self._control.beat()
        unwanted = self._control.take() if self._control.is_set else 0
        if unwanted == request or self._is_cancelled(request):
            return False
        if fraction is not None:
            self._send(LoadProgress(request, round(fraction, 3)))
        return True

    def _begin(self, command: Generate) -> None:
        if self._is_cancelled(command.request):
            self._send(_unbegun(command.request))
            self._inbox.forget(command.request)
            return
        begun = time.perf_counter()
        self._control.beat()
        job = Job(command, self._loaded_model().generate(command, self._control), begun, self._send)
        self._jobs.append(job)
        job.announce()

    # --- working ----------------------------------------------------------------------------------------------------

    def _step(self, job: Job) -> None:
        self._running, self._runs_background = job.request, job.is_background
        try:
            is_over = job.step()
            self._jobs.remove(job)
            self._jobs.append(job)
            if is_over:
                self._end(job)
        except Aborted:
            pass  # hear why; if this job is still wanted its step is taken again
        except AssistantError as error:
            self._break_off(job, error)
        except Exception as error:  # noqa: BLE001 - the outermost loop
            self._break_off(job, _mistake(None, error))
        self._control.beat()

    def _cancel_all(self) -> None:
        self._cancel(list(self._jobs))
        for command in self._waiting:
            self._send(_unbegun(command.request))
        self._waiting.clear()

    def _cancel(self, jobs: list[Job]) -> None:
        for job in jobs:
            job.end("cancelled")
            self._end(job)

    def _break_off(self, job: Job, error: AssistantError) -> None:
        job.close()
        self._end(job)
        self._fail(job.request, error)

    def _end(self, job: Job) -> None:
        self._jobs.remove(job)
        self._rest(job.request)

    def _fail(self, request: int, error: AssistantError) -> None:
        self._send(failure_of(request, error, "\n".join(getattr(error, "__notes__", ()))))

    def _rest(self, request: int) -> None:
        self._running, self._runs_background = 0, False
        self._inbox.forget(request)


class _Progress:
    """Tells how far a model is, a hundred times at most; False when it shall not be loaded any further."""

    def __init__(self, request: int, loop: WorkerLoop) -> None:
        self._request = request
        self._loop = loop
        self._sent = 0.0

    def __call__(self, fraction: float) -> bool:
        is_due = fraction - self._sent >= _PROGRESS_STEP or fraction >= 1 > self._sent
        if is_due:
            self._sent = fraction
        return self._loop.goes_on(self._request, fraction if is_due else None)


def _unbegun(request: int) -> Done:
    """Return the end of a job that was cancelled before it came to anything."""
    return Done(request, "cancelled", 0, 0, 0, 0.0, 0.0)


def _mistake(command: Message | None, error: Exception) -> AssistantError:
    """Return what a mistake of ours is told as; the traceback goes to the log."""
    traceback.print_exception(error)
    reason = f"{type(error).__name__}: {error}"
    return (
        ModelLoadFailed(path=command.path, reason=reason)
        if isinstance(command, Load)
        else GenerationFailed(reason=reason)
    )
