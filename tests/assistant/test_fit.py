"""Memory: the KV cache as llama.cpp allocates it, verdicts at their borders, container limits, the default context."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from assistant.errors import ModelTooBig
from assistant.models.attention import CacheLayer
from assistant.models.fit import (
    OVERHEAD_BYTES,
    Plan,
    Verdict,
    check_memory,
    compute_bytes,
    default_context_length,
    estimate,
    kv_bytes,
)
from assistant.models.gguf import Header, read_header
from assistant.models.memory import GIB, memory
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


def test_compute_buffers_are_within_3_percent_of_llama_cpps_log(tmp_path, starter):
    gemma = gemma_270m(tmp_path)
    logged = [(starter, 128, 24.57), (starter, 512, 98.27), (gemma, 128, 128.94), (gemma, 512, 515.77)]

    for model, ubatch, mib in logged:
        assert compute_bytes(model, 8192, Plan(ubatch=ubatch)) == pytest.approx(mib * MIB, rel=0.03)


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
parameters.n_seq_max, parameters.kv_unified = 10, True
assert llama_cpp.llama_init_from_model(model, parameters)
json.dump("".join(lines).splitlines(), sys.stdout)
"""


@pytest.mark.slow
def test_the_starters_estimate_is_within_5_percent_of_llama_cpp_itself(starter):
    run = subprocess.run([sys.executable, "-c", LLAMA, str(starter.path)], capture_output=True, check=True)
    sizes = {}
    for line in json.loads(run.stdout):
        for name in ("CPU KV buffer size", "CPU compute buffer size"):
            if name in line:
                sizes[name] = float(line.partition("=")[2].removesuffix("MiB"))

    fit = estimate(starter, 3000)

    assert fit.kv_bytes == sizes["CPU KV buffer size"] * MIB
    assert fit.compute_bytes == pytest.approx(sizes["CPU compute buffer size"] * MIB, rel=0.03)


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


# --- containers ---


def group(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_limit_of_a_container_counts_less_its_file_cache(tmp_path):
    group(tmp_path, "proc/self/cgroup", "0::/app/web\n")
    group(tmp_path, "sys/fs/cgroup/app/memory.max", f"{GIB}\n")
    group(tmp_path, "sys/fs/cgroup/app/memory.current", f"{700 * MIB}\n")
    group(tmp_path, "sys/fs/cgroup/app/memory.stat", f"anon 1\ninactive_file {100 * MIB}\n")
    group(tmp_path, "sys/fs/cgroup/app/web/memory.max", "max\n")
    group(tmp_path, "sys/fs/cgroup/app/web/memory.current", "5\n")

    found = memory(tmp_path)

    assert (found.total_bytes, found.available_bytes) == (GIB, 424 * MIB)


def test_a_limit_of_the_older_control_groups_counts(tmp_path):
    group(tmp_path, "proc/self/cgroup", "8:pids:/\n4:memory:/docker/x\n")
    group(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{GIB // 2}\n")
    group(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", f"{GIB}\n")

    found = memory(tmp_path)

    assert (found.total_bytes, found.available_bytes) == (GIB // 2, 0)


def test_no_limit_means_the_whole_computer(tmp_path):
    group(tmp_path, "proc/self/cgroup", "4:memory:/x\nnonsense\n")
    group(tmp_path, "sys/fs/cgroup/memory/x/memory.limit_in_bytes", f"{2**63 - 4096}\n")
    group(tmp_path, "sys/fs/cgroup/memory/x/memory.usage_in_bytes", "0\n")

    assert memory(tmp_path).total_bytes == memory(tmp_path / "none").total_bytes == psutil.virtual_memory().total
