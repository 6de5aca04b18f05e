"""The numbers behind a verdict, and what is asked before something too big."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer

from assistant.changes import ModelsChanged
from assistant.errors import ModelFileDamaged
from assistant.models.remote import Page
from tests.fakes.model_source import COMPUTER, GB, MANY, SUGGESTIONS, found, installed, repository, too_big
from tests.fakes.models_window import PageDriver
from ui.models.filters import Shelf
from ui.models.fit_popup import lengths_up_to
from ui.widgets.dialog import Question

NINE, HUGE = SUGGESTIONS[3], SUGGESTIONS[4]


@pytest.fixture
def driver(qtbot, theme):
    return PageDriver(qtbot, theme)


@pytest.fixture
def popup(driver):
    driver.click(driver.card(NINE.name).offers.rows["Q4_K_M"].verdict)
    popup = driver.page.getting.popup
    assert popup.isVisible()
    yield popup
    popup.close()


def answer(driver, word):
    """Answer the question that will be asked, and return the list its sentence goes into."""
    asked = []

    def click():
        question = driver.page.window().findChild(Question)
        asked.append(question.accessibleName())
        question.buttons[word].click()
        question.deleteLater()

    QTimer.singleShot(0, driver.page, click)
    return asked


def figures(popup):
    return {field: label.text() for field, label in popup.figures.items()}


def test_a_click_on_the_verdict_shows_the_numbers(popup):
    assert popup.title.text() == "Qwen3.5 9B Q4_K_M"
    assert figures(popup) == {
        "weights_bytes": "5.7 GB",
        "kv_bytes": "2.8 GB",
        "compute_bytes": "160 MB",
        "overhead_bytes": "63 MB",
    }
    assert (popup.needed.text(), popup.free.text(), popup.pill.text()) == ("8.7 GB", "11.2 GB", "Fits")
    assert popup.pace.text() == "Writes about 3 words a second."
    assert popup.meter.accessibleDescription() == "8.7 GB needed, 11.2 GB free"


def test_the_slider_recomputes_at_once(qtbot, popup):
    assert popup.length.text() == "8k tokens"
    qtbot.keyClick(popup.slider, Qt.Key.Key_Right)
    assert popup.length.text() == "16k tokens"
    assert figures(popup)["kv_bytes"] == "5.6 GB"
    assert popup.pill.text() == "Tight"
    qtbot.keyClick(popup.slider, Qt.Key.Key_End)
    assert popup.length.text() == "256k tokens"
    assert popup.pill.text() == "Too big"
    assert popup.sentence.text() == "Needs more memory than this computer can give."


def test_escape_closes_it(qtbot, popup):
    qtbot.keyClick(popup.slider, Qt.Key.Key_Escape)
    assert popup.isHidden()


def test_what_is_only_estimated_says_so_until_it_is_exact(driver):
    name = found(0).name
    driver.search("qwen", Page((repository(name, offers=MANY),)))
    driver.click(driver.card(name).offers.rows["Q6_K"].verdict)
    popup = driver.page.getting.popup
    assert popup.note.text().startswith("Estimated")
    driver.source.exact.add(name)
    driver.source.finish("measure")
    assert popup.note.isHidden()
    popup.close()


@pytest.mark.parametrize(
    ("longest", "usual", "lengths"),
    [
        (2048, 2048, [2048]),
        (512, 512, [512]),
        (40960, 8192, [2048, 4096, 8192, 16384, 32768, 40960]),
        (8192, 5120, [2048, 4096, 5120, 8192]),
        (0, 8192, [2048, 4096, 8192, 16384, 32768]),
    ],
)
def test_the_lengths_to_choose_from(longest, usual, lengths):
    assert lengths_up_to(longest, usual) == lengths


def test_what_goes_to_the_graphics_card_is_told(driver, popup):
    outlook = driver.source.outlook(NINE.repository, NINE.repository.offers[0])
    on_card = replace(outlook, fit=replace(outlook.fit, gpu_layers=32))
    popup.open_at(driver.card(NINE.name).offers.rows["Q4_K_M"].verdict, "Q4_K_M", lambda _length: on_card)
    assert popup.pace.text() == "Writes about 3 words a second. 32 layers run on the graphics card."


# --- too big --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "started"), [("get", [("start", HUGE.name, "Q4_K_M")]), ("cancel", [])])
def test_get_on_too_big_asks_first(driver, word, started):
    driver.click(driver.page.filters.chips[Shelf.ALL])
    row = driver.card(HUGE.name).offers.rows["Q4_K_M"]
    asked = answer(driver, word)
    driver.click(row.get_button)
    assert asked == ["Too big for this computer"]
    assert driver.source.downloads.asked == started


def test_a_tight_one_is_not_asked_about(driver):
    driver.source.has = replace(COMPUTER, available_bytes=6 * GB)
    driver.change(ModelsChanged())
    row = driver.card(NINE.name).offers.rows["Q4_K_M"]
    assert row.verdict.text() == "Tight"
    driver.click(row.get_button)
    assert driver.source.downloads.asked == [("start", NINE.name, "Q4_K_M")]


@pytest.mark.parametrize(("word", "used"), [("load", [("use", "qwen", True)]), ("cancel", [])])
def test_what_is_too_big_now_can_be_loaded_anyway(driver, word, used):
    driver.source.library.list = [installed()]
    driver.source.library.refusals["use"] = too_big()
    asked = answer(driver, word)
    driver.page.requests.use.emit("qwen")
    assert asked == ["Too big for this computer"]
    assert driver.source.library.asked == used


def test_a_model_that_cannot_be_used_says_why(driver):
    driver.source.library.list = [installed()]
    driver.source.library.refusals["use"] = ModelFileDamaged(path="/models/q.gguf", reason="it ends early")
    driver.page.requests.use.emit("qwen")
    assert "it ends early" in driver.page.notice.sentence.text()
