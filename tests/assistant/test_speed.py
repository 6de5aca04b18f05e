"""Speed: bytes read a token over the memory's bandwidth, in words, and measured speed above all."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.models.attention import Attention, CacheLayer
from assistant.models.header import Header, Weights
from assistant.models.speed import Rates, Speed, bytes_per_token, speed, words_per_s

GB = 1_000_000_000
DENSE = Header(Path("m.gguf"), GB, 3, tensor_bytes=GB)


def test_a_token_reads_all_weights():
    assert bytes_per_token(DENSE) == GB
    assert speed(DENSE, 20 * GB) == Speed(20.0)


def test_half_the_context_is_read_too():
    attention = Attention(cache=(CacheLayer(64, 64), CacheLayer(64, 64, is_windowed=True)), window=1024)
    model = Header(Path("m.gguf"), GB, 3, tensor_bytes=GB, attention=attention)

    assert bytes_per_token(model, 8192) == GB + 2 * 128 * (4096 + 1024)
    assert bytes_per_token(model, 8192, "q8_0") == GB + 128 * (4096 + 1024) * 34 // 32
    assert bytes_per_token(Header(**{**vars(model), "context_length": 512}), 8192) == GB + 2 * 128 * (256 + 256)


def test_a_mixture_reads_the_experts_in_use():
    weights = Weights(layers=100, experts=800)
    model = Header(Path("m.gguf"), 900, 3, tensor_bytes=900, weights=weights, experts=32, experts_used=4)

    assert bytes_per_token(model) == 200


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (Weights(embedding=100), 1000),
        (Weights(embedding=100, output=100), 900),
        (Weights(embedding=100, lookup=300), 700),
    ],
)
def test_tables_that_are_looked_up_are_not_read(weights, expected):
    assert bytes_per_token(Header(Path("m.gguf"), 1000, 3, tensor_bytes=1000, weights=weights)) == expected


def test_what_was_measured_wins():
    assert speed(DENSE, 20 * GB, measured=Rates(tokens_per_s=7.5)) == Speed(7.5, is_measured=True)
    assert speed(DENSE, 20 * GB, measured=Rates(prompt_tokens_per_s=70)) == Speed(20.0)


def test_a_gpu_reads_its_share_at_its_own_speed():
    assert speed(DENSE, 20 * GB, gpu_share=1, gpu_bandwidth=400 * GB) == Speed(400.0)
    assert speed(DENSE, 0, gpu_share=1, gpu_bandwidth=400 * GB) == Speed(400.0)
    both = speed(DENSE, 20 * GB, gpu_share=0.5, gpu_bandwidth=400 * GB)
    assert both.tokens_per_s == pytest.approx(1 / (0.5 / 20 + 0.5 / 400))


def test_nothing_is_said_without_bandwidth():
    assert speed(DENSE, 0) == Speed()
    assert speed(DENSE, 0, gpu_share=0.5, gpu_bandwidth=GB) == Speed()
    assert speed(Header(Path("m.gguf"), 0, 3), 20 * GB) == Speed()


def test_words_are_fewer_than_tokens():
    assert words_per_s(20) == 15
    assert words_per_s(20, is_english=False) == 12
