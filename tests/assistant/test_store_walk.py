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
    rule,
    run_state_machine_as_test,
)

from assistant.errors import ConversationNotFound
from assistant.store.rows import Role, Status
from assistant.store.store import Store
from tests.fakes.stores import USAGE, Clock

SOME_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PICK = st.integers(0, 59)
ENDS = [Status.COMPLETE, Status.STOPPED, Status.FAILED]


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
        """A conversation outside the trash, 0 when there is none."""
        ids = [number for number, chat in self.chats.items() if not chat.is_deleted]
        return ids[pick % len(ids)] if ids else 0

    def a_message(self, pick, *wanted):
        """A conversation outside the trash and a message in it, of a wanted role or status; zeros for none."""
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

    # Few rules with kinds of their own: Hypothesis leaves some rules out of each walk, and the walk should go deep.

    @initialize(title=SOME_TEXT)
    def begin(self, title):
        """A conversation that has forks already: two first questions, two answers, two second questions."""
        self.create(title)
        chat_id = next(iter(self.chats))
        for parent_id in (None, 2, 2, None):
            self.ask(chat_id, "begin", parent_id)
        self.answer_again(chat_id, 1, "begin")

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

    @rule(pick=PICK, text=SOME_TEXT, how=st.sampled_from(["at the end", "at the beginning", "below any", "again"]))
    def grow(self, pick, text, how):
        """Add a question, another first question, a version of a question, or another answer."""
        if how == "again":
            chat_id, number = self.a_message(pick, Role.USER)
            if number:
                self.answer_again(chat_id, number, text)
        elif how == "below any":
            chat_id, number = self.a_message(pick)
            if number:
                self.ask(chat_id, text, number)
        elif chat_id := self.a_chat(pick):
            self.ask(chat_id, text, self.chats[chat_id].leaf if how == "at the end" else None)

    def answer_again(self, chat_id, number, text):
        answer = self.store.conversations.answer(number, content=text)
        self.chats[chat_id].said[answer.id] = Said(number, Role.ASSISTANT, text, Status.STREAMING)
        self.chats[chat_id].show_new(answer.id)
        self.touch(chat_id)

    @rule(pick=PICK, more=SOME_TEXT, end=st.sampled_from([None, *ENDS]))
    def write(self, pick, more, end):
        """Write on an answer, or to its end."""
        chat_id, number = self.a_message(pick, Status.STREAMING)
        if number:
            said = self.chats[chat_id].said[number]
            said.text += more
            if end is None:
                self.store.conversations.save_text(number, said.text)
                return
            said.status = end
            finished = self.store.conversations.finish(number, said.text, end, USAGE)
            assert finished == self.store.conversations.message(number)

    def select(self, chat_id, number):
        selected = self.store.conversations.select(number)
        self.chats[chat_id].show(number)
        assert selected == self.store.conversations.get(chat_id)

    @rule(pick=PICK, step=PICK, how=st.sampled_from(["step", "step", "any"]))
    def look(self, pick, step, how):
        """Show another version of a visible message, as a person does, or whatever message."""
        if how == "any":
            chat_id, number = self.a_message(pick)
            if number:
                self.select(chat_id, number)
        elif chat_id := self.a_chat(pick):
            chat = self.chats[chat_id]
            forks = [number for number in chat.way_to(chat.leaf) if len(chat.children(chat.said[number].parent)) > 1]
            if forks:
                siblings = self.store.conversations.versions(forks[pick % len(forks)])
                assert [one.id for one in siblings] == chat.children(siblings[0].parent_id)
                self.select(chat_id, siblings[step % len(siblings)].id)

    @rule(
        pick=PICK,
        text=SOME_TEXT,
        what=st.sampled_from(["create", "rename", "delete", "restore", "start again", "resume"]),
    )
    def tidy_up(self, pick, text, what):
        """What is done now and then."""
        chat_id = list(self.chats)[pick % len(self.chats)]
        if what == "create" and len(self.chats) < 3:
            self.create(text)
        elif what == "rename":
            self.rename(chat_id, text)
        elif what == "delete":
            self.delete(chat_id)
        elif what == "restore":
            self.store.conversations.restore(chat_id)
            self.chats[chat_id].is_deleted = False
        elif what == "resume":
            self.resume(pick)
        elif what == "start again":
            self.start_again()

    def resume(self, pick):
        chat_id, number = self.a_message(pick, Status.STOPPED, Status.FAILED, Status.INTERRUPTED)
        if number:
            self.store.conversations.resume(number)
            self.chats[chat_id].said[number].status = Status.STREAMING

    def rename(self, chat_id, title):
        if not self.chats[chat_id].is_deleted:
            self.store.conversations.rename(chat_id, title)
            self.chats[chat_id].title = title
            self.touch(chat_id)

    def delete(self, chat_id):
        if not self.chats[chat_id].is_deleted:
            self.store.conversations.delete(chat_id)
            self.chats[chat_id].is_deleted = True

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
