"""The models on this computer: what they are, and using, checking, deleting, finding and adding them."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from assistant.changes import ModelsChanged
from assistant.errors import FolderNotWritable, HubUnreachable, ModelFileDamaged, ModelNotDeleted
from assistant.models.deletion import Gone
from assistant.models.header import Header
from assistant.models.model_file import Owner
from assistant.models.remote import Kind, Repository
from tests.fakes.model_source import LIBRARY, SUGGESTIONS, installed, missing, model
from tests.fakes.models_window import PageDriver
from ui.models.details_dialog import DetailsDialog
from ui.models.filters import Shelf
from ui.models.installed_card import Wish

STARTER, QWEN, PHI, GONE, HURT = LIBRARY
HEADER = Header(
    Path("/models/x.gguf"),
    1,
    3,
    architecture="qwen35moe",
    layers=36,
    experts=128,
    experts_used=8,
    vocabulary=248_320,
    tokenizer="gpt2",
    chat_template="{{ messages }}",
    shards=2,
)


@pytest.fixture
def driver(qtbot, theme):
    driver = PageDriver(qtbot, theme, prepare=lambda source: source.library.list.extend(LIBRARY))
    driver.click(driver.page.filters.chips[Shelf.INSTALLED])
    return driver


def card(driver, model_id):
    driver.until(lambda: model_id in driver.page.installed.grid.cards)
    return driver.page.installed.grid.cards[model_id]


def entries(shown):
    """What the menu of a card offers, by its words."""
    shown.open_menu()
    menu = shown.findChildren(QMenu)[-1]
    found = {action.text(): action for action in menu.actions() if not action.isSeparator()}
    menu.close()
    return found


def choose(shown, words):
    entries(shown)[words].trigger()


def pills(shown):
    return [pill.text() for pill in shown.pills]


# --- what is shown --------------------------------------------------------------------------------------------------


def test_each_model_says_what_it_is_where_it_lies_and_how_fast_it_was(driver):
    shown = card(driver, "qwen")
    assert shown.about.text() == "Q4_K_M · 2.7 GB · 4.0 B parameters · 256k context · Apache 2.0"
    assert shown.history.text() == "Last used 3 May 2026 · 9 words a second"
    assert shown.place.text() == str(QWEN.model.path)
    assert pills(shown) == ["In use", "At every start", "Vision"]
    assert shown.buttons[Wish.USE].isHidden()
    assert card(driver, "starter").history.text() == "Never used here"
    assert pills(card(driver, "lm/phi")) == ["LM Studio"]


def test_how_many_there_are_and_how_large_together(driver):
    assert driver.page.installed.heading.text() == "4 models · 5.7 GB"
    assert driver.page.filters.chips[Shelf.INSTALLED].text() == "Installed  4"


def test_what_cannot_be_used_says_why(driver):
    shown = card(driver, "hurt")
    assert pills(shown) == ["Cannot be used"]
    assert "it ends early" in shown.problem.text()
    assert shown.buttons[Wish.USE].isHidden()
    assert "Use at every start" not in entries(shown)


def test_a_missing_one_can_be_located_got_again_or_replaced(driver):
    shown = card(driver, "gone")
    assert pills(shown) == ["Missing"]
    assert [button.isVisible() for button in (*shown.buttons.values(), shown.other_button)] == [False, True, True, True]
    assert list(entries(shown)) == ["Take off the list"]


def test_a_missing_file_of_nowhere_cannot_be_got_again(driver):
    driver.source.library.list = [missing()]
    driver.change(ModelsChanged())
    shown = card(driver, "gone")
    assert shown.buttons[Wish.AGAIN].isHidden()
    assert shown.other_button.isHidden()


def test_a_card_says_where_a_model_lies(driver, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    lies = [replace(model("mine", "Mine"), path=tmp_path / "models" / "m.gguf"), model("s", "S", owner=Owner.STARTER)]
    driver.source.library.list = [installed(each) for each in lies]
    driver.change(ModelsChanged())
    mine = str(tmp_path / "models" / "m.gguf") if sys.platform == "win32" else "~/models/m.gguf"
    assert card(driver, "mine").place.text() == mine
    assert card(driver, "s").place.text() == "Comes with Inkstone"


def test_a_narrow_card_keeps_its_title_and_the_pills_that_matter(driver):
    busy = replace(installed(model("busy", "Qwen3.5 4B", kind=Kind.VISION)), is_used=True, is_default=True)
    driver.source.library.list = [busy]
    driver.change(ModelsChanged())
    shown = card(driver, "busy")
    assert pills(shown) == ["In use", "At every start", "Vision"]
    assert all(pill.isVisible() for pill in shown.pills)
    driver.page.resize(420, 760)
    driver.until(lambda: not all(pill.isVisible() for pill in shown.pills))
    assert [pill.text() for pill in shown.pills if pill.isVisible()] == ["In use", "Vision"]
    driver.until(lambda: shown.title.shown_text() == "Qwen3.5 4B")


def test_the_search_field_filters_what_is_here(driver):
    driver.type("phi")
    driver.press(Qt.Key.Key_Return)
    assert driver.page.installed.grid.keys == ["lm/phi"]
    assert driver.source.begun == {}
    driver.type("x")
    driver.press(Qt.Key.Key_Return)
    assert "called “phix”" in driver.page.installed.state.sentence.text()
    driver.press(Qt.Key.Key_Escape)
    assert len(driver.page.installed.grid.keys) == 5


def test_where_nothing_is_a_file_can_be_added(driver, monkeypatch):
    driver.source.library.list = []
    driver.change(ModelsChanged())
    assert driver.page.installed.state.sentence.text() == "No model is here yet."
    asked = []
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *values: asked.append(values) or ([], ""))
    driver.click(driver.page.installed.state.action)
    assert len(asked) == 1


def test_the_folder_is_opened(driver, monkeypatch):
    shown = []
    monkeypatch.setattr("ui.models.page.reveal", shown.append)
    driver.click(driver.page.installed.folder_button)
    assert shown == [driver.source.has.folder]


# --- using ----------------------------------------------------------------------------------------------------------


def test_use_loads_a_model_and_marks_it(qtbot, driver):
    with qtbot.waitSignal(driver.page.used) as signal:
        driver.click(card(driver, "starter").buttons[Wish.USE])
    assert signal.args == ["starter"]
    assert pills(card(driver, "starter")) == ["In use"]
    assert pills(card(driver, "qwen")) == ["At every start", "Vision"]


def test_set_as_default_is_kept(driver):
    choose(card(driver, "starter"), "Use at every start")
    assert driver.source.library.asked == [("set_default", "starter")]
    assert pills(card(driver, "starter")) == ["At every start"]


def test_another_model_is_used_in_place_of_a_missing_one(driver):
    shown = card(driver, "gone")
    driver.click(shown.other_button)
    menu = shown.findChildren(QMenu)[-1]
    assert [action.text() for action in menu.actions()] == [each.model.name for each in (STARTER, QWEN, PHI)]
    menu.actions()[2].trigger()
    menu.close()
    assert driver.source.library.asked == [("use", "lm/phi", False)]


# --- checking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (True, None, "Every byte is as it should be."),
        (False, None, "The file is sound; there is no checksum to compare it with."),
        (None, ModelFileDamaged(path="/x", reason="it ends early"), "it ends early"),
    ],
)
def test_verify_again_says_what_came_of_it(driver, value, error, words):
    shown = card(driver, "qwen")
    choose(shown, "Verify again")
    assert shown.state.text() == "Checking every byte …"
    driver.source.finish("verify", value, error)
    assert words in shown.state.text()


def test_details_come_from_our_records_and_from_the_file(qtbot, driver):
    choose(card(driver, "qwen"), "Details…")
    dialog = driver.page.window().findChild(DetailsDialog)
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.values["context"].text() == "262,144 tokens"
    driver.source.finish("facts", HEADER)
    shown = {key: label.text() for key, label in dialog.values.items()}
    assert shown["architecture"] == "qwen35moe"
    assert (shown["layers"], shown["experts"], shown["parts"]) == ("36", "8 of 128 at a time", "2")
    assert dialog.template.toPlainText() == "{{ messages }}"
    dialog.copy_buttons["sha256"].click()
    assert QGuiApplication.clipboard().text() == QWEN.model.sha256
    dialog.accept()


def test_details_of_a_file_that_cannot_be_read_say_so(driver):
    choose(card(driver, "hurt"), "Details…")
    dialog = driver.page.window().findChild(DetailsDialog)
    driver.source.finish("facts", error=HURT.model.problem)
    assert "it ends early" in dialog.note.text()
    dialog.reject()


def test_details_that_are_closed_wait_for_nothing(driver):
    choose(card(driver, "qwen"), "Details…")
    task = driver.source.waiting("facts")
    driver.page.window().findChild(DetailsDialog).reject()
    assert driver.source.dropped == [task]


def test_a_file_without_a_template_says_what_that_means(qtbot, theme):
    dialog = DetailsDialog(theme, None, QWEN)
    qtbot.addWidget(dialog)
    dialog.show_header(replace(HEADER, chat_template="", experts=0, shards=1))
    assert dialog.values["template"].text().startswith("none")
    assert {"experts", "parts"} & dialog.values.keys() == set()


def test_its_model_card_is_read_and_its_place_shown(driver, monkeypatch):
    read, shown = [], []
    driver.page.requests.read.connect(read.append)
    monkeypatch.setattr("ui.models.keeping.reveal", shown.append)
    choose(card(driver, "qwen"), "Read the model card")
    choose(card(driver, "qwen"), "Show in its folder")
    assert read == [Repository("unsloth/Qwen3.5-4B-GGUF")]
    assert shown == [QWEN.model.path]
    assert "Read the model card" not in entries(card(driver, "starter"))


def test_a_newer_file_is_looked_for_and_got_after_asking(driver):
    shown = card(driver, "qwen")
    choose(shown, "Look for a newer file")
    driver.source.finish("newer", None)
    assert shown.state.text() == "This is the file that is on the hub."
    choose(shown, "Look for a newer file")
    newer = SUGGESTIONS[0].repository
    asked = driver.answer("get")
    driver.source.finish("newer", (newer, newer.offers[0]))
    assert asked == ["A newer file"]
    assert driver.source.downloads.asked == [("start", newer.name, "Q4_K_M")]


def test_a_hub_that_does_not_answer_about_newer_files_is_told(driver):
    choose(card(driver, "qwen"), "Look for a newer file")
    driver.source.finish("newer", error=HubUnreachable(host="hub.example", reason="no answer"))
    assert "hub.example" in card(driver, "qwen").state.text()


# --- deleting -------------------------------------------------------------------------------------------------------


def test_delete_asks_first(driver):
    asked = driver.answer("cancel")
    choose(card(driver, "qwen"), "Delete…")
    assert asked == ["Delete a model"]
    assert driver.source.library.asked == []
    driver.answer("delete")
    choose(card(driver, "qwen"), "Delete…")
    assert driver.source.library.asked == [("delete", "qwen", False)]
    assert card(driver, "qwen").state.text() == "Deleting …"


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (Gone.TO_TRASH, "“Qwen3.5 4B” was moved to the trash."),
        (Gone.FOR_GOOD, "“Qwen3.5 4B” was deleted for good: there is no trash for it."),
    ],
)
def test_what_became_of_a_deleted_model_is_said(driver, gone, words):
    driver.answer("delete")
    choose(card(driver, "qwen"), "Delete…")
    driver.source.library.list = [each for each in driver.source.library.list if each.id != "qwen"]
    driver.change(ModelsChanged())
    driver.source.finish("delete", gone)
    assert "qwen" not in driver.page.installed.grid.keys
    assert driver.page.notice.sentence.text() == words


def test_a_model_that_the_system_does_not_let_go_is_said_to_be_there(driver):
    driver.answer("delete")
    choose(card(driver, "qwen"), "Delete…")
    driver.source.finish("delete", error=ModelNotDeleted(path="/models/qwen.gguf", reason="in use"))
    assert "in use" in driver.page.notice.sentence.text()
    assert card(driver, "qwen").state.text() == ""


def test_the_starter_cannot_be_deleted(driver):
    assert "Delete…" not in entries(card(driver, "starter"))


@pytest.mark.parametrize(("second", "deleted"), [("cancel", []), ("delete", [("delete", "lm/phi", True)])])
def test_another_program_s_file_is_asked_about_twice(driver, second, deleted):
    asked = driver.answer("delete", second)
    choose(card(driver, "lm/phi"), "Delete…")
    assert asked == ["Delete a model", "Not a file of Inkstone"]
    assert driver.source.library.asked == deleted


def test_an_added_file_can_be_taken_off_the_list_instead(driver):
    driver.answer("delete", "forget")
    choose(card(driver, "hurt"), "Delete…")
    assert driver.source.library.asked == [("forget", "hurt")]


def test_a_disk_that_refuses_is_told(driver):
    driver.source.library.refusals["delete"] = FolderNotWritable(path="/models", reason="read-only")
    driver.answer("delete")
    choose(card(driver, "qwen"), "Delete…")
    assert "read-only" in driver.page.notice.sentence.text()


# --- missing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picked", "located"), [("/new/gone.gguf", [("locate", "gone", Path("/new/gone.gguf"))]), ("", [])]
)
def test_a_missing_one_is_located_by_a_person(driver, monkeypatch, picked, located):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_values: (picked, ""))
    driver.click(card(driver, "gone").buttons[Wish.LOCATE])
    assert driver.source.library.asked == located


def test_a_missing_one_is_got_again_or_taken_off_the_list(driver):
    driver.click(card(driver, "gone").buttons[Wish.AGAIN])
    choose(card(driver, "gone"), "Take off the list")
    assert driver.source.library.asked == [("download_again", "gone"), ("forget", "gone")]


def test_what_is_gone_in_the_meantime_does_no_harm(driver):
    driver.page.keeping.do(Wish.DETAILS, "nobody")
    assert driver.source.begun == {}


def test_files_of_ours_and_of_others_are_told_apart_in_the_card(driver):
    copy = installed(model("copy", "Copy", owner=Owner.OLLAMA, also_at=(Path("/b/copy.gguf"),)))
    driver.source.library.list = [copy]
    driver.change(ModelsChanged())
    assert pills(card(driver, "copy")) == ["Ollama"]
