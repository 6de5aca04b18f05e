from __future__ import annotations

import pytest

from assistant.errors import ConversationNotFound, MessageNotFound
from assistant.store.rows import Role, Status, Usage
from assistant.store.tree import Tree
from tests.fakes.stores import USAGE, opened, say, texts


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "inkstone.db") as store:
        yield store


@pytest.fixture
def chat(store):
    """The id of an empty conversation."""
    return store.conversations.create("chat").id


def versions_of(messages):
    return [(message.version, message.versions) for message in messages]


def test_asking_adds_a_question_and_an_answer_being_written(store, chat):
    question, answer = store.conversations.ask(chat, "Why?", parent_id=None, model="small")

    assert (question.role, question.status, question.content) == (Role.USER, Status.COMPLETE, "Why?")
    assert (answer.role, answer.status, answer.content) == (Role.ASSISTANT, Status.STREAMING, "")
    assert (answer.parent_id, answer.model, answer.conversation_id) == (question.id, "small", chat)
    assert store.conversations.branch(chat) == [question, answer]
    after = store.conversations.get(chat)
    assert (after.leaf_id, after.messages, after.updated_at) == (answer.id, 2, answer.created_at)


def test_finish_keeps_text_status_cost_and_reason(store, chat):
    _, answer = store.conversations.ask(chat, "Why?", parent_id=None)

    finished = store.conversations.finish(answer.id, "Because", Status.FAILED, USAGE, "engine_crashed", {"reason": "x"})

    assert finished == store.conversations.message(answer.id)
    assert (finished.content, finished.status, finished.usage) == ("Because", Status.FAILED, USAGE)
    assert (finished.error_kind, finished.error_values) == ("engine_crashed", {"reason": "x"})


def test_the_text_so_far_is_kept(store, chat):
    _, answer = store.conversations.ask(chat, "Why?", parent_id=None)

    store.conversations.save_text(answer.id, "Beca")

    assert store.conversations.message(answer.id).content == "Beca"
    assert store.conversations.message(answer.id).status is Status.STREAMING


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.STOPPED, Status.FAILED])
def test_an_answer_at_its_end_is_never_written_over(store, chat, status):
    question, answer = store.conversations.ask(chat, "Why?", parent_id=None)
    store.conversations.finish(answer.id, "Because", status, USAGE)

    for message_id in (question.id, answer.id):
        with pytest.raises(ValueError, match="not being written"):
            store.conversations.save_text(message_id, "other")
        with pytest.raises(ValueError, match="not being written"):
            store.conversations.finish(message_id, "other", Status.COMPLETE, Usage())
    assert texts(store.conversations.branch(chat)) == ["Why?", "Because"]


def test_another_answer_stands_beside_the_first(store, chat):
    question, first = say(store, chat, "Why?")

    second = store.conversations.answer(question, model="big", content="Bec")

    assert (second.version, second.versions, second.status, second.content) == (2, 2, Status.STREAMING, "Bec")
    assert second.model == "big"
    assert texts(store.conversations.branch(chat)) == ["Why?", "Bec"]
    assert store.conversations.message(first).content == "answer to Why?"
    assert [one.id for one in store.conversations.versions(first)] == [first, second.id]
    assert store.conversations.get(chat).messages == 3


def test_an_edited_question_is_a_version_of_the_old_one(store, chat):
    say(store, chat, "one", "two", "three")
    old = store.conversations.branch(chat)[2]

    new, _ = store.conversations.ask(chat, "TWO", parent_id=old.parent_id)

    assert (new.version, new.versions) == (2, 2)
    assert texts(store.conversations.branch(chat)) == ["one", "answer to one", "TWO", ""]
    assert versions_of(store.conversations.branch(chat)) == [(1, 1), (1, 1), (2, 2), (1, 1)]
    assert len(store.conversations.messages(chat)) == 8


def test_the_first_question_can_be_edited_too(store, chat):
    say(store, chat, "one")

    question, _ = store.conversations.ask(chat, "ONE", parent_id=None)

    assert (question.version, question.versions) == (2, 2)
    assert texts(store.conversations.branch(chat)) == ["ONE", ""]


def test_stepping_there_and_back_restores_the_deeper_branch(store, chat):
    one, *_ = say(store, chat, "one", "two", "three")
    before = store.conversations.branch(chat)
    other = say(store, chat, "ONE")[0]

    assert store.conversations.select(one).leaf_id == before[-1].id
    restored = store.conversations.branch(chat)

    assert texts(restored) == texts(before)
    assert versions_of(restored)[0] == (1, 2)
    store.conversations.select(other)
    assert texts(store.conversations.branch(chat)) == ["ONE", "answer to ONE"]


def test_the_version_that_was_visible_further_down_is_remembered(store, chat):
    _, first_answer, second, second_answer = say(store, chat, "one", "two")
    say(store, chat, "TWO", parent_id=first_answer)
    store.conversations.answer(second)
    store.conversations.select(second_answer)
    root = say(store, chat, "ONE")[0]

    store.conversations.select(store.conversations.versions(root)[0].id)

    assert texts(store.conversations.branch(chat)) == ["one", "answer to one", "two", "answer to two"]


def test_a_new_version_replaces_an_older_choice(store, chat):
    question, first = say(store, chat, "one")
    store.conversations.answer(question)
    store.conversations.select(first)
    newest = store.conversations.answer(question, content="newest")
    say(store, chat, "ONE")

    assert store.conversations.select(question).leaf_id == newest.id


def test_asking_below_a_hidden_message_shows_the_way_to_it(store, chat):
    hidden = say(store, chat, "one", "two")[1]
    say(store, chat, "ONE")

    store.conversations.ask(chat, "again", parent_id=hidden)

    assert texts(store.conversations.branch(chat)) == ["one", "answer to one", "again", ""]


def test_selecting_is_not_a_change_of_the_conversation(store, chat):
    one = say(store, chat, "one")[0]
    say(store, chat, "ONE")
    before = store.conversations.get(chat)

    after = store.conversations.select(one)

    assert (after.updated_at, after.messages) == (before.updated_at, before.messages)


def test_a_cut_answer_goes_on_in_its_own_place(store, chat):
    _, answer = store.conversations.ask(chat, "Why?", parent_id=None)
    store.conversations.finish(answer.id, "Beca", Status.FAILED, USAGE, "engine_crashed", {"reason": "x"})

    resumed = store.conversations.resume(answer.id)

    assert (resumed.content, resumed.status, resumed.usage) == ("Beca", Status.STREAMING, Usage())
    assert (resumed.error_kind, resumed.error_values) == ("", {})
    assert store.conversations.finish(answer.id, "Because", Status.COMPLETE, USAGE).content == "Because"


def test_neither_a_question_nor_a_running_answer_can_be_resumed(store, chat):
    for message in store.conversations.ask(chat, "Why?", parent_id=None):
        with pytest.raises(ValueError, match="cannot be resumed"):
            store.conversations.resume(message.id)


def test_unknown_messages_are_named_and_change_nothing(store, chat):
    for use in (
        store.conversations.message,
        store.conversations.versions,
        store.conversations.select,
        store.conversations.resume,
        store.conversations.answer,
        lambda number: store.conversations.save_text(number, "x"),
        lambda number: store.conversations.finish(number, "x", Status.COMPLETE, USAGE),
        lambda number: store.conversations.ask(chat, "x", parent_id=number),
    ):
        with pytest.raises(MessageNotFound) as error:
            use(99)
        assert "99" in error.value.message
    assert store.conversations.branch(chat) == []
    assert store.conversations.get(chat).messages == 0


def test_a_parent_must_be_of_the_same_conversation(store, chat):
    other = say(store, store.conversations.create().id, "other")[1]

    with pytest.raises(MessageNotFound):
        store.conversations.ask(chat, "x", parent_id=other)


def test_asking_in_an_unknown_conversation_is_refused(store):
    with pytest.raises(ConversationNotFound):
        store.conversations.ask(99, "x", parent_id=None)


def test_a_long_conversation_opens_whole_and_in_order(store, chat):
    parent = None
    rows = []
    for number in range(1, 10_001):
        rows.append((number, chat, parent, "user" if number % 2 else "assistant", f"{number} " + "x" * 490))
        parent = number
    with store._database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO message VALUES (?, ?, ?, NULL, ?, 'complete', 'r', 0, '', '', 0, 0, 0, 0, 0, '', '{}', ?)",
            rows,
        )
        connection.exec_driver_sql(f"UPDATE conversation SET leaf_id = {parent}, message_count = 10000")

    branch = store.conversations.branch(chat)
    store.conversations.ask(chat, "EDITED", parent_id=5_000)

    assert [one.id for one in branch] == list(range(1, 10_001))
    assert len(store.conversations.branch(chat)) == 5_002
    assert store.conversations.select(5_001).leaf_id == 10_000


def test_the_tree_shows_the_newest_child_where_none_was_chosen():
    tree = Tree([(1, None, None), (2, 1, None), (3, 1, None), (4, 2, None)])

    assert tree.end(1) == 3
    assert tree.path(4) == [1, 2, 4]
    assert tree.choices(4) == {1: 2}
    assert tree.choices(3) == {}
    assert [tree.version(number) for number in (1, 2, 3, 4)] == [(1, 1), (1, 2), (2, 2), (1, 1)]


def test_the_tree_shows_the_newest_child_where_the_chosen_one_is_gone():
    assert Tree([(1, None, 9), (2, 1, None), (3, 1, None)]).end(1) == 3
