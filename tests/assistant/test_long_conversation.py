"""A question below ten thousand messages: what is read for it, what the model gets, and that nothing is dropped."""

import pytest

from assistant import changes
from assistant.app import Assistant
from assistant.chat.sessions import Chats
from assistant.engine.protocol import Sampling
from assistant.errors import ContextFull, DatabaseLocked, GenerationFailed, MessageNotFound
from assistant.store.conversations import Conversations
from assistant.store.reading import Reader
from assistant.store.rows import Role, Said, Status
from assistant.store.writing import Writer
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.scripted_worker import COMMAND
from tests.fakes.stores import long_conversation, opened, say

PATIENCE_S = 20


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "inkstone.db") as store:
        yield store


class Notebook:
    """Writes down what a model would be given."""

    context_length = 100

    def __init__(self):
        self.given = []

    def generate(self, turns, sampling, *, is_whole=True):
        self.given.append((turns, is_whole))
        return len(self.given)

    def cancel(self, request):
        """Nothing runs."""


def chats_of(store, notebook):
    return Chats(
        store.conversations,
        notebook,
        sampling_for=lambda _conversation: Sampling(),
        system_prompt_for=lambda _conversation: "Be brief.",
        model_name=lambda: "small",
    )


def count_rows(store):
    """Count every row that SQLite hands out from now on."""
    rows = []

    def count(_cursor, row):
        rows.append(row)
        return row

    store._database.raw.row_factory = count
    return rows


# --- what is read ---------------------------------------------------------------------------------------------------


def test_a_question_below_ten_thousand_messages_reads_only_the_last_of_them(store):
    number, _ids = long_conversation(store, 10_000, "x" * 50)
    notebook = Notebook()
    rows = count_rows(store)

    chats_of(store, notebook).send(number, "and then?")

    (turns, is_whole) = notebook.given[0]
    assert len(rows) < 30
    assert not is_whole
    assert [turn.role for turn in turns[:2]] == ["system", "user"]
    assert turns[-1].content == "and then?"
    assert 600 < sum(len(turn.content) for turn in turns) < 1000


def test_the_end_of_a_branch_begins_with_a_question(store):
    number, ids = long_conversation(store, 1_000, "x" * 50)

    for characters in (0, 1, 60, 120, 500):
        tail, is_whole = store.conversations.tail(ids[-1], characters)
        assert tail[0].role is Role.USER
        assert tail[-1].id == ids[-1]
        assert [said.id for said in tail] == list(ids[-len(tail) :])
        assert not is_whole
    assert store.conversations.tail(ids[-1], 10**9) == (
        [Said(one.id, one.role, one.content) for one in store.conversations.branch(number)],
        True,
    )


def test_the_end_of_a_branch_has_no_other_versions_in_it(store):
    number = store.conversations.create("tree").id
    first = say(store, number, "one", "two")
    say(store, number, "another two", parent_id=first[1])

    tail, is_whole = store.conversations.tail(first[3], 10**9)

    assert [said.content for said in tail] == ["one", "answer to one", "two", "answer to two"]
    assert is_whole


def test_a_message_that_is_not_there_has_no_branch(store):
    with pytest.raises(MessageNotFound):
        store.conversations.tail(77, 10)
    with pytest.raises(MessageNotFound):
        store.conversations.tail(10**30, 10)


def test_what_a_stopped_answer_wrote_last_is_given_although_it_is_not_saved_yet(store):
    notebook = Notebook()
    chats = chats_of(store, notebook)
    conversation = chats.send(None, "one")[0].conversation_id
    next(iter(chats._answers.values())).text = "half an ans"

    chats.send(conversation, "two")

    assert [turn.content for turn in notebook.given[-1][0]] == ["Be brief.", "one", "half an ans", "two"]
    assert notebook.given[-1][1]


def refuse(*_values, **_named):
    raise DatabaseLocked(path="inkstone.db")


# --- with a model ---------------------------------------------------------------------------------------------------


@pytest.fixture
def assistant(home):
    assistant = Assistant(home, engine_command=COMMAND)
    assistant.open()
    assistant.open_store()
    assistant.models.use(str(write_tiny_gguf(home.models / "scripted.gguf")))
    yield assistant
    assistant.close()


def asked(assistant, number, text):
    """Ask and wait for the end; returns the answer."""
    assistant.chats.send(number, text)
    reports = []
    while assistant.chats.is_answering(number):
        assert assistant.mailbox.wait(PATIENCE_S), "nothing more happened"
        reports += assistant.pump()
    assert any(isinstance(change, changes.MessageChanged) for change in reports)
    return assistant.chats.branch(number)[-1]


def test_a_conversation_that_is_too_long_is_refused_with_both_counts(assistant):
    number, _ids = long_conversation(assistant._store, 2_000, "a b c d e f g h i j " * 5)
    error = assistant.chats.error(asked(assistant, number, "and then?"))

    assert isinstance(error, ContextFull)
    assert error.message.startswith("This conversation needs more than ")
    assert "see only 8192." in error.message


def test_a_conversation_that_only_seemed_too_long_is_given_whole(assistant):
    number, _ids = long_conversation(assistant._store, 400, "long" * 50)
    answer = asked(assistant, number, "and then?")

    assert (answer.status, answer.content) == (Status.COMPLETE, "and then?")
    assert answer.usage.prompt_tokens == 400 * 3 + 3
    assert not assistant.chats.has_unsaved


def test_a_question_whose_branch_cannot_be_read_is_kept_and_can_be_tried_again(assistant, monkeypatch):
    number = assistant._store.conversations.create("long").id
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "tail", refuse)
        assistant.chats.send(number, "two")
    *_, question, answer = assistant.chats.branch(number)
    assert (question.content, answer.status) == ("two", Status.FAILED)
    assert "cannot be read" in assistant.chats.error(answer).message

    assistant.chats.retry(answer.id)
    while assistant.chats.is_answering(number):
        assistant.mailbox.wait(PATIENCE_S)
        assistant.pump()
    assert assistant.chats.branch(number)[-1].content == "two"


def test_a_question_of_which_nothing_can_be_read_or_written_ends_when_it_can(assistant, monkeypatch):
    number = assistant.chats.send(None, "one")[0].conversation_id
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "tail", refuse)
        patch.setattr(Writer, "finish", refuse)
        assert changes.Notice in {type(change) for change in assistant.chats.send(number, "two")}
        assert assistant.chats.has_unsaved
    while assistant.chats.has_unsaved:
        assistant.mailbox.wait(1)
        assistant.pump()
    assert assistant._store.conversations.branch(number)[-1].status is Status.FAILED


def test_a_name_that_cannot_be_saved_keeps_no_question_from_being_answered(assistant, monkeypatch):
    number = assistant._store.conversations.create().id
    monkeypatch.setattr(Conversations, "rename", refuse)
    assert asked(assistant, number, "hello").content == "hello"


def test_the_end_of_an_answer_is_told_although_its_conversation_cannot_be_read(assistant, monkeypatch):
    number = assistant.chats.send(None, "paced 3")[0].conversation_id
    monkeypatch.setattr(Reader, "get", refuse)
    reports = []
    while assistant.chats.is_answering(number):
        assert assistant.mailbox.wait(PATIENCE_S), "nothing more happened"
        reports += assistant.pump()
    assert {changes.MessageChanged, changes.ConversationChanged} <= {type(change) for change in reports}


def test_a_conversation_that_cannot_be_read_the_second_time_ends_with_the_reason(assistant, monkeypatch):
    number, _ids = long_conversation(assistant._store, 400, "long" * 50)
    read = Reader.tail

    def refuse_the_whole(store, message_id, characters):
        if characters > 10**6:
            refuse()
        return read(store, message_id, characters)

    monkeypatch.setattr(Reader, "tail", refuse_the_whole)
    answer = asked(assistant, number, "and then?")
    error = assistant.chats.error(answer)

    assert answer.status is Status.FAILED
    assert isinstance(error, GenerationFailed)
    assert "cannot be read" in error.message
    assert not assistant.chats.has_unsaved
