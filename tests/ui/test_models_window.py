"""The models in the whole window: going there and back, and from a search to the first answer, before a fake hub."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from assistant.engine.state import Phase
from assistant.models.download_state import DownloadState
from assistant.settings import Settings
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.hub import FakeHub, gguf_bytes
from tests.fakes.window import Driver
from ui.models.filters import Shelf
from ui.models.source import ModelSource
from ui.settings.dialog import SettingsDialog

NAME = "maker/Tiny-GGUF"


@pytest.fixture
def hub():
    with FakeHub() as hub:
        hub.add(NAME, {"Tiny-Q4_K_M.gguf": gguf_bytes(600_000, seed=5), "README.md": "---\na: b\n---\n# Tiny"})
        yield hub


@pytest.fixture
def driver(qtbot, home, hub):
    write_tiny_gguf(home.models / "scripted.gguf")
    settings = Settings.load(home.settings)
    settings.set("network.endpoint", hub.endpoint)
    driver = Driver(qtbot, home)
    yield driver
    driver.close()


def go(driver):
    """Go to the models by the sidebar, and return their page."""
    driver.qtbot.mouseClick(driver.window.sidebar.places["models"], Qt.MouseButton.LeftButton)
    driver.until(lambda: driver.window.places.models and driver.window.places.models.is_filled)
    return driver.window.places.models


def press(driver, key, modifier=Qt.KeyboardModifier.ControlModifier):
    driver.qtbot.keyClick(driver.window, key, modifier)


def test_the_market_is_what_the_page_needs(driver):
    source: ModelSource = driver.assistant.market
    assert source.suggestions()


def test_the_sidebar_leads_to_the_models_and_back(driver):
    driver.ask("good morning")
    page = go(driver)
    assert page.isVisible()
    assert driver.window.sidebar.places["models"].isChecked()
    assert driver.window.windowTitle() == "Models – Inkstone"
    assert page.header.field.hasFocus()
    driver.qtbot.mouseClick(driver.window.sidebar.places["chat"], Qt.MouseButton.LeftButton)
    assert driver.page.isVisible()
    assert driver.window.windowTitle() == "good morning – Inkstone"
    assert driver.page.composer.edit.hasFocus()


def test_a_click_on_the_conversation_leads_back_to_it(driver):
    driver.ask("good morning")
    go(driver)
    sidebar = driver.window.sidebar
    index = sidebar.model.index_of(driver.page.conversation_id)
    driver.qtbot.mouseClick(
        sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=sidebar.list.visualRect(index).center()
    )
    assert driver.page.isVisible()
    assert sidebar.places["chat"].isChecked()
    assert sidebar.current() == driver.page.conversation_id


def test_keys_lead_there_and_back_and_find_means_what_is_shown(driver):
    press(driver, Qt.Key.Key_2)
    page = driver.window.places.models
    assert page.isVisible()
    page.computer.setFocus()
    press(driver, Qt.Key.Key_F)
    assert page.header.field.hasFocus()
    press(driver, Qt.Key.Key_1)
    assert driver.page.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_N, Qt.Key.Key_L, Qt.Key.Key_M])
def test_what_belongs_to_a_conversation_leads_back(driver, key):
    go(driver)
    press(driver, key)
    assert driver.page.isVisible()
    picker = driver.page.header.picker
    driver.until(lambda: key != Qt.Key.Key_M or QApplication.activePopupWidget())
    if QApplication.activePopupWidget():
        QApplication.activePopupWidget().close()
    assert picker.isVisible()


def test_keys_of_what_is_not_shown_rest(driver):
    actions = driver.window.actions_by_name
    driver.begin("endless")
    driver.until(actions["stop"].isEnabled)
    go(driver)
    assert not actions["stop"].isEnabled()
    assert not actions["delete_conversation"].isEnabled()
    driver.window.show_chat()
    assert actions["stop"].isEnabled()
    assert actions["delete_conversation"].isEnabled()
    driver.page.stop()
    driver.until(lambda: not driver.assistant.chats.is_answering())


def test_a_hidden_sidebar_is_brought_back_from_the_models(driver):
    page = go(driver)
    assert not page.header.sidebar_button.isVisible()
    driver.window.show_sidebar(False)
    assert page.header.sidebar_button.isVisible()
    driver.qtbot.mouseClick(page.header.sidebar_button, Qt.MouseButton.LeftButton)
    assert driver.window.sidebar.isVisible()


def test_the_network_settings_are_opened_at_their_section(driver, monkeypatch):
    shown = []
    monkeypatch.setattr(SettingsDialog, "exec", lambda dialog: shown.append(dialog.list.currentItem().text()))
    go(driver).settings_requested.emit("network")
    assert shown == ["Network"]


def test_another_language_reaches_the_models(driver):
    page = go(driver)
    driver.window.settings.apply("appearance.language", "zh_CN")
    assert driver.window.sidebar.places["models"].text() == page.header.title.text()
    driver.window.settings.apply("appearance.language", "en")
    assert page.header.title.text() == "Models"


def test_a_model_that_comes_during_a_conversation_is_announced_there(driver):
    market = driver.assistant.market
    repository = market._hub.repository(NAME)
    driver.application.notifier.perform(lambda: market.downloads.start(repository, repository.offers[0]))
    arrivals = driver.page.notices.arrivals
    driver.until(arrivals.isVisible)
    assert arrivals.sentence.text().endswith("is ready.")
    driver.qtbot.mouseClick(arrivals.action, Qt.MouseButton.LeftButton)
    assert not arrivals.isVisible()
    driver.until(lambda: driver.assistant.models.used and driver.assistant.models.used.repository == NAME)
    driver.until(lambda: driver.assistant.engine.state.phase is Phase.READY)


def test_from_a_search_to_the_first_answer(driver):
    page = go(driver)
    page.header.field.setText(NAME)
    driver.qtbot.keyClick(page.header.field, Qt.Key.Key_Return)
    grid = page.browser.view.grid
    driver.until(lambda: NAME in grid.cards and grid.cards[NAME].is_open)
    driver.qtbot.mouseClick(grid.cards[NAME].offers.rows["Q4_K_M"].get_button, Qt.MouseButton.LeftButton)
    driver.until(lambda: driver.assistant.market.downloads.all()[0].state is DownloadState.DONE)
    driver.until(page.ready.isVisible)
    assert page.filters.chips[Shelf.INSTALLED].text() == "Installed  3"
    driver.qtbot.mouseClick(page.ready.action, Qt.MouseButton.LeftButton)
    assert driver.page.isVisible()
    driver.until(lambda: driver.assistant.engine.state.phase is Phase.READY and "Tiny" in driver.assistant.models.name)
    driver.ask("good morning")
    assert driver.contents()[-1]
