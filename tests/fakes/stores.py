"""Stores for tests, a clock that can be set, and the world at its worst: full disks, no rights."""

from __future__ import annotations

import ctypes
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.store.rows import Status, Usage
from assistant.store.store import Store

USAGE = Usage("stop", 12, 3, 45, 6.5, 789.25)


class Clock:
    """A time that passes by a second whenever it is asked for, and jumps when told to."""

    def __init__(self):
        self.time = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

    def __call__(self):
        self.time += timedelta(seconds=1)
        return self.time

    def jump(self, **by):
        self.time += timedelta(**by)


@contextmanager
def opened(path: Path, run_id: str = "run", **options):
    """A store that is closed at the end."""
    store = Store.open(path, run_id, **options)
    try:
        yield store
    finally:
        store.close()


def say(store, conversation_id, *texts, parent_id=None):
    """Ask and have answered in turn; returns the ids of question and answer of each pair."""
    ids = []
    for text in texts:
        question, answer = store.conversations.ask(conversation_id, text, parent_id=parent_id, model="small")
        store.conversations.finish(answer.id, f"answer to {text}", Status.COMPLETE, USAGE)
        ids += [question.id, answer.id]
        parent_id = answer.id
    return ids


def long_conversation(store, count, text):
    """A conversation of ``count`` messages, written at once; returns its id and theirs."""
    made = store.conversations.create("long")
    first = store._database.raw.execute("SELECT coalesce(max(id), 0) + 1 FROM message").fetchone()[0]
    ids = range(first, first + count)
    roles = ("user", "assistant")
    rows = [(n, made.id, n - 1 if n > first else None, roles[(n - first) % 2], f"{n} {text}") for n in ids]
    statement = (
        "INSERT INTO message SELECT ?1, ?2, ?3, NULL, ?4, 'complete', 'bench', 1767323048678901, 'small',"
        " iif(?4 = 'user', '', 'stop'), 12, 3, 45, 6.5, 789.25, '', '{}', ?5"
    )
    with store._database.write() as connection:
        connection.exec_driver_sql(statement, rows)
        connection.exec_driver_sql(
            f"UPDATE conversation SET leaf_id = {ids[-1]}, message_count = {count} WHERE id = {made.id}"
        )
    return made.id, ids


def texts(messages):
    return [message.content for message in messages]


def everything(folder: Path):
    """The bytes of every file in a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@contextmanager
def files_limited_to(size: int):
    """No file can grow beyond ``size`` bytes: what a quota does, and nearly what a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def as_a_mere_user(function):
    """Call ``function`` where permissions hold even for root: in a thread without capabilities."""
    with ThreadPoolExecutor(1, initializer=_drop_capabilities) as pool:
        return pool.submit(function).result()


def _drop_capabilities():
    libc = ctypes.CDLL(None, use_errno=True)
    version_3, this_thread, none = 0x20080522, 0, (ctypes.c_uint32 * 6)()
    header = (ctypes.c_uint32 * 2)(version_3, this_thread)
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")
