"""Steps down: what is given up after which failure, in which order, and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.engine.protocol import Load
from assistant.engine.steps import Attempt, Step, StepKind, given_up, next_load
from assistant.errors import (
    EngineCrashed,
    EngineHung,
    ModelFileDamaged,
    ModelLoadFailed,
    ModelNotFound,
    ModelOutOfMemory,
    ModelTooBig,
    ModelUnsupported,
)
from assistant.i18n import use_language

NO_MEMORY = ModelOutOfMemory(path="m", reason="no")
TOO_BIG = ModelTooBig(path="m", needed_gib=9, available_gib=8)
CRASH = EngineCrashed(reason="no")
HUNG = EngineHung(seconds=20)


def walk(error, load, **place):
    """Return all that is tried after ``load``, as layers, context and cache."""
    tried = []
    while load := next_load(Attempt(load, **place), error):
        tried.append((load.gpu_layers, load.context_length, load.cache_type))
    return tried


def test_without_a_gpu_the_context_becomes_shorter_then_coarser():
    expected = [(-1, 4096, "f16"), (-1, 2048, "f16"), (-1, 2048, "q8_0")]

    assert walk(NO_MEMORY, Load(1, "m")) == expected
    assert walk(TOO_BIG, Load(1, "m")) == expected


def test_layers_leave_the_gpu_first():
    tried = walk(NO_MEMORY, Load(1, "m", context_length=4096), layers=32, has_gpu=True)

    layers = [(16, 4096, "f16"), (8, 4096, "f16"), (0, 4096, "f16")]
    assert tried == [*layers, (0, 2048, "f16"), (0, 2048, "q8_0")]


@pytest.mark.parametrize(
    ("wanted", "layers", "expected"), [(20, 32, [10, 0]), (3, 32, [0]), (-1, 0, [0]), (-1, 3, [1, 0])]
)
def test_few_layers_are_not_worth_a_try(wanted, layers, expected):
    tried = walk(NO_MEMORY, Load(1, "m", 2048, wanted, cache_type="q8_0"), layers=layers, has_gpu=True)

    assert [step[0] for step in tried] == expected


def test_too_big_for_the_main_memory_is_not_a_matter_of_layers():
    load = next_load(Attempt(Load(1, "m"), layers=32, has_gpu=True), TOO_BIG)

    assert load == Load(1, "m", context_length=4096)


@pytest.mark.parametrize("error", [CRASH, HUNG])
def test_a_worker_that_died_reading_weights_is_tried_without_the_gpu_alone(error):
    assert walk(error, Load(1, "m")) == []
    assert walk(error, Load(1, "m"), layers=32, has_gpu=True) == [(16, 0, "f16"), (8, 0, "f16"), (0, 0, "f16")]


def test_a_worker_that_died_behind_the_weights_gets_a_shorter_context():
    assert walk(CRASH, Load(1, "m"), has_weights=True)[0] == (-1, 4096, "f16")


@pytest.mark.parametrize(
    "error",
    [
        ModelLoadFailed(path="m", reason="no"),
        ModelFileDamaged(path="m", reason="no"),
        ModelUnsupported(path="m", architecture="no"),
        ModelNotFound(name="m"),
    ],
)
def test_what_has_other_reasons_is_not_tried_again(error):
    assert walk(error, Load(1, "m"), layers=32, has_gpu=True, has_weights=True) == []


def test_the_context_is_halved_from_what_was_asked_for_or_trained():
    assert [step[1] for step in walk(NO_MEMORY, Load(1, "m", 20_000))] == [10_000, 5_000, 2_500, 2_048, 2_048]
    assert [step[1] for step in walk(NO_MEMORY, Load(1, "m"), trained_context=3_000)] == [2_048, 2_048]
    assert walk(NO_MEMORY, Load(1, "m", 1024)) == [(-1, 1024, "q8_0")]
    assert walk(NO_MEMORY, Load(1, "m", 1024, cache_type="q4_0")) == []


def test_nothing_else_of_the_load_changes():
    load = Load(7, "m", threads=3, is_forced=True)

    assert next_load(Attempt(load), NO_MEMORY) == replace(load, context_length=4096)


def test_what_was_given_up_is_told_in_words():
    asked = Load(1, "m")

    assert given_up(asked, asked) == ()
    steps = given_up(asked, Load(1, "m", 4096, 0, cache_type="q8_0"))
    assert [step.kind for step in steps] == [StepKind.NO_GPU, StepKind.SHORTER_CONTEXT, StepKind.SMALLER_CACHE]
    assert [step.words for step in steps] == [
        "the processor alone",
        "a context of 4,096 tokens",
        "a compressed context cache",
    ]
    assert given_up(asked, Load(1, "m", gpu_layers=16)) == (Step(StepKind.FEWER_LAYERS, 16),)


def test_one_layer_is_one_layer():
    use_language("en")

    assert Step(StepKind.FEWER_LAYERS, 1).words == "1 layer on the graphics card"
    assert Step(StepKind.FEWER_LAYERS, 2).words == "2 layers on the graphics card"
