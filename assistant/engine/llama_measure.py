"""What a model would take, as llama.cpp itself computes it without taking anything: its ``no_alloc`` mode.

It logs exact sizes in some ten milliseconds of processor time, for a hollow file as for a whole one; the vocabulary is
read, which takes longer. Only recurrent layers' states are allocated all the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.engine.binding import LlamaError, last_words, lib
from assistant.engine.llama_context import context_parameters
from assistant.engine.measure import Measured

if TYPE_CHECKING:
    from pathlib import Path

_CACHE = re.compile(r"(?<!buffer )\bsize = +([\d.]+) MiB")
"""A cache and what it holds in all; the sizes of its buffers are logged as 0."""
_COMPUTE = re.compile(r"\b(?:compute|output) buffer size = +([\d.]+) MiB")
_MIB = 1 << 20


class UnallocatedModel:
    """A model of which only the header is in memory. Raises LlamaError when llama.cpp refuses the file."""

    def __init__(self, path: Path, gpu_layers: int) -> None:
        words = last_words()
        words.forget()
        parameters = lib.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.no_alloc = True
        parameters.load_mode = lib.LLAMA_LOAD_MODE_NONE  # any other that maps the file aborts the process
        self._model = lib.llama_model_load_from_file(str(path).encode(), parameters)
        if not self._model:
            raise LlamaError(words.complaint)
        self.layers = int(lib.llama_model_n_layer(self._model))
        self.trained_context = int(lib.llama_model_n_ctx_train(self._model))
        self.weights_bytes = int(lib.llama_model_size(self._model))

    def measure(self, context_length: int, *, batch: int, sequences: int, cache_type: str = "f16") -> Measured:
        """Return what a context like the worker's would take. Raises LlamaError when llama.cpp makes none."""
        words = last_words()
        words.forget()
        lines: list[str] = []
        with words.followed(lines.append):
            context = lib.llama_init_from_model(
                self._model, context_parameters(context_length, batch, sequences, cache_type)
            )
        if not context:
            raise LlamaError(words.complaint)
        lib.llama_free(context)
        return Measured(self.weights_bytes, _bytes(_CACHE, lines), _bytes(_COMPUTE, lines))

    def close(self) -> None:
        """Free what little there is."""
        if self._model:
            lib.llama_model_free(self._model)
            self._model = None


def _bytes(pattern: re.Pattern[str], lines: list[str]) -> int:
    return round(sum(float(size) for line in lines for size in pattern.findall(line)) * _MIB)
