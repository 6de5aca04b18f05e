"""One try at loading a model: where it goes, how long its context is, and what it is refused for."""

from __future__ import annotations

import sys

import pytest

from assistant.engine.binding import LlamaError
from assistant.engine.limits import bounded
from assistant.engine.loading import Loading, Place
from assistant.engine.protocol import Device, Load
from assistant.engine.template import CHATML
from assistant.errors import ModelOutOfMemory, ModelTooBig
from assistant.memory import Memory
from tests.fakes import tiny_model
from tests.fakes.real_models import starter

GIB, MIB = 1 << 30, 1 << 20
AMPLE = Memory(64 * GIB, 64 * GIB)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tiny_model.write(tmp_path_factory.mktemp("tiny") / "tiny.gguf", template=CHATML)


def card(free_bytes):
    return Device("CUDA0", "A card", "gpu", free_bytes, free_bytes)


def facts_of(path, memory=AMPLE, gpus=(), **options):
    """Load a model into a computer that is described, and return its facts."""
    model, context, facts = Loading(path, Load(1, str(path), **options), lambda _: True, Place(memory, gpus)).run()
    context.close()
    model.close()
    return facts


def test_weights_that_do_not_fit_are_not_loaded(path):
    with pytest.raises(ModelTooBig) as caught:
        facts_of(path, Memory(2 * GIB, 1000))

    assert (caught.value.values["path"], caught.value.values["available_gib"]) == (str(path), 0.0)


def test_a_model_that_leaves_no_room_for_a_context_is_not_run():
    weights = starter().stat().st_size

    with pytest.raises(ModelTooBig, match=r"needs about 0\.2 GiB .* only 0\.1 GiB"):
        facts_of(starter(), Memory(2 * GIB, weights + 1000))


def test_anyway_loads_what_seems_too_big():
    facts = facts_of(starter(), Memory(2 * GIB, 1000), is_forced=True)

    assert facts.context_length == 2048


def test_the_memory_of_others_is_taken_where_there_is_enough_in_all():
    assert facts_of(starter(), Memory(3 * GIB, 1000)).context_length == 2048


def test_a_context_that_nobody_asked_for_is_as_long_as_fits():
    """92 MiB of weights, 22.5 KiB a token, 67 MiB of overhead, and 256 MiB that stay free."""
    facts = facts_of(starter(), Memory(2 * GIB, (92 + 67 + 256 + 113) * MIB))

    assert 4608 <= facts.context_length <= 5120


def test_a_context_that_was_asked_for_is_had_or_refused():
    enough, less = Memory(2 * GIB, (92 + 180 + 68) * MIB), Memory(2 * GIB, (92 + 180 + 60) * MIB)

    assert facts_of(starter(), enough, context_length=8192).context_length == 8192
    with pytest.raises(ModelTooBig):
        facts_of(starter(), less, context_length=8192)
    assert facts_of(starter(), less, context_length=4096).context_length == 4096


def test_a_compressed_cache_needs_half_the_room():
    memory = Memory(2 * GIB, (92 + 180 + 20) * MIB)

    facts = facts_of(starter(), memory, context_length=8192, cache_type="q8_0")
    assert (facts.context_length, facts.cache_type) == (8192, "q8_0")
    with pytest.raises(ModelTooBig):
        facts_of(starter(), memory, context_length=8192)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded there")
def test_a_context_for_which_there_is_no_memory_is_told_from_a_bad_file():
    with bounded(60, 200 * MIB), pytest.raises(ModelOutOfMemory, match="not enough memory"):
        facts_of(starter(), context_length=8192)


def test_a_file_at_fault_is_not_taken_for_a_lack_of_memory(tmp_path, path):
    short = tmp_path / "short.gguf"
    short.write_bytes(path.read_bytes()[:-5000])

    with pytest.raises(LlamaError):
        facts_of(short)


def test_all_layers_go_to_a_gpu_with_room(path):
    facts = facts_of(path, gpus=(card(8 * GIB),))

    assert (facts.gpu_layers, facts.device, facts.notes) == (2, "CUDA0 (A card)", ())


def test_a_gpu_with_little_room_gets_some_layers():
    facts = facts_of(starter(), gpus=(card(GIB + 150 * MIB), card(1)))

    assert 10 <= facts.gpu_layers <= 20
    assert facts.notes == (f"{facts.gpu_layers} of 30 layers on the GPU: more do not fit into its free memory",)


def test_a_gpu_without_room_is_left_out_and_noted(path):
    facts = facts_of(path, gpus=(card(MIB),))

    assert facts.device == "CPU"
    assert "free memory" in facts.notes[0]


def test_as_many_layers_as_were_asked_for_are_tried(path):
    assert facts_of(path, gpus=(card(MIB),), gpu_layers=1).gpu_layers == 1
    assert facts_of(path, gpus=(card(8 * GIB),), gpu_layers=0).device == "CPU"
