"""The GGUF reader: what it takes from good files, and that bad ones raise its own two errors and nothing else."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import ModelFileDamaged, ModelNotFound, ModelUnreadable, NotAModelFile
from assistant.models import bytes_reader
from assistant.models.gguf import read_header, read_part, shard_paths
from assistant.models.header import Weights
from assistant.models.starter import starter_path
from tests.fakes.gguf_files import U64, Gguf, Tensor, Typed, tiny_gguf, write_tiny_gguf

FILE_ERRORS = (NotAModelFile, ModelFileDamaged)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tiny.gguf"


def test_a_header_says_what_the_file_says(path):
    header = read_header(write_tiny_gguf(path))

    assert (header.architecture, header.name, header.licence) == ("llama", "Tiny Test", "apache-2.0")
    assert (header.context_length, header.embedding_length, header.layers, header.vocabulary) == (2048, 64, 2, 96)
    assert (header.attention.heads, header.attention.heads_kv) == (4, 2)
    assert (header.attention.key_length, header.attention.value_length) == (16, 16)
    assert (header.quantization, header.tokenizer, header.tensors) == ("Q4_0", "gpt2", 4)
    assert header.parameters == 64 * 96 + 64 + 2 * 64 * 64
    assert header.tensor_bytes == (64 * 96 + 2 * 64 * 64) // 32 * 18 + 64 * 4
    assert header.size_bytes == path.stat().st_size
    assert header.has_template
    assert header.is_chat


def test_the_starter_is_what_it_is_called():
    path = starter_path()
    assert path is not None

    header = read_header(path)

    assert (header.vocabulary, header.layers, header.quantization) == (49_152, 30, "Q4_1")
    assert (header.parameters, header.tensor_bytes) == (134_515_008, 96_576_768)
    assert header.is_chat


MEASURE = """
import sys, time
from assistant.models.gguf import read_header
def spent():
    before = time.process_time()
    read_header(sys.argv[1])
    return time.process_time() - before
print(min(spent() for _round in range(3)))
"""


def test_the_starter_is_read_within_40_ms_of_cpu():
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-c", MEASURE, str(starter_path())]

    run = subprocess.run(command, env=quiet, capture_output=True, text=True, check=True, timeout=60)

    assert float(run.stdout) <= 0.040


def test_the_writer_of_gguf_itself_is_understood(path):
    gguf = pytest.importorskip("gguf")
    numpy = pytest.importorskip("numpy")
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_block_count(3)
    writer.add_head_count_kv([4, 0, 2])
    writer.add_token_list([f"t{index}" for index in range(5_000)])
    writer.add_tensor("token_embd.weight", numpy.zeros((10, 32), dtype=numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    header = read_header(path)

    assert (header.attention.heads_kv, header.vocabulary, header.parameters) == ((4, 0, 2), 5_000, 320)
    assert header.quantization == "F16"


def test_version_2_is_read_too(path):
    assert read_header(write_tiny_gguf(path, version=2)).version == 2


@pytest.mark.parametrize("version", [0, 1, 4, 99])
def test_other_versions_are_named(path, version):
    with pytest.raises(ModelFileDamaged, match=f"GGUF version {version}"):
        read_header(write_tiny_gguf(path, version=version))


@pytest.mark.parametrize("version", [2, 3])
def test_a_byte_swapped_file_is_named(path, version):
    path.write_bytes(b"GGUF" + struct.pack(">IQQ", version, 1, 1) + bytes(64))

    with pytest.raises(ModelFileDamaged, match="big-endian"):
        read_header(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04 a zip", b"<!DOCTYPE html>", b"ggml", bytes(100), b"x"])
def test_another_kind_of_file_is_not_a_model(path, content):
    path.write_bytes(content)

    with pytest.raises(NotAModelFile):
        read_header(path)


def test_every_truncation_is_found(path):
    whole = write_tiny_gguf(path).read_bytes()

    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelFileDamaged, match="ends too early"):
            read_header(path)


def test_a_truncated_starter_is_found(path):
    source = starter_path()
    assert source is not None
    with source.open("rb") as file:
        path.write_bytes(file.read(2_000_000))
    os.truncate(path, source.stat().st_size)
    assert read_header(path).layers == 30

    os.truncate(path, source.stat().st_size - 1)
    with pytest.raises(ModelFileDamaged, match="ends too early"):
        read_header(path)


def test_a_missing_file_and_a_folder_are_not_found(tmp_path):
    for missing in (tmp_path / "none.gguf", tmp_path, tmp_path / "none" / "x.gguf", "a\0b.gguf"):
        with pytest.raises(ModelNotFound):
            read_header(missing)


def test_a_file_below_a_file_is_not_found(path):
    write_tiny_gguf(path)

    with pytest.raises(ModelNotFound):
        read_header(path / "x.gguf")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
def test_a_pipe_is_refused_without_waiting(path):
    os.mkfifo(path)

    with pytest.raises(NotAModelFile):
        read_header(path)


def test_a_file_the_system_will_not_give_is_unreadable(tmp_path):
    loop = tmp_path / "loop.gguf"
    loop.symlink_to(loop)

    with pytest.raises(ModelUnreadable) as caught:
        read_header(loop)
    assert caught.value.hint


DAMAGES = {
    "announces 300000 tensors": b"GGUF" + struct.pack("<IQQ", 3, 300_000, 0),
    "and 20000 entries": b"GGUF" + struct.pack("<IQQ", 3, 0, 20_000),
    "text of 99999 bytes": b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 99_999) + bytes(100_000),
    "unknown kind 77": b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 77) + bytes(64),
    "list of 1099511627776 values": b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 4, 1 << 40),
    "list of 2000 values": b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 9, 2000) + bytes(64),
    "what kind of model": b"GGUF" + struct.pack("<IQQ", 3, 0, 0),
}


@pytest.mark.parametrize("reason", DAMAGES)
def test_a_damage_is_said_in_words(path, reason):
    path.write_bytes(DAMAGES[reason])

    with pytest.raises(ModelFileDamaged, match=reason):
        read_header(path)


def test_lists_nested_too_deep_are_refused(path):
    nested = struct.pack("<IIQ", 9, 9, 1) + struct.pack("<IQ", 9, 1) * 5
    path.write_bytes(b"GGUF" + struct.pack("<IQQQ1s", 3, 0, 1, 1, b"k") + nested + bytes(64))

    with pytest.raises(ModelFileDamaged, match="unknown kind 9"):
        read_header(path)


def test_an_entry_twice_is_refused(path):
    pair = struct.pack("<Q1sIB", 1, b"k", 0, 7)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + pair + pair)

    with pytest.raises(ModelFileDamaged, match="the entry “k” twice"):
        read_header(path)


@pytest.mark.parametrize("alignment", [0, 3, 1 << 21, "x"])
def test_an_odd_alignment_is_refused(path, alignment):
    with pytest.raises(ModelFileDamaged, match="alignment"):
        read_header(write_tiny_gguf(path, general__alignment=alignment))


def test_another_alignment_is_respected(path):
    header = read_header(write_tiny_gguf(path, general__alignment=64, alignment=64))

    assert header.tensors == 4


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ([Tensor("a", (1, 1, 1, 1, 1))], "5 dimensions"),
        ([Tensor("a", (1 << 30, 1 << 30))], "1152921504606846976 elements"),
        ([Tensor("a", (33,), 2)], "rows are 33 long, which Q4_0"),
        ([Tensor("a", (4,)), Tensor("a", (4,))], "tensor “a” twice"),
        ([Tensor("a" * 70_000, (4,))], "text of 70000 bytes"),
    ],
)
def test_an_impossible_tensor_is_refused(path, tensors, reason):
    path.write_bytes(tiny_gguf(tensors=tensors).header() + bytes(64))

    with pytest.raises(ModelFileDamaged, match=reason):
        read_header(path)


def test_a_tensor_that_begins_between_is_refused(path):
    whole = tiny_gguf(tensors=[Tensor("a", (4,))])
    shape = struct.pack("<I1Q", 1, 4)
    at = whole.header().index(b"a" + shape) + 1 + len(shape)
    header = whole.header()[: at + 4] + struct.pack("<Q", 5) + whole.header()[at + 12 :]
    path.write_bytes(header + bytes(64))

    with pytest.raises(ModelFileDamaged, match="does not begin where it could"):
        read_header(path)


def test_a_tensor_of_a_newer_type_is_no_damage(path):
    header = read_header(write_tiny_gguf(path, tensors=[Tensor("a", (32,), 99)], general__file_type=None))

    assert (header.parameters, header.quantization) == (32, "")


def test_the_label_comes_from_the_file_type_then_the_name_then_the_tensors(tmp_path):
    typed = write_tiny_gguf(tmp_path / "m-Q8_0.gguf", general__file_type=15 + 1024)
    named = write_tiny_gguf(tmp_path / "m-f16-ud-q4_k_xl.gguf", general__file_type=None)
    neither = write_tiny_gguf(tmp_path / "m.gguf", general__file_type=9999)

    assert [read_header(path).quantization for path in (typed, named, neither)] == ["Q4_K_M", "UD-Q4_K_XL", "Q4_0"]


def test_recommended_sampling_is_taken_by_our_names(path):
    header = read_header(
        write_tiny_gguf(path, general__sampling__temp=0.5, general__sampling__top_k=20, general__sampling__top_p="much")
    )

    assert header.sampling == {"temperature": 0.5, "top_k": 20}


def test_values_of_a_wrong_type_count_as_missing(path):
    header = read_header(
        write_tiny_gguf(
            path, context_length="long", block_count=True, general__name=7, attention__head_count=[], vocab_size=-1
        )
    )

    assert (header.context_length, header.layers, header.name) == (0, 0, "")
    assert header.attention.heads == 0


def test_huge_numbers_do_no_harm(path):
    header = read_header(
        write_tiny_gguf(path, block_count=2**32 - 1, context_length=Typed(U64, 2**64 - 1), tokenizer__ggml__tokens=None)
    )

    assert (header.layers, header.context_length, header.vocabulary) == (10_000, 0, 0)


@pytest.mark.parametrize(
    ("overrides", "is_embedding", "is_language_model"),
    [
        ({}, False, True),
        ({"architecture": "nomic-bert"}, True, False),
        ({"architecture": "qwen3", "pooling_type": 3}, True, False),
        ({"architecture": "gemma-embedding"}, True, False),
        ({"general__type": "mmproj", "architecture": "clip"}, False, False),
        ({"general__type": "adapter"}, False, False),
        ({"tensors": []}, False, False),
    ],
)
def test_what_can_chat_is_told_from_what_cannot(path, overrides, is_embedding, is_language_model):
    header = read_header(write_tiny_gguf(path, **overrides))

    assert (header.is_embedding, header.is_language_model) == (is_embedding, is_language_model)
    assert header.is_chat is is_language_model


def test_the_tensors_data_begins_where_the_header_ends(path):
    model = tiny_gguf(alignment=64, general__alignment=64)

    assert read_header(model.write(path)).data_start == len(model.header())


def test_a_header_is_read_from_the_beginning_of_a_file():
    model = tiny_gguf()
    size = len(model.header()) + model.data_bytes()

    header = read_part(Path("model.gguf"), io.BytesIO(model.header()), size)

    assert (header.tensors, header.size_bytes) == (len(model.tensors), size)


def test_a_base_model_is_no_chat_model(path):
    header = read_header(write_tiny_gguf(path, tokenizer__chat_template=None))

    assert header.is_language_model
    assert not header.is_chat


def split(folder: Path, *, parts: int = 3) -> list[Path]:
    first = folder / f"big-00001-of-{parts:05}.gguf"
    paths = shard_paths(first)
    write_tiny_gguf(first, tensors=[Tensor("t0", (64, 8))], split__count=parts, split__no=0)
    for number, path in enumerate(paths[1:], 1):  # llama.cpp's splitter gives the metadata to the first part alone
        Gguf({"split.count": parts, "split.no": number}, [Tensor(f"t{number}", (64, 8))]).write(path)
    return paths


def test_a_split_model_is_read_as_one_from_any_part(tmp_path):
    paths = split(tmp_path)

    headers = [read_header(path) for path in paths]

    assert headers[0] == headers[1] == headers[2]
    assert headers[0].path == paths[0]
    assert (headers[0].tensors, headers[0].parameters, headers[0].tensor_bytes) == (3, 3 * 512, 3 * 2048)
    assert headers[0].size_bytes == sum(path.stat().st_size for path in paths)


def test_a_missing_part_is_named(tmp_path):
    paths = split(tmp_path)
    paths[1].unlink()

    with pytest.raises(ModelFileDamaged, match=r"“big-00002-of-00003\.gguf” is missing"):
        read_header(paths[0])


def test_a_part_under_another_name_is_refused(tmp_path):
    paths = split(tmp_path)
    alone = paths[0].rename(tmp_path / "alone.gguf")

    with pytest.raises(ModelFileDamaged, match="one of 3 parts"):
        read_header(alone)


def test_numbers_that_cannot_be_parts_are_part_of_the_name(tmp_path):
    for name in ("a-00009-of-00003.gguf", "a-00000-of-00000.gguf", "a.gguf"):
        assert shard_paths(tmp_path / name) == [tmp_path / name]


def test_windows_are_joined_wherever_they_end(path, monkeypatch):
    whole = read_header(write_tiny_gguf(path, tokenizer__ggml__tokens=[f"t{n}" * (n % 7) for n in range(3000)]))

    for size in (8, 9, 64, 1000):
        monkeypatch.setattr(bytes_reader, "WINDOW_BYTES", size)
        assert read_header(path) == whole


def test_a_file_that_shrinks_while_it_is_read_is_damaged(path):
    write_tiny_gguf(path)
    with path.open("rb") as file:
        reader = bytes_reader.BytesReader(file, size_bytes=10 << 20)
        reader.skip(5 << 20)
        with pytest.raises(bytes_reader.EndsEarly):
            reader.take(8)


def test_long_strings_in_a_long_list_are_bounded_by_the_file(path):
    hostile = struct.pack("<IQQQ1sIIQQ", 3, 0, 1, 1, b"k", 9, 8, 5000, 1 << 62)
    path.write_bytes(b"GGUF" + hostile + bytes(50_000))

    with pytest.raises(ModelFileDamaged, match="ends too early"):
        read_header(path)


def mutations(rounds: int, seed: int):
    """Yield damaged copies of headers of several shapes: bits, bytes, interesting numbers, cuts, doublings."""
    chance = random.Random(seed)
    shapes = [
        tiny_gguf(),
        tiny_gguf(architecture="gemma3", attention__sliding_window=128, version=2),
        tiny_gguf(architecture="qwen35", attention__head_count_kv=[2, 0], full_attention_interval=2),
        tiny_gguf(attention__sliding_window_pattern=[True, False], split__count=1),
        Gguf({"general.type": "imatrix", "list": [[1, 2], [3]]}),
    ]
    wholes = [shape.header() + bytes(shape.data_bytes()) for shape in shapes]
    numbers = [0, 1, 0x7F, 0xFF, 0xFFFF, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1, 1 << 20, 1 << 40]
    for _round in range(rounds):
        data = bytearray(chance.choice(wholes))
        for _change in range(chance.choice((1, 1, 2, 5, 20))):
            at = chance.randrange(len(data))
            how = chance.randrange(5)
            if how == 0:
                data[at] ^= 1 << chance.randrange(8)
            elif how == 1:
                data[at] = chance.randrange(256)
            elif how == 2:
                data[at : at + 8] = chance.choice(numbers).to_bytes(8, "little")
            elif how == 3:
                del data[at : at + chance.randrange(1, 40)]
            else:
                data[at:at] = data[max(0, at - chance.randrange(1, 40)) : at]
            if not data:
                break
        yield bytes(data)


def mutate(path: Path, rounds: int, seed: int) -> int:
    refused = 0
    for data in mutations(rounds, seed):
        path.write_bytes(data)
        try:
            str(read_header(path))
        except FILE_ERRORS as error:
            refused += bool(error.message)
    return refused


def test_2000_mutated_headers_raise_only_our_errors(path):
    assert mutate(path, 2_000, seed=1) > 500


@pytest.mark.long
def test_20000_mutated_headers_raise_only_our_errors(path):
    assert mutate(path, 20_000, seed=2) > 5_000


def test_what_the_tensors_do_is_added_up(tmp_path):
    q4_0 = 2
    names = ["token_embd", "per_layer_token_embd", "output", "output_norm"]
    names += ["blk.0.attn_q", "blk.0.ffn_up_exps", "blk.0.ffn_up_shexp"]
    tensors = [Tensor(f"{name}.weight", (32, 10 * place), q4_0) for place, name in enumerate(names, 1)]

    header = read_header(write_tiny_gguf(tmp_path / "m.gguf", tensors=tensors))

    assert header.weights == Weights(embedding=180, lookup=360, output=540, layers=900 + 1260, experts=1080)
    assert header.tensor_bytes == 180 * 28


def test_what_the_tensors_do_is_added_up_over_all_parts(tmp_path):
    for number, path in enumerate(shard_paths(tmp_path / "m-00001-of-00002.gguf")):
        write_tiny_gguf(path, split__count=2, tensors=[Tensor(f"blk.{number}.attn_q.weight", (64, 64))])

    assert read_header(tmp_path / "m-00002-of-00002.gguf").weights == Weights(layers=2 * 64 * 64 * 4)
