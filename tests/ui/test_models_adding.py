"""Taking in what is on this computer already: files, where they lie or copied, and folders."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from assistant.changes import ModelsChanged
from assistant.errors import FolderNotWritable, FolderUnreadable
from assistant.market import Looked
from assistant.models.discover import Found
from assistant.models.model_file import Owner
from tests.fakes.model_source import LIBRARY, installed, model
from tests.fakes.models_window import PageDriver
from ui.models.filters import Shelf

FOLDER = Path("/weights")


@pytest.fixture
def driver(qtbot, theme):
    driver = PageDriver(qtbot, theme, prepare=lambda source: source.library.list.extend(LIBRARY))
    driver.click(driver.page.filters.chips[Shelf.INSTALLED])
    return driver


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_chosen_file_is_used_where_it_lies(driver, monkeypatch):
    driver.click(driver.page.filters.chips[Shelf.ALL])
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_values: (["/a/b.gguf"], ""))
    asked = driver.answer("add")
    driver.click(driver.page.header.add_button)
    assert asked == ["Add a file"]
    assert driver.source.library.asked == [("add", Path("/a/b.gguf"))]
    assert driver.page.filters.shelf is Shelf.INSTALLED


def test_a_copy_takes_its_time_and_says_so(driver):
    driver.answer("copy")
    driver.page.adding.add([Path("/a/b.gguf"), Path("/a/c.gguf")])
    assert driver.page.working.sentence.text() == "Copying “c.gguf” …"
    driver.source.finish("copy", "c")
    assert driver.page.working.isVisible()
    driver.source.finish("copy", error=FolderNotWritable(path="/models", reason="read-only"))
    assert driver.page.working.isHidden()
    assert "read-only" in driver.page.notice.sentence.text()


def test_nothing_is_added_when_a_person_thinks_again(driver):
    driver.answer("cancel")
    driver.page.adding.add([Path("/a/b.gguf")])
    assert driver.source.library.asked == []


def drag(driver, *names):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(name) for name in names])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(50, 50), actions, data, buttons, Qt.KeyboardModifier.NoModifier)
    drop = QDropEvent(QPoint(50, 50), actions, data, buttons, Qt.KeyboardModifier.NoModifier)
    return data, enter, drop


def test_model_files_can_be_dropped_on_the_page(driver):
    _data, enter, drop = drag(driver, "/a/b.gguf", "/a/letter.txt")
    QApplication.sendEvent(driver.page, enter)
    assert driver.page.drop_target.isVisible()
    driver.page.grab()
    driver.answer("add")
    QApplication.sendEvent(driver.page, drop)
    assert not driver.page.drop_target.isVisible()
    assert driver.source.library.asked == [("add", Path("/a/b.gguf"))]


def test_other_files_are_not_taken(driver):
    _data, enter, _drop = drag(driver, "/a/letter.txt")
    QApplication.sendEvent(driver.page, enter)
    assert not driver.page.drop_target.isVisible()


def test_a_drag_that_goes_away_leaves_nothing(driver):
    _data, enter, _drop = drag(driver, "/a/b.gguf")
    QApplication.sendEvent(driver.page, enter)
    QApplication.sendEvent(driver.page, QDragLeaveEvent())
    assert not driver.page.drop_target.isVisible()


# --- folders --------------------------------------------------------------------------------------------------------


def look(driver, monkeypatch, folder=FOLDER):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_values: str(folder) if folder else "")
    driver.click(driver.page.installed.search_button)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a.gguf", "b.gguf"], "2 files were found in “/weights”."),
        ([], "No models were found in “/weights”."),
    ],
)
def test_another_folder_is_looked_through_beside_the_window(driver, monkeypatch, names, told):
    look(driver, monkeypatch)
    assert driver.page.working.sentence.text() == "Looking for models in “/weights” …"
    found = tuple(Found(name, FOLDER / name, Owner.ADDED) for name in names)
    elsewhere = Found("m", Path("/other/m.gguf"), Owner.JAN)
    driver.source.finish("look_in", Looked(FOLDER, (elsewhere, *found)))
    assert driver.page.working.isHidden()
    assert driver.page.notice.sentence.text().startswith(told)


def test_a_folder_that_cannot_be_read_is_named(driver, monkeypatch):
    look(driver, monkeypatch)
    driver.source.finish("look_in", error=FolderUnreadable(path=FOLDER, reason="no permission"))
    assert driver.page.working.isHidden()
    assert "no permission" in driver.page.notice.sentence.text()


def test_a_folder_dialog_that_was_given_up_changes_nothing(driver, monkeypatch):
    look(driver, monkeypatch, folder=None)
    assert driver.source.begun == {}


def test_a_folder_can_be_dropped_beside_a_file(driver, tmp_path):
    _data, enter, drop = drag(driver, str(tmp_path), "/a/b.gguf")
    QApplication.sendEvent(driver.page, enter)
    driver.answer("add")
    QApplication.sendEvent(driver.page, drop)
    assert ("look_in", tmp_path) in driver.source.begun.values()
    assert driver.source.library.asked == [("add", Path("/a/b.gguf"))]


@pytest.mark.parametrize(("said", "asked"), [("leave", [("stop_looking_in", FOLDER)]), ("cancel", [])])
def test_a_folder_can_be_left_alone_again(driver, said, asked):
    driver.source.library.list = [installed(model("own", "Own", owner=Owner.ADDED), chosen_folder=FOLDER)]
    driver.change(ModelsChanged())
    driver.until(lambda: "own" in driver.page.installed.grid.cards)
    shown = driver.page.installed.grid.cards["own"]
    shown.open_menu()
    menu = shown.findChildren(QMenu)[-1]
    leave = next(action for action in menu.actions() if action.text() == "Stop looking in its folder…")
    menu.close()
    driver.answer(said)
    leave.trigger()
    assert driver.source.library.asked == asked


def test_coming_to_the_page_has_others_programs_looked_at(driver):
    seen = driver.source.looked
    driver.page.hide()
    driver.page.show()
    assert driver.source.looked == seen + 1
