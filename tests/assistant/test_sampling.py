"""What a model recommends, what llama.cpp is given, and which tokens were the likeliest."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.engine.protocol import Sampling
from assistant.engine.sampling import likeliest, recommended, valid


def test_a_models_recommendations_are_taken_from_its_metadata():
    metadata = {
        "general.sampling.temp": "0.600000",
        "general.sampling.top_k": "20",
        "general.sampling.top_p": "0.950000",
        "general.sampling.min_p": "0.000000",
        "general.sampling.penalty_repeat": "1.000000",
    }

    assert recommended(lambda key: metadata.get(key, "")) == Sampling(
        temperature=0.6, top_k=20, top_p=0.95, min_p=0.0, repeat_penalty=1.0, seed=-1
    )


@pytest.mark.parametrize("value", ["", "nonsense", "nan", "inf"])
def test_a_recommendation_that_is_no_number_leaves_the_default(value):
    assert recommended(lambda _: value) == Sampling()


def test_values_beyond_all_bounds_are_brought_within():
    wild = Sampling(temperature=-3, top_k=-1, top_p=7, min_p=math.nan, repeat_penalty=0, max_tokens=-5, seed=1 << 40)

    assert valid(wild) == Sampling(
        temperature=0, top_k=0, top_p=1, min_p=0.05, repeat_penalty=0.01, max_tokens=0, seed=0
    )


def test_no_seed_draws_one_of_32_bits_each_time():
    seeds = {valid(Sampling(seed=-1)).seed for _ in range(20)}

    assert len(seeds) > 1
    assert all(0 <= seed < 1 << 32 for seed in seeds)


def test_the_likeliest_tokens_come_with_their_probabilities():
    logits = np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32)) + 5

    found = likeliest(logits, 2, chosen=1)

    assert [token for token, _ in found] == [1, 3]
    assert [math.exp(logprob) for _, logprob in found] == pytest.approx([0.4, 0.3], rel=1e-5)


def test_an_unlikely_token_that_was_chosen_is_told_last():
    logits = np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32))

    assert [token for token, _ in likeliest(logits, 2, chosen=0)] == [1, 3, 0]


def test_no_more_candidates_than_tokens():
    assert len(likeliest(np.zeros(3, np.float32), 10, chosen=0)) == 3
