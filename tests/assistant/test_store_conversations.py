from __future__ import annotations

import logging
from datetime import UTC
from pathlib import Path
from traceback import format_exception

import pytest

from assistant.errors import ConversationNotFound, DatabaseDamaged
from assistant.store.rows import Setup, Status
from tests.fakes.stores import USAGE, Clock, opened, say


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with opened(tmp_path / "inkstone.db", now=clock) as store:
        yield store


def test_a_new_conversation_has_what_it_was_given(store, clock):
    made = store.conversations.create("Tea", "Be brief.", {"temperature": 0.5, "seed": 7}, "qwen")

    assert made == store.conversations.get(made.id)
    assert (made.title, made.system_prompt, made.sampling, made.model_id) == (
        *("Tea", "Be brief.", {"temperature": 0.5, "seed": 7}, "qwen"),
    )
    assert (made.leaf_id, made.is_named, made.messages) == (None, False, 0)
    assert made.created_at == made.updated_at == clock.time
    assert made.created_at.tzinfo is UTC


def test_the_one_changed_last_comes_first(store):
    first, second, third = (store.conversations.create(title).id for title in "abc")

    say(store, first, "hello")
    store.conversations.rename(second, "B")

    assert [one.id for one in store.conversations.list()] == [second, first, third]


def test_equal_times_are_ordered_by_age(tmp_path):
    time = Clock()()
    with opened(tmp_path / "inkstone.db", now=lambda: time) as store:
        ids = [store.conversations.create().id for _ in range(3)]

        assert [one.id for one in store.conversations.list()] == ids[::-1]


def test_setting_up_does_not_change_the_order(store):
    older, newer = store.conversations.create(), store.conversations.create()

    changed = store.conversations.configure(older.id, system_prompt="P", sampling={"top_k": 3}, model_id="m")

    assert (changed.system_prompt, changed.sampling, changed.model_id) == ("P", {"top_k": 3}, "m")
    assert changed.updated_at == older.updated_at
    assert [one.id for one in store.conversations.list()] == [newer.id, older.id]


def test_configure_leaves_what_is_not_given(store):
    made = store.conversations.create("t", "P", {"top_k": 3}, "m")

    assert store.conversations.configure(made.id) == made
    assert store.conversations.configure(made.id, system_prompt="").sampling == {"top_k": 3}
    assert store.conversations.configure(made.id, sampling={}).model_id == "m"


def test_renaming_says_whether_a_person_did_it(store):
    made = store.conversations.create()

    assert not store.conversations.rename(made.id, "by itself", is_named=False).is_named
    renamed = store.conversations.rename(made.id, "by hand")

    assert (renamed.title, renamed.is_named) == ("by hand", True)
    assert renamed.updated_at > made.updated_at


def test_a_deleted_conversation_is_away_until_restored(store):
    made = store.conversations.create("Tea")
    ids = say(store, made.id, "hello")
    before = store.conversations.get(made.id), store.conversations.branch(made.id)

    store.conversations.delete(made.id)

    assert store.conversations.list() == []
    for use in (
        store.conversations.get,
        store.conversations.branch,
        store.conversations.messages,
        store.conversations.delete,
        lambda number: store.conversations.rename(number, "x"),
        lambda number: store.conversations.configure(number, model_id="x"),
        lambda number: store.conversations.ask(number, "x", parent_id=None),
        lambda _number: store.conversations.answer(ids[0]),
        lambda _number: store.conversations.select(ids[0]),
    ):
        with pytest.raises(ConversationNotFound):
            use(made.id)
    assert store.conversations.restore(made.id) == before[0]
    assert store.conversations.branch(made.id) == before[1]


def test_an_answer_is_saved_to_its_end_although_its_conversation_was_deleted(store):
    made = store.conversations.create()
    _, answer = store.conversations.ask(made.id, "hello", parent_id=None)
    store.conversations.delete(made.id)

    store.conversations.save_text(answer.id, "so far")
    store.conversations.finish(answer.id, "so far and more", Status.STOPPED, USAGE)

    assert store.conversations.message(answer.id).content == "so far and more"


def test_ids_are_never_given_twice(store, tmp_path):
    old = store.conversations.create().id
    store._database.raw.execute("DELETE FROM conversation")

    assert store.conversations.create().id > old


@pytest.mark.parametrize("number", [0, -1, 99, 2**62, 2**64, -(2**64)])
def test_an_unknown_conversation_is_named(store, number):
    for use in (store.conversations.get, store.conversations.restore, store.conversations.delete):
        with pytest.raises(ConversationNotFound) as error:
            use(number)
        assert str(number) in error.value.message


def test_a_clock_that_jumps_back_keeps_the_order_of_messages(store, clock):
    made = store.conversations.create()
    first = say(store, made.id, "before")
    clock.jump(days=-400)
    second = say(store, made.id, "after", parent_id=first[-1])

    assert [one.id for one in store.conversations.branch(made.id)] == first + second
    assert [one.id for one in store.conversations.messages(made.id)] == first + second


def test_times_are_kept_to_the_microsecond(tmp_path):
    clock = Clock()
    with opened(tmp_path / "inkstone.db", now=clock) as store:
        for _ in range(200):
            clock.jump(days=97, microseconds=1)
            assert store.conversations.create().created_at == clock.time


def test_start_makes_a_conversation_with_its_question_at_once(store):
    made, question, answer = store.conversations.start("hello", title="Hello", model="small", sampling={"top_k": 1})

    assert made == store.conversations.get(made.id)
    assert (made.messages, made.leaf_id, made.sampling) == (2, answer.id, {"top_k": 1})
    assert store.conversations.branch(made.id) == [question, answer]


def test_drafts_survive_and_are_told_apart(tmp_path):
    path = tmp_path / "inkstone.db"
    with opened(path) as store:
        assert store.drafts.get(None) == store.drafts.get(5) == ""
        store.drafts.set(None, "for a new one")
        store.drafts.set(5, "first")
        store.drafts.set(5, "second")
    with opened(path) as store:
        assert (store.drafts.get(None), store.drafts.get(5)) == ("for a new one", "second")
        store.drafts.set(None, "")
        assert (store.drafts.get(None), store.drafts.get(5)) == ("", "second")


def test_what_a_new_conversation_is_set_to_lies_beside_its_draft(tmp_path):
    setup = Setup("Be brief. 🍵", {"temperature": 0.25, "top_k": 7})
    with opened(tmp_path / "inkstone.db") as store:
        assert store.drafts.setup() == Setup()
        store.drafts.set_new("half a thought", setup)
        store.drafts.set(None, "")
        store.drafts.set(5, "elsewhere")
    with opened(tmp_path / "inkstone.db") as store:
        assert (store.drafts.get(None), store.drafts.setup(), store.drafts.get(5)) == ("", setup, "elsewhere")
        store.drafts.set_new("", Setup())
        assert store.drafts.setup() == Setup()
        assert store._database.raw.execute("SELECT conversation_id FROM draft").fetchall() == [(5,)]


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "𝄞 中文 \u202e", "\ud83d\ude00", "\ud800", "x" * 3_000_000])
def test_any_text_is_kept(store, text):
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    made, question, answer = store.conversations.start(text, title=text, model=text, system_prompt=text, model_id=text)
    finished = store.conversations.finish(answer.id, text, Status.FAILED, USAGE, "kind", {"reason": text})
    store.drafts.set(made.id, text)

    branch = store.conversations.branch(made.id)
    assert [question, finished] == branch
    assert [one.content for one in branch] == [expected, expected]
    assert finished.model == made.title == made.system_prompt == made.model_id == store.drafts.get(made.id) == expected
    assert finished.error_values == {"reason": text if text.isprintable() else finished.error_values["reason"]}


def test_values_of_errors_come_back_as_json_has_them(store):
    _, _, answer = store.conversations.start("hello")
    values = {"path": Path("/a/b"), "needed_gib": 1.5, "count": 3, "list": [1, "x"]}

    finished = store.conversations.finish(answer.id, "", Status.FAILED, USAGE, "model_too_big", values)

    assert finished.error_kind == "model_too_big"
    assert finished.error_values == values | {"path": "/a/b"}


def test_what_people_write_is_in_no_log_and_no_error(store, caplog):
    caplog.set_level(logging.DEBUG)
    secret = bytes.fromhex("534543524554").decode()
    made = store.conversations.start(secret, title=secret)[0]
    store._database.raw.execute("UPDATE message SET content = CAST(X'FF534543524554' AS TEXT)")

    with pytest.raises(DatabaseDamaged) as error:
        store.conversations.branch(made.id)
    store._database.raw.execute("DROP TABLE draft")
    with pytest.raises(Exception, match="no such table") as bug:
        store.drafts.set(None, secret)

    assert secret not in caplog.text + "".join(format_exception(error.value) + format_exception(bug.value))


def test_the_week_between_checks(store, clock):
    assert store.is_check_due
    assert store.check() == ""
    store.checked()
    clock.jump(days=6)
    assert not store.is_check_due
    clock.jump(days=2)
    assert store.is_check_due
    store.checked()
    clock.jump(days=-3)
    assert store.is_check_due


def test_purging_a_conversation_takes_a_long_chain_of_messages_along(store):
    made = store.conversations.create()
    parent = None
    for _ in range(1_200):
        parent = store.conversations.ask(made.id, "x", parent_id=parent)[1].id

    with store._database.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM conversation WHERE id = {made.id}")
        assert connection.exec_driver_sql("SELECT count(*) FROM message").scalar() == 0


def test_the_schema_refuses_a_parent_of_another_conversation(store):
    question = store.conversations.start("a")[1]
    other = store.conversations.start("b")[0]

    with pytest.raises(Exception, match="FOREIGN KEY"), store._database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE message SET parent_id = {question.id} WHERE conversation_id = {other.id} AND parent_id IS NULL"
        )
    assert store.check() == ""
