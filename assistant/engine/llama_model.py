"""A model of llama.cpp: its weights, what is known of it, and its vocabulary."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from assistant.engine.binding import LlamaError, last_words, lib
from assistant.engine.reasons import Reason
from assistant.engine.running import Aborted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Model:
    """The weights. Raises LlamaError when llama.cpp refuses them and Aborted when ``go_on`` answers False."""

    def __init__(self, path: Path, gpu_layers: int, go_on: Callable[[float], bool]) -> None:
        words = last_words()
        words.forget()
        was_stopped = False

        def progress(fraction: float, _: object) -> bool:
            nonlocal was_stopped
            was_stopped = was_stopped or not go_on(fraction)
            return not was_stopped

        parameters = lib.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.progress_callback = lib.llama_progress_callback(progress)
        self._model = lib.llama_model_load_from_file(str(path).encode(), parameters)
        if not self._model:
            if was_stopped:
                raise Aborted
            raise LlamaError(words.complaint)
        self.vocabulary = Vocabulary(lib.llama_model_get_vocab(self._model))
        self.layers = int(lib.llama_model_n_layer(self._model))
        self.trained_context = int(lib.llama_model_n_ctx_train(self._model))
        self.parameters = int(lib.llama_model_n_params(self._model))
        self.size_bytes = int(lib.llama_model_size(self._model))
        self.window = int(lib.llama_model_n_swa(self._model))
        """How far the layers with a sliding window look back; 0 when all look at everything."""
        self.is_recurrent = bool(lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model))
        self.only_decodes = bool(
            lib.llama_model_has_decoder(self._model)
            and not lib.llama_model_has_encoder(self._model)
            and not lib.llama_model_is_diffusion(self._model)
        )

    @property
    def handle(self) -> object:
        """llama.cpp's own pointer."""
        return self._model

    @property
    def kv_bytes_per_token(self) -> int:
        """What a token takes in the KV cache as f16, were all layers to look at everything."""
        heads = int(lib.llama_model_n_head_kv(self._model))
        width = int(lib.llama_model_n_embd(self._model)) // max(1, int(lib.llama_model_n_head(self._model)))
        arch = self.value("general.architecture")
        sizes = [self.value(f"{arch}.attention.{part}_length") for part in ("key", "value")]
        return 2 * self.layers * heads * sum(int(size) if size.isdecimal() else width for size in sizes)

    @property
    def description(self) -> str:
        """Size and quantization in llama.cpp's words."""
        buffer = ctypes.create_string_buffer(256)
        lib.llama_model_desc(self._model, buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace")

    def value(self, key: str) -> str:
        """Return a value of the file's metadata as text, empty when it is not there."""
        size = lib.llama_model_meta_val_str(self._model, key.encode(), ctypes.create_string_buffer(1), 1)
        if size < 0:
            return ""
        buffer = ctypes.create_string_buffer(size + 1)
        lib.llama_model_meta_val_str(self._model, key.encode(), buffer, size + 1)
        return buffer.value.decode("utf-8", "replace")

    def close(self) -> None:
        """Free the weights; the contexts must be closed before."""
        if self._model:
            lib.llama_model_free(self._model)
            self._model = None


class Vocabulary:
    """Text to tokens and back."""

    def __init__(self, handle: object) -> None:
        self._vocab = handle
        self.size = int(lib.llama_vocab_n_tokens(handle))
        self.bos = int(lib.llama_vocab_bos(handle))
        self.eos = int(lib.llama_vocab_eos(handle))
        self.adds_bos = bool(lib.llama_vocab_get_add_bos(handle)) and self.bos >= 0
        self._buffer = ctypes.create_string_buffer(256)

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the ids of ``text``, nothing added. ``special``: names of control tokens become these tokens."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        tokens = (ctypes.c_int32 * room)()
        count = lib.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        if count < 0:
            raise LlamaError(Reason.TOO_MANY_TOKENS(size=len(data), count=room))
        return list(tokens[:count])

    def piece(self, token: int, *, lstrip: int = 0, special: bool = False) -> bytes:
        """Return the bytes of a token without ``lstrip`` leading spaces; a control token has some with ``special``."""
        self._check(token)
        size = lib.llama_token_to_piece(self._vocab, token, self._buffer, len(self._buffer), lstrip, special)
        if size < 0:
            self._buffer = ctypes.create_string_buffer(-size)
            size = lib.llama_token_to_piece(self._vocab, token, self._buffer, -size, lstrip, special)
        return self._buffer.raw[: max(0, size)]

    def name(self, token: int) -> str:
        """Return what a token is called in the vocabulary, empty for the number of none."""
        if not 0 <= token < self.size:
            return ""
        return bytes(lib.llama_vocab_get_text(self._vocab, token) or b"").decode("utf-8", "replace")

    def is_end(self, token: int) -> bool:
        """Say whether a token ends an answer."""
        self._check(token)
        return bool(lib.llama_vocab_is_eog(self._vocab, token))

    def _check(self, token: int) -> None:
        if not 0 <= token < self.size:
            raise ValueError(f"token {token} of {self.size}")
