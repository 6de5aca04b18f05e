"""Random walks through the tree of messages, with plain lists as the oracle."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assistant.errors import ConversationNotFound
from assistant.store.rows import Role, Status
from assistant.store.store import Store
from tests.fakes.stores import USAGE, Clock

SOME_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PICK = st.integers(0, 10_000)
ENDS = st.sampled_from([Status.COMPLETE, Status.STOPPED, Status.FAILED])


@dataclass
class Said:
    """A message as the oracle remembers it."""

    parent: int | None
    role: Role
    text: str
    status: Status


@dataclass
class Chat:
    """A conversation as the oracle remembers it: what was said, and which way was taken last at each fork."""

    title: str
    said: dict[int, Said] = field(default_factory=dict)
    leaf: int | None = None
    taken: dict[int, int] = field(default_factory=dict)
    is_deleted: bool = False

    def children(self, parent):
        return [number for number, said in self.said.items() if said.parent == parent]

    def way_to(self, number):
        way = []
        while number is not None:
            way.insert(0, number)
            number = self.said[number].parent
        return way

    def show(self, number):
        """Make a message visible, with what was seen last below it."""
        while self.children(number):
            number = self.taken[number]
        self.show_new(number)

    def show_new(self, number):
        """Make a leaf visible."""
        self.leaf = number
        way = self.way_to(number)
        self.taken.update(itertools.pairwise(way))


class Walk(RuleBasedStateMachine):
    """Whatever is done, the store and the oracle agree, and nothing that was said is lost."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.chats: dict[int, Chat] = {}
        self.order: list[int] = []
        self.starts = 0
        self.store = self.open()

    def open(self):
        self.starts += 1
        return Store.open(Path(self.folder.name) / "inkstone.db", f"run-{self.starts}", now=self.clock)

    def teardown(self):
        try:
            assert self.store.check() == ""
        finally:
            self.store.close()
            self.folder.cleanup()

    # --- choosing ---------------------------------------------------------------------------------------------------

    def a_chat(self, pick):
        ids = [number for number, chat in self.chats.items() if not chat.is_deleted]
        return ids[pick % len(ids)]

    def a_message(self, pick, *wanted):
        """A conversation outside the trash and one of its messages that has a wanted role or status."""
        found = [
            (chat_id, number)
            for chat_id, chat in self.chats.items()
            for number, said in chat.said.items()
            if not chat.is_deleted and (not wanted or said.role in wanted or said.status in wanted)
        ]
        return found[pick % len(found)] if found else (0, 0)

    def touch(self, chat_id):
        if chat_id in self.order:
            self.order.remove(chat_id)
        self.order.insert(0, chat_id)

    # --- doing ------------------------------------------------------------------------------------------------------

    @initialize(title=SOME_TEXT)
    def begin(self, title):
        self.create(title)

    @rule(title=SOME_TEXT)
    def create(self, title):
        made = self.store.conversations.create(title)
        assert made.id not in self.chats
        self.chats[made.id] = Chat(title)
        self.touch(made.id)

    def ask(self, chat_id, text, parent_id):
        question, answer = self.store.conversations.ask(chat_id, text, parent_id=parent_id)
        chat = self.chats[chat_id]
        chat.said[question.id] = Said(parent_id, Role.USER, text, Status.COMPLETE)
        chat.said[answer.id] = Said(question.id, Role.ASSISTANT, "", Status.STREAMING)
        chat.show_new(answer.id)
        self.touch(chat_id)
        assert [self.store.conversations.message(one.id) for one in (question, answer)] == [question, answer]

    @precondition(lambda self: any(not chat.is_deleted for chat in self.chats.values()))
    @rule(pick=PICK, text=SOME_TEXT)
    def ask_at_the_end(self, pick, text):
        chat_id = self.a_chat(pick)
        self.ask(chat_id, text, self.chats[chat_id].leaf)

    @precondition(lambda self: any(not chat.is_deleted for chat in self.chats.values()))
    @rule(pick=PICK, text=SOME_TEXT)
    def edit_the_first_question(self, pick, text):
        self.ask(self.a_chat(pick), text, None)

    @rule(pick=PICK, text=SOME_TEXT)
    def ask_anywhere(self, pick, text):
        chat_id, number = self.a_message(pick)
        if number:
            self.ask(chat_id, text, number)

    @rule(pick=PICK, text=SOME_TEXT)
    def answer_again(self, pick, text):
        chat_id, number = self.a_message(pick, Role.USER)
        if number:
            answer = self.store.conversations.answer(number, content=text)
            self.chats[chat_id].said[answer.id] = Said(number, Role.ASSISTANT, text, Status.STREAMING)
            self.chats[chat_id].show_new(answer.id)
            self.touch(chat_id)

    @rule(pick=PICK, more=SOME_TEXT)
    def write_on(self, pick, more):
        chat_id, number = self.a_message(pick, Status.STREAMING)
        if number:
            said = self.chats[chat_id].said[number]
            said.text += more
            self.store.conversations.save_text(number, said.text)

    @rule(pick=PICK, more=SOME_TEXT, status=ENDS)
    def finish(self, pick, more, status):
        chat_id, number = self.a_message(pick, Status.STREAMING)
        if number:
            said = self.chats[chat_id].said[number]
            said.text += more
            said.status = status
            finished = self.store.conversations.finish(number, said.text, status, USAGE)
            assert finished == self.store.conversations.message(number)

    @rule(pick=PICK)
    def resume(self, pick):
        chat_id, number = self.a_message(pick, Status.STOPPED, Status.FAILED, Status.INTERRUPTED)
        if number:
            self.store.conversations.resume(number)
            self.chats[chat_id].said[number].status = Status.STREAMING

    @rule(pick=PICK)
    def select(self, pick):
        chat_id, number = self.a_message(pick)
        if number:
            selected = self.store.conversations.select(number)
            self.chats[chat_id].show(number)
            assert selected == self.store.conversations.get(chat_id)

    @precondition(lambda self: any(not chat.is_deleted for chat in self.chats.values()))
    @rule(pick=PICK, title=SOME_TEXT)
    def rename(self, pick, title):
        chat_id = self.a_chat(pick)
        self.store.conversations.rename(chat_id, title)
        self.chats[chat_id].title = title
        self.touch(chat_id)

    @precondition(lambda self: any(not chat.is_deleted for chat in self.chats.values()))
    @rule(pick=PICK)
    def delete(self, pick):
        chat_id = self.a_chat(pick)
        self.store.conversations.delete(chat_id)
        self.chats[chat_id].is_deleted = True

    @rule(pick=PICK)
    def restore(self, pick):
        chat_id = list(self.chats)[pick % len(self.chats)]
        self.store.conversations.restore(chat_id)
        self.chats[chat_id].is_deleted = False

    @rule()
    def start_again(self):
        self.store.close()
        self.store = self.open()
        assert self.store.repair() == 0
        for chat in self.chats.values():
            for said in chat.said.values():
                said.status = Status.INTERRUPTED if said.status is Status.STREAMING else said.status

    # --- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def the_list_is_right(self):
        listed = self.store.conversations.list()
        assert [one.id for one in listed] == [number for number in self.order if not self.chats[number].is_deleted]
        for one in listed:
            chat = self.chats[one.id]
            assert (one.title, one.leaf_id, one.messages) == (chat.title, chat.leaf, len(chat.said))

    @invariant()
    def the_branch_is_right(self):
        for chat_id, chat in self.chats.items():
            if chat.is_deleted:
                with pytest.raises(ConversationNotFound):
                    self.store.conversations.branch(chat_id)
                continue
            branch = self.store.conversations.branch(chat_id)
            assert [one.id for one in branch] == chat.way_to(chat.leaf)
            assert not chat.children(chat.leaf) or chat.leaf is None
            self.agree(chat, branch)

    @invariant()
    def nothing_is_lost(self):
        for chat_id, chat in self.chats.items():
            if not chat.is_deleted:
                messages = self.store.conversations.messages(chat_id)
                assert [one.id for one in messages] == list(chat.said)
                self.agree(chat, messages)

    def agree(self, chat, messages):
        for one in messages:
            said = chat.said[one.id]
            siblings = chat.children(said.parent)
            assert (one.parent_id, one.role, one.content, one.status) == (
                *(said.parent, said.role, said.text, said.status),
            )
            assert (one.version, one.versions) == (siblings.index(one.id) + 1, len(siblings))


def walk(rounds, steps):
    run_state_machine_as_test(Walk, settings=settings(max_examples=rounds, stateful_step_count=steps, deadline=None))


def test_a_walk_through_the_tree_loses_nothing():
    walk(25, 30)


@pytest.mark.long
def test_a_long_walk_through_the_tree_loses_nothing():
    walk(200, 50)
