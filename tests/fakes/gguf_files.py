"""Small valid GGUF files, made byte by byte: real headers over tensors of zeros, to be changed, cut and damaged."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.models.tensor_types import TENSOR_TYPES

U32, I32, F32, BOOL, STRING, ARRAY, U64 = 4, 5, 6, 7, 8, 9, 10
_CODES = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?", U64: "<Q"}
TEMPLATE = "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\n{% endfor %}<|assistant|>"


@dataclass(frozen=True)
class Tensor:
    """A tensor of zeros; ``kind`` is ggml's number of its type."""

    name: str
    lengths: tuple[int, ...]
    kind: int = 0

    @property
    def size_bytes(self) -> int:
        elements = 1
        for length in self.lengths:
            elements *= length
        _name, block, block_bytes = TENSOR_TYPES.get(self.kind, ("", 1, 4))
        return elements // block * block_bytes


@dataclass(frozen=True)
class Typed:
    """A value with the type it is written as, where the guess from Python's type would not do."""

    kind: int
    value: object


@dataclass(frozen=True)
class Gguf:
    """What goes into the file. Metadata of plain Python values: int as u32, float as f32, str, bool, list."""

    metadata: Mapping[str, object] = field(default_factory=dict)
    tensors: Sequence[Tensor] = ()
    version: int = 3
    alignment: int = 32

    def header(self) -> bytes:
        """Return everything before the tensors' data, padded."""
        parts = [b"GGUF", struct.pack("<IQQ", self.version, len(self.tensors), len(self.metadata))]
        parts += [_string(key) + _typed(value) for key, value in self.metadata.items()]
        offset = 0
        for tensor in self.tensors:
            shape = struct.pack(f"<I{len(tensor.lengths)}Q", len(tensor.lengths), *tensor.lengths)
            parts.append(_string(tensor.name) + shape + struct.pack("<IQ", tensor.kind, offset))
            offset += self._padded(tensor.size_bytes)
        header = b"".join(parts)
        return header.ljust(self._padded(len(header)), b"\0")

    def data_bytes(self) -> int:
        """Return the size of the tensors' data, without padding behind the last."""
        before = sum(self._padded(tensor.size_bytes) for tensor in self.tensors[:-1])
        return before + (self.tensors[-1].size_bytes if self.tensors else 0)

    def write(self, path: Path) -> Path:
        """Write the file; its data is a hole that takes no room on the disk."""
        header = self.header()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(header)
            file.truncate(len(header) + self.data_bytes())
        return path

    def _padded(self, size: int) -> int:
        return -(-size // self.alignment) * self.alignment


def tiny_gguf(**overrides: object) -> Gguf:
    """Return a model of the ``llama`` architecture that passes every check and holds nothing.

    ``overrides`` replace metadata: ``general__name="X"`` sets ``general.name``, ``context_length=64`` the
    architecture's own key; ``None`` leaves the key out. ``architecture``, ``version``, ``tensors`` and ``alignment``
    set those.
    """
    architecture = str(overrides.pop("architecture", "llama"))
    version, alignment = overrides.pop("version", 3), overrides.pop("alignment", 32)
    tensors = overrides.pop("tensors", None)
    metadata: dict[str, object] = {
        "general.architecture": architecture,
        "general.type": "model",
        "general.name": "Tiny Test",
        "general.license": "apache-2.0",
        "general.file_type": 2,
        f"{architecture}.context_length": 2048,
        f"{architecture}.embedding_length": 64,
        f"{architecture}.block_count": 2,
        f"{architecture}.attention.head_count": 4,
        f"{architecture}.attention.head_count_kv": 2,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": [f"token{index}" for index in range(96)],
        "tokenizer.chat_template": TEMPLATE,
    }
    for name, value in overrides.items():
        key = name.replace("__", ".")
        key = key if key.startswith(("general.", "tokenizer.", "split.")) else f"{architecture}.{key}"
        if value is None:
            metadata.pop(key, None)
        else:
            metadata[key] = value
    if tensors is None:
        tensors = [Tensor("token_embd.weight", (64, 96), 2), Tensor("output_norm.weight", (64,))]
        tensors += [Tensor(f"blk.{layer}.attn_q.weight", (64, 64), 2) for layer in range(2)]
    assert isinstance(tensors, Sequence)
    assert isinstance(version, int)
    assert isinstance(alignment, int)
    return Gguf(metadata, tensors, version, alignment)


def write_tiny_gguf(path: Path, **overrides: object) -> Path:
    """Write ``tiny_gguf(**overrides)``. llama.cpp itself refuses it (``ModelLoadFailed``): tensors are missing."""
    return tiny_gguf(**overrides).write(path)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _typed(value: object) -> bytes:
    kind, plain = (value.kind, value.value) if isinstance(value, Typed) else (_kind(value), value)
    return struct.pack("<I", kind) + _value(kind, plain)


def _kind(value: object) -> int:
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return U32 if value >= 0 else I32
    if isinstance(value, float):
        return F32
    return STRING if isinstance(value, str) else ARRAY


def _value(kind: int, value: object) -> bytes:
    if kind == STRING:
        return _string(str(value))
    if kind == ARRAY:
        assert isinstance(value, Sequence)
        item_kind = _kind(value[0]) if value else U32
        return struct.pack("<IQ", item_kind, len(value)) + b"".join(_value(item_kind, item) for item in value)
    return struct.pack(_CODES[kind], value)
