"""Loading that fails is tried again with less, by itself, in new processes; each try is told."""

from __future__ import annotations

import pytest

from assistant.engine.state import Phase
from assistant.engine.steps import StepKind
from tests.fakes.engine_driver import EngineDriver


@pytest.fixture
def driver(tmp_path):
    driver = EngineDriver(tmp_path)
    yield driver
    driver.engine.close()


def tries(driver):
    """Return what was given up in each try at loading, and how it ended."""
    found = []
    for state in driver.states:
        told = (state.phase.value, *(step.words for step in state.steps))
        if state.phase in (Phase.LOADING, Phase.READY, Phase.FAILED) and told not in found:
            found.append(told)
    return found


def test_layers_that_have_no_room_leave_the_graphics_card(driver):
    driver.load("gpu-layers8.gguf", layers=32)

    assert tries(driver) == [
        ("loading",),
        ("loading", "16 layers on the graphics card"),
        ("loading", "8 layers on the graphics card"),
        ("ready", "8 layers on the graphics card"),
    ]
    assert driver.engine.state.facts.gpu_layers == 8


def test_a_driver_that_kills_the_process_is_left_out(driver):
    driver.load("gpu-dies0.gguf", layers=32, context_length=4096)

    assert tries(driver)[-1] == ("ready", "the processor alone")
    assert (driver.engine.state.facts.gpu_layers, driver.engine.state.facts.context_length) == (0, 4096)


def test_a_context_without_room_becomes_shorter(driver):
    driver.load("context2048.gguf", context_length=8192)

    assert tries(driver) == [
        ("loading",),
        ("loading", "a context of 4,096 tokens"),
        ("loading", "a context of 2,048 tokens"),
        ("ready", "a context of 2,048 tokens"),
    ]


def test_then_the_cache_is_compressed(driver):
    driver.load("q8.gguf")

    assert tries(driver)[-1] == ("ready", "a context of 2,048 tokens", "a compressed context cache")
    assert driver.engine.state.facts.cache_type == "q8_0"


def test_a_process_that_dies_of_its_context_is_tried_again(driver):
    driver.load("dies.gguf")

    assert [step.kind for step in driver.engine.state.steps] == [StepKind.SHORTER_CONTEXT, StepKind.SMALLER_CACHE]


def test_what_was_asked_meanwhile_is_answered_at_last(driver):
    driver.engine.load(driver.model("gpu-dies8-context2048.gguf"), layers=32)
    request = driver.ask("hello")

    assert driver.end(request).finish_reason == "stop"
    assert driver.text(request) == "hello"


def test_when_nothing_helps_the_last_reason_is_told_and_all_is_as_it_was_asked_for(driver):
    driver.engine.load(driver.model("big.gguf"))
    request = driver.ask("hello")

    assert driver.end(request).kind == "ModelTooBig"
    assert driver.engine.state.phase is Phase.FAILED
    assert driver.engine.worker_pid is None
    assert len(tries(driver)) == 5
    driver.states.clear()
    assert driver.end(driver.ask("once more")).kind == "ModelTooBig"
    assert len(tries(driver)) == 5


def test_a_model_too_big_can_be_loaded_anyway(driver):
    driver.load("big.gguf", is_forced=True)

    assert tries(driver) == [("loading",), ("ready",)]


@pytest.mark.parametrize("name", ["gpu-refused.gguf", "gpu-damaged.gguf", "crash.gguf"])
def test_what_less_would_not_help_is_not_tried_again(driver, name):
    driver.engine.load(driver.model(name), layers=32)
    driver.until_phase(Phase.FAILED)

    assert [told[0] for told in tries(driver)] == ["loading", "failed"]


def test_a_restart_begins_with_what_has_worked(driver):
    driver.load("context2048.gguf")
    driver.states.clear()
    driver.end(driver.ask("crash"))
    driver.end(driver.ask("hello"))

    assert ("loading",) not in tries(driver)
    assert driver.engine.state.steps[0].value == 2048


def test_another_model_begins_anew(driver):
    driver.load("context2048.gguf")
    driver.load("other.gguf")

    assert driver.engine.state.steps == ()
    assert driver.engine.state.facts.context_length == 8192


def test_an_answer_is_written_in_a_state_that_knows_the_steps(driver):
    driver.load("context2048.gguf")
    request = driver.ask("endless")
    driver.until_text(request)

    assert driver.engine.state.phase is Phase.WRITING
    assert driver.engine.state.steps
    driver.engine.cancel(request)
    driver.end(request)


def test_unloading_ends_the_tries(driver):
    driver.engine.load(driver.model("gpu-dies0-endless.gguf"), layers=32)
    driver.until(lambda: driver.engine.state.steps)
    driver.engine.unload()

    assert driver.engine.state.phase is Phase.EMPTY
    driver.load("small.gguf")
