"""The whole program without a window, over a scripted model in the real worker process."""

import subprocess
import sys
from contextlib import contextmanager
from itertools import pairwise

import psutil
import pytest
from sqlalchemy import event

from assistant import changes
from assistant.app import Assistant, StoreChecked, latest
from assistant.engine.state import EngineState, Phase
from assistant.errors import (
    ConversationNotFound,
    DiskFull,
    EngineCrashed,
    MessageNotFound,
    ModelNotFound,
    NotAModelFile,
)
from assistant.i18n import use_language
from assistant.model_choice import Habits
from assistant.models.download_run import DownloadEvent
from assistant.models.download_state import DownloadState
from assistant.store.rows import Role, Setup, Status
from assistant.store.store import Store
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.scripted_worker import COMMAND

PATIENCE_S = 20


class Run:
    """An open assistant with a model, and what it reported."""

    def __init__(self, paths):
        self.assistant = Assistant(paths, engine_command=COMMAND)
        self.reports = [*self.assistant.open(), *self.assistant.open_store()]
        self.model = write_tiny_gguf(paths.models / "scripted.gguf")
        self.reports += self.assistant.models.use(str(self.model))

    def until(self, condition):
        while not condition():
            assert self.assistant.mailbox.wait(PATIENCE_S), "nothing more happened"
            self.reports += self.assistant.pump()

    def send(self, text, conversation_id=None):
        reports = self.assistant.chats.send(conversation_id, text)
        self.reports += reports
        return next(change.conversation_id for change in reports if isinstance(change, changes.MessageAdded))

    def ask(self, text, conversation_id=None):
        """Send and wait for the end; returns the conversation."""
        conversation_id = self.send(text, conversation_id)
        self.finish(conversation_id)
        return conversation_id

    def finish(self, conversation_id):
        self.until(lambda: not self.assistant.chats.is_answering(conversation_id))

    def branch(self, conversation_id):
        return self.assistant.chats.branch(conversation_id)

    def contents(self, conversation_id):
        return [message.content for message in self.branch(conversation_id)]

    def begin(self, text, conversation_id=None):
        """Send and wait for the first words; returns the conversation."""
        conversation_id = self.send(text, conversation_id)
        answer = self.assistant.chats.answering_message(conversation_id)
        self.until(lambda: self.assistant.chats.message(answer).content)
        return conversation_id


@contextmanager
def running(paths):
    run = Run(paths)
    try:
        yield run
    finally:
        run.assistant.close()


@pytest.fixture
def run(home):
    with running(home) as it:
        yield it


def test_a_question_is_answered_and_kept(home):
    with running(home) as run:
        conversation = run.ask("good morning")
        assert run.contents(conversation) == ["good morning", "good morning"]
        assert run.branch(conversation)[-1].usage.completion_tokens == 2
    with running(home) as run:
        assert run.contents(conversation) == ["good morning", "good morning"]


def test_the_conversation_has_the_question_for_a_name(run):
    conversation = run.ask("good *morning*")
    assert run.assistant.conversations.get(conversation).title == "good morning"


def test_the_text_is_reported_as_it_comes(run):
    conversation = run.ask("long 40")
    texts = [change.text for change in run.reports if isinstance(change, changes.MessageText)]
    assert texts[-1].endswith("word40")
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert run.contents(conversation)[-1] == texts[-1]


def test_stop_keeps_the_text_so_far(run):
    conversation = run.begin("endless")
    run.assistant.chats.stop(conversation)
    run.finish(conversation)
    answer = run.branch(conversation)[-1]
    assert answer.status is Status.STOPPED
    assert answer.content.startswith("word1")


def test_a_stopped_answer_goes_on_as_a_new_version(run):
    conversation = run.begin("endless")
    run.assistant.chats.stop(conversation)
    run.finish(conversation)
    cut = run.branch(conversation)[-1]
    run.assistant.chats.go_on(cut.id)
    run.until(lambda: len(run.branch(conversation)[-1].content) > len(cut.content))
    run.assistant.chats.stop(conversation)
    run.finish(conversation)
    longer = run.branch(conversation)[-1]
    assert longer.content.startswith(cut.content)
    assert (longer.version, longer.versions) == (2, 2)
    assert run.assistant.chats.message(cut.id).content == cut.content


def test_another_answer_leaves_the_first_one_as_a_version(run):
    conversation = run.ask("hello")
    first = run.branch(conversation)[-1]
    run.assistant.chats.again(first.id)
    run.finish(conversation)
    second = run.branch(conversation)[-1]
    assert (second.version, second.versions) == (2, 2)
    run.assistant.chats.step_version(second.id, -1)
    assert run.branch(conversation)[-1].id == first.id


def test_stepping_beyond_the_versions_changes_nothing(run):
    conversation = run.ask("hello")
    answer = run.branch(conversation)[-1]
    assert run.assistant.chats.step_version(answer.id, 1) == []
    assert run.assistant.chats.step_version(answer.id, -1) == []


def test_an_edited_question_is_another_version_with_its_own_answer(run):
    conversation = run.ask("hello")
    question = run.branch(conversation)[0]
    run.assistant.chats.edit(question.id, "good evening")
    run.finish(conversation)
    assert run.contents(conversation) == ["good evening", "good evening"]
    run.assistant.chats.step_version(run.branch(conversation)[0].id, -1)
    assert run.contents(conversation) == ["hello", "hello"]


def test_an_edited_answer_is_a_version_and_needs_no_model(run):
    conversation = run.ask("hello")
    run.assistant.chats.edit(run.branch(conversation)[-1].id, "My own words")
    answer = run.branch(conversation)[-1]
    assert (answer.content, answer.status, answer.role) == ("My own words", Status.COMPLETE, Role.ASSISTANT)


def test_an_edited_answer_is_saved_whole_or_not_at_all(run):
    conversation = run.ask("hello")
    statements = []
    engine = run.assistant._store._database._connection.engine
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    run.assistant.chats.edit(run.branch(conversation)[-1].id, "My own words")

    assert statements.count("BEGIN IMMEDIATE") == 1


def test_the_next_turn_reads_only_what_is_new(run):
    conversation = run.ask("hello")
    run.ask("and again", conversation)
    assert run.branch(conversation)[-1].usage.reused_tokens > 0


def test_a_crash_is_a_message_with_a_reason_and_retry_works(run):
    conversation = run.ask("crash 3")
    failed = run.branch(conversation)[-1]
    assert (failed.status, failed.error_kind) == (Status.FAILED, "EngineCrashed")
    assert isinstance(run.assistant.chats.error(failed), EngineCrashed)
    assert failed.content
    run.ask("hello", conversation)
    assert run.contents(conversation)[-1] == "hello"


def test_why_an_answer_failed_is_told_in_the_language_in_use_also_after_a_restart(home):
    with running(home) as run:
        conversation = run.ask("exit 7")
    with running(home) as run:
        error = run.assistant.chats.error(run.branch(conversation)[-1])
        assert "its process ended with code 7" in error.message
        use_language("zh_CN")
        assert "进程已结束，退出代码为 7" in error.message


def test_a_failure_without_a_word_is_retried_in_its_place(run):
    conversation = run.send("prompt 2000")
    run.until(lambda: run.assistant.engine.state.phase is Phase.READING)
    psutil.Process(run.assistant.engine.worker_pid).kill()
    run.finish(conversation)
    failed = run.branch(conversation)[-1]
    assert failed.status is Status.FAILED
    run.assistant.chats.retry(failed.id)
    run.finish(conversation)
    assert run.branch(conversation)[-1].id == failed.id
    assert run.branch(conversation)[-1].status is Status.COMPLETE


def test_a_failed_answer_in_the_middle_is_retried_with_what_came_before_it_only(run, monkeypatch):
    conversation = run.send("prompt 2000")
    run.until(lambda: run.assistant.engine.state.phase is Phase.READING)
    psutil.Process(run.assistant.engine.worker_pid).kill()
    run.finish(conversation)
    failed = run.branch(conversation)[-1]
    run.ask("second question", conversation)
    asked = []
    generate = run.assistant.models.generate
    monkeypatch.setattr(
        run.assistant.models, "generate", lambda turns, how, **more: asked.append(turns) or generate(turns, how, **more)
    )
    run.assistant.chats.retry(failed.id)
    assert [turn.content for turn in asked[0]] == ["prompt 2000"]
    run.finish(conversation)


def test_without_a_model_the_question_is_kept_and_the_reason_said(home, monkeypatch):
    monkeypatch.setattr("assistant.models.starter.starter_path", lambda: None)
    assistant = Assistant(home, engine_command=COMMAND)
    assistant.open()
    try:
        assistant.open_store()
        reports = assistant.chats.send(None, "hello?")
        conversation = reports[0].conversation_id
        question, answer = assistant.chats.branch(conversation)
        assert (question.content, answer.status, answer.error_kind) == ("hello?", Status.FAILED, "NoModel")
    finally:
        assistant.close()


def test_a_deleted_conversation_comes_back_with_undo(run):
    conversation = run.ask("hello")
    run.assistant.conversations.delete(conversation)
    assert run.assistant.conversations.all() == []
    assert run.assistant.conversations.restore(conversation) == [changes.ConversationAdded(conversation)]
    assert run.contents(conversation) == ["hello", "hello"]


def test_deleting_while_an_answer_is_written_stops_it_and_keeps_it(run):
    conversation = run.begin("endless")
    run.assistant.conversations.delete(conversation)
    run.finish(conversation)
    run.assistant.conversations.restore(conversation)
    assert run.branch(conversation)[-1].status is Status.STOPPED


def test_quitting_right_after_stop_keeps_the_text_as_stopped(home):
    with running(home) as run:
        conversation = run.begin("endless")
        run.assistant.chats.stop(conversation)
    with running(home) as run:
        assert run.branch(conversation)[-1].status is Status.STOPPED


def test_quitting_in_the_middle_keeps_the_text_as_interrupted(home):
    with running(home) as run:
        conversation = run.begin("endless")
        text = run.contents(conversation)[-1]
    with running(home) as run:
        answer = run.branch(conversation)[-1]
        assert answer.status is Status.INTERRUPTED
        assert answer.content.startswith(text)


def die_in_the_middle(home):
    """Leave behind what a killed process leaves: a run that is registered, and an answer being written."""
    code = (
        "import os; from assistant.paths import Paths; from assistant.store.store import Store\n"
        "store = Store.open(Paths.find().database, run_id='dead')\n"
        "store.conversations.start('hello', title='hello')\n"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)


def notices_after_opening(home):
    assistant = Assistant(home, engine_command=COMMAND)
    assistant.open()
    try:
        assistant.open_store()
        assert assistant.mailbox.wait(PATIENCE_S)
        return [change.error for change in assistant.pump() if isinstance(change, changes.Notice)]
    finally:
        assistant.close()


def test_after_a_kill_the_database_is_checked(home):
    die_in_the_middle(home)
    assert notices_after_opening(home) == []
    store = Store.open(home.database, run_id="look")
    assert not store.is_check_due
    store.close()


def test_damage_found_by_the_check_is_said(home, monkeypatch):
    die_in_the_middle(home)
    monkeypatch.setattr("assistant.store.store.check", lambda _path: ["row 7 missing from index"])
    (error,) = notices_after_opening(home)
    assert (error.kind, error.values["reason"]) == ("database_damaged", "row 7 missing from index")


def test_a_full_disk_keeps_the_answer_in_memory_and_says_so_once(run, monkeypatch):
    conversation = run.begin("endless")
    store = run.assistant._store.conversations
    finish = type(store).finish

    def refuse(*_args, **_kwargs):
        raise DiskFull(path="inkstone.db")

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "finish", refuse)
        run.assistant.chats.stop(conversation)
        run.finish(conversation)
        notices = [change for change in run.reports if isinstance(change, changes.Notice)]
        assert [notice.error.kind for notice in notices] == ["disk_full"]
    assert type(store).finish is finish
    run.assistant.chats.close()
    assert store.branch(conversation)[-1].content.startswith("word1")


def test_sampling_and_system_prompt_are_set_for_each_conversation(run):
    conversation = run.ask("hello")
    run.assistant.conversations.configure(conversation, system_prompt="Be brief.", sampling={"temperature": 0.1})
    row = run.assistant.conversations.get(conversation)
    assert run.assistant.system_prompt_for(row) == "Be brief."
    assert run.assistant.sampling_for(row).temperature == 0.1


def test_settings_hold_for_every_conversation_without_its_own(run):
    conversation = run.ask("hello")
    run.assistant.set("sampling.top_k", 7)
    run.assistant.set("chat.system_prompt", "Speak plainly.")
    row = run.assistant.conversations.get(conversation)
    assert run.assistant.sampling_for(row).top_k == 7
    assert run.assistant.system_prompt_for(row) == "Speak plainly."


def test_what_is_set_for_the_model_stands_between_settings_and_conversation(run):
    conversation = run.ask("hello")
    model = run.assistant.models.used
    run.assistant.set("sampling.top_k", 7)
    run.assistant.set("chat.system_prompt", "Speak plainly.")
    habits = Habits(sampling={"top_k": 9, "temperature": 0.2}, system_prompt="Speak of the sea.")
    run.assistant.models.set_habits(model.id, habits)
    run.assistant.conversations.configure(conversation, sampling={"temperature": 0.9})
    row = run.assistant.conversations.get(conversation)
    sampling = run.assistant.sampling_for(row)
    assert (sampling.top_k, sampling.temperature) == (9, 0.9)
    assert run.assistant.common_sampling().temperature == 0.2
    assert run.assistant.system_prompt_for(row) == "Speak of the sea."


def test_a_wrong_file_leaves_the_model_in_use(run, tmp_path):
    run.until(lambda: run.assistant.engine.state.phase is Phase.READY)
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"no model at all")
    with pytest.raises(NotAModelFile):
        run.assistant.models.use(str(wrong))
    with pytest.raises(ModelNotFound):
        run.assistant.models.use(str(tmp_path / "nowhere.gguf"))
    assert run.assistant.models.used.path == run.model
    assert run.assistant.engine.state.phase is Phase.READY


def test_a_vanished_default_model_is_noticed_and_another_one_used(home):
    with running(home) as run:
        run.model.unlink()
        reports = run.assistant.models.use_default()
        assert "model_not_found" in [change.error.kind for change in reports if isinstance(change, changes.Notice)]
        assert run.assistant.models.used.is_starter


def test_drafts_are_kept(run):
    run.assistant.conversations.set_draft(None, "half a thought")
    assert run.assistant.conversations.draft(None) == "half a thought"
    run.assistant.conversations.set_draft(None, "")
    assert run.assistant.conversations.draft(None) == ""


def test_what_a_new_conversation_is_set_to_is_kept(run):
    setup = Setup("Be brief", {"temperature": 1.25})
    run.assistant.conversations.set_new("half a thought", setup)
    assert run.assistant.conversations.new_setup() == setup
    assert run.assistant.conversations.draft(None) == "half a thought"


def test_unknown_ids_are_said(run):
    with pytest.raises(ConversationNotFound):
        run.assistant.chats.send(77, "hello")
    with pytest.raises(MessageNotFound):
        run.assistant.chats.again(77)


def test_a_mistake_of_ours_in_a_download_costs_no_other_news(run):
    run.assistant.open_market()
    ended = DownloadEvent("d", 1, DownloadState.FAILED, 0, has_ended=True, mistake=ZeroDivisionError())
    for event_ in (StoreChecked("first"), ended, StoreChecked("second")):
        run.assistant.mailbox.post(event_)
    with pytest.raises(ZeroDivisionError):
        run.assistant.pump()
    run.until(lambda: len(notices(run.reports)) == 2)
    assert [error.values["reason"] for error in notices(run.reports)] == ["first", "second"]


def notices(reports):
    return [report.error for report in reports if isinstance(report, changes.Notice)]


def test_only_the_newest_of_each_text_and_state_is_reported():
    text, more = changes.MessageText(1, 2, "a"), changes.MessageText(1, 2, "ab")
    other = changes.MessageText(1, 3, "x")
    loading, ready = changes.EngineChanged(EngineState(Phase.LOADING)), changes.EngineChanged(EngineState(Phase.READY))
    assert latest([text, loading, other, more, ready]) == [other, more, ready]


def test_the_core_needs_no_qt(home):
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from ui.__main__ import main\n"
        "sys.exit(main(['conversations', 'list', '--json']))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
