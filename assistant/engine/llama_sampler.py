"""The chain of llama.cpp that chooses the next token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.engine.binding import LlamaError, lib
from assistant.engine.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.engine.llama_model import Vocabulary
    from assistant.engine.protocol import Sampling

_LAST_N = 64
"""How many of the latest tokens the repeat penalty looks at."""


class Sampler:
    """Chooses tokens as ``sampling`` says; its seed must be one. ``sampling.valid`` makes any fit to be given here."""

    def __init__(self, vocabulary: Vocabulary, sampling: Sampling) -> None:
        self._chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        top_k = 1 if sampling.temperature <= 0 else sampling.top_k
        if sampling.repeat_penalty != 1:
            if top_k and sampling.repeat_penalty > 1:
                # What is penalized falls, so the best of all are among so many: asking each of 49,000 tokens whether
                # it was written lately would take longer than all the rest.
                self._add(lib.llama_sampler_init_top_k(top_k + _LAST_N))
            self._add(lib.llama_sampler_init_penalties(vocabulary.size, _LAST_N, sampling.repeat_penalty, 0.0, 0.0))
        if sampling.temperature <= 0:
            self._add(lib.llama_sampler_init_greedy())
            return
        if top_k:
            self._add(lib.llama_sampler_init_top_k(top_k))
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
        """Let the repeat penalty know of tokens written before. What is sampled is known already."""
        for token in tokens[-_LAST_N:]:
            lib.llama_sampler_accept(self.handle, token)

    def close(self) -> None:
        """Free it."""
        if self._chain:
            lib.llama_sampler_free(self._chain)
            self._chain = None

    def _add(self, step: object) -> None:
        if not step:
            raise LlamaError(Reason.NO_SAMPLING())
        lib.llama_sampler_chain_add(self._chain, step)
