import threading

import pytest

from assistant.changes import Change, ModelsChanged, TaskFinished
from assistant.errors import NetworkOff
from assistant.mailbox import Mailbox
from assistant.tasks import TaskEnded, Tasks


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def tasks(mailbox):
    tasks = Tasks(mailbox)
    yield tasks
    tasks.close()


def ended(mailbox: Mailbox) -> TaskEnded:
    assert mailbox.wait(10)
    (event,) = mailbox.drain()
    assert isinstance(event, TaskEnded)
    return event


def test_the_value_comes_back_by_number(mailbox, tasks):
    first = tasks.start(lambda: threading.current_thread().name, "named")
    change = tasks.apply(ended(mailbox))
    second = tasks.start(lambda: 2)
    assert change == [TaskFinished(first, "named", None)]
    assert tasks.apply(ended(mailbox)) == [TaskFinished(second, 2, None)]


def test_an_error_of_the_world_is_a_value(mailbox, tasks):
    error = NetworkOff()

    def fail() -> None:
        raise error

    task = tasks.start(fail)
    assert tasks.apply(ended(mailbox)) == [TaskFinished(task, None, error)]


def test_a_mistake_of_ours_is_raised_where_it_is_heard(mailbox, tasks):
    tasks.start(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.apply(ended(mailbox))


def test_nothing_is_told_of_what_nobody_waits_for(mailbox, tasks):
    go = threading.Event()
    task = tasks.start(go.wait)
    tasks.forget(task)
    tasks.forget(task + 1)
    go.set()
    assert tasks.apply(ended(mailbox)) == []


def test_closing_waits_for_what_runs(mailbox):
    tasks, go, done = Tasks(mailbox), threading.Event(), threading.Event()
    tasks.start(lambda: go.wait() and done.set())
    threading.Timer(0.05, go.set).start()
    tasks.close()
    assert done.is_set()


def test_what_a_task_brings_is_kept_on_the_main_thread_whether_or_not_anybody_waits(mailbox, tasks):
    kept = []

    def keep(value: int) -> list[Change]:
        kept.append((value, threading.current_thread()))
        return [ModelsChanged()]

    first = tasks.start(lambda: 1, ended=keep)
    assert tasks.apply(ended(mailbox)) == [ModelsChanged(), TaskFinished(first, 1, None)]
    tasks.forget(tasks.start(lambda: 2, ended=keep))
    assert tasks.apply(ended(mailbox)) == [ModelsChanged()]
    assert kept == [(1, threading.main_thread()), (2, threading.main_thread())]


def test_what_cannot_be_kept_is_the_error_of_the_task(mailbox, tasks):
    error = NetworkOff()

    def refuse(_value: int) -> list[Change]:
        raise error

    task = tasks.start(lambda: 1, ended=refuse)
    assert tasks.apply(ended(mailbox)) == [TaskFinished(task, None, error)]
