"""A model that needs more memory than there is, chosen in the window; the worker is the real one."""

import re

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel

from assistant.engine.hardware import is_gpu_build
from assistant.engine.state import Phase
from assistant.engine.template import CHATML
from assistant.errors import ModelTooBig
from tests.fakes import big_model, tiny_model
from tests.fakes.window import Driver
from ui.widgets.dialog import Question

SENTENCE = re.compile(r"“.*big\.gguf” needs about [\d.]+ GiB of memory, but only [\d.]+ GiB can be used\.")

with_the_processor_alone = pytest.mark.skipif(is_gpu_build(), reason="a GPU may have the room")


@pytest.fixture
def driver(qtbot, home):
    home.settings.write_text('[model]\ndefault = "tiny"\n')
    tiny_model.write(home.models / "tiny.gguf", template=CHATML)
    driver = Driver(qtbot, home, command=None)
    driver.window.settings.apply("sampling.max_tokens", 8)
    yield driver
    driver.close()


@pytest.fixture
def big(home):
    """A model that this computer could never load."""
    return big_model.write(home.models / "big.gguf")


def choose(driver, name, answer="cancel"):
    """Choose a model at the top of the window, and answer when it asks; returns what it said."""
    said = []

    def reply():
        question = driver.window.findChild(Question)
        if question is not None:
            said.extend(label.text() for label in question.findChildren(QLabel) if label.text())
            question.buttons[answer].click()

    QTimer.singleShot(0, driver.window, reply)
    driver.page.header.picker.model_chosen.emit(name)
    return said


def is_ready(driver):
    return driver.assistant.engine.state.phase is Phase.READY


@with_the_processor_alone
@pytest.mark.usefixtures("big")
def test_it_is_said_and_conversation_and_typed_text_stay(driver):
    driver.ask("hello")
    before = driver.contents()
    driver.type("half a thought")
    said = choose(driver, "big")
    assert any(SENTENCE.fullmatch(words) for words in said)
    assert ModelTooBig.advice in said
    assert (driver.contents(), driver.page.composer.text()) == (before, "half a thought")


@pytest.mark.usefixtures("big")
def test_another_model_can_be_chosen_afterwards(driver):
    choose(driver, "big")
    choose(driver, "tiny")
    driver.until(lambda: is_ready(driver))
    driver.ask("hello")
    assert driver.contents()[0] == "hello"
    assert driver.contents()[1]


@with_the_processor_alone
@pytest.mark.usefixtures("big")
def test_loaded_all_the_same_it_fails_and_everything_else_stays(driver):
    driver.ask("hello")
    before = driver.contents()
    driver.type("half a thought")
    choose(driver, "big", "load")
    driver.until(driver.page.notice.isVisible)
    assert driver.assistant.engine.state.phase is Phase.FAILED
    assert "big.gguf" in driver.page.notice.sentence.text()
    assert (driver.contents(), driver.page.composer.text()) == (before, "half a thought")
    choose(driver, "tiny")
    driver.until(lambda: is_ready(driver))
    assert not driver.page.notice.isVisible()


@with_the_processor_alone
@pytest.mark.usefixtures("big")
def test_the_model_in_use_goes_on_when_the_other_could_never_be_loaded(driver):
    worker = driver.assistant.engine.worker_pid
    choose(driver, "big")
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
