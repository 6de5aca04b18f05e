"""Keeping models: verified, deleted, copied, found again, with what is remembered of them."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from assistant.errors import (
    ModelDiffers,
    ModelFileDamaged,
    ModelMissing,
    ModelNotDeleted,
    ModelNotFound,
    ModelNotOurs,
    ModelUnreadable,
    StarterStays,
)
from assistant.models import library
from assistant.models.deletion import Gone, plan_deletion
from assistant.models.download_state import Download, DownloadState
from assistant.models.gguf import shard_paths
from assistant.models.model_file import ModelFile, Owner
from assistant.models.records import LoadSettings, Record, all_records, drop, record_of, remember
from assistant.models.remote import Group, Offer, RemoteFile, Repository
from assistant.models.speed import Rates
from assistant.models.verification import verify
from assistant.paths import Paths
from tests.fakes.gguf_files import Tensor, write_tiny_gguf
from tests.fakes.other_programs import in_hub_cache, in_ollama, share_blob


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def split(folder: Path, name: str = "big") -> list[Path]:
    paths = shard_paths(folder / f"{name}-00001-of-00002.gguf")
    for number, path in enumerate(paths):
        write_tiny_gguf(path, general__name=name, split__count=2, tensors=[Tensor(f"t{number}", (64, 8))])
    return paths


def projector(folder: Path) -> Path:
    return write_tiny_gguf(folder / "mmproj-F16.gguf", architecture="clip", general__type="mmproj")


def flip_a_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-5, 2)
        file.write(b"!")


# --- verifying ---


def test_every_file_of_a_model_is_compared_with_its_checksum(home):
    paths = split(home.models / "org" / "repo")
    seeing = projector(home.models / "org" / "repo")
    sums = {path.name: checksum(path) for path in [*paths, seeing]}
    library.downloaded(come(home, *paths, seeing, sums=sums, projector=seeing.name), home)
    model = library.resolve("big", home)
    heard: list[tuple[int, int]] = []

    assert verify(model, home, lambda done, total: heard.append((done, total))) is True
    total = sum(path.stat().st_size for path in [*paths, seeing])
    assert heard[-1] == (total, total)

    flip_a_byte(seeing)
    with pytest.raises(ModelFileDamaged, match=r"mmproj-F16.*checksum"):
        verify(model, home)


def test_without_a_checksum_the_header_and_the_length_are_checked(home):
    path = write_tiny_gguf(home.models / "m.gguf")
    model = library.resolve("m", home)
    flip_a_byte(path)

    assert verify(model, home) is False

    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(ModelFileDamaged):
        verify(model, home)


def test_a_part_without_a_checksum_keeps_a_model_from_being_called_whole(home):
    first, _second = split(home.models / "org" / "repo")
    remember(Record(first, sha256={first.name: checksum(first)}), home)

    assert verify(library.resolve("big", home), home) is False


def test_a_checksum_that_another_program_knows_counts(home, user):
    blob = in_ollama(user / ".ollama" / "models", "library/m", "latest")
    model = library.resolve("ollama/m:latest", home)

    assert verify(model, home) is True
    flip_a_byte(blob)
    with pytest.raises(ModelFileDamaged):
        verify(library.resolve("ollama/m:latest", home), home)


def test_verifying_can_be_stopped(home):
    path = write_tiny_gguf(home.models / "m.gguf")
    remember(Record(path, sha256={"m.gguf": checksum(path)}), home)
    stop = threading.Event()
    stop.set()

    assert verify(library.resolve("m", home), home, stop=stop) is None


def test_what_is_gone_or_cannot_be_read_is_said(home, monkeypatch):
    path = write_tiny_gguf(home.models / "m.gguf")
    remember(Record(path, sha256={"m.gguf": "a" * 64}), home)
    model = library.resolve("m", home)

    def refuse(_path: Path, _step: object) -> str:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("assistant.models.verification.sha256_of", refuse)
        with pytest.raises(ModelUnreadable):
            verify(model, home)
    path.unlink()
    with pytest.raises(ModelMissing):
        verify(model, home)


# --- deleting ---


def delete(model: ModelFile, home: Paths, *, confirm_foreign: bool = False) -> Gone:
    """Delete a model and what is remembered of it, as the shelf does."""
    gone = plan_deletion(model, home, confirm_foreign=confirm_foreign).run()
    drop([model.path], home)
    return gone


def trash_of(home: Path) -> set[str]:
    return {path.name for path in (home / ".local" / "share" / "Trash" / "files").glob("*")}


@pytest.mark.skipif(os.name == "nt", reason="the trash is another there")
def test_a_deleted_model_goes_to_the_trash_with_all_its_parts(home):
    before = trash_of(Path(os.environ["HOME"]))
    folder = home.models / "org" / "repo"
    split(folder, "gone-by-test")
    projector(folder)
    model = library.resolve("gone-by-test", home)
    library.used(model, Rates(5), home)

    assert delete(model, home) is Gone.TO_TRASH

    assert not folder.parent.exists()
    assert home.models.exists()
    assert all_records(home) == ()
    assert len(trash_of(Path(os.environ["HOME"])) - before) == 3


def test_without_a_trash_files_are_removed_for_good_and_it_is_said(home, monkeypatch):
    from send2trash import TrashPermissionError  # it looks for the home of the user when it is imported

    def refuse(path: str) -> None:
        raise TrashPermissionError(path)

    monkeypatch.setattr("send2trash.send2trash", refuse)
    path = write_tiny_gguf(home.models / "m.gguf")

    assert delete(library.resolve("m", home), home) is Gone.FOR_GOOD

    assert not path.exists()


def test_a_model_of_which_one_part_is_gone_for_good_is_not_said_to_be_in_the_trash(home, monkeypatch):
    from send2trash import TrashPermissionError

    _first, second = split(home.models)

    def refuse_the_second(path: str) -> None:
        if path == str(second):
            raise TrashPermissionError(path)
        Path(path).unlink()

    monkeypatch.setattr("send2trash.send2trash", refuse_the_second)
    assert delete(library.resolve("big", home), home) is Gone.FOR_GOOD


def test_a_trash_that_refuses_a_file_leaves_it(home, monkeypatch):
    def refuse(_path: str) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    path = write_tiny_gguf(home.models / "m.gguf")
    library.used(library.resolve("m", home), Rates(5), home)

    with pytest.raises(ModelNotDeleted, match="in use"):
        delete(library.resolve("m", home), home)
    assert path.exists()
    assert len(all_records(home)) == 1


def test_a_projector_in_another_folder_of_its_repository_goes_along(home):
    root = home.models / "org" / "repo"
    path = write_tiny_gguf(root / "Q4" / "m.gguf")
    seeing = projector(root / "eyes")
    library.downloaded(come(home, path, seeing, projector="eyes/mmproj-F16.gguf"), home)

    delete(library.resolve("org/repo/Q4/m", home), home)

    assert not root.exists()


def test_a_projector_and_a_folder_stay_while_others_need_them(home):
    folder = home.models / "org" / "repo"
    for name in ("a", "b"):
        write_tiny_gguf(folder / f"{name}.gguf", general__name=name)
    seeing = projector(folder)

    delete(library.resolve("org/repo/a", home), home)

    assert sorted(path.name for path in folder.iterdir()) == ["b.gguf", seeing.name]


def test_the_starter_stays(home):
    with pytest.raises(StarterStays):
        delete(library.resolve("starter", home), home, confirm_foreign=True)


def test_files_of_others_are_deleted_only_when_confirmed(home, user, tmp_path):
    foreign = write_tiny_gguf(user / ".lmstudio" / "models" / "org" / "repo" / "m.gguf")
    added = write_tiny_gguf(tmp_path / "own" / "n.gguf", general__name="En")
    library.add(added, home)

    for name, owner in (("lmstudio/org/repo/m", "LM Studio"), ("En", "a folder outside Inkstone")):
        model = library.resolve(name, home)
        with pytest.raises(ModelNotOurs, match=f"belongs to {owner}"):
            delete(model, home)
        assert model.path.exists()
        delete(model, home, confirm_foreign=True)
    assert not foreign.exists()
    assert not added.exists()
    assert added.parent.exists()
    assert all_records(home) == ()


def test_deleting_a_missing_model_forgets_it(home):
    path = write_tiny_gguf(home.models / "m.gguf")
    library.used(library.resolve("m", home), Rates(5), home)
    path.unlink()
    (gone,) = [model for model in library.find_models(home) if model.is_missing]

    assert delete(gone, home) is Gone.FORGOTTEN

    assert [model.id for model in library.find_models(home)] == ["starter"]


def test_ollamas_manifests_go_with_the_bytes(home, user):
    store = user / ".ollama" / "models"
    blob = in_ollama(store, "library/m", "latest")
    in_ollama(store, "library/m", "8b")
    other = in_ollama(store, "library/n", "latest", general__name="other")

    delete(library.resolve("ollama/m:latest", home), home, confirm_foreign=True)

    left = [path.parent.name for path in (store / "manifests").rglob("*") if path.is_file()]
    assert left == ["n"]
    assert not blob.exists()
    assert other.exists()


@pytest.mark.parametrize("is_shared", [False, True])
def test_the_hubs_cache_is_emptied_by_its_own_rules(home, user, is_shared):
    hub = user / ".cache" / "huggingface" / "hub"
    link = in_hub_cache(hub, "org/repo", "m.gguf")
    old = in_hub_cache(hub, "org/repo", "m.gguf", "c0", main=False)
    other = in_hub_cache(hub, "org/repo", "n.gguf", general__name="other")
    if is_shared:
        share_blob(link, hub)
    blob = link.parent / link.readlink()

    gone = delete(library.resolve("huggingface/org/repo/m", home), home, confirm_foreign=True)

    assert gone is Gone.FOR_GOOD
    assert not os.path.lexists(link)
    assert not os.path.lexists(old)
    assert not os.path.lexists(blob)
    assert other.exists()


# --- finding again ---


@pytest.fixture
def missing(home, tmp_path) -> ModelFile:
    """A model with a past whose file is gone."""
    path = write_tiny_gguf(tmp_path / "old" / "m.gguf", general__name="Em")
    model = library.add(path, home)
    settings = LoadSettings(context_length=4096)
    remember(replace(record_of(path, home), sha256={"m.gguf": checksum(path)}, load=settings), home)
    path.rename(tmp_path / "kept.gguf")
    return next(found for found in library.find_models(home) if found.id == model.id)


def test_a_moved_file_brings_its_past_along(home, tmp_path, missing):
    there = tmp_path / "new" / "renamed.gguf"
    there.parent.mkdir()
    (tmp_path / "kept.gguf").rename(there)

    model = library.relocate(missing.id, there, home)

    assert (model.path, model.is_missing, model.id) == (there, False, missing.id)
    (record,) = all_records(home)
    assert (record.load.context_length, dict(record.sha256)) == (4096, {"renamed.gguf": checksum(there)})
    assert library.resolve(missing.id, home) == model


def test_a_model_that_moved_into_our_folder_is_found_by_its_old_id(home, tmp_path, missing):
    (tmp_path / "kept.gguf").rename(home.models / "m.gguf")

    model = library.relocate(missing.id, home.models / "m.gguf", home)

    assert (model.id, model.owner) == ("m", Owner.OURS)
    library.used(model, Rates(5), home)
    assert library.resolve(missing.id, home).path == model.path
    model.path.unlink()
    with pytest.raises(ModelMissing):
        library.resolve(missing.id, home)


def test_another_file_of_the_same_model_has_no_old_checksum(home, tmp_path, missing):
    other = write_tiny_gguf(tmp_path / "q8.gguf", general__name="Em", tensors=[Tensor("a", (64, 99))])

    library.relocate(missing.id, other, home)

    assert record_of(other, home).sha256 == {}


@pytest.mark.parametrize(
    ("gguf", "reason"),
    [
        ({"architecture": "qwen3"}, "another architecture"),
        ({"general__name": "Other", "tensors": [Tensor("a", (64, 99))]}, "another size and another name"),
    ],
)
def test_another_model_is_not_taken_for_the_missing_one(home, tmp_path, missing, gguf, reason):
    other = write_tiny_gguf(tmp_path / "other.gguf", **gguf)

    with pytest.raises(ModelDiffers, match=reason):
        library.relocate(missing.id, other, home)
    assert all_records(home)[0].path == missing.path


def test_an_entry_of_the_first_version_is_known_by_its_files_name(home, tmp_path):
    remember(Record(tmp_path / "gone" / "m.gguf"), home)
    (missing,) = [model for model in library.find_models(home) if model.is_missing]
    there = write_tiny_gguf(tmp_path / "m.gguf")

    with pytest.raises(ModelDiffers, match="nothing else is remembered"):
        library.relocate(missing.id, write_tiny_gguf(tmp_path / "n.gguf"), home)
    assert library.relocate(missing.id, there, home).path == there


def test_only_a_missing_model_can_be_located(home, tmp_path):
    write_tiny_gguf(home.models / "m.gguf")

    for name in ("m", "nothing"):
        with pytest.raises(ModelNotFound):
            library.relocate(name, tmp_path / "x.gguf", home)


# --- use, downloads, newer files ---


def test_use_and_speed_are_remembered(home):
    write_tiny_gguf(home.models / "m.gguf")
    model = library.resolve("m", home)

    library.used(model, Rates(7.5, 80.0), home)
    library.used(model, Rates(9.0), home)

    found = library.resolve("m", home)
    assert (found.tokens_per_s, found.prompt_tokens_per_s) == (9.0, 80.0)
    assert found.last_used is not None


def come(home: Paths, *files: Path, sums: Mapping[str, str] = MappingProxyType({}), projector: str = "") -> Download:
    """Return the download that has brought files below the folder of ``org/repo``."""
    root = home.models / "org" / "repo"
    names = [path.relative_to(root).as_posix() for path in files]
    remote = tuple(RemoteFile(name, 1, sums.get(Path(name).name, "")) for name in names)
    return Download("d", "org/repo", "c", "Q4_0", remote, root, DownloadState.DONE, projector)


def test_a_download_is_remembered_with_its_origin(home):
    path = write_tiny_gguf(home.models / "org" / "repo" / "sub" / "m.gguf")
    seeing = projector(home.models / "org" / "repo" / "eyes")

    model = library.downloaded(
        come(home, path, seeing, sums={"m.gguf": "a" * 64}, projector="eyes/mmproj-F16.gguf"), home
    )

    assert (model.id, model.sha256, model.file) == ("org/repo/sub/m", "a" * 64, "sub/m.gguf")
    record = record_of(path, home)
    assert (record.commit, record.files, record.projector_file) == ("c", ("sub/m.gguf",), "eyes/mmproj-F16.gguf")
    assert record.projector == seeing
    assert library.resolve("org/repo/sub/m", home).projector == seeing
    with pytest.raises(ModelNotFound):
        library.downloaded(come(home, path.with_name("x.gguf")), home)


def test_a_missing_file_that_came_again_is_the_same_model(home):
    path = write_tiny_gguf(home.models / "org" / "repo" / "m.gguf")
    library.used(library.resolve("org/repo/m", home), Rates(7), home)
    path.unlink()
    write_tiny_gguf(path)

    model = library.downloaded(come(home, path), home)

    assert (model.is_missing, model.tokens_per_s) == (False, 7)


def test_a_copy_that_is_there_keeps_what_is_remembered_of_it(home, user):
    there = write_tiny_gguf(user / ".lmstudio" / "models" / "org" / "repo" / "m.gguf")
    library.used(library.resolve("lmstudio/org/repo/m", home), Rates(7), home)
    path = write_tiny_gguf(home.models / "org" / "repo" / "m.gguf", general__name="newer")

    assert library.downloaded(come(home, path), home).tokens_per_s == 0
    assert record_of(there, home).tokens_per_s == 7


def offer(name: str, sha256: str = "", size: int = 0) -> Offer:
    return Offer(name, name, Group.BALANCED, (RemoteFile(name, size, sha256),))


def model(**fields: object) -> ModelFile:
    return ModelFile("id", "M", Path("/m.gguf"), repository="org/repo", file="m.gguf", **fields)


def test_an_offer_is_here_by_its_checksum_or_its_name():
    here = [model(problem=ModelMissing(name="", path="")), model(sha256="a" * 64)]

    assert library.model_of("other/repo", offer("x.gguf", "a" * 64), here) is here[1]
    assert library.model_of("org/repo", offer("m.gguf"), here) is here[1]
    assert library.model_of("org/repo", offer("n.gguf"), here) is None


@pytest.mark.parametrize(
    ("here", "there", "is_newer"),
    [
        (model(sha256="a" * 64), offer("m.gguf", "b" * 64), True),
        (model(sha256="a" * 64), offer("m.gguf", "a" * 64), False),
        (model(size_bytes=5), offer("m.gguf", "b" * 64, 6), True),
        (model(size_bytes=5), offer("m.gguf", "b" * 64, 5), False),
        (model(size_bytes=5), offer("m.gguf"), False),
        (model(size_bytes=5), offer("n.gguf", "b" * 64, 6), False),
    ],
)
def test_a_newer_file_of_the_same_name_is_noticed(here, there, is_newer):
    repository = Repository("org/repo", offers=(there,))

    assert (library.newer(here, repository) is there) == is_newer


def test_a_file_of_unknown_origin_has_no_newer_one():
    assert library.newer(model(), Repository("other/repo", offers=(offer("m.gguf", size=9),))) is None


def test_forgetting_is_for_what_was_added_or_is_gone(home):
    write_tiny_gguf(home.models / "m.gguf")
    library.used(library.resolve("m", home), Rates(7), home)

    with pytest.raises(ModelNotFound):
        library.forget("m", home)
    (home.models / "m.gguf").unlink()
    library.forget("m", home)
    assert all_records(home) == ()
