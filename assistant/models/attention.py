"""What a model remembers of a conversation for each token and each layer: the shape of its KV cache.

llama.cpp knows by the architecture's name what the file does not say, so the tables here are taken from its sources
(``src/models/*.cpp`` of llama-cpp-python 0.3.36).
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.models.values import Metadata, PerLayer, per_layer, whole

_PATTERNS = {
    "gemma2": (2, False),
    "gemma3": (6, False),
    "gemma3n": (5, False),
    "gpt-oss": (2, False),
    "cohere2": (4, False),
    "cohere2moe": (4, True),
    "llama4": (4, False),
    "olmo2": (4, False),
    "exaone4": (4, False),
    "exaone-moe": (4, False),
    "afmoe": (4, False),
    "mellum": (4, False),
    "plamo3": (8, False),
    "smallthinker": (4, True),
    "muse-glimmer": (4, False),
    "laguna": (4, True),
}
"""Architecture → every so-manieth layer sees everything, and whether it is the first of each group (else the last)."""
_NO_WINDOW = {"phi3", "phimoe"}
"""They name a window that llama.cpp does not use."""
_INTERVAL = {"qwen35", "qwen35moe", "qwen3next"}
"""One layer in four attends, the others are recurrent."""
_BOTH = {"falcon-h1"}
"""Each layer attends and is recurrent."""


@dataclass(frozen=True)
class CacheLayer:
    """One layer that keeps keys and values: elements of each for a token, and whether only within the window."""

    keys: int
    values: int
    is_windowed: bool = False


@dataclass(frozen=True)
class Attention:
    """Head counts are one number, or one for each layer. Lengths are elements of a head.

    ``window``: tokens that a windowed layer sees, 0 when there is none. ``cache``: the layers with a KV cache.
    ``state_elements``: what recurrent layers keep in all, whatever the length of the conversation.
    """

    heads: PerLayer = 0
    heads_kv: PerLayer = 0
    key_length: int = 0
    value_length: int = 0
    window: int = 0
    cache: tuple[CacheLayer, ...] = ()
    state_elements: int = 0


def attention_of(metadata: Metadata, architecture: str, layers: int, embedding_length: int) -> Attention:
    """Return the attention that a header describes; ``layers`` is bounded by the caller."""
    heads = per_layer(metadata, f"{architecture}.attention.head_count")
    heads_kv = per_layer(metadata, f"{architecture}.attention.head_count_kv", _first(heads))
    head_length = embedding_length // max(1, _first(heads))
    key_length = whole(metadata, f"{architecture}.attention.key_length", head_length)
    value_length = whole(metadata, f"{architecture}.attention.value_length", head_length)
    window = _window(metadata, architecture, layers)
    recurrent = _recurrent(metadata, architecture, layers, heads_kv)
    shape = _Shape(metadata, architecture, heads_kv, key_length, value_length)
    windowed = _windowed(metadata, architecture, layers) if window else [False] * layers
    attending = [
        index
        for index in range(min(layers, _layers_with_own_cache(metadata, architecture, layers)))
        if index not in recurrent or architecture in _BOTH
    ]
    cache = tuple(layer for index in attending if (layer := shape.layer(index, windowed[index])).keys)
    state = len(recurrent) * _state_elements(metadata, architecture, embedding_length, _first(heads))
    return Attention(heads, heads_kv, key_length, value_length, window, cache, state)


@dataclass(frozen=True)
class _Shape:
    """The elements of a layer's cache for one token."""

    metadata: Metadata
    architecture: str
    heads_kv: PerLayer
    key_length: int
    value_length: int

    def layer(self, index: int, is_windowed: bool) -> CacheLayer:
        heads = _at(self.heads_kv, index)
        keys, values = self.key_length, self.value_length
        prefix = f"{self.architecture}.attention"
        if is_windowed:
            keys = whole(self.metadata, f"{prefix}.key_length_swa", keys)
            values = whole(self.metadata, f"{prefix}.value_length_swa", values)
        if whole(self.metadata, f"{prefix}.key_length_mla") and whole(self.metadata, f"{prefix}.value_length_mla"):
            values = 0  # multi-head latent attention: the values are computed from the keys
        return CacheLayer(heads * keys, heads * values, is_windowed)


def _first(value: PerLayer) -> int:
    return value if isinstance(value, int) else value[0]


def _at(value: PerLayer, index: int) -> int:
    if isinstance(value, int):
        return value
    return value[index] if index < len(value) else 0


def _window(metadata: Metadata, architecture: str, layers: int) -> int:
    """Return the window in tokens as llama.cpp will use it."""
    key = f"{architecture}.attention.sliding_window"
    if architecture in _NO_WINDOW:
        return 0
    if architecture == "llama4":  # chunks of fixed length, unless switched off
        return 0 if metadata.get(key) == 0 else 8192
    return whole(metadata, key, 4096 if architecture == "exaone4" and layers == 64 else 0)


def _windowed(metadata: Metadata, architecture: str, layers: int) -> list[bool]:
    """Say for each layer whether it has the window."""
    pattern = metadata.get(f"{architecture}.attention.sliding_window_pattern")
    if isinstance(pattern, tuple):
        return [bool(pattern[index]) if index < len(pattern) else False for index in range(layers)]
    period, dense_first = _PATTERNS.get(architecture, (1, False))
    period = whole(metadata, f"{architecture}.attention.sliding_window_pattern", period)
    if period == 0:
        return [True] * layers
    dense = 0 if dense_first else period - 1
    return [index % period != dense for index in range(layers)]


def _recurrent(metadata: Metadata, architecture: str, layers: int, heads_kv: PerLayer) -> set[int]:
    """Return the layers that keep a recurrent state."""
    listed = metadata.get(f"{architecture}.attention.recurrent_layers")
    if isinstance(listed, tuple):
        return {index for index in range(layers) if index < len(listed) and listed[index]}
    if architecture in _INTERVAL:
        interval = max(1, whole(metadata, f"{architecture}.full_attention_interval", 4))
        return {index for index in range(layers) if (index + 1) % interval}
    if architecture in _BOTH:
        return set(range(layers))
    return {index for index in range(layers) if _at(heads_kv, index) == 0}


def _layers_with_own_cache(metadata: Metadata, architecture: str, layers: int) -> int:
    """Return how many layers from the first have a cache: later ones may share it, or only predict further tokens."""
    if architecture == "gemma3n":
        return 20
    shared = whole(metadata, f"{architecture}.attention.shared_kv_layers")
    return max(0, layers - shared - whole(metadata, f"{architecture}.nextn_predict_layers"))


def _state_elements(metadata: Metadata, architecture: str, embedding_length: int, heads: int) -> int:
    """Return the elements (of 4 bytes) that one recurrent layer keeps for a sequence."""

    def of(key: str, default: int = 0) -> int:
        return whole(metadata, f"{architecture}.{key}", default)

    if head := of("wkv.head_size"):  # RWKV
        return embedding_length * (of("token_shift_count", 2) + head)
    if length := of("shortconv.l_cache"):  # LFM2
        return embedding_length * (length - 1)
    kernel = of("ssm.conv_kernel")
    if head := of("kda.head_dim"):  # Kimi
        return (3 * (kernel - 1 if kernel else 3) + head) * heads * head
    inner, state = of("ssm.inner_size"), of("ssm.state_size")
    return max(0, kernel - 1) * (inner + 2 * of("ssm.group_count") * state) + state * inner
