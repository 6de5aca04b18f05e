"""Real models in the real worker process, inside its sandbox: good ones, odd ones and damaged ones."""

from __future__ import annotations

import random
import struct

import pytest

from assistant.engine.failures import error_of
from assistant.engine.protocol import BACKGROUND, Done, Sampling, Turn
from assistant.engine.state import Phase
from assistant.errors import ModelError
from assistant.i18n import use_language
from tests.fakes import tiny_model
from tests.fakes.engine_driver import EngineDriver

pytestmark = pytest.mark.slow
WILD = Sampling(temperature=1, top_k=0, top_p=1, min_p=0, repeat_penalty=1, max_tokens=60, seed=1)
BOMB = (
    "{% if messages | length > 1 %}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    "{% endif %}{{ messages[0].content }}"
)


@pytest.fixture
def driver(tmp_path):
    driver = EngineDriver(tmp_path, command=None)
    yield driver
    driver.engine.close()


def load(driver, path):
    driver.engine.load(path)
    driver.until(lambda: driver.engine.state.phase in (Phase.READY, Phase.FAILED))
    return driver.engine.state


def test_the_starter_model_names_a_capital_and_remembers_the_question(driver, starter_model):
    load(driver, starter_model)
    greedy = Sampling(temperature=0, max_tokens=30)
    first = driver.ask("What is the capital of France?", greedy)
    driver.end(first)
    turns = [
        Turn("user", "What is the capital of France?"),
        Turn("assistant", driver.text(first)),
        Turn("user", "And which river flows through it?"),
    ]
    second = driver.engine.generate(turns, greedy)
    done = driver.end(second)

    assert "Paris" in driver.text(first)
    assert done.prompt_tokens - done.reused_tokens < 40


def test_answers_in_several_sequences_run_beside_each_other(driver, tmp_path):
    load(driver, tiny_model.write(tmp_path / "tiny.gguf"))
    requests = [driver.ask("hello", WILD, sequence=sequence) for sequence in (0, 1, 2, BACKGROUND)]
    for request in requests:
        driver.end(request)

    assert len({driver.text(request) for request in requests}) == 1
    assert all(driver.ends(request)[0].finish_reason in ("length", "stop") for request in requests)


def test_a_template_that_never_ends_fails_and_the_next_question_works(driver, tmp_path):
    state = load(driver, tiny_model.write(tmp_path / "bomb.gguf", template=BOMB))
    assert state.facts.template == "model"
    bad = driver.engine.generate([Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c")], WILD)
    good = driver.ask("hello", WILD)

    error = error_of(driver.end(bad))
    assert "it takes more than 2 seconds" in error.message
    use_language("zh_CN")
    assert "超过 2 秒" in error.message
    assert isinstance(driver.end(good), Done)


def test_a_model_for_vectors_is_told_apart(driver, tmp_path):
    state = load(driver, tiny_model.write_embedder(tmp_path / "embedder.gguf"))

    assert state.error.kind == "model_unsupported"
    assert "bert" in state.error.message


def damage(data, numbers):
    """Change a few bytes of the header, or cut the file, or put a hostile number somewhere."""
    data = bytearray(data)
    header = 12_000
    match numbers.randrange(3):
        case 0:
            for _ in range(numbers.randrange(1, 8)):
                data[numbers.randrange(4, header)] = numbers.randrange(256)
        case 1:
            del data[numbers.randrange(8, len(data)) :]
        case 2:
            value = numbers.choice([0, 1, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 1 << 40])
            struct.pack_into("<Q", data, numbers.randrange(4, header), value)
    return bytes(data)


def load_damaged(tmp_path, rounds, seed):
    """Load so many damaged models one after the other; returns the errors."""
    numbers = random.Random(seed)
    whole = tiny_model.write(tmp_path / "whole.gguf").read_bytes()
    driver = EngineDriver(tmp_path, command=None)
    errors = []
    try:
        for number in range(rounds):
            path = tmp_path / f"damaged-{number}.gguf"
            path.write_bytes(damage(whole, numbers))
            state = load(driver, path)
            if state.error:
                errors.append(state.error)
            path.unlink()
        assert load(driver, tmp_path / "whole.gguf").phase is Phase.READY
    finally:
        driver.engine.close()
    return errors


def test_damaged_models_are_refused_with_a_reason(tmp_path):
    errors = load_damaged(tmp_path, 12, seed=1)

    assert len(errors) > 3
    assert all(error.message and error.hint for error in errors)
    assert any(isinstance(error, ModelError) for error in errors)


@pytest.mark.long
def test_four_hundred_damaged_models_are_refused_with_a_reason(tmp_path):
    errors = load_damaged(tmp_path, 400, seed=2)

    assert len(errors) > 100
    assert all(error.message and error.hint for error in errors)
