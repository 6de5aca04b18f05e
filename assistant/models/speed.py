"""How fast a model will write here: what it reads from memory for each token, over how fast this memory is.

Writing is bound by reading the weights; how fast a prompt is read is bound by computing and not guessed. Once a model
has run, what was measured counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.models.fit import DEFAULT_CONTEXT_LENGTH, Plan, kv_bytes
from assistant.models.header import Header

LAYER_S = 0.0002
"""What a token costs for each layer on a CPU besides reading: small models are bound by it, not by the memory."""
WORDS_A_TOKEN_ENGLISH = 0.75
WORDS_A_TOKEN = 0.6
"""For other scripts and languages."""


@dataclass(frozen=True)
class Rates:
    """What was measured in a run, in tokens a second; 0 when it was not."""

    tokens_per_s: float = 0.0
    prompt_tokens_per_s: float = 0.0


@dataclass(frozen=True)
class Speed:
    """Tokens a second that a model writes, measured or expected; 0 when nothing can be said."""

    tokens_per_s: float = 0.0
    is_measured: bool = False


def speed(
    header: Header,
    bandwidth: float,
    context_length: int = DEFAULT_CONTEXT_LENGTH,
    *,
    measured: Rates | None = None,
    gpu_share: float = 0.0,
    gpu_bandwidth: float = 0.0,
    cache_type: str = "f16",
) -> Speed:
    """Return the measured speed, or the one to expect from ``bandwidth`` in bytes a second.

    ``gpu_share``: how much of the model (0 to 1) lies in the GPU's memory, which is read at ``gpu_bandwidth``.
    """
    if measured and measured.tokens_per_s > 0:
        return Speed(measured.tokens_per_s, is_measured=True)
    share = min(1.0, max(0.0, gpu_share)) if gpu_bandwidth > 0 else 0.0
    read = bytes_per_token(header, context_length, cache_type)
    if read <= 0 or (bandwidth <= 0 and share < 1):
        return Speed()
    seconds = read * share / gpu_bandwidth if share else 0.0
    if share < 1:
        seconds += (read / bandwidth + header.layers * LAYER_S) * (1 - share)
    return Speed(1 / seconds)


def bytes_per_token(header: Header, context_length: int = DEFAULT_CONTEXT_LENGTH, cache_type: str = "f16") -> int:
    """Return the bytes read for one token when half the context is filled.

    Of a mixture only the experts in use count, of tables that are looked up nothing.
    """
    weights = header.tensor_bytes - header.weights.lookup
    if header.weights.output:
        weights -= header.weights.embedding
    if 0 < header.experts_used < header.experts:
        weights -= header.weights.experts * (header.experts - header.experts_used) // header.experts
    half = min(context_length, header.context_length or context_length) // 2
    return weights + kv_bytes(header, half, Plan(sequences=1, ubatch=0, cache_type=cache_type))


def words_per_s(tokens_per_s: float, *, is_english: bool = True) -> float:
    """Return words a second: a token of English is about three quarters of a word, of other languages less."""
    return tokens_per_s * (WORDS_A_TOKEN_ENGLISH if is_english else WORDS_A_TOKEN)
