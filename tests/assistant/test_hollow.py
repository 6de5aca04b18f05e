"""Hollow files: real headers with holes behind them, that take no room and go away."""

from __future__ import annotations

import os
import sys

import pytest

from assistant.errors import DiskFull, FolderUnusable, ModelFileDamaged, ModelNotFound, NotAModelFile
from assistant.models import hollow as module
from assistant.models.gguf import read_header, shard_paths
from assistant.models.hollow import Part, hollow, parts_of
from tests.fakes.gguf_files import Gguf, Tensor, tiny_gguf, write_tiny_gguf
from tests.fakes.model_shapes import model_of_shape


def part_of(model):
    return Part(model.header(), len(model.header()) + model.data_bytes())


def test_a_large_model_takes_no_more_room_than_its_header(tmp_path):
    model = model_of_shape("qwen3-32b")

    with hollow([part_of(model)], tmp_path) as path:
        found = path.stat()
        header = read_header(path)

    assert found.st_size == len(model.header()) + model.data_bytes() > 16 << 30
    assert header.tensor_bytes == sum(tensor.size_bytes for tensor in model.tensors)
    if sys.platform != "win32":
        assert found.st_blocks * 512 < len(model.header()) + (1 << 20)
    assert list(tmp_path.iterdir()) == []


def test_of_a_file_on_the_disk_all_but_the_weights_is_kept(tmp_path):
    path = write_tiny_gguf(tmp_path / "model.gguf")
    data_start = read_header(path).data_start
    path.write_bytes(path.read_bytes()[:data_start].ljust(path.stat().st_size, b"w"))

    with hollow(parts_of(path), tmp_path) as copy:
        content = copy.read_bytes()

    assert content == path.read_bytes()[:data_start].ljust(path.stat().st_size, b"\0")


def test_a_split_model_stays_split(tmp_path):
    names = shard_paths(tmp_path / "big-00001-of-00002.gguf")
    write_tiny_gguf(names[0], split__count=2, split__no=0)
    Gguf({"split.count": 2, "split.no": 1}, [Tensor("more", (64, 8))]).write(names[1])

    with hollow(parts_of(names[1]), tmp_path) as copy:
        assert read_header(copy).tensor_bytes == read_header(names[0]).tensor_bytes
        assert [path.is_file() for path in shard_paths(copy)] == [True, True]


def test_bytes_behind_the_header_are_not_kept(tmp_path):
    model = tiny_gguf()
    part = part_of(model)

    with hollow([Part(part.head + b"w" * 512, part.size_bytes)], tmp_path) as path:
        assert path.read_bytes() == part.head.ljust(part.size_bytes, b"\0")


def test_half_a_header_is_damaged(tmp_path):
    part = part_of(tiny_gguf())

    with pytest.raises(ModelFileDamaged), hollow([Part(part.head[:200], part.size_bytes)], tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_other_bytes_are_no_model(tmp_path):
    with pytest.raises(NotAModelFile), hollow([Part(b"<html>", 1 << 30)], tmp_path):
        pass


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(ModelNotFound):
        parts_of(tmp_path / "nowhere.gguf")


def test_without_the_folder_there_is_a_reason(tmp_path):
    with pytest.raises(FolderUnusable), hollow([part_of(tiny_gguf())], tmp_path / "nowhere"):
        pass


def test_a_disk_without_holes_is_not_filled(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_taken_bytes", lambda file: os.fstat(file.fileno()).st_size)

    with pytest.raises(FolderUnusable, match="holes"), hollow([part_of(model_of_shape("llama-3.2-1b"))], tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
def test_a_full_disk_has_its_own_sentence(tmp_path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(DiskFull), hollow([part_of(model_of_shape("llama-3.2-1b"))], tmp_path):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_a_killed_program_left_is_taken_away(tmp_path):
    old, young, other = (tmp_path / name for name in ("hollow-old", "hollow-young", "thumbnails"))
    for folder in (old, young, other):
        folder.mkdir()
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))

    with hollow([part_of(tiny_gguf())], tmp_path):
        pass

    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["hollow-young", "thumbnails"]
