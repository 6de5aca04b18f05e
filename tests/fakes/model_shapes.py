"""Public models by their shapes alone: GGUF files with real headers and no weights, as llama.cpp would have them."""

from __future__ import annotations

from tests.fakes.gguf_files import Gguf, Tensor

F32, Q4_K, Q6_K = 0, 12, 14
CONTEXT = 131072


def _shape(
    architecture, layers, width, heads, heads_kv, hidden, vocabulary, *, length=0, tied=False, window=0, experts=()
):
    return (architecture, layers, width, heads, heads_kv, hidden, vocabulary, length, tied, window, experts)


SHAPES = {
    "llama-3.2-1b": _shape("llama", 16, 2048, 32, 8, 8192, 128256, tied=True),
    "llama-3.1-8b": _shape("llama", 32, 4096, 32, 8, 14336, 128256),
    "qwen3-4b": _shape("qwen3", 36, 2560, 32, 8, 9728, 151936, length=128, tied=True),
    "qwen3-14b": _shape("qwen3", 40, 5120, 40, 8, 17408, 151936, length=128),
    "qwen3-32b": _shape("qwen3", 64, 5120, 64, 8, 25600, 151936, length=128),
    "gemma3-4b": _shape("gemma3", 34, 2560, 8, 4, 10240, 262144, length=256, tied=True, window=1024),
    "gemma3-12b": _shape("gemma3", 48, 3840, 16, 8, 15360, 262144, length=256, tied=True, window=1024),
    "qwen3-30b-a3b": _shape("qwen3moe", 48, 2048, 32, 4, 6144, 151936, length=128, experts=(128, 8, 768)),
}
"""Experts: how many there are, how many of them a token uses, and the width of each."""


def model_of_shape(name):
    """Return the model as a ``Gguf``, its tensors mixed of Q4_K and Q6_K."""
    architecture, layers, width, heads, heads_kv, hidden, vocabulary, length, tied, window, experts = SHAPES[name]
    length = length or width // heads
    values = {
        "context_length": CONTEXT,
        "embedding_length": width,
        "block_count": layers,
        "feed_forward_length": hidden,
        "attention.head_count": heads,
        "attention.head_count_kv": heads_kv,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "rope.freq_base": 500000.0,
        "attention.key_length": length,
        "attention.value_length": length,
        "vocab_size": vocabulary,
        **({"rope.dimension_count": length} if architecture == "llama" else {}),
        **({"attention.sliding_window": window} if window else {}),
        **dict(zip(("expert_count", "expert_used_count", "expert_feed_forward_length"), experts, strict=False)),
    }
    metadata = {"general.architecture": architecture, "general.file_type": 15, "tokenizer.ggml.model": "none"}
    metadata |= {f"{architecture}.{key}": value for key, value in values.items()}
    tensors = [Tensor("token_embd.weight", (width, vocabulary), Q6_K), Tensor("output_norm.weight", (width,))]
    if not tied:
        tensors.append(Tensor("output.weight", (width, vocabulary), Q6_K))
    for layer in range(layers):
        tensors += _layer(f"blk.{layer}.", architecture, width, length * heads, length * heads_kv, length)
        tensors += _feed_forward(f"blk.{layer}.", width, hidden, experts)
    return Gguf(metadata, tensors)


def _layer(prefix, architecture, width, queries, keys, length):
    yield Tensor(f"{prefix}attn_norm.weight", (width,))
    yield Tensor(f"{prefix}attn_q.weight", (width, queries), Q4_K)
    yield Tensor(f"{prefix}attn_k.weight", (width, keys), Q4_K)
    yield Tensor(f"{prefix}attn_v.weight", (width, keys), Q6_K)
    yield Tensor(f"{prefix}attn_output.weight", (queries, width), Q4_K)
    yield Tensor(f"{prefix}ffn_norm.weight", (width,))
    if architecture != "llama":
        yield Tensor(f"{prefix}attn_q_norm.weight", (length,))
        yield Tensor(f"{prefix}attn_k_norm.weight", (length,))
    if architecture == "gemma3":
        yield Tensor(f"{prefix}post_attention_norm.weight", (width,))
        yield Tensor(f"{prefix}post_ffw_norm.weight", (width,))


def _feed_forward(prefix, width, hidden, experts):
    suffix, many = "", ()
    if experts:
        count, _used, hidden = experts
        suffix, many = "_exps", (count,)
        yield Tensor(f"{prefix}ffn_gate_inp.weight", (width, count))
    yield Tensor(f"{prefix}ffn_gate{suffix}.weight", (width, hidden, *many), Q4_K)
    yield Tensor(f"{prefix}ffn_up{suffix}.weight", (width, hidden, *many), Q4_K)
    yield Tensor(f"{prefix}ffn_down{suffix}.weight", (hidden, width, *many), Q4_K)
