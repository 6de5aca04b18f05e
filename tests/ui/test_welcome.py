"""The first start: what stands there, what can be done, and that nothing is fetched by looking."""

import threading
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from assistant.engine.state import Phase
from assistant.i18n import use_language
from assistant.ledger import Entry
from assistant.models import elsewhere
from assistant.models.discover import discover
from assistant.settings import Settings
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.hub import FakeHub
from tests.fakes.slow_disk import SlowDisk
from tests.fakes.window import Driver
from ui.places import CHAT, MODELS, WELCOME
from ui.settings.dialog import SettingsDialog
from ui.welcome.transfer_time import bytes_per_s, time_words

LM_STUDIO = ".lmstudio/models/maker/Tiny-GGUF/Tiny-Q4_0.gguf"


@pytest.fixture
def hub():
    with FakeHub() as hub:
        yield hub


@pytest.fixture
def user(tmp_path, monkeypatch):
    """The home folder of whoever sits there, empty."""
    folder = tmp_path / "user"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture
def open_window(qtbot, home, hub, user):
    opened = []

    def open_one(*, looks=True):
        Settings.load(home.settings).set("network.endpoint", hub.endpoint)
        opened.append(Driver(qtbot, home, welcomes=True))
        opened[-1].until(lambda: opened[-1].assistant.is_market_open)
        if looks:
            opened[-1].until(lambda: opened[-1].assistant.market.intake.has_looked)
        return opened[-1]

    yield open_one
    for driver in opened:
        driver.close()


@pytest.fixture
def driver(open_window):
    return open_window()


def page(driver):
    return driver.window.places.welcome


def offers(driver):
    return driver.window.places.welcome.offers


def place(driver):
    return driver.window.places.place


def is_welcomed(driver):
    return driver.assistant.settings.get("window.welcomed", bool)


# --- when it is shown -----------------------------------------------------------------------------------------------


def test_it_is_the_first_thing_one_sees_and_enter_begins(driver):
    assert place(driver) == WELCOME
    driver.until(page(driver).start.button.hasFocus)
    assert not is_welcomed(driver)
    driver.qtbot.keyClick(page(driver).start.button, Qt.Key.Key_Return)
    assert place(driver) == CHAT
    assert is_welcomed(driver)
    driver.ask("hello")
    assert driver.contents() == ["hello", "hello"]


def test_it_does_not_come_again_after_a_choice(driver, open_window):
    page(driver).start.button.click()
    driver.close()
    assert place(open_window()) == CHAT


def test_it_comes_again_when_nothing_was_chosen(driver, open_window):
    driver.close()
    again = open_window()
    again.until(lambda: place(again) == WELCOME)
    again.until(lambda: offers(again) is not None)


def test_who_has_conversations_already_needs_no_welcome(qtbot, home, driver, open_window):
    page(driver).start.button.click()
    driver.ask("hello")
    driver.close()
    Settings.load(home.settings).set("window.welcomed", False)
    again = open_window()
    assert place(again) == CHAT
    assert is_welcomed(again)


@pytest.mark.parametrize(("button", "where"), [("chat", CHAT), ("models", MODELS)])
def test_the_sidebar_leads_away_as_well(driver, button, where):
    assert not any(each.isChecked() for each in driver.window.sidebar.places.values())
    driver.window.sidebar.places[button].click()
    assert place(driver) == where
    assert driver.window.sidebar.places[button].isChecked()
    assert is_welcomed(driver)


# --- what stands there ----------------------------------------------------------------------------------------------


def test_looking_at_it_fetches_nothing(driver, hub):
    driver.window.grab()
    offers(driver).refresh()
    assert driver.assistant.ledger.entries() == ()
    assert hub.log.of("hub", "*") == []


def test_it_shows_the_computer_and_what_suits_it(driver):
    market = driver.assistant.market
    recommendation = market.judge.recommendation()
    card = offers(driver).offer
    assert card.title.text() == recommendation.entry.name
    assert card.why.text() == recommendation.why
    assert card.verdict.text() in ("Fits", "Tight", "Too big")
    assert card.get_button.text().startswith("Get, ")
    assert card.time.isHidden()
    assert offers(driver).computer.facts.memory.accessibleName().endswith("free now")
    assert offers(driver).computer.facts.disk.isVisible()


def test_the_time_is_told_when_a_speed_is_known(driver):
    size = driver.assistant.market.suggestions()[0].repository.offers[0].size_bytes
    driver.assistant.ledger.add(_entry(bytes_received=size, duration_ms=20 * 60_000))
    offers(driver).refresh()
    assert offers(driver).offer.time.text() == "about 20 minutes"


def _entry(**values):
    return Entry(datetime.now(UTC), "cdn", values.pop("purpose", "download"), **values)


def test_a_speed_is_taken_from_large_downloads_alone():
    entries = [
        _entry(bytes_received=1000, duration_ms=1),
        _entry(bytes_received=90_000_000, duration_ms=9000, purpose="search"),
        _entry(bytes_received=90_000_000, duration_ms=9000),
    ]
    assert bytes_per_s(entries) == 10_000_000
    assert bytes_per_s(entries[:2]) == 0
    assert [time_words(size, 1e6) for size in (0, 10_000_000, 90_000_000, 7_200_000_000)] == [
        "less than a minute",
        "less than a minute",
        "about 2 minutes",
        "about 2 hours",
    ]
    assert time_words(5, 0) == ""


def test_models_of_other_programs_are_used_where_they_lie(user, open_window):
    path = write_tiny_gguf(user / LM_STUDIO, general__name="Tiny")
    driver = open_window()
    found = offers(driver).found
    (row,) = found.rows.values()
    assert (row.name.text(), row.owner.text()) == ("Tiny", "LM Studio")
    row.use_button.click()
    assert place(driver) == CHAT
    driver.until(lambda: driver.assistant.engine.state.phase is Phase.READY)
    assert driver.assistant.models.used.path == path


def test_where_nothing_is_found_that_is_said(driver):
    assert offers(driver).found.nothing.isVisible()
    assert not offers(driver).found.more_button.isVisible()


def test_it_is_not_said_that_nothing_is_found_before_it_was_looked_for(user, open_window, monkeypatch):
    (user / LM_STUDIO).parent.mkdir(parents=True)
    disk = SlowDisk(user, monkeypatch)
    driver = open_window(looks=False)
    driver.until(disk.asked.is_set)
    assert not offers(driver).found.nothing.isVisible()
    disk.answers.set()
    driver.until(offers(driver).found.nothing.isVisible)


def test_many_are_shown_when_asked_for(user, open_window):
    for number in range(5):
        write_tiny_gguf(user / LM_STUDIO.replace("Tiny-Q4_0", f"Tiny{number}"), general__name=f"Tiny {number}")
    driver = open_window()
    found = offers(driver).found
    assert len(found.rows) == 3
    assert found.more_button.text() == "Show 2 more"
    found.more_button.click()
    assert len(found.rows) == 5
    assert not found.more_button.isVisible()
    assert list(found.rows.values())[3].use_button.hasFocus()


# --- what can be done -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_any", [True, False])
def test_another_folder_can_be_looked_through(driver, tmp_path, monkeypatch, is_any):
    folder = tmp_path / "mine"
    folder.mkdir()
    if is_any:
        write_tiny_gguf(folder / "own.gguf", general__name="Own")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_values: str(folder))
    offers(driver).folder_button.click()
    told = "1 file was found in" if is_any else "No models were found in"
    driver.until(lambda: offers(driver).notice.sentence.text().startswith(told))
    assert [row.name.text() for row in offers(driver).found.rows.values()] == (["Own"] if is_any else [])


def test_what_other_programs_have_is_never_looked_for_on_the_main_thread(open_window, monkeypatch):
    threads = []

    def noted(*values, **named):
        threads.append(threading.current_thread())
        return discover(*values, **named)

    monkeypatch.setattr(elsewhere, "discover", noted)
    driver = open_window()
    driver.window.places.show_models()
    driver.assistant.market.computer()
    driver.assistant.models.all()
    assert threads
    assert threading.main_thread() not in threads


def test_a_dialog_that_was_given_up_changes_nothing(driver, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_values: "")
    offers(driver).folder_button.click()
    assert offers(driver).notice.isHidden()


def test_all_models_are_a_click_away(driver):
    offers(driver).browse_button.click()
    assert place(driver) == MODELS
    assert is_welcomed(driver)


def test_get_begins_the_download_and_shows_how_far_it_is_while_one_chats(driver):
    card = offers(driver).offer
    card.get_button.click()
    (download,) = driver.assistant.market.downloads.all()
    assert download.repository == driver.assistant.market.judge.recommendation().entry.repository
    assert card.strip.isVisible()
    assert not card.get_button.isVisible()
    assert place(driver) == WELCOME
    assert is_welcomed(driver)
    assert driver.window.sidebar.places[MODELS].count == 1
    page(driver).start.button.click()
    driver.ask("meanwhile")
    assert driver.contents()[-1] == "meanwhile"
    driver.application.notifier.perform(lambda: driver.assistant.market.downloads.cancel(download.id))
    driver.until(lambda: driver.window.sidebar.places[MODELS].count == 0)
    assert not card.strip.isVisibleTo(card)
    assert card.get_button.isVisibleTo(card)


def test_without_network_getting_says_so_and_leads_to_the_switch(qtbot, driver):
    driver.window.settings.apply("network.offline", True)
    offers(driver).offer.get_button.click()
    assert offers(driver).notice.isVisible()
    with qtbot.waitSignal(offers(driver).settings_requested) as signal:
        page(driver).settings_requested.disconnect()
        offers(driver).notice.action.click()
    assert signal.args == ["network"]
    driver.window.settings.apply("network.offline", False)
    assert offers(driver).notice.isHidden()
    for download in driver.assistant.market.downloads.all():
        driver.application.notifier.perform(lambda chosen=download: driver.assistant.market.downloads.cancel(chosen.id))
    assert driver.assistant.market.downloads.all() == []


def test_what_cannot_be_used_is_said_on_the_page(user, open_window):
    path = write_tiny_gguf(user / LM_STUDIO)
    driver = open_window()
    path.write_bytes(b"GGUF\3\0\0\0")
    next(iter(offers(driver).found.rows.values())).use_button.click()
    assert place(driver) == WELCOME
    assert offers(driver).notice.isVisible()


def test_it_can_be_seen_again_from_the_settings(driver):
    page(driver).start.button.click()

    def look():
        dialog = driver.window.findChild(SettingsDialog)
        dialog.extras["model"].button.click()

    QTimer.singleShot(0, driver.window, look)
    driver.window.settings.open("model")
    assert place(driver) == WELCOME
    assert driver.window.focusWidget() is page(driver).start.button


def test_it_follows_the_language_and_the_theme(driver):
    driver.window.settings.apply("appearance.language", "zh_CN")
    assert page(driver).start.button.text()
    driver.window.settings.apply("appearance.theme", "dark")
    driver.window.grab()
    driver.window.settings.apply("appearance.language", "en")
    use_language("en")
    assert page(driver).start.button.text() == "Start chatting now"


def test_everything_is_reached_by_tab(driver):
    driver.until(page(driver).start.button.hasFocus)
    reached = []
    for _step in range(12):
        driver.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    shown = offers(driver)
    wanted = (shown.offer.verdict, shown.offer.get_button, shown.folder_button, shown.browse_button)
    places = [reached.index(each) for each in wanted]
    assert places == sorted(places)
