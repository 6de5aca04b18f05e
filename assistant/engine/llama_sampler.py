"""The chain of llama.cpp that chooses the next token."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from assistant.engine.binding import LlamaError, lib

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.engine.llama_context import Logits
    from assistant.engine.protocol import Sampling

_LAST_N = 64
"""How many of the latest tokens the repeat penalty looks at."""


class Sampler:
    """Chooses tokens as ``sampling`` says; its seed must be one. ``sampling.valid`` makes any fit to be given here."""

    def __init__(self, sampling: Sampling) -> None:
        self._chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        self._penalty = sampling.repeat_penalty
        self._recent: deque[int] = deque(maxlen=_LAST_N)
        if sampling.temperature <= 0:
            self._add(lib.llama_sampler_init_greedy())
            return
        if sampling.top_k > 0:
            self._add(lib.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1:
            self._add(lib.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0:
            self._add(lib.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(lib.llama_sampler_init_temp(sampling.temperature))
        self._add(lib.llama_sampler_init_dist(sampling.seed))

    @property
    def handle(self) -> object:
        """llama.cpp's own pointer."""
        if not self._chain:
            raise RuntimeError("a sampler that was closed")
        return self._chain

    def accept(self, tokens: Sequence[int]) -> None:
        """Let the repeat penalty know of tokens that were written; of each sampled one too."""
        self._recent.extend(tokens)

    def penalize(self, logits: Logits) -> None:
        """Make tokens written lately less likely, in place.

        As llama.cpp's own step does, which asks of every token of the vocabulary whether it is one of these: that takes
        twenty times as long.
        """
        if self._penalty != 1 and self._recent:
            tokens = np.fromiter(set(self._recent), np.intp)
            values = logits[tokens]
            logits[tokens] = np.where(values > 0, values / self._penalty, values * self._penalty)

    def close(self) -> None:
        """Free it."""
        if self._chain:
            lib.llama_sampler_free(self._chain)
            self._chain = None

    def _add(self, step: object) -> None:
        if not step:
            raise LlamaError("a step of sampling cannot be made")
        lib.llama_sampler_chain_add(self._chain, step)
