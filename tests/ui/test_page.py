"""The chat page inside the real window: what a person does there, and what the world does to it."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from assistant.app import Assistant
from assistant.changes import EngineChanged
from assistant.engine.state import EngineState, Phase
from assistant.errors import DatabaseLocked, DiskFull, ModelLoadFailed
from assistant.store.rows import Status
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.scripted_worker import COMMAND
from tests.fakes.window import PATIENCE_MS, Driver
from ui.app import Application
from ui.sidebar.model import Activity, ConversationListModel


@pytest.fixture
def model(home):
    return write_tiny_gguf(home.models / "scripted.gguf")


@pytest.fixture
def driver(qtbot, home, model):
    driver = Driver(qtbot, home)
    yield driver
    driver.close()


@pytest.fixture
def gate(monkeypatch):
    """Until it is set, store and Markdown are still being imported."""
    gate, really_import = threading.Event(), Application._import_rest

    def wait_and_import(application):
        gate.wait(PATIENCE_MS / 1000)
        really_import(application)

    monkeypatch.setattr(Application, "_import_rest", wait_and_import)
    return gate


@pytest.fixture
def starting(qtbot, home, model, gate):
    """A window at its first picture, before the store is open."""
    application = Application(Assistant(home, engine_command=COMMAND))
    application.start(QApplication.instance(), welcomes=False)
    qtbot.waitUntil(lambda: application.window.page.composer.edit.hasFocus())
    yield application
    gate.set()
    application.window.close()
    application.close()
    application.window.deleteLater()
    QApplication.sendPostedEvents(None, 0)


def refuse(patch, owner, name, error):
    def refused(*_values, **_named):
        raise error

    patch.setattr(owner, name, refused)


def open_store(qtbot, application):
    """Wait until the store is open and something is shown of it."""
    qtbot.waitUntil(lambda: application.window.page.header.title.title() != "", timeout=PATIENCE_MS)
    assert application.assistant.is_store_open


# --- the start ------------------------------------------------------------------------------------------------------


def test_keys_are_taken_before_the_store_is_open_and_nothing_typed_is_lost(qtbot, starting, gate):
    composer = starting.window.page.composer
    assert not starting.assistant.is_store_open
    qtbot.keyClicks(composer.edit, "early bird")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.text() == "early bird"
    gate.set()
    open_store(qtbot, starting)
    assert composer.text() == "early bird"
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    page = starting.window.page
    qtbot.waitUntil(lambda: page.conversation_id is not None)
    qtbot.waitUntil(lambda: not starting.assistant.chats.is_answering(), timeout=PATIENCE_MS)


def test_the_stored_draft_of_a_new_conversation_is_put_before_what_is_typed_early(qtbot, home, model):
    driver = Driver(qtbot, home)
    driver.ask("hello")
    driver.window.conversations.begin()
    driver.type("kept")
    driver.close()
    application = Application(Assistant(home, engine_command=COMMAND))
    application.start(QApplication.instance(), welcomes=False)
    qtbot.keyClicks(application.window.page.composer.edit, "early")
    open_store(qtbot, application)
    assert application.window.page.composer.text() == "kept\nearly"
    assert application.window.page.conversation_id is None
    application.window.close()
    application.close()
    application.window.deleteLater()
    QApplication.sendPostedEvents(None, 0)


def test_a_database_that_cannot_be_opened_is_said_and_can_be_tried_again(qtbot, starting, gate, monkeypatch):
    bar = starting.window.page.notices.lasting
    gate.set()
    with monkeypatch.context() as patch:
        refuse(patch, Assistant, "open_store", DatabaseLocked(path="inkstone.db"))
        qtbot.waitUntil(bar.isVisible, timeout=PATIENCE_MS)
    assert "in use by another program" in bar.sentence.text()
    assert not bar.close_button.isVisible()
    bar.action.click()
    open_store(qtbot, starting)
    assert not bar.isVisible()
    assert not starting.window.page.notices.isVisible()


@pytest.mark.allow_log("settings could not be read")
def test_a_broken_settings_file_is_said_at_the_start(qtbot, home, model):
    home.settings.write_text("not [ toml", encoding="utf-8")
    driver = Driver(qtbot, home)
    assert driver.page.notice.isVisible()
    driver.close()


# --- one conversation -----------------------------------------------------------------------------------------------


def test_up_in_the_empty_field_edits_the_last_question(driver):
    driver.ask("first try")
    question = driver.branch()[0]
    driver.press(Qt.Key.Key_Up)
    driver.page.transcript.edit_submitted.emit(question.id, "second try")
    driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.contents() == ["second try", "second try"]
    assert driver.branch()[0].versions == 2


def test_a_cut_answer_is_gone_on_with_and_a_failed_one_tried_again(driver):
    driver.begin("endless")
    driver.until(lambda: driver.contents()[-1])
    driver.page.stop()
    driver.until(lambda: not driver.assistant.chats.is_answering())
    driver.page.transcript.continue_requested.emit(driver.branch()[-1].id)
    driver.until(lambda: driver.assistant.chats.is_answering())
    driver.page.stop()
    driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.branch()[-1].versions == 2
    driver.page.transcript.again_requested.emit(driver.branch()[-1].id)
    driver.page.stop()
    driver.until(lambda: not driver.assistant.chats.is_answering())
    driver.page.transcript.retry_requested.emit(driver.branch()[-1].id)
    driver.page.stop()
    driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.branch()[-1].status is Status.STOPPED


def test_a_crashed_model_is_started_again_from_the_menu(driver):
    driver.ask("crash")
    assert driver.page.header.picker.words()[1] == "stopped"
    assert driver.page.transcript.isVisible()
    driver.page.header.picker.restart_requested.emit()
    driver.until(lambda: driver.assistant.engine.state.phase is Phase.READY)
    assert driver.page.header.picker.words()[1] != "stopped"


def test_the_figures_are_those_of_the_last_answer_measured(driver):
    assert driver.page.composer._figure.text() == ""
    driver.ask("good morning")
    usage = driver.branch()[-1].usage
    figures = [label.text() for label in driver.page.inspector.meter.figures]
    assert figures[:2] == [str(usage.prompt_tokens), str(usage.completion_tokens)]
    assert "of" in driver.page.composer._figure.text()
    driver.ask("crash")
    assert [label.text() for label in driver.page.inspector.meter.figures] == figures


def test_figures_change_their_language_at_once(driver):
    driver.ask("good morning")
    driver.window.settings.apply("appearance.language", "zh_CN")
    assert "token" in driver.page.composer._figure.text()
    assert "of" not in driver.page.composer._figure.text()


def test_the_last_answer_is_copied_as_it_was_written(driver):
    driver.page.messages.copy_answer()
    driver.ask("markdown")
    driver.page.messages.copy_answer()
    assert QGuiApplication.clipboard().text() == driver.contents()[-1]


def test_an_example_fills_the_composer(driver):
    driver.page.empty.chips[0].click()
    assert "rainbow" in driver.page.composer.text()


def test_an_answer_elsewhere_is_marked_until_it_is_seen(driver):
    driver.begin("endless")
    elsewhere = driver.page.conversation_id
    model = driver.window.sidebar.model
    activity = lambda: model.index_of(elsewhere).data(ConversationListModel.ACTIVITY)  # noqa: E731 - read thrice below
    driver.until(lambda: activity() is Activity.ANSWERING)
    driver.window.conversations.begin()
    driver.assistant.chats.stop(elsewhere)
    driver.until(lambda: activity() is Activity.UNREAD)
    driver.page.open(elsewhere)
    assert activity() is Activity.NONE


def test_what_is_set_in_the_inspector_is_kept_with_the_conversation(qtbot, driver):
    driver.ask("hello")
    driver.window.show_inspector(True)
    row = driver.page.inspector.rows["temperature"]
    qtbot.keyClick(row.slider, Qt.Key.Key_Right)
    qtbot.keyClicks(driver.page.inspector.prompt, "Be brief.")
    driver.window.conversations.begin()
    kept = driver.assistant.conversations.get(driver.window.sidebar.model.shown_ids()[0])
    assert kept.system_prompt == "Be brief."
    assert list(kept.sampling) == ["temperature"]
    assert driver.page.inspector.prompt.toPlainText() == ""


def test_sampling_may_be_changed_by_the_shortest_step_many_times(qtbot, driver):
    driver.ask("hello")
    driver.window.show_inspector(True)
    slider = driver.page.inspector.rows["top_p"].slider
    for _step in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    number = driver.page.conversation_id
    driver.until(lambda: driver.assistant.conversations.get(number).sampling.get("top_p") == pytest.approx(0.9))


def test_the_end_is_a_click_away(driver):
    for _turn in range(6):
        driver.ask("markdown")
    transcript, jump = driver.page.transcript, driver.page.stage.jump
    driver.until(lambda: transcript.verticalScrollBar().maximum() > 0)
    assert not jump.isVisible()
    transcript.verticalScrollBar().setValue(0)
    driver.until(jump.isVisible)
    jump.click()
    driver.until(lambda: not jump.isVisible())


# --- what the world refuses -----------------------------------------------------------------------------------------


def test_a_draft_that_cannot_be_saved_keeps_the_window_open_once(driver, monkeypatch):
    driver.type("precious")
    with monkeypatch.context() as patch:
        refuse(patch, type(driver.assistant._store.drafts), "_set", DiskFull(path="inkstone.db"))
        assert not driver.window.close()
        assert driver.page.notice.isVisible()
    assert driver.page.composer.text() == "precious"
    assert driver.window.close()


def test_settings_made_before_the_store_is_open_belong_to_the_new_conversation(qtbot, starting, gate):
    page = starting.window.page
    page.inspector.rows["temperature"].changed.emit("temperature", 1.25)
    page.inspector.flush()
    qtbot.keyClicks(page.inspector.prompt, "Be brief")
    gate.set()
    open_store(qtbot, starting)
    qtbot.waitUntil(lambda: starting.assistant.conversations.new_setup().system_prompt == "Be brief")
    assert starting.assistant.conversations.new_setup().sampling == {"temperature": 1.25}
    assert page.inspector.prompt.toPlainText() == "Be brief"


def test_a_setting_that_cannot_be_saved_is_said(driver, monkeypatch):
    with monkeypatch.context() as patch:
        refuse(patch, Assistant, "set", DiskFull(path="settings.toml"))
        driver.window.settings.set_text_size(18)
    assert "disk is full" in driver.page.notice.sentence.text()


# --- the columns beside the page ------------------------------------------------------------------------------------


def test_the_columns_step_aside_in_a_narrow_window_and_come_back(driver):
    window = driver.window
    window.show_inspector(True)
    window.resize(900, 700)
    driver.until(lambda: (window.sidebar.isVisible(), driver.page.inspector.isVisible()) == (True, False))
    window.resize(600, 700)
    driver.until(lambda: not window.sidebar.isVisible())
    assert driver.page.header.sidebar_button.isVisible()
    window.resize(1280, 700)
    driver.until(lambda: window.sidebar.isVisible() and driver.page.inspector.isVisible())


def test_in_a_narrow_window_the_sidebar_goes_once_a_conversation_is_chosen(driver):
    driver.ask("hello")
    driver.window.resize(600, 700)
    driver.until(lambda: not driver.window.sidebar.isVisible())
    driver.page.header.sidebar_button.click()
    assert driver.window.sidebar.isVisible()
    driver.window.conversations.begin()
    assert not driver.window.sidebar.isVisible()
    assert driver.assistant.settings.get("window.sidebar_visible", bool)


def test_deleting_the_conversation_shown_shows_the_next_one(driver):
    for words in ("one", "two", "three"):
        driver.window.conversations.begin()
        driver.ask(words)
    driver.window.conversations.step(1)
    assert driver.page.header.title.title() == "two"
    driver.window.actions_by_name["delete_conversation"].trigger()
    assert driver.page.header.title.title() == "one"
    assert driver.titles() == ["three", "one"]


def test_commands_of_the_keyboard_reach_the_page(driver):
    driver.ask("hello")
    commands = driver.window.actions_by_name
    commands["rename_conversation"].trigger()
    assert driver.page.header.title.is_editing()
    commands["focus_composer"].trigger()
    assert driver.page.composer.edit.hasFocus()
    commands["another_answer"].trigger()
    driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.branch()[-1].versions == 2
    commands["larger_text"].trigger()
    assert driver.application.theme.text_size == 16
    commands["normal_text"].trigger()
    commands["toggle_inspector"].trigger()
    assert driver.page.inspector.isVisible()
    commands["new_conversation"].trigger()
    assert driver.page.conversation_id is None
    commands["another_answer"].trigger()


# --- finding --------------------------------------------------------------------------------------------------------


def test_words_are_found_stepped_through_and_let_go(qtbot, driver):
    driver.ask("a needle in the hay")
    driver.window.actions_by_name["find"].trigger()
    bar = driver.page.stage.find_bar
    driver.until(bar.field.hasFocus)
    qtbot.keyClicks(bar.field, "needle")
    assert bar.count.text() == "1 of 2"
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count.text() == "2 of 2"
    qtbot.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "1 of 2"
    bar.next_button.click()
    bar.previous_button.click()
    driver.window.actions_by_name["find_next"].trigger()
    assert bar.count.text() == "2 of 2"
    bar.field.setText("nothing like it")
    assert (bar.count.text(), bar.next_button.isEnabled()) == ("not found", False)
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert driver.page.composer.edit.hasFocus()


def test_there_is_nothing_to_find_where_nothing_was_said(driver):
    driver.window.actions_by_name["find"].trigger()
    driver.window.actions_by_name["find_next"].trigger()
    assert not driver.page.stage.find_bar.isVisible()
    assert not driver.page.header.find_button.isVisible()


# --- the keyboard ---------------------------------------------------------------------------------------------------


def test_escape_in_the_title_leaves_the_answer_alone(qtbot, driver):
    driver.begin("endless")
    driver.until(lambda: driver.contents()[-1])
    driver.page.header.title.edit()
    qtbot.keyClick(driver.page.header.title.field, Qt.Key.Key_Escape)
    assert driver.assistant.chats.is_answering()
    driver.press(Qt.Key.Key_Escape)
    driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.branch()[-1].status is Status.STOPPED


def test_arrow_keys_in_the_list_open_one_conversation_after_the_other(qtbot, driver):
    for words in ("one", "two", "three"):
        driver.window.conversations.begin()
        driver.ask(words)
    driver.window.sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    for title in ("two", "one"):
        qtbot.keyClick(driver.window.sidebar.list, Qt.Key.Key_Down)
        assert driver.page.header.title.title() == title
    driver.window.actions_by_name["rename_conversation"].trigger()
    assert driver.window.sidebar.list.state() is driver.window.sidebar.list.State.EditingState


def test_a_conversation_opens_where_one_read_it_last(driver):
    for _turn in range(6):
        driver.ask("markdown")
    transcript, read = driver.page.transcript, driver.page.conversation_id
    driver.until(lambda: transcript.verticalScrollBar().maximum() > 0)
    transcript.verticalScrollBar().setValue(100)
    place = transcript.scroll_state()
    driver.window.conversations.begin()
    driver.page.open(read)
    assert transcript.scroll_state() == place
    assert not place.is_at_end


def test_a_model_that_cannot_be_loaded_is_said_until_it_is_restarted(driver):
    notices = driver.page.notices
    error = ModelLoadFailed(path="x.gguf", reason="no luck")
    driver.application.notifier.publish([EngineChanged(EngineState(Phase.LOADING))])
    driver.application.notifier.publish([EngineChanged(EngineState(Phase.FAILED, error=error))])
    assert "could not be loaded" in notices.passing.sentence.text()
    notices.passing.action.click()
    driver.until(lambda: not notices.isVisible())
    driver.until(lambda: driver.assistant.engine.state.phase is Phase.READY)


def test_a_model_that_crashes_while_writing_is_said_in_its_message_alone(driver):
    driver.ask("crash")
    assert not driver.page.notices.isVisible()
