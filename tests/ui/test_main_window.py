"""The whole window over the real assistant and a scripted model in the real worker process."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from assistant.errors import DiskFull
from assistant.store.rows import Status
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.window import Driver


@pytest.fixture
def model(home):
    return write_tiny_gguf(home.models / "scripted.gguf")


@pytest.fixture
def open_window(qtbot, home, model):
    opened = []

    def open_one():
        opened.append(Driver(qtbot, home))
        return opened[-1]

    yield open_one
    for driver in opened:
        driver.close()


@pytest.fixture
def driver(open_window):
    return open_window()


def test_a_question_is_answered_in_the_window(driver):
    driver.ask("good morning")
    assert driver.contents() == ["good morning", "good morning"]
    assert driver.titles() == ["good morning"]
    assert driver.page.composer.text() == ""


def test_shift_enter_breaks_the_line(driver):
    driver.type("one")
    driver.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    driver.type("two")
    assert driver.page.composer.text() == "one\ntwo"
    assert driver.page.conversation_id is None


def test_enter_while_composing_never_sends(driver):
    edit = driver.page.composer.edit
    QApplication.sendEvent(edit, QInputMethodEvent("ni", []))
    driver.press(Qt.Key.Key_Return)
    assert driver.page.conversation_id is None
    commit = QInputMethodEvent()
    commit.setCommitString("你")
    QApplication.sendEvent(edit, commit)
    assert driver.page.composer.text() == "你"


def test_stop_keeps_the_text_so_far(driver):
    driver.begin("endless")
    driver.until(lambda: driver.contents()[-1])
    driver.page.composer.send_button.click()
    driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.branch()[-1].status is Status.STOPPED
    assert driver.contents()[-1].startswith("word1")


def test_a_crash_of_the_model_leaves_the_window_alive_and_retry_answers(driver):
    driver.ask("crash")
    assert driver.branch()[-1].status is Status.FAILED
    driver.ask("still here")
    assert driver.contents()[-1] == "still here"


def test_typing_while_an_answer_is_written_keeps_what_was_typed(driver):
    driver.begin("endless")
    driver.until(lambda: driver.assistant.chats.is_answering())
    driver.begin("next question")
    assert driver.page.composer.text() == "next question"
    driver.page.stop()
    driver.until(lambda: not driver.assistant.chats.is_answering())


def test_what_cannot_be_saved_stays_in_the_composer(driver, monkeypatch):
    conversations = type(driver.assistant._store.conversations)

    def refuse(*_args, **_kwargs):
        raise DiskFull(path="inkstone.db")

    with monkeypatch.context() as patch:
        patch.setattr(conversations, "start", refuse)
        driver.begin("precious words")
    assert driver.page.composer.text() == "precious words"
    assert driver.page.notice.isVisible()


def test_a_draft_survives_switching_and_restart(open_window):
    driver = open_window()
    driver.ask("first")
    driver.type("half a thought")
    driver.window.conversations.begin()
    assert driver.page.composer.text() == ""
    driver.window.conversations.step(1)
    assert driver.page.composer.text() == "half a thought"
    driver.close()
    driver = open_window()
    assert driver.page.composer.text() == "half a thought"


def test_versions_are_stepped_through(driver):
    driver.ask("hello")
    first = driver.branch()[-1].id
    driver.page.messages.another_answer()
    driver.until(lambda: not driver.assistant.chats.is_answering())
    second = driver.branch()[-1]
    assert second.versions == 2
    driver.page.transcript.version_requested.emit(second.id, -1)
    assert driver.branch()[-1].id == first


def test_delete_offers_to_undo(driver):
    driver.ask("hello")
    conversation = driver.page.conversation_id
    driver.window.conversations.delete(conversation)
    assert driver.titles() == []
    assert driver.page.conversation_id is None
    driver.window.toast.undone.emit(conversation)
    assert driver.titles() == ["hello"]
    assert driver.page.conversation_id == conversation


def test_a_title_is_changed_in_the_header(driver):
    driver.ask("hello")
    driver.page.header.title.renamed.emit("Greetings")
    assert driver.titles() == ["Greetings"]
    assert driver.window.windowTitle() == "Greetings – Inkstone"


def test_sampling_set_before_the_first_question_holds_for_it(driver):
    driver.page.inspector.sampling_changed.emit({"temperature": 0.0})
    driver.page.inspector.system_prompt_changed.emit("Be brief.")
    driver.ask("hello")
    row = driver.assistant.conversations.get(driver.page.conversation_id)
    assert (dict(row.sampling), row.system_prompt) == ({"temperature": 0.0}, "Be brief.")


def test_theme_and_language_change_at_once(driver):
    driver.window.settings.apply("appearance.theme", "dark")
    assert driver.application.theme.is_dark
    driver.window.settings.apply("appearance.language", "zh_CN")
    assert driver.window.sidebar.new_button.text() != "New conversation"


def test_sidebar_and_inspector_are_remembered(open_window):
    driver = open_window()
    driver.window.show_sidebar(False)
    driver.window.show_inspector(True)
    driver.close()
    driver = open_window()
    assert driver.window.sidebar.isHidden()
    assert not driver.page.inspector.isHidden()


def test_a_wrong_model_file_is_said_and_the_window_goes_on(driver, tmp_path):
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"not a model")
    driver.page.header.picker.model_chosen.emit(str(wrong))
    assert driver.page.notice.isVisible()
    driver.ask("hello")
    assert driver.contents()[-1] == "hello"


def test_every_command_of_the_keyboard_has_words(driver):
    assert all(action.text() for action in driver.window.actions_by_name.values())
    assert driver.window.sidebar.list.visualRect(driver.window.sidebar.model.index(0)).topLeft() == QPoint(0, 0)
