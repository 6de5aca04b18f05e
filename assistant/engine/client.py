"""A worker process seen from the app: starts it, speaks with it, watches it, ends it.

Four threads stand behind one worker, none of which touches the app's state: the *reader* starts the process and posts
what it says (``WorkerDied`` always last), the *writer* feeds its pipe, the *watch* ends one that hangs or ignores a
cancel, the *log* keeps its standard error. Every method here may be called from the main thread and blocks for less
than a millisecond, but for ``join``.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from assistant.engine.control import ControlMemory
from assistant.engine.failures import failure_of
from assistant.engine.log_tail import LogTail
from assistant.engine.protocol import (
    VERSION,
    Cancel,
    Failed,
    Hello,
    Load,
    Message,
    ProtocolError,
    Quit,
    WorkerDied,
    encode,
    read_frame,
)
from assistant.engine.pulse import Pulse
from assistant.engine.reasons import Reason
from assistant.engine.spawn import EXIT_S, processor_time, reap, start
from assistant.errors import EngineCrashed, EngineError, EngineHung, ModelMissing

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from assistant.mailbox import Mailbox

_ENDS = ("Done", "Loaded", "Failed", "NeedsWhole")


@dataclass(frozen=True)
class EngineEvent:
    """What a worker said, as it lies in the mailbox. ``worker`` counts from 1; 0 is the engine itself."""

    worker: int
    message: Message


@dataclass(frozen=True)
class Limits:
    """How long a worker may be silent while it has a job, and how long it may take to obey a cancel or an end."""

    heartbeat_s: float = 20.0
    cancel_s: float = 3.0
    quit_s: float = 2.0


class WorkerProcess:
    """One process with one loaded model. ``start`` once, ``end`` or ``kill``, then ``join``."""

    def __init__(
        self, number: int, mailbox: Mailbox, command: Sequence[str], load: Load, log_folder: Path, limits: Limits
    ) -> None:
        self.number = number
        self._mailbox = mailbox
        self._command = command
        self._load = load
        self._limits = limits
        self._log = LogTail(log_folder, f"worker {number}: {load.path}")
        self._outbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._predecessors: Sequence[WorkerProcess] = ()
        self._reader = threading.Thread(target=self._run, name=f"engine-reader-{number}", daemon=True)
        self._has_ended = threading.Event()
        self._changed = threading.Condition()  # guards all below
        self._process: subprocess.Popen[bytes] | None = None
        self._control: ControlMemory | None = None
        self._pending: set[int] = set()
        self._cancelled: dict[int, float] = {}
        self._quit_by: float | None = None
        self._is_ending = False
        self._cause: Failed | None = None
        self._heard = 0
        self._model_pid = (
            0  # where Python starts itself once more (Windows, virtual environments) not the one we started
        )

    # --- from the main thread -----------------------------------------------------------------------------------

    def start(self, after: Sequence[WorkerProcess] = ()) -> None:
        """Start the process and load the model, once the workers ``after`` which it comes have ended."""
        self._predecessors = after
        self.send(self._load)
        self._reader.start()

    def send(self, command: Message) -> None:
        """Give the worker a command; one with a request number is watched until it ends."""
        with self._changed:
            if command.request and not isinstance(command, Cancel):
                self._pending.add(command.request)
                self._changed.notify_all()
        self._outbox.put(command)

    def cancel(self, request: int, *, at_once: bool) -> None:
        """End a job soon. ``at_once``: it is the one that runs now, so abort it through the shared memory."""
        with self._changed:
            self._cancelled[request] = time.monotonic() + self._limits.cancel_s
            if at_once and self._control:
                self._control.cancel(request)
            self._changed.notify_all()
        self._outbox.put(Cancel(request))

    def end(self) -> None:
        """Ask the process to end, and kill it should it not. Nothing is waited for."""
        with self._changed:
            if not self._is_ending:
                self._is_ending = True
                self._quit_by = time.monotonic() + self._limits.quit_s
                if self._control and self._pending:
                    self._control.cancel(min(self._pending))
            self._changed.notify_all()
        self._outbox.put(Quit(0))

    def kill(self) -> None:
        """End the process now. Nothing is waited for."""
        with self._changed:
            self._is_ending = True
            self._kill()

    def join(self) -> None:
        """Wait until the process and its threads are gone; call ``end`` or ``kill`` before."""
        self._reader.join()

    @property
    def has_ended(self) -> bool:
        """Whether process and threads are gone."""
        return self._has_ended.is_set()

    @property
    def pid(self) -> int | None:
        """The process's number, ``None`` before it is started."""
        return self._process.pid if self._process else None

    # --- the reader -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        # This thread lives as long as the process: Linux's parent-death signal goes by the thread that started it.
        try:
            for worker in self._predecessors:  # their memory is needed
                worker.join()
            self._predecessors = ()
            process = None if self._is_ending else self._spawn()
            exit_code = self._converse(process) if process else 0
            self._mailbox.post(EngineEvent(self.number, self._death(exit_code)))
        finally:
            self._has_ended.set()

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        if not Path(self._load.path).is_file():
            path = Path(self._load.path)
            self._cause = failure_of(0, ModelMissing(name=path.name, path=path))
            return None
        control: ControlMemory | None = None
        try:
            control = ControlMemory()
            command = [*self._command, "--control", str(control.path), "--model", self._load.path]
            process = start(command, control.descriptors)
        except OSError as error:
            if control:
                control.close()
            self._cause = failure_of(0, EngineCrashed(reason=Reason.CANNOT_START(why=error)))
            return None
        with self._changed:
            self._process, self._control = process, control
            if self._is_ending:
                self._kill()
        return process

    def _converse(self, process: subprocess.Popen[bytes]) -> int:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self._log.start(process.stderr)
        writer = threading.Thread(target=self._write, args=(process.stdin,), name="engine-writer", daemon=True)
        watch = threading.Thread(target=self._watch, args=(process,), name="engine-watch", daemon=True)
        writer.start()
        watch.start()
        try:
            self._read(process.stdout)
        finally:
            exit_code = reap(process)
            with self._changed:
                self._pending.clear()
                self._process = None
                control, self._control = self._control, None
                self._changed.notify_all()
            self._outbox.put(None)
            writer.join()
            watch.join()
            self._log.join(EXIT_S)
            process.stdout.close()
            if control:
                control.close()
        return exit_code

    def _read(self, stream: IO[bytes]) -> None:
        try:
            while message := read_frame(stream):
                self._hear(message)
                self._mailbox.post(EngineEvent(self.number, message))
        except (ProtocolError, OSError) as error:
            self._give_up(EngineCrashed(reason=Reason.NOT_UNDERSTOOD(what=error)))

    def _hear(self, message: Message) -> None:
        with self._changed:
            self._heard += 1
            if type(message).__name__ in _ENDS:
                self._pending.discard(message.request)
                self._cancelled.pop(message.request, None)
        if isinstance(message, Hello):
            if message.version != VERSION:
                raise ProtocolError(f"version {message.version} instead of {VERSION}")
            self._model_pid = message.pid

    def _death(self, exit_code: int) -> WorkerDied:
        with self._changed:
            return WorkerDied(0, exit_code, self._log.text, expected=self._is_ending, cause=self._cause)

    # --- the writer and the watch -----------------------------------------------------------------------------------

    def _write(self, stream: IO[bytes]) -> None:
        try:
            while command := self._outbox.get():
                stream.write(encode(command))  # 4 ms for a long conversation, which the main thread does not have
                stream.flush()
        except OSError:
            pass  # the process is gone; the reader says so
        finally:
            with suppress(OSError):  # the same, once more for what was still in the buffer
                stream.close()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        pulse = Pulse(self._limits.heartbeat_s, lambda: processor_time(self._model_pid or process.pid))
        pulse.restart(time.monotonic())
        with self._changed:
            while self._process:
                now = time.monotonic()
                if not self._pending:
                    pulse.restart(now)
                elif pulse.is_hung(now, self._signs()):
                    self._give_up(EngineHung(seconds=round(self._limits.heartbeat_s)))
                if any(by <= now for by in self._cancelled.values()):
                    self._give_up(EngineHung(seconds=round(self._limits.cancel_s)))
                if self._quit_by and self._quit_by <= now:
                    self._kill()
                self._changed.wait(self._next_look(now, pulse))

    def _next_look(self, now: float, pulse: Pulse) -> float | None:
        """Return in how many seconds the watch must look again, ``None`` when only something new can concern it."""
        deadlines = [*self._cancelled.values(), *([self._quit_by] if self._quit_by else [])]
        waits = [max(0.001, by - now) for by in deadlines] + ([pulse.interval_s] if self._pending else [])
        return min(waits, default=None)

    def _signs(self) -> tuple[int, int]:
        return self._heard, self._control.heartbeat if self._control else 0

    def _give_up(self, error: EngineError) -> None:
        with self._changed:
            self._cause = self._cause or failure_of(0, error)
            self._kill()

    def _kill(self) -> None:
        self._cancelled.clear()
        self._quit_by = None
        if self._process:
            self._process.kill()
