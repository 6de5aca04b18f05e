"""Copying a model into our folder: whole or not at all, with room for it, and nothing of ours overwritten."""

from __future__ import annotations

import errno
import hashlib
import shutil
import threading
from pathlib import Path

import pytest

from assistant.errors import (
    FolderNotWritable,
    ModelFileDamaged,
    ModelNotFound,
    ModelUnreadable,
    ModelUnsupported,
    NotEnoughSpace,
)
from assistant.models import import_copy as copying
from assistant.models import library
from assistant.models.gguf import shard_paths
from assistant.models.import_copy import import_copy
from assistant.models.model_file import Owner
from tests.fakes.gguf_files import Tensor, write_tiny_gguf


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def split(folder: Path, name: str = "big") -> list[Path]:
    paths = shard_paths(folder / f"{name}-00001-of-00002.gguf")
    for number, path in enumerate(paths):
        write_tiny_gguf(path, general__name=name, split__count=2, tensors=[Tensor(f"t{number}", (64, 8))])
    return paths


def outside(tmp_path: Path, **gguf: object) -> Path:
    return write_tiny_gguf(tmp_path / "usb" / "m.gguf", **gguf)


def test_a_copy_lies_in_our_folder_and_is_whole(home, tmp_path):
    paths = split(tmp_path / "usb")
    heard: list[tuple[int, int]] = []

    copy = import_copy(paths[1], home, progress=lambda done, total: heard.append((done, total)))

    assert copy == home.models / paths[0].name
    assert [checksum(path) for path in shard_paths(copy)] == [checksum(path) for path in paths]
    total = sum(path.stat().st_size for path in paths)
    assert heard[-1] == (total, total)
    assert library.resolve("big", home).owner is Owner.OURS
    assert sorted(path.name for path in home.models.iterdir()) == [path.name for path in paths]


def test_a_copy_goes_to_the_chosen_folder(home, tmp_path):
    assert import_copy(outside(tmp_path), home, [tmp_path / "new" / "models"]) == tmp_path / "new/models/m.gguf"


def test_what_is_there_is_not_copied_again(home, tmp_path):
    path = outside(tmp_path)
    copy = import_copy(path, home)
    state = copy.stat()

    assert import_copy(path, home) == import_copy(copy, home) == copy
    assert copy.stat() == state


def test_another_model_of_the_same_name_stays(home, tmp_path):
    first = import_copy(outside(tmp_path, general__name="first"), home)

    second = import_copy(outside(tmp_path, general__name="second"), home)

    assert second == home.models / "m-2" / "m.gguf"
    assert first.exists()
    assert import_copy(outside(tmp_path, general__name="second"), home) == second


@pytest.mark.parametrize("name", ["m.gguf", "models.gguf"])
def test_a_stopped_copy_leaves_nothing(home, tmp_path, name):
    path = write_tiny_gguf(tmp_path / name)
    stop = threading.Event()
    stop.set()

    assert import_copy(path, home, stop=stop) is None
    write_tiny_gguf(home.models / name, general__name="other")
    assert import_copy(path, home, stop=stop) is None
    assert [path.name for path in home.models.iterdir()] == [name]


def test_what_cannot_be_used_is_not_copied(home, tmp_path):
    with pytest.raises(ModelUnsupported):
        import_copy(write_tiny_gguf(tmp_path / "mmproj.gguf", general__type="mmproj"), home)
    with pytest.raises(ModelNotFound):
        import_copy(tmp_path / "none.gguf", home)
    assert list(home.models.iterdir()) == []


def test_a_disk_without_room_is_said_before(home, tmp_path, monkeypatch):
    path = outside(tmp_path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100))

    with pytest.raises(NotEnoughSpace):
        import_copy(path, home)


@pytest.mark.parametrize(
    ("code", "error"), [(errno.ENOSPC, NotEnoughSpace), (errno.EIO, FolderNotWritable), (None, ModelUnreadable)]
)
def test_a_copy_that_fails_leaves_nothing(home, tmp_path, monkeypatch, code, error):
    path = outside(tmp_path)

    def fail(_handle: int) -> None:
        raise OSError(code, "failed") if code else OSError(errno.EIO, "failed", str(path))

    monkeypatch.setattr(copying.os, "fsync", fail)

    with pytest.raises(error):
        import_copy(path, home)
    assert list(home.models.iterdir()) == []


def test_a_copy_of_which_one_part_cannot_be_named_leaves_no_other(home, tmp_path, monkeypatch):
    paths = shard_paths(tmp_path / "big-00001-of-00002.gguf")
    for number, path in enumerate(paths):
        write_tiny_gguf(path, split__count=2, tensors=[Tensor(f"t{number}", (64, 8))])
    replace = Path.replace

    def refuse_the_second(path: Path, target: Path) -> Path:
        if target.name == paths[1].name:
            raise OSError(errno.EIO, "failed")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse_the_second)
    with pytest.raises(FolderNotWritable):
        import_copy(paths[0], home)
    assert list(home.models.iterdir()) == []


def test_a_file_that_changes_on_the_way_is_not_kept(home, tmp_path):
    path = outside(tmp_path)

    def grow(done: int, total: int) -> None:
        if done == total:
            path.write_bytes(path.read_bytes() + b"more")

    with pytest.raises(ModelFileDamaged, match="changed while"):
        import_copy(path, home, progress=grow)
    assert list(home.models.iterdir()) == []
