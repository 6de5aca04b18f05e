"""What goes wrong with a worker, as errors with a sentence for the user."""

from __future__ import annotations

import signal
import sys

from assistant import errors
from assistant.engine.protocol import Failed
from assistant.errors import AssistantError, EngineError, GenerationFailed, ModelError
from assistant.i18n import _

STATUS_ACCESS_VIOLATION = 0xC0000005
_JSON = (str, int, float, bool, type(None))
_WINDOWS_STATUS_BASE = 0xC0000000


def error_of(failed: Failed) -> AssistantError:
    """Return the error that ``failed`` names; GenerationFailed for one that is unknown or lacks values."""
    found = getattr(errors, failed.kind, None)
    if isinstance(found, type) and issubclass(found, EngineError | ModelError):
        error = found(**failed.values)
        if _is_complete(error):
            return error
    return GenerationFailed(reason=failed.values.get("reason") or failed.kind)


def failure_of(request: int, error: AssistantError, log: str = "") -> Failed:
    """Return the message that ``error_of`` turns into ``error`` again; its values are of JSON's types."""
    values = {name: value if isinstance(value, _JSON) else str(value) for name, value in error.values.items()}
    return Failed(request, type(error).__name__, values, log)


def _is_complete(error: AssistantError) -> bool:
    try:
        return bool(error.message)
    except (KeyError, IndexError, ValueError, AttributeError):  # a field of the sentence has no value
        return False


def exit_reason(code: int, log: str = "") -> str:
    """Return in the user's words how a process ended that was not told to.

    ``code`` as ``subprocess`` gives it (negative: ended by that signal; on Windows 32 bits, also unsigned), ``log``
    its last lines, of which the last is quoted where it tells more than the code.
    """
    if code < 0 and sys.platform != "win32":
        return _signal_reason(-code, _last_line(log))
    if code & 0xFFFFFFFF >= _WINDOWS_STATUS_BASE:
        return _windows_reason(code & 0xFFFFFFFF)
    if code == 0:
        return _("its process ended by itself")
    return _quoting(_("its process ended with code {code}").format(code=code), _last_line(log))


def _signal_reason(number: int, last_line: str) -> str:
    words = {
        "SIGKILL": _("it was killed, perhaps because memory ran out"),
        "SIGSEGV": _("it touched memory that is not its own (segmentation fault)"),
        "SIGBUS": _("its model file could no longer be read (bus error)"),
        "SIGILL": _("this processor lacks an instruction that it needs"),
        "SIGFPE": _("it made an impossible calculation"),
        "SIGTERM": _("another program ended it"),
        "SIGHUP": _("another program ended it"),
        "SIGINT": _("it was interrupted"),
    }
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = ""
    if name == "SIGABRT":
        return _quoting(_("llama.cpp gave up"), last_line)
    return words.get(name) or _("signal {number} ended it").format(number=name or number)


def _windows_reason(status: int) -> str:
    words = {
        STATUS_ACCESS_VIOLATION: _("it touched memory that is not its own (access violation)"),
        0xC0000006: _("its model file could no longer be read"),
        0xC0000017: _("memory ran out"),
        0xC000001D: _("this processor lacks an instruction that it needs"),
        0xC0000094: _("it made an impossible calculation"),
        0xC00000FD: _("its stack overflowed"),
        0xC0000135: _("a library that it needs is missing"),
        0xC000013A: _("it was interrupted"),
        0xC0000409: _("llama.cpp gave up"),
    }
    return words.get(status) or _("its process ended with code {code}").format(code=f"0x{status:08X}")


def _quoting(words: str, line: str) -> str:
    return _("{what} (“{line}”)").format(what=words, line=line) if line else words


def _last_line(log: str) -> str:
    log = log.partition("Fatal Python error:")[0] or log  # faulthandler's stacks come after what tells the reason
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
