"""The engine over the scripted model in a real worker process: the ways things go when nothing breaks."""

from __future__ import annotations

import threading

import pytest

from assistant.changes import EngineChanged
from assistant.engine.protocol import BACKGROUND, Done, Failed, PromptProgress, Sampling, Tokens, Turn
from assistant.engine.state import EngineState, Phase
from assistant.errors import ModelLoadFailed, ModelMissing
from tests.fakes.engine_driver import EngineDriver
from tests.fakes.scripted_worker import MARKDOWN


@pytest.fixture
def driver(tmp_path):
    driver = EngineDriver(tmp_path)
    yield driver
    driver.engine.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("engine-")]


def test_at_first_there_is_no_model(driver):
    assert driver.engine.state == EngineState()
    driver.engine.restart()
    assert driver.engine.take_changes() == []
    assert driver.engine.worker_pid is None


def test_a_new_state_is_told_once_to_whoever_asks_first(driver):
    driver.engine.load(driver.model())
    changes = driver.engine.take_changes()
    driver.until_phase(Phase.READY)

    assert changes == [EngineChanged(EngineState(Phase.LOADING, driver.folder / "model.gguf", 0, 1000))]
    assert driver.states[0] != changes[0].state


def test_a_model_loads_with_progress_and_tells_its_facts(driver):
    driver.load("slow.gguf", context_length=512)

    assert driver.phases() == [Phase.LOADING, Phase.READY]
    assert any(0 < state.done < state.total == 1000 for state in driver.states)
    assert driver.engine.state.facts.context_length == 512
    assert driver.engine.hello.pid == driver.engine.worker_pid


def test_an_answer_streams_and_the_phases_follow_it(driver):
    driver.load()
    request = driver.ask("paced 30")
    done = driver.end(request)

    assert driver.text(request).split()[-1] == "word30"
    assert (done.finish_reason, done.completion_tokens) == ("stop", 30)
    assert driver.phases() == [Phase.LOADING, Phase.READY, Phase.READING, Phase.WRITING, Phase.READY]


def test_reading_the_prompt_is_reported(driver):
    driver.load()
    request = driver.ask("prompt 200")
    driver.end(request)

    progress = [message for message in driver.messages if isinstance(message, PromptProgress)]
    assert any(0 < message.done < message.total for message in progress)
    assert any(state.phase is Phase.READING and 0 < state.done < state.total for state in driver.states)


def test_markdown_comes_through_as_it_is(driver):
    driver.load()
    request = driver.ask("markdown")
    driver.end(request)

    assert driver.text(request) == MARKDOWN


def test_an_answer_cut_short_is_gone_on_with(driver):
    driver.load()
    request = driver.engine.generate([Turn("user", "long 5"), Turn("assistant", "word1 word2")], Sampling())
    driver.end(request)

    assert driver.text(request) == " word3 word4 word5"


def test_candidates_come_with_the_tokens_when_asked_for(driver):
    driver.load()
    request = driver.ask("long 2", candidates=3)
    driver.end(request)

    found = [token for message in driver.messages if isinstance(message, Tokens) for token in message.candidates]
    assert [len(candidates) for candidates in found] == [3, 3]


def test_a_question_asked_while_the_model_loads_waits_for_it(driver):
    driver.engine.load(driver.model("slow.gguf"))
    first, second = driver.ask("one"), driver.ask("two")

    assert isinstance(driver.end(first), Done)
    assert isinstance(driver.end(second), Done)
    assert (driver.text(first), driver.text(second)) == ("one", "two")


def test_without_a_model_a_request_fails_with_a_sentence(driver):
    requests = [driver.ask("hello"), driver.ask("title", sequence=BACKGROUND)]
    driver.until(lambda: len(driver.messages) == 2)

    assert driver.messages == [Failed(request, "NoModel", {}) for request in requests]


def test_background_work_is_not_shown(driver):
    driver.load()
    request = driver.ask("paced 20", sequence=BACKGROUND)
    driver.end(request)

    assert driver.phases() == [Phase.LOADING, Phase.READY]


@pytest.mark.parametrize("question", ["endless", "prompt 100000"])
def test_stop_is_obeyed_and_nothing_more_is_said(driver, question):
    driver.load()
    request = driver.ask(question)
    driver.until(lambda: [message for message in driver.messages if message.request == request])
    driver.engine.cancel(request)
    driver.engine.cancel(request)
    heard = len(driver.messages)
    done = driver.end(request)

    assert done.finish_reason == "cancelled"
    assert driver.messages[heard:] == [done]
    assert driver.engine.state.phase is Phase.READY


def test_a_question_can_be_taken_back_while_the_model_loads(driver):
    driver.engine.load(driver.model("slow.gguf"))
    request = driver.ask("endless")
    driver.engine.cancel(request)

    assert driver.end(request) == Done(request, "cancelled", 0, 0, 0, 0.0, 0.0)
    driver.until_phase(Phase.READY)


def test_a_late_stop_hits_no_other_request(driver):
    driver.load()
    first = driver.ask("one")
    driver.end(first)
    driver.engine.cancel(first)
    second = driver.ask("paced 30")

    assert driver.end(second).finish_reason == "stop"


def test_stopping_one_of_two_leaves_the_other(driver):
    driver.load()
    first, second = driver.ask("paced 50"), driver.ask("endless")
    driver.until_text(first)
    driver.engine.cancel(second)

    assert driver.end(first).finish_reason == "stop"
    assert driver.end(second).finish_reason == "cancelled"


def test_another_model_ends_the_answer_and_the_old_process(driver):
    driver.load("one.gguf")
    request = driver.ask("endless")
    driver.until_text(request)
    driver.engine.load(driver.model("two.gguf"))
    waiting = driver.ask("later")

    assert driver.end(request).finish_reason == "cancelled"
    assert driver.end(waiting).finish_reason == "stop"
    assert driver.engine.state.path.name == "two.gguf"
    assert driver.engine._former == []


def test_another_model_ends_the_loading_of_the_first(driver):
    driver.engine.load(driver.model("endless.gguf"))
    driver.until(lambda: driver.engine.state.done)
    driver.load("two.gguf")

    assert driver.engine.state.path.name == "two.gguf"


def test_three_choices_in_a_row_end_with_the_last(driver):
    for name in ("one.gguf", "two.gguf", "three.gguf"):
        driver.engine.load(driver.model(name))
    request = driver.ask("hello")
    driver.end(request)

    assert driver.engine.state.path.name == "three.gguf"


def test_unloading_frees_the_memory_and_ends_what_was_asked(driver):
    driver.load()
    request = driver.ask("endless")
    driver.until_text(request)
    driver.engine.unload()

    assert driver.end(request).finish_reason == "cancelled"
    assert driver.engine.state == EngineState()
    driver.engine.load(driver.model("slow.gguf"))
    waiting = driver.ask("hello")
    driver.engine.unload()
    assert driver.end(waiting).kind == "NoModel"


def test_a_missing_file_is_named(driver, tmp_path):
    driver.engine.load(tmp_path / "nowhere.gguf")
    request = driver.ask("hello")
    failed = driver.end(request)

    assert failed.kind == "ModelMissing"
    assert driver.engine.state.phase is Phase.FAILED
    assert isinstance(driver.engine.state.error, ModelMissing)
    assert "nowhere.gguf" in driver.engine.state.error.message


@pytest.mark.parametrize("name", ["refused.gguf", "bug.gguf"])
def test_a_model_that_cannot_be_loaded_says_why(driver, name):
    driver.engine.load(driver.model(name))
    request = driver.ask("hello")

    assert driver.end(request).kind == "ModelLoadFailed"
    assert isinstance(driver.engine.state.error, ModelLoadFailed)
    assert name in driver.engine.state.error.message


def test_a_failed_answer_leaves_the_model_ready(driver):
    driver.load()
    for question, kind in [("fail", "GenerationFailed"), ("bug", "GenerationFailed")]:
        request = driver.ask(question)
        assert driver.end(request).kind == kind
    assert driver.engine.state.phase is Phase.READY


def test_restarting_loads_the_same_model_again(driver):
    driver.load()
    before = driver.engine.worker_pid
    driver.engine.restart()
    driver.until_phase(Phase.READY)

    assert driver.engine.worker_pid != before
    assert driver.engine.state.path.name == "model.gguf"
