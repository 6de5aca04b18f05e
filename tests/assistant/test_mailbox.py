"""The mailbox: many threads post, one drains, nothing is lost, and one wake-up a filling is enough."""

from __future__ import annotations

import threading

from assistant.mailbox import Mailbox


def test_events_are_drained_once_and_in_order():
    mailbox = Mailbox()
    mailbox.post("a")
    mailbox.post("b")

    assert mailbox.drain() == ["a", "b"]
    assert mailbox.drain() == []


def test_the_reader_is_woken_once_a_filling():
    mailbox, wakes = Mailbox(), []
    mailbox.set_wake(lambda: wakes.append(1))

    for event in range(5):
        mailbox.post(event)
    assert len(wakes) == 1

    mailbox.drain()
    mailbox.post("next")
    assert len(wakes) == 2


def test_what_waits_already_wakes_at_once():
    mailbox, wakes = Mailbox(), []
    mailbox.post("early")

    mailbox.set_wake(lambda: wakes.append(1))

    assert wakes == [1]
    mailbox.set_wake(None)
    mailbox.drain()
    mailbox.post("unheard")
    assert wakes == [1]


def test_the_wake_function_may_drain():
    mailbox, seen = Mailbox(), []
    mailbox.set_wake(lambda: seen.extend(mailbox.drain()))

    mailbox.post("a")
    mailbox.post("b")

    assert seen == ["a", "b"]


def test_what_is_put_back_comes_first_and_wakes_even_when_it_is_nothing():
    woken = []
    mailbox = Mailbox()
    mailbox.set_wake(lambda: woken.append(True))
    mailbox.post(3)
    mailbox.put_back([1, 2])
    assert mailbox.drain() == [1, 2, 3]
    mailbox.put_back([])
    assert len(woken) == 3


def test_waiting_ends_when_something_comes():
    mailbox = Mailbox()
    thread = threading.Timer(0.01, mailbox.post, ["news"])
    thread.start()

    assert mailbox.wait(10)
    thread.join()
    assert mailbox.drain() == ["news"]


def test_waiting_ends_when_the_time_is_over():
    assert Mailbox().wait(0.01) is False


def test_nothing_is_lost_with_many_writers():
    mailbox, taken = Mailbox(), []

    def write(writer: int) -> None:
        for number in range(500):
            mailbox.post((writer, number))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    while len(taken) < 2_000 and mailbox.wait(10):
        taken += mailbox.drain()
    for thread in threads:
        thread.join()

    for writer in range(4):
        assert [number for who, number in taken if who == writer] == list(range(500))


def test_after_closing_nothing_comes_and_nobody_is_woken():
    mailbox, wakes = Mailbox(), []
    mailbox.set_wake(lambda: wakes.append(1))
    mailbox.post("before")

    mailbox.close()
    mailbox.post("after")

    assert mailbox.drain() == []
    assert wakes == [1]
