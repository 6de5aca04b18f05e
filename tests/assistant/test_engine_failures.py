"""Failures and exit codes in words."""

from __future__ import annotations

import signal
import sys

import pytest

from assistant import errors
from assistant.engine.failures import error_of, exit_reason, failure_of
from assistant.engine.protocol import Failed, decode, encode
from assistant.engine.reasons import Reason
from assistant.i18n import Sentence, use_language

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


def through_the_pipe(error):
    return error_of(decode(encode(failure_of(1, error))[4:]))


def test_a_reason_of_ours_is_told_in_the_language_of_whoever_reads_it():
    error = through_the_pipe(errors.EngineCrashed(reason=exit_reason(7, "Segmentation fault")))

    assert "code 7 (“Segmentation fault”)" in error.message
    use_language("zh_CN")
    assert "退出代码为 7（“Segmentation fault”）" in error.message


def test_words_that_are_not_ours_stay_as_they_were_said():
    use_language("zh_CN")
    assert "no reason given" in through_the_pipe(errors.GenerationFailed(reason="no reason given")).message


@pytest.mark.parametrize(
    "said",
    [
        {"template": "{0.__class__}", "values": {}, "text": "the text"},
        {"template": "{x:>999999999}", "values": {"x": 1}, "text": "the text"},
        {"template": Reason.ENDED_WITH.value, "values": {}, "text": "the text"},
        {"template": Reason.ENDED_WITH.value, "values": 5, "text": "the text"},
        {"template": Reason.ENDED_WITH.value, "text": "the text"},
        {"template": ["x"], "values": {}, "text": "the text"},
    ],
)
def test_a_worker_gone_wild_has_no_templates_to_offer(said):
    error = error_of(Failed(1, "EngineCrashed", {"reason": said}))

    assert error.message == "The model stopped unexpectedly: the text."


def test_sentences_in_sentences_end_somewhere():
    said = {"template": Reason.QUOTING.value, "values": {"what": "deep", "line": "x"}, "text": "text"}
    for _ in range(500):
        said = {"template": Reason.QUOTING.value, "values": {"what": said, "line": "x"}, "text": "text"}

    assert "text (“x”)" in error_of(Failed(1, "EngineCrashed", {"reason": said})).message


def test_a_sentence_of_another_room_keeps_its_text():
    error = through_the_pipe(errors.ModelFileDamaged(path="a.gguf", reason=Sentence("its part {n} is gone", {"n": 2})))

    assert error.values["reason"] == "its part 2 is gone"


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
    assert words in str(exit_reason(-number))


@POSIX
def test_an_abort_quotes_what_was_said_last_and_not_the_stacks():
    log = "loading\nGGML_ASSERT(n > 0) failed\nFatal Python error: Aborted\n\nExtension modules: numpy"

    assert str(exit_reason(-signal.SIGABRT, log)) == "llama.cpp gave up (“GGML_ASSERT(n > 0) failed”)"


def test_an_exit_code_quotes_the_last_line():
    log = "Traceback …\nModuleNotFoundError: No module named 'llama_cpp'\n"

    assert "code 1" in str(exit_reason(1, log))
    assert "No module named" in str(exit_reason(1, log))
    assert str(exit_reason(3)) == "its process ended with code 3"
    assert str(exit_reason(0)) == "its process ended by itself"


@pytest.mark.parametrize("code", [0xC0000005, 0xC0000005 - (1 << 32)])
def test_windows_codes_are_told_in_words(monkeypatch, code):
    monkeypatch.setattr(sys, "platform", "win32")

    assert "access violation" in str(exit_reason(code))
    assert "0xC0000999" in str(exit_reason(0xC0000999))
