"""One answer on its way."""

import pytest

from assistant.changes import MessageChanged, MessageText
from assistant.chat.answer import LOOK_EVERY_S, SAVE_EVERY_S, Answer
from assistant.engine.protocol import Done, Failed, PromptProgress, Tokens
from assistant.store.rows import Status


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def answer(clock):
    return Answer(1, 2, 3, clock=clock)


def done(reason="stop"):
    return Done(3, reason, 10, 4, 2, 5.0, 9.0)


def test_text_adds_up(answer):
    answer.apply(Tokens(3, "Hel", 1))
    assert answer.apply(Tokens(3, "lo", 1)) == [MessageText(1, 2, "Hello")]


def test_the_end_is_reported_with_its_counts(answer):
    assert answer.apply(done()) == [MessageChanged(1, 2)]
    assert answer.status is Status.COMPLETE
    assert (answer.usage.prompt_tokens, answer.usage.reused_tokens) == (10, 4)


def test_a_cancelled_answer_is_stopped(answer):
    answer.apply(done("cancelled"))
    assert answer.status is Status.STOPPED


def test_a_failure_keeps_the_text_and_says_why(answer):
    answer.apply(Tokens(3, "Half", 1))
    answer.apply(Failed(3, "EngineCrashed", {"reason": "signal 11"}))
    assert (answer.status, answer.text, answer.error_kind) == (Status.FAILED, "Half", "EngineCrashed")
    assert answer.error_values == {"reason": "signal 11"}


def test_a_crash_after_stop_is_a_stop(answer):
    answer.is_stopping = True
    answer.apply(Failed(3, "EngineHung", {"seconds": 3}))
    assert answer.status is Status.STOPPED


def test_nothing_comes_after_the_end(answer):
    answer.apply(done())
    assert answer.apply(Tokens(3, "late", 1)) == []
    assert answer.text == ""


def test_progress_in_the_prompt_changes_no_message(answer):
    assert answer.apply(PromptProgress(3, 1, 2, 0)) == []


def test_looking_as_often_as_is_said_loses_no_more_than_a_second():
    assert SAVE_EVERY_S + LOOK_EVERY_S <= 1


def test_new_text_wants_saving_when_the_last_is_long_ago(answer, clock):
    answer.apply(Tokens(3, "Hello", 1))
    assert not answer.wants_saving
    clock.now = SAVE_EVERY_S
    assert answer.wants_saving
    answer.saved()
    assert not answer.wants_saving


def test_a_failed_saving_is_tried_again_later(answer, clock):
    answer.apply(Tokens(3, "Hello", 1))
    clock.now = SAVE_EVERY_S
    answer.not_saved()
    assert not answer.wants_saving
    clock.now = 2 * SAVE_EVERY_S
    assert answer.wants_saving
