"""Writes models of a few kilobytes with random weights: they talk nonsense, but llama.cpp runs them in no time."""

from __future__ import annotations

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, HIDDEN, CONTEXT = 32, 2, 4, 64, 512
SPECIAL = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
WORDS = (
    "▁",
    "▁the",
    "▁a",
    "the",
    "▁one",
    "▁two",
    "▁user",
    "user",
    "assistant",
    "system",
    "▁hello",
    "hello",
    "long" * 100,
)


def write(path, *, template="", metadata=None, adds_bos=True, adds_space=True):
    """Write a model of the llama architecture with a SentencePiece vocabulary of bytes, letters and few words."""
    writer = gguf.GGUFWriter(path, "llama")
    tokens, kinds = _vocabulary()
    writer.add_name("Tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0 if kind != 1 else -float(place) for place, kind in enumerate(kinds)])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(4)
    writer.add_add_bos_token(adds_bos)
    writer.add_add_space_prefix(adds_space)
    if template:
        writer.add_chat_template(template)
    for key, value in (metadata or {}).items():
        writer.add_float32(key, value)
    _tensors(writer, len(tokens))
    _finish(writer)
    return path


def write_embedder(path):
    """Write a model of the BERT architecture: it makes vectors of texts and cannot write."""
    writer = gguf.GGUFWriter(path, "bert")
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁hello", "▁a"]
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-5)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 2, 3, 3, 3, 1, 1])
    writer.add_token_type_count(2)
    for name, token in (("bos", 2), ("eos", 3), ("unk", 1), ("sep", 3), ("pad", 0), ("mask", 4), ("cls", 2)):
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", token)
    numbers = np.random.default_rng(0)

    def add(name, *shape):
        writer.add_tensor(name, numbers.standard_normal(shape).astype(np.float32))

    add("token_embd.weight", len(tokens), WIDTH)
    add("token_types.weight", 2, WIDTH)
    add("position_embd.weight", CONTEXT, WIDTH)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        add(f"blk.0.{name}.weight", WIDTH, WIDTH)
        add(f"blk.0.{name}.bias", WIDTH)
    for name in ("token_embd_norm", "blk.0.attn_output_norm", "blk.0.layer_output_norm"):
        add(f"{name}.weight", WIDTH)
        add(f"{name}.bias", WIDTH)
    add("blk.0.ffn_up.weight", HIDDEN, WIDTH)
    add("blk.0.ffn_up.bias", HIDDEN)
    add("blk.0.ffn_down.weight", WIDTH, HIDDEN)
    add("blk.0.ffn_down.bias", WIDTH)
    _finish(writer)
    return path


def _vocabulary():
    letters = [chr(code) for code in range(33, 127)]
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), *WORDS, *letters]
    kinds = [2, *[3] * (len(SPECIAL) - 1), *[6] * 256, *[1] * (len(WORDS) + len(letters))]
    return tokens, kinds


def _tensors(writer, vocabulary):
    numbers = np.random.default_rng(0)

    def add(name, *shape):
        writer.add_tensor(name, (numbers.standard_normal(shape) * 0.5).astype(np.float32))

    add("token_embd.weight", vocabulary, WIDTH)
    add("output.weight", vocabulary, WIDTH)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{layer}.{name}.weight", WIDTH, WIDTH)
        add(f"blk.{layer}.ffn_gate.weight", HIDDEN, WIDTH)
        add(f"blk.{layer}.ffn_up.weight", HIDDEN, WIDTH)
        add(f"blk.{layer}.ffn_down.weight", WIDTH, HIDDEN)


def _finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
