"""Runs that die, runs that live beside each other, and what each finds of the other."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import contextmanager

import pytest

from assistant.errors import DatabaseReadOnly
from assistant.store.check import check
from assistant.store.rows import Status
from assistant.store.runs import RunLock, is_alive, is_held, lock_file
from assistant.store.store import Store
from tests.fakes.stores import USAGE, as_a_mere_user, opened, texts


@pytest.fixture
def path(tmp_path):
    """A place for a database."""
    return tmp_path / "inkstone.db"


@contextmanager
def writer(path, run_id, *rounds):
    """Another process that asks and answers without end; it has opened the database. Killed at the end."""
    command = [sys.executable, "-m", "tests.fakes.store_writer", str(path), run_id, *map(str, rounds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "0 open\n"
        yield process
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def acknowledged(lines):
    """The last text of each message that the process was told is saved."""
    return dict(line.rstrip("\n").split(" ", 1) for line in lines if line.endswith("\n"))


def read_until(process, wanted):
    return next(line for line in process.stdout if wanted in line)


# --- one process beside another ---


def test_answers_of_a_living_process_are_left_alone(path):
    with opened(path, "window") as window:
        answer = window.conversations.start("hello")[2]
        with opened(path, "terminal") as terminal:
            assert terminal.repair() == 0
        window.conversations.save_text(answer.id, "so far")
        assert window.conversations.message(answer.id).status is Status.STREAMING
        assert window.repair() == 0
        assert window.conversations.finish(answer.id, "so far, all", Status.COMPLETE, USAGE).content == "so far, all"


def test_answers_of_a_killed_process_are_interrupted_and_keep_their_text(path):
    with writer(path, "killed") as process:
        message_id, text = read_until(process, "piece-1").split()

    with opened(path, "next") as store:
        assert store.is_check_due
        repaired = store.repair()
        assert store.is_check_due
        statuses = {one.status for one in store.conversations.messages(1)}
        assert repaired == sum(one.status is Status.INTERRUPTED for one in store.conversations.messages(1))
        assert Status.STREAMING not in statuses
        assert store.conversations.message(int(message_id)).content.startswith(text)
        assert store.repair() == 0
        assert list((path.parent / "runs").iterdir()) == [lock_file(path, "next")]
        assert store.check() == ""
        store.checked()
        assert not store.is_check_due


def test_a_process_that_ended_well_left_nothing_to_repair(path):
    with writer(path, "well", 2) as process:
        process.stdout.read()
        assert process.wait() == 0

    with opened(path, "next") as store:
        store.checked()
        assert store.repair() == 0
        assert not store.is_check_due


def test_closing_in_the_middle_of_an_answer_interrupts_it(path):
    with opened(path, "one") as store:
        answer = store.conversations.start("hello")[2]
        store.conversations.save_text(answer.id, "so far")
    with opened(path, "two") as store:
        interrupted = store.conversations.message(answer.id)
        assert (interrupted.content, interrupted.status) == ("so far", Status.INTERRUPTED)
        resumed = store.conversations.resume(answer.id)
        assert (resumed.content, resumed.status) == ("so far", Status.STREAMING)


def test_an_answer_interrupted_by_mistake_can_still_be_saved(path):
    """A network folder may not keep locks; the process that writes must not lose by it."""
    with opened(path, "one") as one:
        answer = one.conversations.start("hello")[2]
        lock_file(path, "one").unlink()
        with opened(path, "two") as two:
            assert two.repair() == 1
        one.conversations.save_text(answer.id, "so far")
        assert one.conversations.finish(answer.id, "all", Status.COMPLETE, USAGE).status is Status.COMPLETE


def test_two_processes_write_side_by_side(path):
    with opened(path, "window") as store, writer(path, "terminal", 30) as process:
        made = store.conversations.create("window")
        parent = None
        for number in range(60):
            _question, answer = store.conversations.ask(made.id, str(number), parent_id=parent)
            store.conversations.finish(answer.id, f"answer {number}", Status.COMPLETE, USAGE)
            assert store.repair() == 0
            parent = answer.id
        lines = process.stdout.readlines()
        assert process.wait() == 0
        said = acknowledged(lines)
        assert len(said) == 60
        assert all(store.conversations.message(int(number)).content == text for number, text in said.items())
        assert texts(store.conversations.branch(made.id))[::2] == [str(number) for number in range(60)]
        assert {one.messages for one in store.conversations.list()} == {60, 120}
        assert store.check() == ""


def test_processes_that_make_the_database_together_share_it(path):
    with writer(path, "a", 3) as a, writer(path, "b", 3) as b, writer(path, "c", 3) as c:
        assert [process.stdout.read().count("end\n") for process in (a, b, c)] == [3, 3, 3]
    command = [sys.executable, "-m", "tests.fakes.store_writer"]
    fresh = path.with_name("fresh.db")
    together = [subprocess.Popen([*command, str(fresh), f"run{n}", "2"], stdout=subprocess.DEVNULL) for n in range(4)]
    assert [process.wait() for process in together] == [0, 0, 0, 0]
    with opened(fresh) as store:
        assert sorted(one.title for one in store.conversations.list()) == ["run0", "run1", "run2", "run3"]
        assert store.repair() == 0


# --- locks ---


def test_a_run_lives_as_long_as_its_lock(path):
    assert not is_alive(path, "one")
    lock = RunLock.take(path, "one")
    assert is_alive(path, "one")
    lock.release()
    assert not is_alive(path, "one")


def test_a_name_that_is_in_use_is_made_longer(path):
    with opened(path, "doctor") as one, opened(path, "doctor") as two:
        assert one.run_id == "doctor"
        assert two.run_id.startswith("doctor-")
        answer = two.conversations.start("hello")[2]
        assert one.repair() == 0
        assert one.conversations.message(answer.id).status is Status.STREAMING


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", "x" * 201, "ü"])
def test_a_run_id_that_cannot_be_a_files_name_is_refused(path, name):
    with pytest.raises(ValueError, match="run id"):
        Store.open(path, name)
    assert not is_alive(path, name)


def test_strange_run_ids_in_a_database_are_those_of_dead_runs(path):
    (path.parent / "victim.lock").touch()
    with opened(path) as store:
        answer = store.conversations.start("hello")[2]
        store._database.raw.execute("UPDATE message SET run_id = '../victim'")
        assert store.repair() == 1
        assert store.conversations.message(answer.id).status is Status.INTERRUPTED
    assert (path.parent / "victim.lock").exists()


def test_where_there_are_no_locks_nobody_holds_one(path):
    path.touch()
    descriptor = os.open(path, os.O_RDWR)
    os.close(descriptor)
    assert not is_held(descriptor)


def test_a_folder_of_locks_that_cannot_be_made_is_said(path):
    path.with_name("runs").touch()
    with pytest.raises(DatabaseReadOnly):
        Store.open(path, "run")
    path.with_name("runs").unlink()
    with opened(path) as store:
        assert store.conversations.list() == []


def test_a_lock_that_cannot_be_looked_at_counts_as_held(path):
    RunLock.take(path, "other").release()
    lock_file(path, "other").touch(mode=0o600)
    lock_file(path, "other").chmod(0)
    assert as_a_mere_user(lambda: is_alive(path, "other"))


# --- killed ---


def kill_at_random(path, rounds, seed):
    """Kill a writing process again and again; each time the database is sound and holds all that was acknowledged."""
    chance = random.Random(seed)
    interrupted = 0
    for number in range(rounds):
        with writer(path, f"round-{number}") as process:
            lines = [process.stdout.readline() for _ in range(chance.randrange(1, 60))]
            process.kill()
            lines += process.stdout.readlines()
        assert check(path) == []
        with opened(path, f"after-{number}") as store:
            interrupted += store.repair()
            for message_id, text in acknowledged(lines).items():
                kept = store.conversations.message(int(message_id))
                assert kept.content.startswith(text)
                assert kept.status is not Status.STREAMING
            for one in store.conversations.list():
                branch = store.conversations.branch(one.id)
                assert one.leaf_id == (branch[-1].id if branch else None)
                assert one.messages == len(store.conversations.messages(one.id))
    return interrupted


def test_a_kill_loses_nothing_that_was_saved(path):
    kill_at_random(path, rounds=5, seed=1)


@pytest.mark.long
def test_many_kills_lose_nothing_that_was_saved(path):
    assert kill_at_random(path, rounds=50, seed=2) > 0
