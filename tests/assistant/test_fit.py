"""Memory: the KV cache as llama.cpp allocates it, verdicts at their borders, container limits, the default context."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from assistant.errors import ModelTooBig
from assistant.memory import GIB
from assistant.models.attention import Attention, CacheLayer
from assistant.models.fit import (
    ALL_LAYERS,
    OVERHEAD_BYTES,
    Accelerator,
    Buffers,
    Fit,
    Plan,
    Verdict,
    check_memory,
    compute_bytes,
    default_context_length,
    estimate,
    kv_bytes,
)
from assistant.models.gguf import Header, read_header
from assistant.models.header import Weights
from assistant.models.starter import starter_path
from tests.fakes.gguf_files import write_tiny_gguf

MIB = 1 << 20


def header(folder: Path, **overrides: object) -> Header:
    return read_header(write_tiny_gguf(folder / "model.gguf", **overrides))


def gemma_270m(folder: Path) -> Header:
    """The shape of Gemma 3 270M: every sixth layer sees everything, the others 512 tokens."""
    return header(
        folder,
        architecture="gemma3",
        block_count=18,
        embedding_length=640,
        feed_forward_length=2048,
        vocab_size=262_144,
        attention__head_count=4,
        attention__head_count_kv=1,
        attention__sliding_window=512,
        attention__key_length=256,
        attention__value_length=256,
        tokenizer__ggml__tokens=None,
    )


@pytest.fixture(scope="module")
def starter() -> Header:
    path = starter_path()
    assert path is not None
    return read_header(path)


@pytest.mark.parametrize(("length", "mib"), [(1000, 22.5), (8192, 180.0)])
def test_the_starters_cache_is_what_llama_cpp_logs(starter, length, mib):
    assert kv_bytes(starter, length, Plan()) == mib * MIB


@pytest.mark.parametrize(
    ("plan", "length", "mib"),
    [
        (Plan(), 1000, 3 + 15),
        (Plan(), 8192, 24 + 78.75),
        (Plan(ubatch=512), 8192, 24 + 82.5),
        (Plan(has_full_window=True), 8192, 24 + 120),
        (Plan(sequences=1), 8192, 24 + 11.25),
        (Plan(cache_type="q8_0", has_full_window=True), 8192, 144 * 34 / 64),
    ],
)
def test_gemmas_windows_cost_what_llama_cpp_logs(tmp_path, plan, length, mib):
    assert kv_bytes(gemma_270m(tmp_path), length, plan) == mib * MIB


def test_keys_and_values_of_their_own_lengths_are_both_counted(tmp_path):
    of_both = header(tmp_path, block_count=2, attention__head_count_kv=1, attention__key_length=192,
                     attention__value_length=128)  # fmt: skip
    assert kv_bytes(of_both, 256, Plan()) == 2 * 256 * (192 + 128) * 2


@pytest.mark.parametrize(("ubatch", "mib"), [(128, 5.46 + 1.88), (512, 21.85 + 1.88)])
def test_the_starters_compute_buffers_are_what_llama_cpp_logs(starter, ubatch, mib):
    assert compute_bytes(starter, 8192, Plan(ubatch=ubatch)) == pytest.approx(mib * MIB, rel=0.01)


@pytest.mark.parametrize(("ubatch", "mib"), [(128, 16.40 + 10), (512, 31.76 + 10)])
def test_gemmas_vocabulary_or_its_windows_make_the_compute_buffers(tmp_path, ubatch, mib):
    assert compute_bytes(gemma_270m(tmp_path), 8192, Plan(ubatch=ubatch)) == pytest.approx(mib * MIB, rel=0.02)


def test_without_flash_attention_the_context_costs_compute_too(starter):
    with_flash = compute_bytes(starter, 8192, Plan())

    assert compute_bytes(starter, 8192, Plan(has_flash_attention=False)) == with_flash + 9 * 128 * 8192 * 4


LLAMA = """
import ctypes, json, sys, llama_cpp
lines = []
@llama_cpp.llama_log_callback
def keep(level, text, user):
    lines.append(text.decode("utf-8", "replace"))
llama_cpp.llama_log_set(keep, ctypes.c_void_p(0))
llama_cpp.llama_backend_init()
model = llama_cpp.llama_model_load_from_file(sys.argv[1].encode(), llama_cpp.llama_model_default_params())
parameters = llama_cpp.llama_context_default_params()
parameters.n_ctx, parameters.n_batch, parameters.n_ubatch, parameters.swa_full = 3000, 128, 128, False
parameters.n_seq_max, parameters.kv_unified, parameters.n_outputs_max = 10, True, 16
assert llama_cpp.llama_init_from_model(model, parameters)
json.dump("".join(lines).splitlines(), sys.stdout)
"""


@pytest.mark.slow
def test_the_starters_estimate_is_within_5_percent_of_llama_cpp_itself(starter):
    run = subprocess.run([sys.executable, "-c", LLAMA, str(starter.path)], capture_output=True, check=True)
    sizes = {}
    for line in json.loads(run.stdout):
        for name in ("KV buffer size", "compute buffer size", "output buffer size"):
            if name in line:
                sizes[name] = float(line.partition("=")[2].removesuffix("MiB"))

    fit = estimate(starter, 3000)

    compute = sizes["compute buffer size"] + sizes["output buffer size"]
    assert fit.kv_bytes == sizes["KV buffer size"] * MIB
    assert fit.compute_bytes == pytest.approx(compute * MIB, rel=0.03)


def test_the_total_is_the_sum_of_the_four_parts(starter):
    fit = estimate(starter, 4096, 16 * GIB)

    parts = fit.weights_bytes + fit.kv_bytes + fit.compute_bytes + fit.overhead_bytes
    assert (fit.total_bytes, fit.overhead_bytes, fit.context_length) == (parts, OVERHEAD_BYTES, 4096)
    assert fit.weights_bytes == starter.tensor_bytes


def test_a_gpu_costs_more_beside_the_model(starter):
    on_gpu = estimate(starter, 4096, 16 * GIB, plan=Plan(on_gpu=True))

    assert on_gpu.total_bytes - estimate(starter, 4096, 16 * GIB).total_bytes == 300 * MIB


def test_verdicts_change_exactly_at_their_borders(starter):
    need = estimate(starter, 2048, 8 * GIB).total_bytes

    def verdict(available: int, total: int) -> Verdict:
        return estimate(starter, 2048, available, total_bytes=total).verdict

    assert verdict(need + GIB, 4 * GIB) is Verdict.FITS
    assert verdict(need + GIB - 1, need + 2 * GIB) is Verdict.TIGHT
    assert verdict(need + GIB - 1, need + 2 * GIB - 1) is Verdict.TOO_BIG


def test_much_memory_keeps_five_percent_free(starter):
    need = estimate(starter, 2048, 8 * GIB).total_bytes
    big = Header(starter.path, 0, 3, tensor_bytes=39 * GIB)

    assert estimate(big, 512, 42 * GIB, total_bytes=42 * GIB).verdict is Verdict.FITS
    assert estimate(big, 512, 41 * GIB, total_bytes=42 * GIB).verdict is Verdict.TIGHT
    assert need < GIB


def test_a_model_too_big_is_refused_with_both_numbers(starter):
    with pytest.raises(ModelTooBig, match=r"needs about 0\.3 GiB .* only 0\.5 GiB"):
        check_memory(starter, 8192, GIB // 2)

    assert check_memory(starter, 8192, 8 * GIB).verdict is Verdict.FITS


@pytest.mark.parametrize(("trained", "expected"), [(2048, 2048), (131_072, 8192), (300, 300), (None, 8192)])
def test_the_default_context_is_bounded_by_training(tmp_path, trained, expected):
    model = header(tmp_path, context_length=trained)

    assert default_context_length(model, 16 * GIB) == expected
    assert estimate(model, 0, 16 * GIB).context_length == expected


def test_the_default_context_is_the_longest_that_fits(starter):
    available = estimate(starter, 4096, 8 * GIB).total_bytes + GIB

    assert default_context_length(starter, available) == 4096
    assert default_context_length(starter, available - 1) == 4096 - 256
    assert default_context_length(starter, 0) == 512


def test_this_computers_memory_is_asked_when_none_is_given(starter):
    assert 0 < estimate(starter, 2048).available_bytes <= psutil.virtual_memory().total
    assert default_context_length(starter) <= 8192


def layers(model: Header) -> str:
    """Draw the cache: ``w`` a windowed layer, ``f`` a full one."""
    return "".join("w" if layer.is_windowed else "f" for layer in model.attention.cache)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"architecture": "llama", "attention__sliding_window": 64}, "ffffff"),
        ({"architecture": "gemma2", "attention__sliding_window": 64}, "wfwfwf"),
        ({"architecture": "gemma3"}, "ffffff"),
        ({"architecture": "smallthinker", "attention__sliding_window": 64}, "fwwwfw"),
        ({"architecture": "phi3", "attention__sliding_window": 64}, "ffffff"),
        ({"architecture": "llama4"}, "wwwfww"),
        ({"architecture": "llama4", "attention__sliding_window": 0}, "ffffff"),
        (
            {
                "architecture": "gemma4",
                "attention__sliding_window": 64,
                "attention__sliding_window_pattern": [True, True, False, True],
                "attention__shared_kv_layers": 1,
            },
            "wwfwf",
        ),
        ({"architecture": "new", "attention__sliding_window": 64, "attention__sliding_window_pattern": 3}, "wwfwwf"),
        ({"architecture": "new", "attention__sliding_window": 64, "attention__sliding_window_pattern": 0}, "wwwwww"),
        ({"architecture": "qwen35"}, "f"),
        ({"architecture": "qwen35", "nextn_predict_layers": 1, "full_attention_interval": 2}, "ff"),
        ({"architecture": "minimax", "attention__recurrent_layers": [True, False, True, False]}, "ffff"),
        ({"architecture": "lfm2", "attention__head_count_kv": [0, 2, 0, 2, 0, 2]}, "fff"),
        ({"architecture": "mamba", "attention__head_count": 0, "attention__head_count_kv": 0}, ""),
    ],
)
def test_which_layers_keep_a_cache(tmp_path, overrides, expected):
    assert layers(header(tmp_path, block_count=6, **overrides)) == expected


def test_windowed_heads_may_have_another_length(tmp_path):
    model = header(
        tmp_path,
        architecture="gemma2",
        attention__sliding_window=64,
        attention__key_length=32,
        attention__key_length_swa=8,
        attention__value_length_swa=4,
    )

    assert model.attention.cache == (CacheLayer(16, 8, is_windowed=True), CacheLayer(64, 32))


def test_latent_attention_keeps_no_values(tmp_path):
    model = header(
        tmp_path,
        architecture="deepseek2",
        attention__head_count_kv=1,
        attention__key_length=576,
        attention__key_length_mla=192,
        attention__value_length_mla=128,
    )

    assert model.attention.cache == (CacheLayer(576, 0),) * 2


@pytest.mark.parametrize(
    ("overrides", "elements"),
    [
        (
            {"architecture": "qwen35", "block_count": 4, "ssm__conv_kernel": 4, "ssm__inner_size": 64}
            | {"ssm__state_size": 16, "ssm__group_count": 2},
            3 * (3 * (64 + 64) + 16 * 64),
        ),
        ({"architecture": "lfm2", "attention__head_count_kv": [0, 2], "shortconv__l_cache": 3}, 64 * 2),
        ({"architecture": "rwkv7", "attention__head_count_kv": 0, "wkv__head_size": 16}, 2 * 64 * 18),
        (
            {"architecture": "kimi-linear", "attention__head_count_kv": [0, 2], "kda__head_dim": 8}
            | {"ssm__conv_kernel": 4},
            3 * 3 * 32 + 4 * 64,
        ),
        ({"architecture": "falcon-h1", "ssm__state_size": 4, "ssm__inner_size": 8}, 2 * 32),
        ({"architecture": "llama"}, 0),
    ],
)
def test_recurrent_layers_keep_a_state_of_fixed_size(tmp_path, overrides, elements):
    model = header(tmp_path, **overrides)

    assert model.attention.state_elements == elements
    empty = Plan(sequences=3)
    cache = sum(layer.keys + layer.values for layer in model.attention.cache)
    assert kv_bytes(model, 256, empty) == 256 * cache * 2 + 3 * 4 * elements


def test_the_last_layers_of_gemma3n_share_their_cache(tmp_path):
    assert len(header(tmp_path, architecture="gemma3n", block_count=30).attention.cache) == 20


# --- GPUs ---


def big(layers: int = 40, tensor_bytes: int = 10 * GIB) -> Header:
    attention = Attention(cache=(CacheLayer(1024, 1024),) * layers)
    weights = Weights(layers=tensor_bytes - GIB, embedding=GIB // 2, output=GIB // 2)
    return Header(
        Path("big.gguf"),
        tensor_bytes,
        3,
        layers=layers,
        attention=attention,
        tensor_bytes=tensor_bytes,
        weights=weights,
        vocabulary=32_000,
        embedding_length=4096,
    )


def gpu(gib: float, *, is_unified: bool = False) -> Accelerator:
    return Accelerator(int(gib * GIB), int(gib * GIB), is_unified)


def test_all_layers_go_to_a_gpu_with_a_gib_to_spare():
    need = estimate(big(), 8192, 32 * GIB, accelerator=gpu(80)).total_bytes

    enough = estimate(big(), 8192, 32 * GIB, accelerator=Accelerator(need + GIB, need + GIB))
    assert (enough.gpu_layers, enough.gpu_bytes, enough.available_bytes) == (41, need, need + GIB)
    assert enough.verdict is Verdict.FITS
    short = estimate(big(), 8192, 32 * GIB, accelerator=Accelerator(need + GIB - 1, need + GIB))
    assert short.gpu_layers == 40


def test_else_so_many_layers_as_have_room_beside_the_work_space():
    fit = estimate(big(), 8192, 32 * GIB, accelerator=gpu(6))

    layer = (9 * GIB + fit.kv_bytes) / 40
    assert fit.gpu_layers == (5 * GIB - fit.compute_bytes) // layer
    assert fit.gpu_bytes == pytest.approx(fit.gpu_layers * layer + fit.compute_bytes, abs=100)
    assert fit.available_bytes == 32 * GIB + fit.gpu_bytes
    assert fit.compute_bytes == 512 * (4 * 15 * 4096 + 2 * 8192) + 4 * 10 * 32_000


def test_what_the_gpu_takes_is_not_asked_of_the_main_memory():
    alone = estimate(big(), 8192, 9 * GIB, total_bytes=10 * GIB)
    shared = estimate(big(), 8192, 9 * GIB, total_bytes=10 * GIB, accelerator=gpu(8))

    assert (alone.verdict, shared.verdict) == (Verdict.TOO_BIG, Verdict.FITS)


def test_a_gpu_too_small_for_a_layer_gets_none():
    fit = estimate(big(), 8192, 32 * GIB, accelerator=gpu(1))

    assert (fit.gpu_layers, fit.gpu_bytes, fit.verdict) == (0, 0, Verdict.FITS)


def test_unified_memory_is_one_pool_within_its_working_set():
    def fit(available: float, working_set: float) -> Fit:
        accelerator = gpu(working_set, is_unified=True)
        return estimate(big(), 8192, int(available * GIB), total_bytes=16 * GIB, accelerator=accelerator)

    assert (fit(15, 15).verdict, fit(15, 15).gpu_layers) == (Verdict.FITS, 41)
    assert (fit(12, 13).verdict, fit(12, 13).available_bytes) == (Verdict.TIGHT, 12 * GIB)
    assert (fit(15, 10.7).verdict, fit(15, 10.7).gpu_layers) == (Verdict.TOO_BIG, 0)


def test_the_context_may_grow_into_the_larger_memory():
    assert estimate(big(), 0, 4 * GIB, accelerator=gpu(80)).context_length == 8192
    assert estimate(big(), 0, 80 * GIB, accelerator=gpu(4)).context_length == 8192
    assert estimate(big(), 0, 80 * GIB, accelerator=gpu(4, is_unified=True)).context_length == 512


def test_measured_buffers_replace_the_formulas(starter):
    fit = estimate(starter, 2048, 8 * GIB, exact=Buffers(kv_bytes=5, compute_bytes=7))

    assert (fit.kv_bytes, fit.compute_bytes) == (5, 7)
    assert fit.total_bytes == starter.tensor_bytes + 12 + OVERHEAD_BYTES


def test_an_estimate_from_the_size_alone_says_that_it_is_rough(starter):
    size_only = Header(Path("m.gguf"), 4 * GIB, 3, tensor_bytes=4 * GIB)

    fit = estimate(size_only, 0, 16 * GIB)
    assert (fit.is_rough, fit.weights_bytes, fit.context_length) == (True, 4 * GIB, 8192)
    assert fit.kv_bytes > fit.weights_bytes // 12  # rather too much than too little
    assert fit.compute_bytes > 0
    assert estimate(size_only, 16384, 16 * GIB).kv_bytes == 2 * fit.kv_bytes
    assert not estimate(starter, 0, 16 * GIB).is_rough
    assert estimate(size_only, 0, 16 * GIB, accelerator=gpu(8)).gpu_layers == ALL_LAYERS
    assert estimate(size_only, 0, 16 * GIB, accelerator=gpu(4)).gpu_layers == 0
