"""Nothing that was typed or written is lost when the world refuses it, and nothing stays stuck."""

import pytest
from PySide6.QtCore import Qt

from assistant.errors import DatabaseLocked, DiskFull
from assistant.store.repair import repair
from assistant.store.rows import Status
from assistant.store.store import Store
from assistant.store.writing import Writer
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.window import Driver


@pytest.fixture
def model(home):
    return write_tiny_gguf(home.models / "scripted.gguf")


@pytest.fixture
def driver(qtbot, home, model):
    it = Driver(qtbot, home)
    yield it
    it.close()


def refuse(*_args, **_kwargs):
    raise DiskFull(path="inkstone.db")


def stored(home, number):
    store = Store.open(home.database, run_id="look")
    try:
        return store.conversations.branch(number)
    finally:
        store.close()


def test_an_answer_whose_end_could_not_be_saved_is_saved_when_there_is_room_again(driver, home, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "finish", refuse)
        driver.ask("hello")
        assert driver.page.notices.isVisible()
    driver.until(lambda: not driver.assistant.chats.has_unsaved)
    assert driver.branch()[-1].status is Status.COMPLETE
    assert [message.content for message in stored(home, driver.page.conversation_id)] == ["hello", "hello"]


def test_deleting_a_conversation_while_it_answers_is_no_mistake_of_ours(driver):
    driver.begin("endless")
    driver.until(lambda: driver.contents()[-1])
    number = driver.page.conversation_id
    driver.window.conversations.delete(number)
    driver.until(lambda: not driver.assistant.chats.has_unsaved)
    assert driver.titles() == []
    driver.window.toast.undone.emit(number)
    assert driver.branch()[-1].status is Status.STOPPED


def test_a_system_prompt_being_typed_outlives_the_end_of_an_answer(qtbot, driver):
    driver.window.show_inspector(True)
    driver.begin("paced 40")
    driver.until(lambda: driver.assistant.chats.is_answering())
    qtbot.keyClicks(driver.page.inspector.prompt, "Be brief")
    driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.page.inspector.prompt.toPlainText() == "Be brief"
    number = driver.page.conversation_id
    driver.until(lambda: driver.assistant.conversations.get(number).system_prompt == "Be brief")


def own(driver):
    """What the inspector shows of a conversation's own."""
    inspector = driver.page.inspector
    return inspector.prompt.toPlainText(), inspector.rows["temperature"].value_label.text()


def set_up(driver):
    driver.qtbot.keyClicks(driver.page.inspector.prompt, "Be brief")
    driver.page.inspector.rows["temperature"].changed.emit("temperature", 1.25)


def test_what_a_new_conversation_is_set_to_outlives_a_restart_and_goes_into_it(qtbot, home, model):
    first = Driver(qtbot, home)
    set_up(first)
    first.close()

    second = Driver(qtbot, home)
    assert own(second) == ("Be brief", "1.25")
    second.ask("hello")
    made = second.assistant.conversations.get(second.page.conversation_id)
    assert (made.system_prompt, made.sampling) == ("Be brief", {"temperature": 1.25})
    second.window.conversations.begin()
    assert own(second) == ("", "0.50")
    second.close()

    third = Driver(qtbot, home)
    third.window.conversations.begin()
    assert own(third) == ("", "0.50")
    third.close()


def test_what_a_new_conversation_is_set_to_waits_while_another_is_read(driver):
    driver.ask("hello")
    driver.window.conversations.begin()
    set_up(driver)
    driver.window.conversations.step(1)
    assert own(driver) == ("", "0.50")
    driver.window.conversations.begin()
    assert own(driver) == ("Be brief", "1.25")


def test_what_a_new_conversation_is_set_to_is_tried_again_when_it_could_not_be_saved(driver, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("assistant.store.drafts.Drafts._set", refuse)
        set_up(driver)
        driver.page.inspector.flush()
        assert driver.page.notices.isVisible()
    driver.page.flush()
    assert driver.assistant.conversations.new_setup().system_prompt == "Be brief"


def test_an_edit_that_cannot_be_saved_stays_in_its_field(qtbot, driver, monkeypatch):
    driver.ask("hello")
    driver.page.messages.edit_last_question()
    field = driver.page.transcript.editing.editor.field
    qtbot.keyClicks(field, " again")
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "ask", refuse)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert driver.page.transcript.editing.editor.field.text() == "hello again"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    driver.until(lambda: driver.contents() == ["hello again", "hello again"])
    assert driver.page.transcript.editing.editor is None


def test_an_edit_left_for_another_conversation_is_there_on_coming_back(qtbot, driver):
    driver.ask("hello")
    driver.page.messages.edit_last_question()
    qtbot.keyClicks(driver.page.transcript.editing.editor.field, " again")
    driver.window.conversations.begin()
    driver.window.conversations.step(1)
    driver.page.messages.edit_last_question()
    assert driver.page.transcript.editing.editor.field.text() == "hello again"


def test_a_store_that_was_locked_in_the_middle_of_opening_opens_the_second_time(qtbot, home, model, monkeypatch):
    tries = []

    def locked_once(*args):
        tries.append(args)
        if len(tries) == 1:
            raise DatabaseLocked(path="inkstone.db")
        return repair(*args)

    monkeypatch.setattr("assistant.store.store.repair.repair", locked_once)
    it = Driver(qtbot, home, waits=False)
    try:
        it.until(lambda: it.page.notices.lasting.isVisible())
        it.type("typed meanwhile")
        it.window.close()
        assert it.window.isVisible()  # what is typed cannot be kept yet
        it.page.notices.lasting.acted.emit()
        it.until(lambda: it.assistant.is_store_open)
        assert not it.page.notices.lasting.isVisible()
        assert it.page.composer.text() == "typed meanwhile"
    finally:
        it.close()


def test_what_the_terminal_adds_is_shown_with_the_next_question(driver, home):
    driver.ask("hello")
    number = driver.page.conversation_id
    terminal = Store.open(home.database, run_id="terminal")
    question, answer = terminal.conversations.ask(number, "from the terminal", parent_id=driver.branch()[-1].id)
    terminal.conversations.finish(answer.id, "answered there", Status.COMPLETE, answer.usage)
    terminal.close()
    driver.ask("again here")
    shown = [message.content for message in driver.page.transcript.rows.messages]
    assert shown == driver.contents()
    assert question.content in shown


def test_a_locked_draft_does_not_undo_the_sending(driver, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("assistant.store.drafts.Drafts._set", refuse)
        driver.begin("hello")
        driver.until(lambda: not driver.assistant.chats.is_answering())
    assert driver.contents() == ["hello", "hello"]
    assert driver.page.notices.isVisible()


def test_markup_in_a_title_is_only_letters(driver):
    driver.ask("<h1>hello</h1>")
    model = driver.window.sidebar.model
    tip = model.index_of(driver.page.conversation_id).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<qt>&lt;h1&gt;hello&lt;/h1&gt;</qt>"


def test_dragging_a_slider_writes_once(driver, monkeypatch):
    driver.ask("hello")
    writes = []
    configure = driver.assistant.conversations.configure
    monkeypatch.setattr(
        type(driver.assistant.conversations),
        "configure",
        lambda _self, *args, **kwargs: writes.append(kwargs) or configure(*args, **kwargs),
    )
    for step in range(20):
        driver.page.inspector.rows["temperature"].changed.emit("temperature", step / 20)
    driver.until(lambda: writes)
    assert [write["sampling"] for write in writes] == [{"temperature": 0.95}]


def test_whoever_types_without_a_pause_has_a_draft_all_the_same(driver):
    page = driver.page
    page.drafts._limit.setInterval(60)
    page.drafts._pause.setInterval(1_000_000)  # as with a key every moment
    driver.type("not one pause")
    driver.until(lambda: driver.assistant.conversations.draft(None) == "not one pause")
    assert not page.drafts._limit.isActive()
