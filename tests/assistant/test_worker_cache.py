"""What was evaluated once is used again, and only where that changes nothing. With real models, in this process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.engine.cache import Cache
from assistant.engine.llama_context import Context
from assistant.engine.llama_model import Model
from assistant.engine.llama_sampler import Sampler
from assistant.engine.protocol import BACKGROUND, Turn
from assistant.engine.running import Aborted, Incomplete
from assistant.errors import ContextFull
from tests.fakes.real_models import FACTS, GREEDY, Asker, conversation, gemma, open_quietly, starter

pytestmark = pytest.mark.slow
CLOSE = 0.35
"""Logarithms of probabilities that were computed in chunks of another size differ so much."""


@pytest.fixture(scope="module", params=["starter", "gemma"])
def loaded(request, tmp_path_factory):
    path = starter() if request.param == "starter" else gemma(tmp_path_factory.mktemp("gemma"))
    model = open_quietly(path, context_length=512)
    yield model
    model.close()


@pytest.fixture
def asker(loaded):
    """The model with nothing in its cache."""
    for sequence in range(10):
        loaded._runtime.cache.clear(sequence)
    return Asker(loaded)


def same(verdict, other):
    """Say whether two verdicts on what comes next are one, but for rounding."""
    common = verdict.keys() & other.keys()
    likeliest = max(other, key=other.get)
    return likeliest in common and all(abs(verdict[token] - other[token]) < CLOSE for token in common)


def fresh(asker, turns):
    """Return the verdict without anything cached."""
    verdict, generation = asker.verdict(turns, sequence=8)
    assert generation.reused_tokens == 0
    asker.model._runtime.cache.clear(8)
    return verdict


def test_the_next_turn_evaluates_only_what_is_new(asker):
    text, first = asker.answer([Turn("user", FACTS)])
    turns = conversation(FACTS, text, "And then?")
    expected = fresh(asker, turns)

    verdict, generation = asker.verdict(turns)

    assert generation.reused_tokens >= first.prompt_tokens + 7
    assert same(verdict, expected)


def test_the_same_question_again_evaluates_one_token(asker):
    turns = conversation(FACTS)
    expected = fresh(asker, turns)
    asker.answer(turns, replace(GREEDY, max_tokens=30))

    verdict, generation = asker.verdict(turns)

    assert generation.prompt_tokens - generation.reused_tokens <= 128
    assert same(verdict, expected)


def test_another_last_question_keeps_what_came_before(asker):
    asker.answer(conversation(FACTS, "I see.", "Who sold flour?"))
    turns = conversation(FACTS, "I see.", "How many sacks did he sell?")
    expected = fresh(asker, turns)

    verdict, generation = asker.verdict(turns)

    assert generation.reused_tokens > generation.prompt_tokens * 0.8
    assert same(verdict, expected)


def test_another_first_question_starts_anew_after_the_template(asker):
    asker.answer(conversation(FACTS, "I see.", "Who sold flour?"))
    turns = conversation("Never mind. " + FACTS[100:], "I see.", "Who sold flour?")
    expected = fresh(asker, turns)

    verdict, generation = asker.verdict(turns)

    assert generation.reused_tokens < 40
    assert same(verdict, expected)


def test_a_cut_answer_goes_on_where_it_stopped(asker):
    turns = conversation("Tell a long story.")
    whole, _ = asker.answer(turns, replace(GREEDY, max_tokens=4))
    begin, _ = asker.answer(turns, replace(GREEDY, max_tokens=2))

    rest, generation = asker.answer([*turns, Turn("assistant", begin)], replace(GREEDY, max_tokens=2))

    assert begin + rest == whole
    assert generation.reused_tokens >= generation.prompt_tokens - 1


def test_an_aborted_prompt_keeps_what_was_done_and_goes_on(asker):
    turns = conversation(FACTS)
    expected = fresh(asker, turns)
    generation = asker.begin(turns, candidates=3)
    generation.read()
    done = generation.evaluated_tokens
    asker.control.abort()
    with pytest.raises(Aborted):
        generation.read()
    asker.control.take()

    assert generation.evaluated_tokens == done
    while not generation.read():
        pass
    verdict = {candidate.token: candidate.logprob for candidate in generation.write().candidates[:3]}
    generation.close()
    assert same(verdict, expected)


def test_an_abort_inside_a_computation_leaves_nothing_behind(asker):
    turns = conversation(FACTS)
    expected = fresh(asker, turns)
    generation = asker.begin(turns)
    generation.read()
    done = generation.evaluated_tokens
    runtime = asker.model._runtime
    asker.control.abort()
    with pytest.raises(Aborted):  # past the look at the byte, so that llama.cpp itself gives up
        runtime.cache.evaluate(0, generation._ids[done : done + 128], output=False)
    asker.control.take()
    generation.close()

    assert runtime.cache.length(0) == done
    assert runtime.context.positions(0)[1] == done - 1
    verdict, generation = asker.verdict(turns)
    assert generation.reused_tokens == done
    assert same(verdict, expected)


def test_the_background_leaves_nothing_and_disturbs_nothing(asker):
    turns = conversation(FACTS)
    expected, _ = asker.verdict(turns)
    asker.answer(conversation("Name this: " + FACTS[:500]), sequence=BACKGROUND)

    verdict, generation = asker.verdict(turns)

    assert asker.model._runtime.cache.length(9) == 0
    assert generation.reused_tokens == generation.prompt_tokens - 1
    assert same(verdict, expected)


def test_a_conversation_makes_room_for_another_and_comes_back(asker):
    turns = conversation(FACTS)
    expected, first = asker.verdict(turns)
    asker.verdict(conversation("Another. " + FACTS), sequence=1)
    assert asker.model._runtime.cache._sequences[0].parked or first.prompt_tokens * 2 < 512

    verdict, generation = asker.verdict(turns)

    assert generation.reused_tokens == first.prompt_tokens - 1
    assert same(verdict, expected)


def test_an_answer_whose_cells_were_taken_goes_on(asker):
    turns = conversation("Tell a long story.")
    whole, _ = asker.answer(turns)
    generation = asker.read(turns)
    text = generation.write().text
    asker.model._runtime.cache.clear(0)

    assert text + asker.write(generation)[0] == whole


def test_a_prompt_longer_than_the_context_is_told_with_its_length(asker):
    with pytest.raises(ContextFull) as caught:
        asker.begin(conversation(FACTS * 3))

    assert caught.value.values["context_length"] == 512
    assert caught.value.values["prompt_tokens"] > 512


def test_a_prompt_whose_beginning_was_left_out_is_not_answered(asker):
    asker.answer(conversation("What is tea?"))
    known = asker.model._runtime.cache.length(0)
    with pytest.raises(Incomplete):
        asker.begin(conversation("And coffee?"), is_whole=False)
    with pytest.raises(ContextFull, match="more than"):
        asker.begin(conversation(FACTS * 3), is_whole=False)

    assert asker.model._runtime.cache.length(0) == known


def test_writing_ends_where_the_context_ends():
    model = open_quietly(starter(), context_length=256)
    turns = conversation("Write a very long story about a miller. " + "Use many words. " * 30)
    try:
        asker = Asker(model)
        generation = asker.read(turns, replace(GREEDY, max_tokens=0))
        _, piece = asker.write(generation)

        assert piece.finish_reason == "context"
        assert model._runtime.cache.length(0) == model.facts.context_length == 256
    finally:
        model.close()


def test_what_left_a_sliding_window_is_never_missed(tmp_path):
    model = Model(gemma(tmp_path), 0, lambda _: True)
    ids = model.vocabulary.tokenize(FACTS * 6, special=False)[:1100]
    context = Context(model, 1536, batch=128, sequences=1, threads=2, prompt_threads=2)
    cache = Cache(context, 1, window=model.window)
    sampler = Sampler(model.vocabulary, GREEDY)

    def evaluate(upto):
        """Return how much was reused and what comes after the first ``upto`` tokens."""
        reused = cache.prepare(0, ids[:upto])
        for begin in range(reused, upto, 128):
            part = ids[begin : min(begin + 128, upto)]
            if begin + len(part) == upto:
                cache.mark(0)
            cache.evaluate(0, part, output=True)
        return reused, context.sample(sampler)

    truth = {}
    for upto in (600, 1000):
        cache.clear(0)
        truth[upto] = evaluate(upto)[1]
    try:
        assert evaluate(1000) == (999, truth[1000])
        assert evaluate(1100)[0] == 1000
        reused, token = evaluate(1000)  # within reach of a checkpoint
        assert 850 < reused < 1000
        assert token == truth[1000]
        assert evaluate(600) == (0, truth[600])  # gone
    finally:
        sampler.close()
        context.close()
        model.close()


def test_a_sequence_that_does_not_exist_is_refused(asker):
    with pytest.raises(ValueError, match="no sequence 9"):
        asker.begin(conversation("Hi"), sequence=9)
