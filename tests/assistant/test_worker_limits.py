"""Somebody else's program ends in time and within its memory."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from assistant.engine.limits import LimitError, _watchdog, bounded


def spin():
    while True:
        pass


def test_work_without_end_is_ended():
    with pytest.raises(LimitError), bounded(0.05, 1 << 30):
        spin()


def test_the_watchdog_does_the_same_without_alarms():
    with pytest.raises(LimitError), _watchdog(0.05):
        spin()


def test_work_that_ends_in_time_hears_nothing():
    with bounded(5, 1 << 30):
        pass
    with _watchdog(5):
        pass
    assert signal.getsignal(signal.SIGALRM) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_work_that_takes_too_much_memory_is_ended():
    with pytest.raises(MemoryError), bounded(5, 16 << 20):
        bytearray(64 << 20)
    assert len(bytearray(64 << 20)) == 64 << 20


def test_an_alarm_that_was_set_before_still_rings():
    rung = threading.Event()
    previous = signal.signal(signal.SIGALRM, lambda *_: rung.set())
    before = signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with bounded(5, 1 << 30):
            pass
        assert rung.wait(10)
    finally:
        signal.signal(signal.SIGALRM, previous)
        signal.setitimer(signal.ITIMER_REAL, *before)
