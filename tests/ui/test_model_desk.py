"""Choosing, unloading and forcing a model in the whole window, and what is said of it."""

import pytest
from PySide6.QtCore import QTimer

from assistant.changes import LoadSteppedDown
from assistant.engine.state import Phase
from assistant.engine.steps import StepKind
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.window import Driver
from ui.chat.model_rows import ModelRows
from ui.widgets.dialog import Question


@pytest.fixture
def driver(qtbot, home):
    write_tiny_gguf(home.models / "scripted.gguf", general__name="Scripted")
    write_tiny_gguf(home.models / "big.gguf", general__name="Big")
    write_tiny_gguf(home.models / "gpu-dies8.gguf", general__name="Dies")
    driver = Driver(qtbot, home)
    yield driver
    driver.close()


def phase(driver):
    return driver.assistant.engine.state.phase


def choose(driver, model_id):
    driver.page.header.picker.model_chosen.emit(model_id)


def answer(driver, words):
    """Answer the next question."""
    QTimer.singleShot(0, driver.window, lambda: driver.window.findChild(Question).buttons[words].click())


def test_the_verdicts_come_when_the_list_is_open(driver):
    driver.assistant.open_market()
    popup = driver.page.header.picker.popup
    driver.page.header.picker.open_menu()
    place = popup.rows.index(popup.rows.row_of("scripted"))
    assert place.data(ModelRows.PILL) is None
    driver.until(lambda: place.data(ModelRows.PILL) == ("Fits", "ok"))
    popup.close()


def test_unloading_frees_the_model_and_the_next_question_loads_it_again(driver):
    driver.page.header.picker.unload_requested.emit()
    assert phase(driver) is Phase.EMPTY
    assert driver.page.header.picker.words()[0] == "Choose a model"
    driver.ask("hello")
    assert driver.contents()[-1] == "hello"


def test_a_model_that_is_too_big_can_be_forced(driver):
    choose(driver, "big")
    driver.until(lambda: phase(driver) is Phase.FAILED)
    assert driver.page.notice.other.text() == "Choose another…"
    answer(driver, "load")
    driver.page.header.picker.forced.emit()
    driver.until(lambda: phase(driver) is Phase.READY)
    assert driver.page.notice.isHidden()


def test_without_the_wish_nothing_is_forced(driver):
    choose(driver, "big")
    driver.until(lambda: phase(driver) is Phase.FAILED)
    answer(driver, "cancel")
    driver.page.header.picker.forced.emit()
    assert phase(driver) is Phase.FAILED
    driver.page.notice.other.click()
    assert driver.page.header.picker.popup.isVisible()
    driver.page.header.picker.popup.close()


def test_what_was_given_up_to_load_a_model_is_said_quietly(driver):
    choose(driver, "gpu-dies8")
    driver.until(lambda: driver.page.notices.news.isVisible())
    change = LoadSteppedDown("x", "Dies", driver.assistant.engine.state.steps)
    assert change.steps[0].kind in (StepKind.FEWER_LAYERS, StepKind.NO_GPU)
    assert driver.page.notices.news.sentence.text() == change.message
    assert driver.page.notices.news.tone == "info"
