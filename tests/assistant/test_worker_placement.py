"""Where a model goes, how long its context is, and how many threads it gets."""

from __future__ import annotations

import pytest

from assistant.engine import placement
from assistant.engine.measure import Measured
from assistant.engine.placement import fitting_context, gpus, layers_that_fit, most_bytes, threads
from assistant.engine.protocol import Device
from assistant.memory import Memory

GIB = 1 << 30


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        (12 * GIB, -1),  # all 10, and a GiB to spare
        (12 * GIB - 1, 9),
        (6.5 * GIB, 4),
        (2 * GIB, 0),
        (0, 0),
    ],
)
def test_so_many_layers_go_to_the_gpu_as_fit(free, expected):
    assert layers_that_fit(Measured(8 * GIB, 2 * GIB, GIB), 10, int(free)) == expected


def test_a_model_of_one_layer_goes_whole_or_not():
    assert layers_that_fit(Measured(8 * GIB, 0, 0), 1, 8 * GIB) == 0


def test_a_model_may_take_what_others_would_give_back():
    assert most_bytes(Memory(16 * GIB, 4 * GIB)) == 14 * GIB
    assert most_bytes(Memory(4 * GIB, 3 * GIB)) == 3 * GIB


@pytest.mark.parametrize(
    ("wanted", "trained", "per_token", "room", "expected"),
    [
        (0, 131072, 1000, GIB, 8192),
        (0, 2048, 1000, GIB, 2048),
        (0, 0, 1000, GIB, 8192),
        (0, 131072, 1 << 20, 3 * GIB, 3072),
        (0, 131072, 1 << 20, 0, 512),
        (4096, 131072, 1 << 20, 100 * GIB, 4096),
        (1 << 20, 131072, 1000, GIB, 131072),
        (300, 131072, 1000, GIB, 300),
        (0, 131072, 0, 0, 8192),
    ],
)
def test_the_context_is_the_smallest_of_wish_training_and_room(wanted, trained, per_token, room, expected):
    assert fitting_context(wanted, trained, per_token, room) == expected


def test_only_graphics_cards_take_layers():
    devices = [Device("CPU", "", "cpu", 1, 1), Device("CUDA0", "", "gpu", 1, 1), Device("Metal", "", "igpu", 1, 1)]

    assert [device.name for device in gpus(devices)] == ["CUDA0", "Metal"]


def test_threads_are_no_more_than_the_processors():
    writing, reading = threads(0)

    assert 1 <= writing <= reading
    assert threads(10_000) == (reading, reading)
    assert threads(1) == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"), [("max 100000", 0), ("150000 100000", 1), ("400000 100000", 4), ("5 100000", 1), ("odd", 0)]
)
def test_the_quota_of_a_container_counts(tmp_path, text, expected):
    path = tmp_path / "cpu.max"
    path.write_text(text)

    assert placement._quota(path) == expected


def test_no_container_has_no_quota(tmp_path):
    assert placement._quota(tmp_path / "none") == 0
