"""Measurements of this computer and of models on it, each in a process of its own: what is measured may crash.

All functions here block, so they belong into a task. ``measurer`` is the other side.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.engine import placement
from assistant.engine.failures import error_of, exit_reason
from assistant.engine.protocol import Failed
from assistant.engine.reasons import Reason
from assistant.engine.spawn import MEASURER, reap, start
from assistant.errors import AssistantError, ModelLoadFailed
from assistant.i18n import Sentence

_LOG_CHARS = 4000


@dataclass(frozen=True)
class Measured:
    """The memory a model takes, in bytes: its weights, the KV cache with recurrent states, and room to compute in."""

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int

    @property
    def total_bytes(self) -> int:
        """All three together."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes


@dataclass(frozen=True)
class Wish:
    """How the model would be run; the defaults are the worker's on a CPU.

    ``sequences`` share the cache, ``ubatch`` tokens are evaluated at a time.
    """

    context_length: int
    sequences: int = placement.SEQUENCES
    ubatch: int = placement.CPU_BATCH
    cache_type: str = "f16"
    gpu_layers: int = 0


class Measuring:
    """The measurers that run for somebody, who ends them all with ``close``. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self.is_closed = False

    def close(self) -> None:
        """End those that run, and every later one at once: whoever waits for them gets NoAnswer."""
        with self._lock:
            self.is_closed = True
            for process in self._processes:
                process.kill()

    @contextmanager
    def holding(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Have ``process`` among them meanwhile."""
        with self._lock:
            self._processes.add(process)
            if self.is_closed:
                process.kill()
        try:
            yield
        finally:
            with self._lock:
                self._processes.discard(process)


def measure_memory(
    hollow: Path,
    wish: Wish,
    *,
    timeout_s: float = 30.0,
    command: Sequence[str] = MEASURER,
    among: Measuring | None = None,
) -> Measured:
    """Return what the model in ``hollow`` (a hollow file or a whole one) will take, by llama.cpp's own account.

    Blocks for a second or less. Raises ModelLoadFailed, also when the process crashes or takes too long; ModelNotFound
    and NotAModelFile.
    """
    try:
        found = ask([*command, "memory", str(hollow), json.dumps(asdict(wish))], timeout_s, among)
        return Measured(**found)
    except NoAnswer as error:
        raise ModelLoadFailed(path=hollow, reason=error.reason) from error
    except TypeError as error:
        raise ModelLoadFailed(path=hollow, reason=Reason.NOT_UNDERSTOOD(what=found)) from error


class NoAnswer(Exception):
    """The process ended without a result."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason


def ask(
    command: list[str], timeout_s: float, among: Measuring | None = None
) -> dict[str, Any]:  # Any: whatever JSON holds
    """Run a measurer and return what it found. Raises NoAnswer, and the AssistantError that it met."""
    try:
        process = start(command)
    except OSError as error:
        raise NoAnswer(Reason.CANNOT_START(why=error)) from error
    with process, (among or Measuring()).holding(process):
        try:
            output, log = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise NoAnswer(Reason.SLOWER_THAN(seconds=round(timeout_s))) from error
        exit_code = reap(process)
    if exit_code:
        raise NoAnswer(exit_reason(exit_code, log.decode("utf-8", "replace")[-_LOG_CHARS:]))
    return _result(output)


def _result(output: bytes) -> dict[str, Any]:
    error: AssistantError | None = None
    try:
        found = json.loads(output)
        if "kind" in found:
            error = error_of(Failed(0, found["kind"], found["values"]))
    except (ValueError, TypeError, KeyError) as damage:
        raise NoAnswer(Reason.NOT_UNDERSTOOD(what=output[:80])) from damage
    if error:
        raise error
    return dict(found)
