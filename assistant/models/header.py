"""What a model file says about its model, taken out of the file's metadata with care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.models.attention import Attention, attention_of
from assistant.models.tensor_types import label_in_name, label_of_file_type
from assistant.models.values import Metadata, length, number, per_layer, text, whole

MAX_LAYERS = 10_000
_SAMPLING = {
    "temperature": "general.sampling.temp",
    "top_k": "general.sampling.top_k",
    "top_p": "general.sampling.top_p",
    "min_p": "general.sampling.min_p",
    "repeat_penalty": "general.sampling.penalty_repeat",
}
_ENCODERS = {"t5encoder", "gemma-embedding", "llama-embed"}


@dataclass(frozen=True)
class Weights:
    """Bytes of the tensors by what they do; small ones that belong nowhere are left out.

    ``layers`` without the ``experts`` of mixtures; ``lookup``: tables of which a token reads one row;
    ``embedding`` is such a table too unless there is no ``output``: then it serves as both.
    """

    layers: int = 0
    experts: int = 0
    embedding: int = 0
    lookup: int = 0
    output: int = 0

    def __add__(self, other: Weights) -> Weights:
        return Weights(
            self.layers + other.layers,
            self.experts + other.experts,
            self.embedding + other.embedding,
            self.lookup + other.lookup,
            self.output + other.output,
        )


@dataclass(frozen=True)
class Tensors:
    """What a file's tensors add up to. ``main_type`` is the type that takes most of the bytes.

    ``start``: the byte of the file where their data begins.
    """

    count: int = 0
    parameters: int = 0
    bytes: int = 0
    main_type: str = ""
    weights: Weights = field(default_factory=Weights)
    start: int = 0


@dataclass(frozen=True)
class Header:
    """What is known of a model without loading it. 0 and empty mean that the file does not say.

    Sizes in bytes, lengths in tokens. ``kind`` is ``model`` for language models (others: ``mmproj``, ``adapter``,
    ``imatrix`` …). ``pooling`` 0 none, 1 mean, 2 CLS, 3 last token,
    4 rank. ``hidden_length``: how wide a layer becomes inside, the experts in use
    together. ``sampling`` is what the file recommends, by the names of ``Sampling``'s fields. ``data_start``: the
    byte where the tensors' data begins. Of a split model the counts are those of all parts.
    """

    path: Path
    size_bytes: int
    version: int
    kind: str = "model"
    architecture: str = ""
    name: str = ""
    licence: str = ""
    quantization: str = ""
    context_length: int = 0
    embedding_length: int = 0
    hidden_length: int = 0
    layers: int = 0
    attention: Attention = field(default_factory=Attention)
    experts: int = 0
    experts_used: int = 0
    vocabulary: int = 0
    tokenizer: str = ""
    chat_template: str = ""
    pooling: int = 0
    sampling: Mapping[str, float] = field(default_factory=dict)
    shards: int = 1
    tensors: int = 0
    tensor_bytes: int = 0
    parameters: int = 0
    weights: Weights = field(default_factory=Weights)
    data_start: int = 0

    @property
    def has_template(self) -> bool:
        """The file brings its own chat template."""
        return bool(self.chat_template.strip())

    @property
    def is_embedding(self) -> bool:
        """It turns texts into vectors (or ranks them) and cannot write."""
        return self.pooling > 0 or "bert" in self.architecture or self.architecture in _ENCODERS

    @property
    def is_language_model(self) -> bool:
        """It can write: no projector, adapter, vocabulary alone or embedding model."""
        is_whole = self.kind == "model" and self.tensors > 0 and self.architecture not in ("", "clip")
        return is_whole and not self.is_embedding

    @property
    def is_chat(self) -> bool:
        """It can write and was taught to converse."""
        return self.is_language_model and self.has_template


def header_of(path: Path, metadata: Metadata, size_bytes: int, version: int, tensors: Tensors) -> Header:
    """Return the header for ``metadata``. Values of a wrong type count as missing."""
    architecture = text(metadata, "general.architecture")
    layers = min(whole(metadata, f"{architecture}.block_count"), MAX_LAYERS)
    embedding_length = whole(metadata, f"{architecture}.embedding_length")
    label = label_of_file_type(whole(metadata, "general.file_type", -1)) or label_in_name(path.name)
    return Header(
        path=path,
        size_bytes=size_bytes,
        version=version,
        kind=text(metadata, "general.type") or "model",
        architecture=architecture,
        name=" ".join(text(metadata, "general.name").split())[:200],
        licence=text(metadata, "general.license")[:200],
        quantization=label or tensors.main_type,
        context_length=whole(metadata, f"{architecture}.context_length"),
        embedding_length=embedding_length,
        hidden_length=_hidden_length(metadata, architecture),
        layers=layers,
        attention=attention_of(metadata, architecture, layers, embedding_length),
        experts=whole(metadata, f"{architecture}.expert_count"),
        experts_used=whole(metadata, f"{architecture}.expert_used_count"),
        vocabulary=length(metadata, "tokenizer.ggml.tokens") or whole(metadata, f"{architecture}.vocab_size"),
        tokenizer=text(metadata, "tokenizer.ggml.model"),
        chat_template=text(metadata, "tokenizer.chat_template"),
        pooling=whole(metadata, f"{architecture}.pooling_type"),
        sampling=_sampling(metadata),
        shards=max(1, whole(metadata, "split.count")),
        tensors=tensors.count,
        tensor_bytes=tensors.bytes,
        parameters=tensors.parameters,
        weights=tensors.weights,
        data_start=tensors.start,
    )


def _hidden_length(metadata: Metadata, architecture: str) -> int:
    found = per_layer(metadata, f"{architecture}.feed_forward_length")
    dense = found if isinstance(found, int) else max(found)
    expert = whole(metadata, f"{architecture}.expert_feed_forward_length", dense)
    return max(dense, expert * whole(metadata, f"{architecture}.expert_used_count"))


def _sampling(metadata: Metadata) -> dict[str, float]:
    """Return the sampling that the file recommends, by our names."""
    found = {name: number(metadata, key) for name, key in _SAMPLING.items()}
    return {name: value for name, value in found.items() if value is not None}
