"""When a silent worker is hung, and when it only works hard."""

from __future__ import annotations

import pytest

from assistant.engine.pulse import PATIENCE, Pulse

LIMIT = 20.0


class Worker:
    """A worker as the watch sees it: steps, and processor time, on a clock that the test moves."""

    def __init__(self, limit_s=LIMIT):
        self.now = 100.0
        self.steps = 0
        self.processor_s = 0.0
        self.pulse = Pulse(limit_s, lambda: self.processor_s)
        self.pulse.restart(self.now)

    def silent_until_given_up(self, load=0.0, at_most_s=1000.0):
        """Return after how many seconds of silence the worker is given up; ``load`` is its share of a processor."""
        start = self.now
        while self.now - start < at_most_s:
            self.now += self.pulse.interval_s
            if self.processor_s is not None:
                self.processor_s += self.pulse.interval_s * load
            if self.pulse.is_hung(self.now, self.steps):
                return self.now - start
        return None


def test_a_worker_that_does_nothing_is_given_up_at_the_limit():
    assert Worker().silent_until_given_up() == pytest.approx(LIMIT, abs=2)


def test_a_worker_that_computes_gets_much_more_time():
    assert Worker().silent_until_given_up(load=0.5) == pytest.approx(LIMIT * PATIENCE, abs=2)


def test_a_worker_that_makes_steps_is_never_given_up():
    worker = Worker()
    for _ in range(500):
        worker.steps += 1
        worker.now += 1
        assert not worker.pulse.is_hung(worker.now, worker.steps)


def test_a_worker_that_stops_after_working_is_given_up_a_limit_later():
    worker = Worker()
    worker.silent_until_given_up(load=1.0, at_most_s=LIMIT * 2)

    assert worker.silent_until_given_up() <= LIMIT


def test_where_processor_time_is_unknown_the_limit_counts():
    worker = Worker()
    worker.processor_s = None

    assert worker.silent_until_given_up() == pytest.approx(LIMIT, abs=2)


def test_after_a_suspended_night_the_worker_gets_its_time_again():
    worker = Worker()
    worker.silent_until_given_up(at_most_s=5)
    worker.now += 8 * 3600

    assert not worker.pulse.is_hung(worker.now, worker.steps)
    assert worker.silent_until_given_up() == pytest.approx(LIMIT, abs=2)
