"""The engine with llama.cpp and the starter model: the sandbox stands, and the model works in it."""

from __future__ import annotations

import sys

import pytest

from assistant.engine import landlock
from assistant.engine.protocol import Sampling, Turn
from assistant.engine.state import Phase
from tests.fakes.engine_driver import EngineDriver

pytestmark = pytest.mark.slow


@pytest.fixture
def driver(tmp_path):
    driver = EngineDriver(tmp_path, command=None)
    yield driver
    driver.engine.close()


def test_a_real_model_answers_inside_the_sandbox(driver, starter_model):
    driver.engine.load(starter_model, context_length=512)
    request = driver.ask("What is gravity?", Sampling(temperature=0, max_tokens=12))
    done = driver.end(request)

    assert "gravity" in driver.text(request).lower()
    assert (done.finish_reason, done.completion_tokens) == ("length", 12)
    if sys.platform == "linux" and landlock.version():
        assert driver.engine.hello.sandbox == ("landlock", "seccomp")


def test_the_next_turn_evaluates_only_what_is_new(driver, starter_model):
    driver.engine.load(starter_model, context_length=1024)
    turns = [Turn("user", "Count from one to ten.")]
    first = driver.engine.generate(turns, Sampling(temperature=0, max_tokens=30))
    driver.end(first)
    turns += [Turn("assistant", driver.text(first)), Turn("user", "And now back.")]
    second = driver.end(driver.engine.generate(turns, Sampling(temperature=0, max_tokens=5)))

    assert second.reused_tokens >= second.prompt_tokens - 25


def test_a_real_answer_is_stopped_and_the_model_stays_ready(driver, starter_model):
    driver.engine.load(starter_model)
    request = driver.ask("Write a very long story about a ship.", Sampling(seed=1))
    driver.until_text(request)
    driver.engine.cancel(request)

    assert driver.end(request).finish_reason == "cancelled"
    assert driver.engine.state.phase is Phase.READY
