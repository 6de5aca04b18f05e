"""How fast llama.cpp reads the weights of a model that writes on this processor: a model of zeros is run for a while.

Reading memory alone is faster than any model where the cores are few: unpacking the weights takes its time, too. The
model has the shape of a small one and is far larger than the caches; its file is a header and a hole.
"""

from __future__ import annotations

import statistics
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from assistant.engine import placement

if TYPE_CHECKING:
    from pathlib import Path

LAYERS, WIDTH, HIDDEN, HEADS, HEADS_KV, WORDS, CONTEXT = 6, 2048, 8192, 16, 4, 256, 512
_ALIGNMENT = 32
_F32, _Q4_K = 0, 12
_U32, _FLOAT, _STRING = 4, 6, 8
_WARM_UP, _MIN_TOKENS = 2, 5


def write(path: Path) -> None:
    """Write the model: 205 MB, of which next to nothing is kept on the disk."""
    metadata = b"".join(_entry(key, value) for key, value in _METADATA.items())
    tensors, size = b"", 0
    shapes = list(_tensors())
    for name, shape in shapes:
        kind, bytes_ = _packed(shape)
        tensors += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, size)
        size += -(-bytes_ // _ALIGNMENT) * _ALIGNMENT
    header = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(_METADATA)) + metadata + tensors
    header = header.ljust(-(-len(header) // _ALIGNMENT) * _ALIGNMENT, b"\0")
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + size)


def bytes_per_second(path: Path, seconds: float) -> int:
    """Return how many bytes of weights a second the model at ``path`` gets through, writing for ``seconds``.

    It is the speed that a quarter of its tokens reach: other programs can only slow it down. Raises LlamaError.
    """
    from assistant.engine.llama_context import Context
    from assistant.engine.llama_model import Model

    writing, reading = placement.threads(0)
    with (
        closing(Model(path, 0, lambda _fraction: True)) as model,
        closing(Context(model, CONTEXT, batch=8, sequences=1, threads=writing, prompt_threads=reading)) as context,
    ):
        times: list[float] = []
        deadline = time.perf_counter() + seconds
        for position in range(CONTEXT):
            begun = time.perf_counter()
            context.decode([1], position, 0, output=True)
            times.append(time.perf_counter() - begun)
            if len(times) >= _WARM_UP + _MIN_TOKENS and time.perf_counter() > deadline:
                break
        return round(model.size_bytes / statistics.quantiles(times[_WARM_UP:], n=4)[0])


_METADATA: dict[str, str | int | float] = {
    "general.architecture": "llama",
    "llama.context_length": CONTEXT,
    "llama.embedding_length": WIDTH,
    "llama.block_count": LAYERS,
    "llama.feed_forward_length": HIDDEN,
    "llama.attention.head_count": HEADS,
    "llama.attention.head_count_kv": HEADS_KV,
    "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "llama.rope.dimension_count": WIDTH // HEADS,
    "llama.vocab_size": WORDS,
    "tokenizer.ggml.model": "none",
}


def _tensors() -> Iterator[tuple[str, tuple[int, ...]]]:
    keys = WIDTH // HEADS * HEADS_KV
    yield "token_embd.weight", (WIDTH, WORDS)
    yield "output_norm.weight", (WIDTH,)
    for layer in range(LAYERS):
        yield f"blk.{layer}.attn_norm.weight", (WIDTH,)
        yield f"blk.{layer}.attn_q.weight", (WIDTH, WIDTH)
        yield f"blk.{layer}.attn_k.weight", (WIDTH, keys)
        yield f"blk.{layer}.attn_v.weight", (WIDTH, keys)
        yield f"blk.{layer}.attn_output.weight", (WIDTH, WIDTH)
        yield f"blk.{layer}.ffn_norm.weight", (WIDTH,)
        yield f"blk.{layer}.ffn_gate.weight", (WIDTH, HIDDEN)
        yield f"blk.{layer}.ffn_up.weight", (WIDTH, HIDDEN)
        yield f"blk.{layer}.ffn_down.weight", (HIDDEN, WIDTH)


def _packed(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return type and bytes of a tensor: matrices as Q4_K, blocks of 256 in 144 bytes; the rest as 32-bit floats."""
    return (_F32, 4 * shape[0]) if len(shape) == 1 else (_Q4_K, shape[0] * shape[1] // 256 * 144)


def _entry(key: str, value: str | float) -> bytes:
    if isinstance(value, str):
        return _text(key) + struct.pack("<I", _STRING) + _text(value)
    kind, code = (_U32, "I") if isinstance(value, int) else (_FLOAT, "f")
    return _text(key) + struct.pack(f"<I{code}", kind, value)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()
