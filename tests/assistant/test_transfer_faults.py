"""A transfer through many faults at random places, and through the end of its process."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from assistant.errors import AssistantError
from assistant.models.transfer import Stopped
from tests.fakes.hub import Fault
from tests.fakes.transfers import CONTENT, MIB, NAME, Running

SIZE = len(CONTENT)
STALL_S = 0.15
BREAKS = (Fault.DROP, Fault.RESET, Fault.STALL, Fault.SHORT)
"""Faults in the middle of the bytes."""
REFUSALS = (Fault.STATUS, Fault.HTML, Fault.EXPIRED, Fault.DELAY, Fault.WRONG_RANGE)
RESTARTS = (Fault.CORRUPT, Fault.IGNORE_RANGE)
"""Faults that cost all that is here, once."""
UNREAD = (Fault.RESET, Fault.SHORT, Fault.WRONG_RANGE)
"""Faults after which bytes that the hub sent lie unread in the system, and are thrown away with the connection."""
STATUSES = (408, 425, 429, 500, 502, 503, 504, 403, 410, 416)


def add_faults(bench, chance: random.Random, kinds: tuple[Fault, ...], count: int) -> None:
    """Put so many faults on the way, in the order of their places in the file."""
    places = sorted(chance.randrange(1, SIZE) for _fault in range(count))
    for place in places:
        kind = chance.choice(kinds)
        if kind in REFUSALS:
            where = chance.choice(["hub", "cdn"]) if kind in (Fault.STATUS, Fault.HTML, Fault.DELAY) else "cdn"
            statuses = STATUSES[:7] if where == "hub" else STATUSES
            bench.hub.faults.at(where, NAME, kind, status=chance.choice(statuses), seconds=0.01)
        elif kind is Fault.IGNORE_RANGE:
            bench.hub.faults.at("cdn", NAME, kind)
        else:
            bench.hub.faults.at("cdn", NAME, kind, at_byte=place)


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(12, 300))])
def test_through_faults_at_random_places_nothing_comes_twice(bench, seed):
    chance = random.Random(seed)
    count = chance.randrange(1, 8)
    add_faults(bench, chance, BREAKS + REFUSALS, count)
    bench.transfer(stall_s=STALL_S).run()
    assert bench.is_right()
    of_heads = 20_000 * len(bench.starts)  # each read with a buffer of 16 KiB
    assert bench.received_again() <= of_heads
    if not any(one.fault in UNREAD for one in bench.hub.log):
        assert bench.again() <= 1_000 * count  # the bar is a MiB for each; these are pages that stood in for the file


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 150))])
def test_through_any_faults_the_file_is_right_or_not_there(bench, seed):
    chance = random.Random(seed)
    add_faults(bench, chance, BREAKS + REFUSALS + RESTARTS, chance.randrange(1, 6))
    for _time in range(5):
        with suppress(AssistantError):
            bench.transfer(stall_s=STALL_S).run()
            break
    assert bench.is_right()


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 100))])
def test_through_stops_at_random_moments_nothing_is_lost(bench, seed):
    chance = random.Random(seed)
    stops = sorted(chance.randrange(1, SIZE) for _stop in range(5))
    for place in stops:
        bench.stop_at(place)
    assert CONTENT.startswith(bench.part.read_bytes())
    bench.transfer().run()
    assert bench.is_right()
    assert bench.received_again() <= 10_000


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 30))])
def test_after_a_kill_it_goes_on_from_the_part(bench, seed):
    place = random.Random(seed).randrange(MIB // 2, SIZE - 1)
    bench.hub.faults.at("cdn", NAME, Fault.STALL, at_byte=place)
    command = [sys.executable, "-m", "tests.fakes.transfers", bench.hub.endpoint, bench.commit, str(bench.part)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert any(int(line) == place for line in child.stdout)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert bench.part.stat().st_size == place
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [0, place]
    assert bench.again() == 0


def test_a_stop_and_a_start_share_the_file_in_turn(bench):
    """The part is free as soon as the stopped run has ended."""
    bench.hub.faults.at("cdn", NAME, Fault.STALL, after_bytes=MIB)
    running = Running(bench.transfer())
    bench.wait_for(lambda told: told.bytes_done > 0)
    running.transfer.stop()
    assert isinstance(running.ended(), Stopped)
    bench.transfer().run()
    assert bench.is_right()


def test_bytes_are_on_their_way_to_the_disk_long_before_the_end(bench, monkeypatch):
    """Also over the places where the system is told to write."""
    monkeypatch.setattr("assistant.models.part_file.WRITEBACK_BYTES", 100_000)
    bench.hub.faults.at("cdn", NAME, Fault.DROP, after_bytes=MIB)
    bench.hub.faults.at("cdn", NAME, Fault.CORRUPT, at_byte=SIZE - 1)
    bench.transfer().run()
    assert bench.is_right()
