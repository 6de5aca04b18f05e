"""The window on a full disk, a real one: no file of this process may grow. What is old stays, what is typed too."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from assistant.errors import DiskFull
from assistant.settings import Settings
from assistant.store.rows import Status
from assistant.store.store import Store
from tests.fakes.stores import everything, files_limited_to
from tests.fakes.window import Driver
from ui.settings.dialog import SettingsDialog

pytestmark = pytest.mark.usefixtures("bare_children")
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def driver(qtbot, home):
    driver = Driver(qtbot, home)
    driver.ask("old question")
    yield driver
    driver.close()


@pytest.fixture
def full(home):
    """From now on the database cannot grow: neither the file nor what is written before it."""
    return lambda: files_limited_to(log_of(home).stat().st_size)


def log_of(home):
    return home.database.with_name(home.database.name + "-wal")


def stored(home):
    """What another program reads now."""
    store = Store.open(home.database, run_id="look")
    try:
        return [(message.content, message.status) for message in store.conversations.branch(1)]
    finally:
        store.close()


def is_said(driver, path):
    """Whether the window says that ``path`` could not be saved, and what to do."""
    bar, error = driver.page.notice, DiskFull(path=path)
    return bar.isVisible() and (bar.sentence.text(), bar.hint.text()) == (error.message, error.hint)


OLD = [("old question", Status.COMPLETE), ("old question", Status.COMPLETE)]


def test_a_question_that_cannot_be_saved_is_said_kept_and_sent_later(driver, home, full):
    driver.type("precious words")
    driver.until(lambda: driver.assistant.conversations.draft(1))
    with full():
        driver.press(Qt.Key.Key_Return)
        assert is_said(driver, home.database)
        assert driver.page.composer.text() == "precious words"
        assert driver.contents() == ["old question", "old question"]
    driver.press(Qt.Key.Key_Return)
    driver.until(lambda: not driver.assistant.chats.has_unsaved)
    assert stored(home)[2:] == [("precious words", Status.COMPLETE)] * 2
    assert driver.page.composer.text() == ""


def test_an_answer_goes_on_when_it_cannot_be_saved_and_is_saved_when_there_is_room(driver, home, full):
    driver.begin("paced 1500")
    driver.until(lambda: driver.contents()[-1])
    with full():
        driver.until(lambda: is_said(driver, home.database))
        driver.until(lambda: not driver.assistant.chats.is_answering())
        assert driver.contents()[-1].endswith("word1500")
        assert driver.assistant.chats.has_unsaved
    driver.until(lambda: not driver.assistant.chats.has_unsaved)
    (text, status) = stored(home)[-1]
    assert (text, status) == (driver.contents()[-1], Status.COMPLETE)
    assert stored(home)[:2] == OLD


def test_a_window_closed_on_a_full_disk_loses_what_came_since_and_nothing_older(qtbot, driver, home, full):
    driver.begin("endless")
    answer = driver.branch()[-1]
    driver.until(lambda: driver.assistant._store.conversations.message(answer.id).content)
    with full():
        driver.until(lambda: is_said(driver, home.database))
        shown = driver.contents()[-1]
        driver.close()
    after = Driver(qtbot, home)
    text, status = after.branch()[-1].content, after.branch()[-1].status
    assert status is Status.INTERRUPTED
    assert text
    assert shown.startswith(text)
    assert after.contents()[:2] == ["old question", "old question"]
    after.close()


def test_a_draft_that_cannot_be_saved_is_said_and_keeps_the_window_open_once(driver, home, full):
    driver.page.composer.offer_text("x" * 5000)
    with full():
        driver.until(lambda: is_said(driver, home.database))
        driver.window.close()
        assert driver.window.isVisible()
        assert driver.page.composer.text() == "x" * 5000
    driver.type("y")
    driver.until(lambda: driver.assistant.conversations.draft(1) == "x" * 5000 + "y")


def test_deleting_and_renaming_on_a_full_disk_change_nothing(driver, home, full):
    with full():
        driver.window.actions_by_name["delete_conversation"].trigger()
        assert is_said(driver, home.database)
        driver.page.header.title.renamed.emit("Another title " + "x" * 5000)
    assert driver.titles() == ["old question"]
    assert not driver.window.toast.isVisible()
    assert stored(home) == OLD


def test_a_setting_changed_by_a_key_is_said_and_the_old_file_is_whole(driver, home):
    driver.window.settings.set_text_size(17)
    before = everything(home.config)
    with files_limited_to(10):
        driver.press(Qt.Key.Key_Plus, CONTROL)
        assert is_said(driver, home.settings)
    assert everything(home.config) == before
    assert driver.application.theme.text_size == 17
    assert Settings.load(home.settings).get("appearance.text_size") == 17


@pytest.fixture
def dialog(driver):
    window = driver.window
    dialog = SettingsDialog(driver.application.theme, window, driver.assistant.settings, window.settings.apply, {})
    dialog.show()
    dialog.show_section("chat")
    yield dialog
    dialog.close()


def test_a_setting_changed_in_the_dialog_is_said_there_and_taken_when_there_is_room(driver, home, dialog):
    driver.window.settings.set_text_size(17)
    before, row = everything(home.config), dialog.rows["chat.ask_before_opening_links"]
    with files_limited_to(10):
        QTest.mouseClick(row.control.switch, Qt.MouseButton.LeftButton)
        assert DiskFull(path=home.settings).message in row.error.text()
    assert everything(home.config) == before
    row.control.edited.emit(False)
    assert row.error.text() == ""
    assert Settings.load(home.settings).get("chat.ask_before_opening_links") is False
    assert Settings.load(home.settings).get("appearance.text_size") == 17
