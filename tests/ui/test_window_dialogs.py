"""What the window asks and tells in dialogs: links, settings, keys, mistakes of ours."""

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QDesktopServices, QGuiApplication

from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.window import Driver
from ui.crash_dialog import CrashDialog
from ui.settings.cheat_sheet import CheatSheet
from ui.settings.dialog import SettingsDialog
from ui.settings.shortcuts import SHORTCUTS
from ui.widgets.dialog import Question
from ui.widgets.links import place_words, question_for, target_of


@pytest.fixture
def driver(qtbot, home):
    write_tiny_gguf(home.models / "scripted.gguf")
    driver = Driver(qtbot, home)
    yield driver
    driver.close()


# --- links ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://example.org/a?b=c", "example.org"),
        ("http://user@example.org:8080/", "example.org"),
        ("mailto:someone@example.org", "someone@example.org"),
        ("https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de (shown as münchen.de)"),
    ],
)
def test_a_link_names_where_it_really_leads(address, place):
    assert place_words(target_of(address)) == place


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "https:///nowhere", "", "x y"])
def test_other_kinds_of_links_are_never_opened(driver, address):
    assert target_of(address) is None
    assert list(question_for(driver.application.theme, driver.window, address).buttons) == ["cancel"]


@pytest.fixture
def opened(monkeypatch):
    found = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(found.append(url.toString())) or True)
    return found


def answer_with(driver, answer):
    def click():
        question = driver.window.findChild(Question)
        question.buttons[answer].click()

    QTimer.singleShot(0, driver.window, click)


@pytest.mark.parametrize(("answer", "result"), [("open", ["https://example.org/"]), ("cancel", []), ("copy", [])])
def test_a_link_is_opened_only_after_asking(driver, opened, answer, result):
    answer_with(driver, answer)
    driver.page.transcript.link_activated.emit("https://example.org/")
    assert opened == result
    if answer == "copy":
        assert QGuiApplication.clipboard().text() == "https://example.org/"


def test_asking_can_be_switched_off_but_not_for_what_is_no_web_address(driver, opened):
    driver.window.settings.apply("chat.ask_before_opening_links", False)
    driver.page.transcript.link_activated.emit("https://example.org/")
    answer_with(driver, "cancel")
    driver.page.transcript.link_activated.emit("file:///etc/passwd")
    assert opened == ["https://example.org/"]


# --- dialogs --------------------------------------------------------------------------------------------------------


def with_dialog(driver, kind, look):
    """Let ``look`` see the next dialog of a kind, which is closed after it; returns what it saw."""
    seen = []

    def visit():
        dialog = driver.window.findChild(kind)
        seen.append(look(dialog))
        dialog.close()

    QTimer.singleShot(0, driver.window, visit)
    return seen


def test_a_setting_chosen_in_the_dialog_holds_at_once(driver):
    def choose_dark(dialog):
        dialog.rows["appearance.theme"].edited.emit("appearance.theme", "dark")
        return dialog.rows["model.default"].isEnabled()

    seen = with_dialog(driver, SettingsDialog, choose_dark)
    driver.window.actions_by_name["settings"].trigger()
    assert seen == [True]
    assert driver.application.theme.is_dark


def test_the_cheat_sheet_shows_the_keys_that_work(driver):
    seen = with_dialog(driver, CheatSheet, lambda sheet: {shortcut.id for shortcut in sheet.shown})
    driver.window.actions_by_name["cheat_sheet"].trigger()
    assert seen == [{shortcut.id for shortcut in SHORTCUTS}]


def test_a_mistake_of_ours_is_told_in_a_dialog_and_the_window_goes_on(driver):
    driver.application._show_crash("Raised ZeroDivisionError")
    dialog = driver.window.findChild(CrashDialog)
    assert "ZeroDivisionError" in dialog.report.toPlainText()
    dialog.accept()
    driver.ask("still here")
    assert driver.contents()[-1] == "still here"


def test_text_being_written_is_saved_without_news_of_the_engine(driver):
    driver.begin("endless")
    driver.until(lambda: driver.contents()[-1])
    driver.application._save()
    driver.page.stop()
    driver.until(lambda: not driver.assistant.chats.is_answering())
