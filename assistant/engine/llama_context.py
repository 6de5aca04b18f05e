"""A context of llama.cpp: the KV cache and the computations, every call guarded."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.engine.binding import LlamaError, NoRoomError, last_words, lib
from assistant.engine.pace import Pace
from assistant.engine.reasons import Reason
from assistant.engine.running import Aborted

if TYPE_CHECKING:
    from assistant.engine.llama_model import Model
    from assistant.engine.llama_sampler import Sampler
    from assistant.engine.running import Stop

Logits = np.ndarray[tuple[int], np.dtype[np.float32]]
State = ctypes.Array[ctypes.c_uint8]

_NO_SLOT, _ABORTED = 1, 2
_WINDOW_ONLY = 1
"""Of a sequence's state only what cannot be cut back: sliding windows and recurrent states."""
CACHE_TYPES = {"f16": 1, "q8_0": 8, "q4_0": 2}
"""ggml's numbers of the types that the elements of a KV cache may have."""


def context_parameters(length: int, batch: int, sequences: int, cache_type: str) -> Any:  # noqa: ANN401 - a C struct
    """Return llama.cpp's parameters for a context, all that memory depends on. ``cache_type``: see ``CACHE_TYPES``."""
    parameters = lib.llama_context_default_params()
    parameters.n_ctx = length
    parameters.n_batch = parameters.n_ubatch = batch
    parameters.n_seq_max = sequences
    parameters.n_outputs_max = max(sequences, 16)
    parameters.type_k = parameters.type_v = CACHE_TYPES[cache_type]
    parameters.flash_attn_type = -1  # where it can be had
    parameters.kv_unified = True
    parameters.swa_full = False
    return parameters


class Context:
    """The KV cache, whose cells all ``sequences`` share, and what computes. Raises LlamaError for lack of memory."""

    def __init__(
        self,
        model: Model,
        length: int,
        *,
        batch: int,
        sequences: int,
        threads: int,
        prompt_threads: int,
        cache_type: str = "f16",
    ) -> None:
        words = last_words()
        words.forget()
        parameters = context_parameters(length, batch, sequences, cache_type)
        parameters.n_threads, parameters.n_threads_batch = threads, prompt_threads
        self._context = lib.llama_init_from_model(model.handle, parameters)
        if not self._context:
            raise LlamaError(words.complaint)
        self._memory = lib.llama_get_memory(self._context)
        self._vocabulary = model.vocabulary
        self._sequences = sequences
        self._batch = Batch(batch)
        self._has_output = False
        self._paces = Pace(threads), Pace(prompt_threads)
        self.length = int(lib.llama_n_ctx_seq(self._context))
        self.batch = batch

    @property
    def can_write(self) -> bool:
        """Whether there is a memory at all, and no pooling: models for embeddings lack the one or have the other."""
        return bool(self._memory) and int(lib.llama_pooling_type(self._context)) <= 0

    def abort_on(self, stop: Stop) -> None:
        """Have a computation on the CPU give up when ``stop``'s byte is set.

        The callback is C's own ``strlen``, so that no Python runs in the middle of a computation.
        """
        strlen = (ctypes.CDLL("ucrtbase") if sys.platform == "win32" else ctypes.CDLL(None)).strlen
        callback = ctypes.cast(strlen, lib.ggml_abort_callback)
        lib.llama_set_abort_callback(self._context, callback, ctypes.c_void_p(stop.address))
        self._stop = stop  # as long as llama.cpp knows its address

    def decode(self, tokens: Sequence[int], position: int, sequence: int, *, output: bool) -> None:
        """Evaluate ``tokens`` at ``position``; with ``output`` the next token can be sampled after.

        Raises Aborted and NoRoomError, after both of which nothing of them remains, and LlamaError.
        """
        if not 0 < len(tokens) <= self.batch or position < 0 or position + len(tokens) > self.length:
            raise ValueError(f"{len(tokens)} tokens at {position} of {self.length}")
        if not (0 <= sequence < self._sequences and min(tokens) >= 0 and max(tokens) < self._vocabulary.size):
            raise ValueError(f"no such sequence or token: {sequence}, {min(tokens)} … {max(tokens)}")
        self._has_output = False
        result = self._timed(self._batch.fill(tokens, position, sequence, output=output), len(tokens) > 1)
        if result == _ABORTED:
            raise Aborted
        if result == _NO_SLOT:
            raise NoRoomError
        if result:
            raise LlamaError(Reason.DECODE_FAILED(code=result, why=last_words().complaint))
        self._has_output = output

    def wait(self) -> None:
        """Wait until what was begun is computed; only a GPU works on after ``decode``."""
        lib.llama_synchronize(self._context)

    def sample(self, sampler: Sampler) -> int:
        """Return the next token after what ``decode`` evaluated last with ``output``."""
        self._check_output()
        return int(lib.llama_sampler_sample(sampler.handle, self._context, -1))

    def logits(self) -> Logits:
        """Return a copy of the model's verdict on every token of the vocabulary, at the same place as ``sample``."""
        self._check_output()
        row = lib.llama_get_logits_ith(self._context, -1)
        if not row:
            raise LlamaError(Reason.NO_OUTPUT())
        return np.ctypeslib.as_array(row, shape=(self._vocabulary.size,)).copy()

    def remove(self, sequence: int, begin: int) -> bool:
        """Forget a sequence from position ``begin`` on; False when this model cannot and nothing was done."""
        return bool(lib.llama_memory_seq_rm(self._memory, sequence, begin, -1))

    def positions(self, sequence: int) -> tuple[int, int]:
        """Return the first and the last position that a sequence has in every layer; −1 and −1 when it has none."""
        first = lib.llama_memory_seq_pos_min(self._memory, sequence)
        return int(first), int(lib.llama_memory_seq_pos_max(self._memory, sequence))

    def state_size(self, sequence: int, *, window_only: bool = False) -> int:
        """Return how many bytes ``save`` would take."""
        return int(lib.llama_state_seq_get_size_ext(self._context, sequence, _WINDOW_ONLY if window_only else 0))

    def save(self, sequence: int, *, window_only: bool = False) -> State:
        """Return the state of a sequence; ``window_only``: what cannot be cut back, all else stays where it is."""
        size = self.state_size(sequence, window_only=window_only)
        state = (ctypes.c_uint8 * size)()
        flags = _WINDOW_ONLY if window_only else 0
        written = lib.llama_state_seq_get_data_ext(self._context, state, size, sequence, flags)
        if not 0 < written <= size:
            raise LlamaError(Reason.NO_STATE())
        return state

    def restore(self, sequence: int, state: State, *, window_only: bool = False) -> bool:
        """Put back what ``save`` of this very context returned; False when there is no room for it."""
        flags = _WINDOW_ONLY if window_only else 0
        self._has_output = False
        return bool(lib.llama_state_seq_set_data_ext(self._context, state, len(state), sequence, flags) > 0)

    def close(self) -> None:
        """Free the memory."""
        if self._context:
            lib.llama_free(self._context)
            self._context = None

    def _timed(self, batch: object, is_prompt: bool) -> int:
        """Call ``llama_decode``, and change the number of threads when its time shows that others need them."""
        wall, processor = time.perf_counter(), time.process_time()
        result = int(lib.llama_decode(self._context, batch))
        if self._paces[is_prompt].note(time.perf_counter() - wall, time.process_time() - processor):
            lib.llama_set_n_threads(self._context, *(pace.threads for pace in self._paces))
        return result

    def _check_output(self) -> None:
        if not self._has_output:
            raise RuntimeError("nothing was evaluated that a token could follow")


class Batch:
    """A ``llama_batch`` over numpy arrays, so that a prompt needs no loop in Python."""

    def __init__(self, capacity: int) -> None:
        self._tokens = np.zeros(capacity, np.int32)
        self._positions = np.zeros(capacity, np.int32)
        self._counts = np.ones(capacity, np.int32)
        self._sequence = np.zeros(1, np.int32)
        self._outputs = np.zeros(capacity, np.int8)
        number = ctypes.POINTER(ctypes.c_int32)
        # every token's list of sequences is the same one
        self._lists = (number * (capacity + 1))(*[self._sequence.ctypes.data_as(number)] * capacity)
        self._batch = lib.llama_batch()
        self._batch.token = self._tokens.ctypes.data_as(number)
        self._batch.pos = self._positions.ctypes.data_as(number)
        self._batch.n_seq_id = self._counts.ctypes.data_as(number)
        self._batch.seq_id = ctypes.cast(self._lists, ctypes.POINTER(number))
        self._batch.logits = self._outputs.ctypes.data_as(ctypes.POINTER(ctypes.c_int8))

    def fill(self, tokens: Sequence[int], position: int, sequence: int, *, output: bool) -> object:
        """Return the batch with ``tokens``, all of one sequence."""
        count = len(tokens)
        if count == 1:  # once a token: numpy's ways for many take ten times as long
            self._tokens[0], self._positions[0] = tokens[0], position
        else:
            self._tokens[:count] = tokens
            self._positions[:count] = np.arange(position, position + count)
            self._outputs[:count] = 0
        self._sequence[0] = sequence
        self._outputs[count - 1] = output
        self._batch.n_tokens = count
        return self._batch
