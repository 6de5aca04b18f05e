"""What one hears of downloads and of the network while in a conversation."""

import pytest
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from assistant.changes import DownloadProgressed, DownloadsChanged
from assistant.models.download_state import DownloadState
from assistant.settings import Settings
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.hub import FakeHub, Fault, gguf_bytes
from tests.fakes.window import Driver
from ui.places import MODELS
from ui.sidebar.place_button import PlaceButton
from ui.theme.theme import Theme

NAME = "maker/Tiny-GGUF"
SIZE = 600_000


@pytest.fixture
def hub():
    with FakeHub() as hub:
        hub.add(NAME, {"Tiny-Q4_K_M.gguf": gguf_bytes(SIZE, seed=5)})
        yield hub


@pytest.fixture
def driver(qtbot, home, hub):
    write_tiny_gguf(home.models / "scripted.gguf")
    Settings.load(home.settings).set("network.endpoint", hub.endpoint)
    driver = Driver(qtbot, home)
    driver.until(lambda: driver.assistant.is_market_open)
    yield driver
    driver.close()


def downloads(driver):
    return driver.assistant.market.downloads


def get(driver):
    repository = driver.assistant.market._hub.repository(NAME)
    driver.application.notifier.perform(lambda: downloads(driver).start(repository, repository.offers[0]))


def bar(driver):
    return driver.page.notices.arrivals


def badge(driver):
    return driver.window.sidebar.places[MODELS]


def state(driver):
    return downloads(driver).all()[0].state


def test_the_way_to_the_models_shows_how_far_they_are(driver, hub):
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=SIZE // 2)
    get(driver)
    assert (badge(driver).count, badge(driver).share) == (1, 0)
    driver.until(lambda: badge(driver).share > 0.3)
    assert badge(driver).accessibleDescription() == "1 download under way"
    driver.window.grab()
    hub.faults.clear()
    driver.application.notifier.perform(lambda: downloads(driver).cancel(downloads(driver).all()[0].id))
    driver.until(lambda: badge(driver).count == 0)
    assert badge(driver).accessibleDescription() == ""


def test_one_that_did_not_work_is_told_and_leads_to_the_downloads(driver, hub):
    hub.faults.at("cdn", "*.gguf", Fault.CORRUPT, at_byte=SIZE // 2, times=None)
    get(driver)
    driver.until(lambda: state(driver) is DownloadState.FAILED)
    assert bar(driver).sentence.text() == "Tiny Q4_K_M could not be downloaded."
    assert bar(driver).tone == "bad"
    bar(driver).action.click()
    assert driver.window.places.place == MODELS
    assert driver.window.places.models.downloads.isVisible()
    assert not bar(driver).isVisibleTo(driver.page)


def test_who_is_at_another_window_is_told_by_the_system(qtbot, driver, monkeypatch):
    told = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _tray: None)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _tray, title, *_more: told.append(title))
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    driver.until(other.isActiveWindow)
    get(driver)
    driver.until(lambda: told)
    assert told == ["Tiny Test is ready."]
    driver.window.arrivals._desktop.clicked.emit()
    driver.until(driver.window.isActiveWindow)


def test_on_the_page_of_the_models_the_conversation_stays_quiet(driver):
    driver.window.show_models()
    get(driver)
    driver.until(lambda: state(driver) is DownloadState.DONE)
    assert bar(driver).isHidden()


def test_changes_without_a_market_are_no_harm(qtbot, home):
    driver = Driver(qtbot, home, waits=False)
    driver.application.notifier.publish([DownloadsChanged(), DownloadProgressed("x")])
    assert badge(driver).count == 0
    driver.close()


def test_the_foot_of_the_sidebar_says_when_the_network_is_off(driver):
    sidebar = driver.window.sidebar
    assert sidebar._promise.text() == "Everything stays on this computer"
    driver.window.settings.apply("network.offline", True)
    assert sidebar._promise.text() == "Offline"
    assert "switched off" in sidebar._lock.toolTip()
    driver.window.grab()
    driver.window.settings.apply("network.offline", False)
    assert sidebar._promise.text() == "Everything stays on this computer"


def test_the_picker_leads_to_more_models(driver):
    driver.page.header.picker.more_requested.emit()
    assert driver.window.places.place == MODELS


def test_progress_moves_in_steps_that_can_be_seen(qtbot, qapp):
    theme = Theme("dark")
    button = PlaceButton(theme, "box")
    qtbot.addWidget(button)
    button.resize(200, 34)
    button.set_progress(12, 0.5001)
    assert button.share == 0.5
    button.grab()
    button.set_progress(12, 7.0)
    assert button.share == 1
