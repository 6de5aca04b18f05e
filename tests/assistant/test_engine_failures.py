"""Failures and exit codes in words."""

from __future__ import annotations

import signal
import sys

import pytest

from assistant import errors
from assistant.engine.failures import error_of, exit_reason, failure_of
from assistant.engine.protocol import Failed

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def test_a_failure_becomes_the_error_it_names():
    error = error_of(Failed(3, "ContextFull", {"prompt_tokens": 9000, "context_length": 8192}))

    assert isinstance(error, errors.ContextFull)
    assert "9000" in error.message


@pytest.mark.parametrize("kind", ["Nonsense", "DatabaseDamaged", "Sentence", "ContextFull", "__doc__"])
def test_a_failure_that_is_unknown_or_incomplete_or_of_another_room_is_a_general_one(kind):
    error = error_of(Failed(3, kind, {"reason": "out of luck"}))

    assert isinstance(error, errors.GenerationFailed)
    assert "out of luck" in error.message


def test_a_failure_without_any_reason_still_has_a_sentence():
    assert "Nonsense" in error_of(Failed(3, "Nonsense", {})).message


def test_an_error_survives_the_way_there_and_back():
    error = errors.EngineCrashed(reason="it fell")

    assert error_of(failure_of(1, error)).message == error.message


@POSIX
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "memory"),
        (signal.SIGSEGV, "segmentation fault"),
        (signal.SIGILL, "processor"),
        (signal.SIGBUS, "model file"),
        (signal.SIGTERM, "another program"),
        (signal.SIGUSR1, "SIGUSR1"),
        (250, "250"),
    ],
)
def test_a_signal_is_told_in_words(number, words):
    assert words in exit_reason(-number)


@POSIX
def test_an_abort_quotes_what_was_said_last_and_not_the_stacks():
    log = "loading\nGGML_ASSERT(n > 0) failed\nFatal Python error: Aborted\n\nExtension modules: numpy"

    assert exit_reason(-signal.SIGABRT, log) == "llama.cpp gave up (“GGML_ASSERT(n > 0) failed”)"


def test_an_exit_code_quotes_the_last_line():
    log = "Traceback …\nModuleNotFoundError: No module named 'llama_cpp'\n"

    assert "code 1" in exit_reason(1, log)
    assert "No module named" in exit_reason(1, log)
    assert exit_reason(3) == "its process ended with code 3"
    assert exit_reason(0) == "its process ended by itself"


@pytest.mark.parametrize("code", [0xC0000005, 0xC0000005 - (1 << 32)])
def test_windows_codes_are_told_in_words(monkeypatch, code):
    monkeypatch.setattr(sys, "platform", "win32")

    assert "access violation" in exit_reason(code)
    assert "0xC0000999" in exit_reason(0xC0000999)
