"""Threads give way to other programs, and come back."""

from __future__ import annotations

from assistant.engine.pace import Pace


def compute(pace, processors, seconds=1.0, step_s=0.01):
    """Let tokens be computed while so many processors are left for this program; returns how often threads changed."""
    changes = 0
    for _ in range(round(seconds / step_s)):
        changes += pace.note(step_s, step_s * min(pace.threads, processors))
    return changes


def test_a_quiet_machine_keeps_all_its_threads():
    pace = Pace(8)

    assert compute(pace, 8, seconds=60) == 0
    assert pace.threads == 8


def test_threads_that_are_pushed_away_become_fewer():
    pace = Pace(2)
    compute(pace, 0.7, seconds=0.3)

    assert pace.threads == 1


def test_many_threads_become_as_many_as_there_is_room_for():
    pace = Pace(16)
    compute(pace, 12, seconds=0.9)

    assert 11 <= pace.threads <= 12


def test_one_thread_is_the_least():
    pace = Pace(1)

    assert compute(pace, 0.1, seconds=5) == 0


def test_all_threads_come_back_when_the_machine_is_quiet_again():
    pace = Pace(4)
    compute(pace, 1, seconds=2)
    assert pace.threads == 1
    compute(pace, 4, seconds=10)

    assert pace.threads == 4


def test_a_machine_that_stays_busy_is_tried_less_and_less_often():
    pace = Pace(2)
    compute(pace, 1.2, seconds=30)
    changes = compute(pace, 1.2, seconds=60)

    assert changes <= 6


def test_a_short_disturbance_is_ignored():
    pace = Pace(4)
    compute(pace, 2, seconds=0.03)

    assert pace.threads == 4


def test_a_computation_that_took_no_time_tells_nothing():
    assert not Pace(2).note(0, 0)
