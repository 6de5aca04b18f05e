"""A model that needs more memory than there is, chosen in the window; the worker is the real one."""

import re

import pytest

from assistant.engine.hardware import is_gpu_build
from assistant.engine.state import Phase
from assistant.engine.template import CHATML
from assistant.errors import ModelTooBig
from tests.fakes import big_model, tiny_model
from tests.fakes.window import Driver

SENTENCE = re.compile(r"“.*big\.gguf” needs about [\d.]+ GiB of memory, but only [\d.]+ GiB can be used\.")

with_the_processor_alone = pytest.mark.skipif(is_gpu_build(), reason="a GPU may have the room")


@pytest.fixture
def driver(qtbot, home):
    home.settings.write_text('[model]\ndefault = "tiny"\n')
    tiny_model.write(home.models / "tiny.gguf", template=CHATML)
    driver = Driver(qtbot, home, command=None)
    driver.window._apply_setting("sampling.max_tokens", 8)
    yield driver
    driver.close()


@pytest.fixture(params=[big_model.write, big_model.write_for_an_idle_computer], ids=["for this computer", "for now"])
def big(request, home):
    return request.param(home.models / "big.gguf")


def choose(driver, name):
    """Choose a model in the menu at the top of the window."""
    picker = driver.page.header.picker
    picker.fill_menu()
    next(action for action in picker.menu.actions() if action.data() == name).trigger()


def is_ready(driver):
    return driver.assistant.engine.state.phase is Phase.READY


@pytest.mark.usefixtures("big")
def test_it_is_said_and_conversation_and_typed_text_stay(driver):
    driver.ask("hello")
    before = driver.contents()
    driver.type("half a thought")
    choose(driver, "big")
    driver.until(driver.page.notice.isVisible)
    assert SENTENCE.fullmatch(driver.page.notice.sentence.text())
    assert driver.page.notice.hint.text() == ModelTooBig.advice
    assert (driver.contents(), driver.page.composer.text()) == (before, "half a thought")


@pytest.mark.usefixtures("big")
def test_another_model_can_be_chosen_afterwards(driver):
    choose(driver, "big")
    driver.until(driver.page.notice.isVisible)
    choose(driver, "tiny")
    driver.until(lambda: is_ready(driver))
    driver.ask("hello")
    assert driver.contents()[0] == "hello"
    assert driver.contents()[1]


@with_the_processor_alone
def test_the_model_in_use_goes_on_when_the_other_could_never_be_loaded(driver, home):
    big_model.write(home.models / "big.gguf")
    worker = driver.assistant.engine.worker_pid
    choose(driver, "big")
    assert SENTENCE.fullmatch(driver.page.notice.sentence.text())
    assert is_ready(driver)
    assert driver.assistant.engine.worker_pid == worker
    assert driver.assistant.settings.get("model.default") == "tiny"


@with_the_processor_alone
def test_a_default_model_that_became_too_big_gives_way_to_the_starter(qtbot, home):
    home.settings.write_text('[model]\ndefault = "big"\n')
    big_model.write(home.models / "big.gguf")
    driver = Driver(qtbot, home, command=None)
    assert SENTENCE.fullmatch(driver.page.notice.sentence.text())
    assert driver.assistant.models.used.id == "starter"
    driver.close()
