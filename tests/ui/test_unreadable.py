"""A database that cannot be read for a while, or any more: it is said, nothing is lost, and nothing stays stuck."""

import pytest

from assistant.errors import DatabaseDamaged, DatabaseLocked
from assistant.store.drafts import Drafts
from assistant.store.reading import Reader
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.window import Driver

READS = [(Reader, "get"), (Reader, "branch"), (Drafts, "get")]


@pytest.fixture
def model(home):
    return write_tiny_gguf(home.models / "scripted.gguf")


@pytest.fixture
def driver(qtbot, home, model):
    it = Driver(qtbot, home)
    yield it
    it.close()


@pytest.fixture
def two(driver):
    """A window with two conversations, the second of them shown; and the first."""
    driver.ask("first")
    first = driver.page.conversation_id
    driver.window.conversations.begin()
    driver.ask("second")
    return first


def refuse(*_values, **_named):
    raise DatabaseLocked(path="inkstone.db")


def damaged(*_values, **_named):
    raise DatabaseDamaged(path="inkstone.db", reason="database disk image is malformed")


def shown(driver):
    return [message.content for message in driver.page.transcript.rows.messages]


def notice(driver):
    return driver.page.notice.sentence.text() if driver.page.notice.isVisible() else ""


# --- another conversation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("owner", "name"), READS, ids=lambda value: getattr(value, "__name__", value))
def test_a_conversation_that_cannot_be_read_is_not_shown_by_half(driver, two, monkeypatch, owner, name):
    second = driver.page.conversation_id
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, refuse)
        driver.window.sidebar.chosen.emit(two)
        assert "in use by another program" in notice(driver)
    assert (driver.page.conversation_id, shown(driver)) == (second, ["second", "second"])
    assert driver.page.header.title.title() == "second"
    assert driver.window.sidebar.current() == second

    driver.window.sidebar.chosen.emit(two)
    assert (driver.page.conversation_id, shown(driver)) == (two, ["first", "first"])


def test_a_damaged_database_is_said_with_its_reason(driver, two, monkeypatch):
    monkeypatch.setattr(Reader, "branch", damaged)
    driver.window.conversations.step(1)
    assert "malformed" in notice(driver)


def test_what_is_typed_and_cannot_be_kept_is_not_left(driver, two, monkeypatch):
    second = driver.page.conversation_id
    driver.type("precious")
    with monkeypatch.context() as patch:
        patch.setattr(Drafts, "_set", refuse)
        driver.window.conversations.step(1)
        assert (driver.page.conversation_id, driver.page.composer.text()) == (second, "precious")
        assert driver.window.sidebar.current() == second
    driver.window.conversations.step(1)
    assert driver.page.conversation_id == two
    driver.window.conversations.step(1)
    assert driver.page.composer.text() == "precious"


def test_the_new_conversation_can_always_be_begun_and_its_draft_comes_later(driver, two, monkeypatch):
    driver.window.conversations.begin()
    driver.type("a draft ")
    driver.window.conversations.step(1)
    with monkeypatch.context() as patch:
        patch.setattr(Drafts, "get", refuse)
        driver.window.conversations.begin()
        assert (driver.page.conversation_id, driver.page.composer.text()) == (None, "")
        driver.type("and more")
        assert not driver.page.flush()
    assert driver.page.flush()
    assert driver.page.composer.text().split() == ["a", "draft", "and", "more"]
    assert driver.assistant.conversations.draft(None) == driver.page.composer.text()


def test_nothing_is_deleted_or_listed_of_what_cannot_be_read(driver, two, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "get", refuse)
        driver.window.conversations.delete(two)
        assert notice(driver)
        driver.window.page.retranslate()
        driver.window.conversations._on_changed(two)
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "list", refuse)
        driver.window.list_conversations()
    driver.window.list_conversations()
    assert driver.titles() == ["second", "first"]


# --- the one that is shown ------------------------------------------------------------------------------------------


def test_messages_that_could_not_be_read_are_shown_with_the_next_change(driver, monkeypatch):
    driver.ask("first")
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "message", refuse)
        patch.setattr(Reader, "branch", refuse)
        driver.begin("paced 400")
        assert notice(driver)
        assert shown(driver) == ["first", "first"]
    driver.until(lambda: not driver.assistant.chats.is_answering())
    driver.until(lambda: shown(driver) == driver.contents())
    assert shown(driver)[-1].endswith("word400")
    assert not driver.window.actions_by_name["stop"].isEnabled()


def test_a_version_that_could_not_be_read_is_shown_with_the_next_change(driver, monkeypatch):
    driver.ask("first")
    answer = driver.branch()[-1]
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "branch", refuse)
        driver.page.messages.another_answer()
        assert driver.page.transcript.rows.messages[-1].id == answer.id
    driver.until(lambda: not driver.assistant.chats.is_answering())
    driver.until(lambda: driver.page.transcript.rows.messages[-1].id == driver.branch()[-1].id != answer.id)


# --- the start ------------------------------------------------------------------------------------------------------


def test_a_start_on_what_cannot_be_read_shows_the_new_conversation(qtbot, home, model, monkeypatch):
    first = Driver(qtbot, home)
    first.ask("hello")
    number = first.page.conversation_id
    first.window.conversations.begin()
    first.type("a draft ")
    first.close()

    with monkeypatch.context() as patch:
        for owner, name in [*READS, (Drafts, "setup")]:
            patch.setattr(owner, name, refuse)
        it = Driver(qtbot, home)
        assert (it.page.conversation_id, it.page.header.title.title()) == (None, "New conversation")
        assert notice(it)
        it.type("and more")
    try:
        assert it.page.flush()
        assert it.page.composer.text().split() == ["a", "draft", "and", "more"]
        it.window.sidebar.chosen.emit(number)
        assert shown(it) == ["hello", "hello"]
    finally:
        it.close()
