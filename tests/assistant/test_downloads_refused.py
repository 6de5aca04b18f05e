"""Downloads that the disk, the hub, a bad file or a mistake of ours stop: each a sentence, and nothing is lost."""

from dataclasses import replace

import pytest

from assistant.changes import Notice
from assistant.errors import (
    ChecksumWrong,
    FileTooBigForDisk,
    FolderNotWritable,
    HubUnreachable,
    NameRefused,
    NetworkOff,
    NotAModelFile,
    NotEnoughSpace,
    RepositoryGated,
)
from assistant.models import download_run, space
from assistant.models.download_state import DownloadState
from assistant.models.remote import RemoteFile
from tests.fakes.download_desk import NAME, Q4, held, part, tiny
from tests.fakes.hub import FakeHub, gguf_bytes


@pytest.fixture
def hub():
    with FakeHub() as hub:
        yield tiny(hub)


# --- the disk -----------------------------------------------------------------------------------------------------


def test_too_little_room_is_said_before_anything_comes(desk, hub, monkeypatch):
    monkeypatch.setattr(space, "free_bytes", lambda _path: (1 << 30) + len(Q4) - 1)
    a = desk()
    with pytest.raises(NotEnoughSpace, match=r"1\.1 GB free, but 1\.1 GB"):
        a.start(NAME)
    assert a.downloads.all() == []
    assert len(hub.log.of("cdn", "*")) == 0


def test_what_is_queued_counts_as_taken(desk, hub, monkeypatch):
    hub.add("maker/Other", {"o-Q4_0.gguf": gguf_bytes(1_300_000, seed=3)})
    monkeypatch.setattr(space, "free_bytes", lambda _path: (1 << 30) + 2_000_000)
    a = desk()
    held(a)
    with pytest.raises(NotEnoughSpace):
        a.start("maker/Other")


def test_room_that_vanishes_meanwhile(desk, monkeypatch):
    monkeypatch.setattr(download_run, "SPACE_CHECK_BYTES", 1)
    monkeypatch.setattr(download_run, "free_bytes", lambda _path: 10)
    a = desk()
    failed = a.wait_for(a.start(NAME), DownloadState.FAILED)
    assert isinstance(failed.error, NotEnoughSpace)
    assert failed.bytes_done > 0  # what has come is kept
    monkeypatch.undo()
    a.downloads.resume(failed.id)
    a.done(failed.id)


def test_what_is_here_already_needs_no_room_again(desk, hub, monkeypatch):
    a = desk()
    download_id = held(a)
    a.downloads.pause(download_id)
    hub.faults.clear()
    left = len(Q4) - a.downloads.get(download_id).bytes_on_disk()
    monkeypatch.setattr(download_run, "SPACE_CHECK_BYTES", 1)
    monkeypatch.setattr(download_run, "free_bytes", lambda _path: left)
    a.downloads.resume(download_id)
    a.done(download_id)


def test_the_room_is_that_of_all_parts_that_are_to_come(desk, hub, monkeypatch):
    hub.add("maker/Big-GGUF", {f"Big-Q4_0-0000{n}-of-00002.gguf": part(n) for n in (1, 2)})
    monkeypatch.setattr(download_run, "SPACE_CHECK_BYTES", 1)
    monkeypatch.setattr(download_run, "free_bytes", lambda _path: len(part(1)) + 1000)
    a = desk()
    failed = a.wait_for(a.start("maker/Big-GGUF"), DownloadState.FAILED)
    assert isinstance(failed.error, NotEnoughSpace)
    assert failed.bytes_done < len(part(1))


def test_a_disk_that_takes_no_large_file(desk, monkeypatch):
    monkeypatch.setattr(space, "_format_of", lambda _folder: "vfat")
    monkeypatch.setattr(space, "FAT32_BYTES", 1000)
    with pytest.raises(FileTooBigForDisk, match="Tiny-Q4_K_M"):
        desk().start(NAME)


def test_a_folder_that_cannot_be_made(desk, tmp_path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(FolderNotWritable):
        desk().start(NAME)


@pytest.mark.parametrize("name", ["../evil.gguf", "/etc/evil.gguf", "C:\\evil.gguf", "a/../../b.gguf", "con.gguf"])
def test_names_that_would_leave_the_folder(desk, name):
    a = desk()
    repository = a.repository(NAME)
    offer = replace(repository.offers[0], files=(RemoteFile(name, 10, "0" * 64),))
    with pytest.raises(NameRefused):
        a.downloads.start(repository, offer)


def test_a_wrong_checksum_is_never_usable(desk, hub, tmp_path):
    hub.add("maker/Lie", {"lie-Q4_0.gguf": gguf_bytes(5_000)}, sha256={"lie-Q4_0.gguf": "0" * 64})
    a = desk()
    failed = a.wait_for(a.start("maker/Lie"), DownloadState.FAILED)
    assert isinstance(failed.error, ChecksumWrong)
    assert not [change for change in a.changes if isinstance(change, Notice)]  # whoever shows downloads tells it
    assert list((tmp_path / "models").rglob("*.gguf*")) == []
    assert not a.arrived


def test_a_right_checksum_makes_no_model(desk, hub, tmp_path):
    hub.add("maker/Page", {"page-Q4_0.gguf": b"<html>" * 1000})
    a = desk()
    failed = a.wait_for(a.start("maker/Page"), DownloadState.FAILED)
    assert isinstance(failed.error, NotAModelFile)
    assert not list((tmp_path / "models").rglob("*.gguf"))


def test_a_split_model_that_cannot_be_put_in_place_has_no_first_part_to_load(desk, hub, tmp_path):
    first, second = (f"Big-Q4_0-0000{n}-of-00002.gguf" for n in (1, 2))
    hub.add("maker/Big-GGUF", {first: part(1), second: part(2)})
    folder = tmp_path / "models/maker/Big-GGUF"
    (folder / second / "in the way").mkdir(parents=True)
    a = desk()
    failed = a.wait_for(a.start("maker/Big-GGUF"), DownloadState.FAILED)
    assert isinstance(failed.error, FolderNotWritable)
    assert not (folder / first).exists()
    assert (folder / f"{first}.part").read_bytes() == part(1)


def test_a_mistake_of_ours_fails_the_download_and_holds_up_no_other(desk, hub, monkeypatch):
    hub.add("maker/Other", {"o-Q4_0.gguf": gguf_bytes(1000, seed=3)})
    a, read = desk(parallel=1), download_run.read_part_header
    with monkeypatch.context() as broken:
        broken.setattr(download_run, "read_part_header", lambda path: 1 / 0 if "Tiny" in path.name else read(path))
        download_id, other = a.start(NAME), a.start("maker/Other")
        with pytest.raises(ZeroDivisionError):
            a.wait_for(download_id, DownloadState.FAILED)
    assert a.downloads.get(download_id).state is DownloadState.FAILED
    a.done(other)
    a.downloads.resume(download_id)
    a.done(download_id)


def test_a_library_that_refuses_it_is_a_failure_that_keeps_the_file(desk, tmp_path):
    a = desk()
    a.downloads._arrived = _refuse
    failed = a.wait_for(a.start(NAME), DownloadState.FAILED)
    assert isinstance(failed.error, FolderNotWritable)
    assert (tmp_path / "models/maker/Tiny-GGUF/Tiny-Q4_K_M.gguf").read_bytes() == Q4


def _refuse(_download: object) -> str:
    raise FolderNotWritable(path="x", reason="y")


@pytest.mark.allow_log("record of a download was not understood")
@pytest.mark.parametrize("content", [b"", b"{}", b'{"place": 1, "files": []}', b"\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_understood_harms_nothing(desk, tmp_path, content):
    a = desk()
    download_id = held(a)
    (tmp_path / "downloads/abc.json").write_bytes(content)
    b = a.again(goes_on=False)
    assert [one.id for one in b.downloads.all()] == [download_id]
    b.close()


# --- the hub ------------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(desk):
    """A desk, and the download of a row of the catalog for which the hub cannot be reached."""
    a = desk()
    a.refusal = HubUnreachable(host="hub.test", reason="gone")
    known = a.repository(NAME)
    a.downloads.start(replace(known, commit=""), known.offers[0])
    (download,) = a.downloads.all()
    return a, a.wait_for(download.id, DownloadState.WAITING)


def test_the_hub_is_asked_what_a_row_of_the_catalog_means_until_it_answers(asking):
    a, waiting = asking
    assert (waiting.attempts, waiting.error) == (1, a.refusal)
    a.refusal = None
    a.downloads.resume(waiting.id)
    a.done(waiting.id)


def test_what_waits_for_that_answer_can_be_paused(asking):
    a, waiting = asking
    a.downloads.pause(waiting.id)
    assert a.downloads.get(waiting.id).state is DownloadState.PAUSED
    a.refusal = None
    a.downloads.resume(waiting.id)
    a.done(waiting.id)


def test_what_waits_for_that_answer_heeds_the_network_switch(asking):
    a, waiting = asking
    a.refusal = NetworkOff()
    a.downloads.heed_network(is_offline=True)
    assert a.wait_for(waiting.id, DownloadState.PAUSED).error is a.refusal


def test_of_a_row_of_the_catalog_the_hub_is_asked_what_it_has_now(desk, hub):
    a = desk()
    known = a.repository(NAME)
    offer = known.offers[0]
    rough = replace(offer, files=(RemoteFile(offer.files[0].name, 1_000_000),))
    a.downloads.start(replace(known, commit=""), rough)
    (download,) = a.downloads.all()
    done = a.done(download.id)
    assert (done.commit, done.files, done.bytes_total) == (known.commit, offer.files, len(Q4))


def test_a_download_of_the_catalog_that_the_hub_refuses(desk):
    a = desk()
    a.refusal = RepositoryGated(name=NAME, url="")
    known = a.repository(NAME)
    a.downloads.start(replace(known, commit=""), known.offers[0])
    (download,) = a.downloads.all()
    assert a.wait_for(download.id, DownloadState.FAILED).error is a.refusal
