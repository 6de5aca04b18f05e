"""What goes wrong with a worker, as errors with a sentence for the user."""

from __future__ import annotations

import signal
import sys

from assistant import errors
from assistant.engine.protocol import Failed
from assistant.engine.reasons import Reason, from_plain_values, to_plain_values
from assistant.errors import AssistantError, EngineError, GenerationFailed, ModelError
from assistant.i18n import Sentence

STATUS_ACCESS_VIOLATION = 0xC0000005
_WINDOWS_STATUS_BASE = 0xC0000000


def error_of(failed: Failed) -> AssistantError:
    """Return the error that ``failed`` names; GenerationFailed for one that is unknown or lacks values."""
    found, values = getattr(errors, failed.kind, None), from_plain_values(failed.values)
    if isinstance(found, type) and issubclass(found, EngineError | ModelError):
        error = found(**values)
        if _is_complete(error):
            return error
    return GenerationFailed(reason=values.get("reason") or failed.kind)


def failure_of(request: int, error: AssistantError, log: str = "") -> Failed:
    """Return the message that ``error_of`` turns into ``error`` again; its values are as JSON holds them."""
    return Failed(request, type(error).__name__, to_plain_values(error.values), log)


def _is_complete(error: AssistantError) -> bool:
    try:
        return bool(error.message)
    except (KeyError, IndexError, ValueError, AttributeError):  # a field of the sentence has no value
        return False


def exit_reason(code: int, log: str = "") -> Sentence:
    """Return how a process ended that was not told to.

    ``code`` as ``subprocess`` gives it (negative: ended by that signal; on Windows 32 bits, also unsigned), ``log``
    its last lines, of which the last is quoted where it tells more than the code.
    """
    if code < 0 and sys.platform != "win32":
        return _signal_reason(-code, _last_line(log))
    if code & 0xFFFFFFFF >= _WINDOWS_STATUS_BASE:
        return _windows_reason(code & 0xFFFFFFFF)
    if code == 0:
        return Reason.ENDED()
    return _quoting(Reason.ENDED_WITH(code=code), _last_line(log))


_BY_SIGNAL = {
    "SIGKILL": Reason.KILLED,
    "SIGSEGV": Reason.SEGMENTATION_FAULT,
    "SIGBUS": Reason.BUS_ERROR,
    "SIGILL": Reason.NO_INSTRUCTION,
    "SIGFPE": Reason.IMPOSSIBLE_CALCULATION,
    "SIGTERM": Reason.ENDED_BY_ANOTHER,
    "SIGHUP": Reason.ENDED_BY_ANOTHER,
    "SIGINT": Reason.INTERRUPTED,
}
_BY_STATUS = {
    STATUS_ACCESS_VIOLATION: Reason.ACCESS_VIOLATION,
    0xC0000006: Reason.FILE_GONE,
    0xC0000017: Reason.NO_MEMORY,
    0xC000001D: Reason.NO_INSTRUCTION,
    0xC0000094: Reason.IMPOSSIBLE_CALCULATION,
    0xC00000FD: Reason.STACK_OVERFLOW,
    0xC0000135: Reason.NO_LIBRARY,
    0xC000013A: Reason.INTERRUPTED,
    0xC0000409: Reason.GAVE_UP,
}


def _signal_reason(number: int, last_line: str) -> Sentence:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = ""
    if name == "SIGABRT":
        return _quoting(Reason.GAVE_UP(), last_line)
    return _BY_SIGNAL[name]() if name in _BY_SIGNAL else Reason.SIGNAL(number=name or number)


def _windows_reason(status: int) -> Sentence:
    return _BY_STATUS[status]() if status in _BY_STATUS else Reason.ENDED_WITH(code=f"0x{status:08X}")


def _quoting(words: Sentence, line: str) -> Sentence:
    return Reason.QUOTING(what=words, line=line) if line else words


def _last_line(log: str) -> str:
    log = log.partition("Fatal Python error:")[0] or log  # faulthandler's stacks come after what tells the reason
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
