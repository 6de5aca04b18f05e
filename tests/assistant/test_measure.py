"""Measuring in a process of its own: exact memory next to the formulas, bandwidth, and what goes wrong."""

from __future__ import annotations

import json
import sys
import threading

import pytest

from assistant.engine import bandwidth as module
from assistant.engine import yardstick
from assistant.engine.bandwidth import bandwidth, known_bandwidth
from assistant.engine.measure import Measured, Measuring, NoAnswer, Wish, ask, measure_memory
from assistant.errors import ModelLoadFailed, ModelNotFound, NotAModelFile
from assistant.exact_memory import exact_buffers
from assistant.models.fit import Plan, estimate
from assistant.models.gguf import read_header
from assistant.models.hollow import Part, hollow
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.model_shapes import SHAPES, model_of_shape

GIB = 1 << 30
MIB_LOGGED = 1 << 20
ROUNDING = MIB_LOGGED // 100
"""llama.cpp logs hundredths of a MiB."""


def both(name, folder, length, plan):
    """Return what llama.cpp says and what the formulas say of a model known by its header alone."""
    model = model_of_shape(name)
    head = model.header()
    with hollow([Part(head, len(head) + model.data_bytes())], folder) as path:
        wish = Wish(length, plan.sequences, plan.ubatch, plan.cache_type)
        return measure_memory(path, wish), estimate(read_header(path), length, 64 * GIB, plan=plan)


def check(measured, fit):
    assert measured.weights_bytes == fit.weights_bytes
    assert measured.kv_bytes == pytest.approx(fit.kv_bytes, abs=ROUNDING)
    assert measured.total_bytes == pytest.approx(fit.total_bytes - fit.overhead_bytes, rel=0.05)


@pytest.mark.parametrize("name", ["llama-3.2-1b", "gemma3-4b", "qwen3-30b-a3b"])
def test_the_formulas_say_what_llama_cpp_says(tmp_path, name):
    check(*both(name, tmp_path, 8192, Plan()))


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_they_do_at_every_length_batch_and_cache(tmp_path, name):
    for length, plan in [
        (1000, Plan()),
        (32768, Plan()),
        (2048, Plan(cache_type="q8_0")),
        (8192, Plan(ubatch=512)),
        (8192, Plan(sequences=1)),
    ]:
        check(*both(name, tmp_path, length, plan))


def test_the_starter_can_be_measured_as_it_is(starter_model):
    measured = measure_memory(starter_model, Wish(3000))

    check(measured, estimate(read_header(starter_model), 3000, 64 * GIB))
    assert measured.total_bytes == measured.weights_bytes + measured.kv_bytes + measured.compute_bytes


def test_an_exact_estimate_is_made_of_a_header_alone(tmp_path):
    model = model_of_shape("llama-3.1-8b")
    part = Part(model.header(), len(model.header()) + model.data_bytes())

    buffers = exact_buffers([part], 4096, tmp_path, Plan(cache_type="q8_0"))

    assert buffers.kv_bytes == 2 * 1024 * 4096 * 32 * 34 // 32
    assert 0 < buffers.compute_bytes < 50 * MIB_LOGGED
    assert list(tmp_path.iterdir()) == []


def test_what_llama_cpp_refuses_has_its_reason(tmp_path):
    with pytest.raises(ModelLoadFailed, match="layer_norm_rms_epsilon"):
        measure_memory(write_tiny_gguf(tmp_path / "model.gguf"), Wish(512))


def test_what_is_no_model_is_not_tried(tmp_path):
    (tmp_path / "page.gguf").write_text("<html>")

    with pytest.raises(NotAModelFile):
        measure_memory(tmp_path / "page.gguf", Wish(512))
    with pytest.raises(ModelNotFound):
        measure_memory(tmp_path / "nowhere.gguf", Wish(512))


def script(code):
    return (sys.executable, "-c", code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os.abort()", "llama.cpp gave up"),
        ("import ctypes; ctypes.string_at(0)", "segmentation fault"),
        ("raise SystemExit(3)", "ended with code 3"),
        ("print('no JSON')", "nobody understands"),
        ("print('[]')", "nobody understands"),
        ("print('{\"weights\": 1}')", "nobody understands"),
        ('print(\'{"kind": 1, "values": 2}\')', "nobody understands"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="processes end otherwise there")
def test_a_measurer_that_fails_is_told_in_words(tmp_path, bare_children, code, reason):
    with pytest.raises(ModelLoadFailed, match=reason):
        measure_memory(tmp_path / "model.gguf", Wish(512), command=script(code))


def test_a_measurer_that_does_not_end_is_ended(tmp_path, bare_children):
    with pytest.raises(ModelLoadFailed, match="more than 1 seconds"):
        measure_memory(
            tmp_path / "model.gguf",
            Wish(512),
            timeout_s=0.6,
            command=script("import threading; threading.Event().wait()"),
        )


def test_a_measurer_that_cannot_be_started_is_told(tmp_path):
    with pytest.raises(ModelLoadFailed, match="cannot be started"):
        measure_memory(tmp_path / "model.gguf", Wish(512), command=(str(tmp_path / "nowhere"),))


# --- bandwidth ---

SPEEDS = script('print(\'{"reading": 9, "writing": 7}\')')


@pytest.mark.slow
def test_the_bandwidth_is_measured_once(tmp_path):
    assert known_bandwidth(tmp_path) == 0

    measured = bandwidth(tmp_path, seconds=0, timeout_s=120)

    assert measured > 10_000_000
    assert known_bandwidth(tmp_path) == measured
    assert bandwidth(tmp_path, command=("nowhere",)) == measured
    assert [path.name for path in tmp_path.iterdir()] == ["bandwidth.json"]


def test_another_processor_is_measured_anew(tmp_path):
    (tmp_path / "bandwidth.json").write_text(json.dumps({"processor": "another", "bytes_per_s": 5}))

    assert known_bandwidth(tmp_path) == 0
    assert bandwidth(tmp_path, command=SPEEDS) == 7
    assert known_bandwidth(tmp_path) == 7


def test_without_llama_cpp_the_memory_alone_counts(tmp_path):
    assert bandwidth(tmp_path, command=script("print('{\"reading\": 9}')")) == 9


def test_a_model_of_zeros_is_a_model(tmp_path):
    yardstick.write(tmp_path / "yardstick.gguf")
    header = read_header(tmp_path / "yardstick.gguf")

    assert (header.layers, header.quantization, header.vocabulary) == (6, "Q4_K", 256)
    assert 200_000_000 < header.tensor_bytes < 210_000_000


@pytest.mark.parametrize("text", ["", "[]", '{"processor": 1}', '{"processor": "PROCESSOR", "bytes_per_s": "fast"}'])
def test_a_kept_figure_that_is_none_counts_as_not_there(tmp_path, text):
    (tmp_path / "bandwidth.json").write_text(text.replace("PROCESSOR", module._processor()))

    assert known_bandwidth(tmp_path) == 0


@pytest.mark.allow_log("the bandwidth cannot be measured")
def test_without_a_measurer_nothing_is_said(tmp_path):
    assert bandwidth(tmp_path, command=(str(tmp_path / "nowhere"),)) == 0
    assert bandwidth(tmp_path / "nowhere", command=SPEEDS) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_cannot_be_kept_is_used_all_the_same(tmp_path):
    (tmp_path / "bandwidth.json").mkdir()

    assert bandwidth(tmp_path, command=SPEEDS) == 7


def test_closing_ends_what_is_being_measured_and_what_would_be_later(tmp_path):
    among, endless = Measuring(), script("import signal; signal.pause()")
    found = []
    thread = threading.Thread(
        target=lambda: found.append(bandwidth(tmp_path, timeout_s=1e6, command=endless, among=among))
    )
    thread.start()
    among.close()
    thread.join()
    with pytest.raises(NoAnswer):
        ask(list(endless), 1e6, among)
    assert found == [0]


def test_the_parts_add_up():
    assert Measured(1, 2, 3).total_bytes == 6
