import hashlib
from dataclasses import replace

import pytest

from assistant.changes import DownloadDone, DownloadsChanged, ModelsChanged, Notice
from assistant.errors import (
    ChecksumWrong,
    DownloadExists,
    DownloadNotFound,
    FileTooBigForDisk,
    FolderNotWritable,
    HubFailed,
    HubUnreachable,
    NameRefused,
    NetworkOff,
    NotAModelFile,
    NotEnoughSpace,
    RepositoryGated,
)
from assistant.models import space
from assistant.models.download_state import DownloadState
from assistant.models.downloads import DownloadOptions
from assistant.models.gguf import read_header
from assistant.models.remote import RemoteFile
from assistant.network import NetworkOptions
from tests.fakes.download_desk import Desk
from tests.fakes.hub import FakeHub, Fault, gguf_bytes

Q4, Q8 = gguf_bytes(1_400_000, seed=1), gguf_bytes(1_600_000, seed=2)
HELD = 700_000
"""Where the server stands still."""
SEEN = HELD - (256 << 10)
"""What is on the disk and told by then: the last quarter of a MiB may still be on its way."""
NAME = "maker/Tiny-GGUF"
SHARED = "mmproj-F16.gguf"


@pytest.fixture
def hub():
    with FakeHub() as hub:
        hub.add(NAME, {"Tiny-Q4_K_M.gguf": Q4, "Tiny-Q8_0.gguf": Q8, "README.md": "# Tiny"})
        yield hub


@pytest.fixture
def desk(hub, tmp_path):
    desks = []

    def make(**options: object) -> Desk:
        desks.append(Desk(hub, tmp_path, DownloadOptions(tmp_path / "models", **options)))
        return desks[-1]

    yield make
    for made in desks:
        made.close()


def held(desk: Desk) -> str:
    """Start a download that stands still in the middle, and wait until it does."""
    desk.hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=HELD)
    download_id = desk.start(NAME)
    desk.wait(lambda: desk.downloads.get(download_id).bytes_done >= SEEN)
    return download_id


def test_a_model_comes_whole_and_is_told(desk, tmp_path):
    a = desk()
    done = a.done(a.start(NAME))
    path = tmp_path / "models/maker/Tiny-GGUF/Tiny-Q4_K_M.gguf"
    assert done.path == path
    assert path.read_bytes() == Q4
    assert [(one.id, one.path, one.bytes_done) for one in a.arrived] == [(done.id, path, len(Q4))]
    assert DownloadDone(done.id, f"id-of-{NAME}") in a.changes
    assert ModelsChanged() in a.changes
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


def test_two_come_at_once_and_the_third_waits_its_turn(desk, hub):
    for number in range(3):
        hub.add(f"maker/M{number}", {"m-Q4_0.gguf": gguf_bytes(1_300_000, seed=number + 10)})
    hub.faults.at("cdn", "*", Fault.STALL, at_byte=HELD, times=2)
    a = desk()
    first, second, third = (a.start(f"maker/M{number}") for number in range(3))
    a.wait(lambda: all(a.downloads.get(one).bytes_done >= SEEN for one in (first, second)))
    assert a.downloads.get(third).state is DownloadState.QUEUED
    hub.faults.clear()
    for one in (first, second, third):
        a.done(one)


def test_the_queue_can_be_put_in_another_order(desk, hub):
    for number in range(3):
        hub.add(f"maker/M{number}", {"m-Q4_0.gguf": gguf_bytes(1_300_000, seed=number + 10)})
    a = desk(parallel=1)
    running = held(a)
    _first, second = a.start("maker/M1"), a.start("maker/M2")
    a.downloads.move(second, 1)
    order = ["maker/Tiny-GGUF", "maker/M2", "maker/M1"]
    assert [one.repository for one in a.downloads.all()] == order
    b = a.again(goes_on=False)
    assert [one.repository for one in b.downloads.all()] == order
    assert running in [one.id for one in b.downloads.all()]
    b.close()


def test_pausing_keeps_what_came_and_going_on_asks_for_the_rest(desk, hub):
    a = desk()
    download_id = held(a)
    a.downloads.pause(download_id)
    paused = a.downloads.get(download_id)
    assert (paused.state, paused.bytes_per_s, paused.error) == (DownloadState.PAUSED, 0, None)
    hub.faults.clear()
    a.downloads.resume(download_id)
    a.done(download_id)
    (first, *_between, last) = hub.log.of("cdn", "*Q4_K_M.gguf")
    assert last.range >= f"bytes={SEEN}"
    assert first.bytes_sent + last.bytes_sent <= len(Q4) + (256 << 10)


def test_pausing_what_waits_in_the_queue(desk, hub):
    a = desk(parallel=1)
    held(a)
    hub.add("maker/Other", {"o-Q4_0.gguf": gguf_bytes(1000, seed=3)})
    waiting = a.start("maker/Other")
    a.downloads.pause(waiting)
    assert a.downloads.get(waiting).state is DownloadState.PAUSED
    assert a.downloads.pause(waiting) == []
    hub.faults.clear()


def test_cancelling_leaves_nothing_behind(desk, tmp_path):
    a = desk()
    download_id = held(a)
    a.downloads.cancel(download_id)
    assert a.downloads.all() == []
    assert not (tmp_path / "models/maker").exists()
    assert list((tmp_path / "downloads").iterdir()) == []
    with pytest.raises(DownloadNotFound):
        a.downloads.get(download_id)


def test_cancelling_a_finished_one_keeps_the_model(desk):
    a = desk()
    done = a.done(a.start(NAME))
    a.downloads.cancel(done.id)
    assert done.path.read_bytes() == Q4


def test_it_goes_on_after_the_program_was_closed(desk, hub):
    a = desk()
    download_id = held(a)
    b = a.again()
    assert b.downloads.get(download_id).bytes_done >= SEEN
    b.done(download_id)
    b.close()
    assert hub.log.of("cdn", "*Q4_K_M.gguf")[-1].range >= f"bytes={SEEN}"


def test_it_stands_paused_after_a_start_when_that_is_set(desk, hub):
    a = desk()
    download_id = held(a)
    b = a.again(goes_on=False)
    hub.faults.clear()
    assert b.downloads.get(download_id).state is DownloadState.PAUSED
    b.downloads.resume(download_id)
    b.done(download_id)
    c = b.again()
    assert c.downloads.all() == []  # what is done is not listed for ever
    c.close()


def test_what_another_process_is_at_is_left_alone(desk, tmp_path):
    a = desk()
    download_id = held(a)
    other = desk()
    assert other.downloads.open() == []
    with pytest.raises(DownloadExists):
        other.start(NAME)
    a.downloads.cancel(download_id)
    other.done(other.start(NAME))


def test_a_second_start_of_the_same_is_refused(desk):
    a = desk()
    held(a)
    with pytest.raises(DownloadExists):
        a.start(NAME)


def test_a_split_model_with_its_projector_is_one_download(desk, hub, tmp_path):
    parts = {f"Big-Q4_0-0000{n}-of-00002.gguf": _part(n) for n in (1, 2)}
    projector = {"mmproj-F16.gguf": gguf_bytes(1000, seed=9, **{"general.type": "mmproj"})}
    hub.add("maker/Big-GGUF", {**parts, **projector})
    a = desk()
    a.hub.faults.at("cdn", "*-00002-of-*", Fault.STALL, at_byte=HELD)
    download_id = a.start("maker/Big-GGUF")
    a.wait(lambda: a.downloads.get(download_id).bytes_done > len(parts["Big-Q4_0-00001-of-00002.gguf"]))
    folder = tmp_path / "models/maker/Big-GGUF"
    assert not list(folder.glob("*.gguf"))
    hub.faults.clear()
    done = a.done(download_id)
    assert done.projector == "mmproj-F16.gguf"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {**parts, **projector}
    assert read_header(done.path).shards == 2


def _part(number: int) -> bytes:
    return gguf_bytes(1_400_000, seed=number, **{"split.count": 2, "split.no": number - 1})


@pytest.fixture
def sharing(hub):
    """A hub with a model in two quantizations that share one projector, which stands still in the middle."""
    projector = gguf_bytes(1_400_000, seed=9, **{"general.type": "mmproj"})
    hub.add(
        "maker/See-GGUF",
        {"See-Q4_0.gguf": gguf_bytes(50_000, seed=1), "See-Q8_0.gguf": gguf_bytes(60_000, seed=2), SHARED: projector},
    )
    hub.faults.at("cdn", SHARED, Fault.STALL, at_byte=HELD)
    return projector


@pytest.fixture
def two(sharing, desk):
    """A desk with both of them begun."""
    a = desk()
    first, second = a.start("maker/See-GGUF", 0), a.start("maker/See-GGUF", 1)
    a.wait(lambda: a.downloads.get(first).bytes_done >= SEEN)
    return a, first, second


def test_two_that_share_a_projector_come_one_after_the_other(two, sharing, hub):
    a, first, second = two
    assert a.downloads.get(second).state is DownloadState.QUEUED
    hub.faults.clear()
    for download in (a.done(first), a.done(second)):
        assert download.final_path(download.files[-1]).read_bytes() == sharing
    assert sum(asked.bytes_sent for asked in hub.log.of("cdn", SHARED)) <= len(sharing) + (256 << 10)


def test_what_is_paused_makes_way_for_what_shares_its_projector(two, hub):
    a, first, second = two
    a.downloads.pause(first)
    hub.faults.clear()
    a.done(second)
    a.downloads.resume(first)
    a.done(first)


def test_cancelling_keeps_a_projector_that_another_download_brings(two, hub):
    a, first, second = two
    part = a.downloads.get(first).folder / f"{SHARED}.part"
    a.downloads.cancel(first)
    assert part.stat().st_size >= SEEN
    hub.faults.clear()
    a.done(second)
    assert hub.log.of("cdn", SHARED)[-1].range >= f"bytes={SEEN}"


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


def test_a_failed_one_can_be_tried_again(desk):
    a = desk()
    a.refusal = RepositoryGated(name=NAME, url="")
    failed = a.wait_for(a.start(NAME), DownloadState.FAILED)
    assert failed.error is a.refusal
    a.refusal = None
    a.downloads.resume(failed.id)
    a.done(failed.id)


def test_what_waits_for_the_server_can_be_hurried(desk, hub):
    hub.faults.at("hub", "*resolve*", Fault.STATUS, status=503, headers={"Retry-After": "1000"})
    a = desk()
    waiting = a.wait_for(a.start(NAME), DownloadState.WAITING)
    assert waiting.attempts == 1
    assert isinstance(waiting.error, HubFailed)
    a.downloads.resume(waiting.id)
    a.done(waiting.id)


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
    from assistant.models import download_run

    monkeypatch.setattr(download_run, "SPACE_CHECK_BYTES", 1)
    monkeypatch.setattr(download_run, "free_bytes", lambda _path: 10)
    a = desk()
    failed = a.wait_for(a.start(NAME), DownloadState.FAILED)
    assert isinstance(failed.error, NotEnoughSpace)
    assert failed.bytes_done > 0  # what has come is kept
    monkeypatch.undo()
    a.downloads.resume(failed.id)
    a.done(failed.id)


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


def test_the_network_switch_stops_it_and_it_goes_on(desk):
    a = desk()
    a.network_options = NetworkOptions(is_offline=True)
    download_id = a.start(NAME)
    stopped = a.wait_for(download_id, DownloadState.PAUSED)
    assert isinstance(stopped.error, NetworkOff)
    a.downloads.heed_network(is_offline=True)
    assert a.downloads.get(download_id).state is DownloadState.PAUSED
    a.network_options = NetworkOptions()
    a.downloads.heed_network(is_offline=False)
    a.done(download_id)


def test_what_the_network_switch_stopped_goes_on_after_a_start_with_it_on(desk):
    a = desk()
    a.network_options = NetworkOptions(is_offline=True)
    stopped = a.wait_for(a.start(NAME), DownloadState.PAUSED)
    b = a.again()
    assert isinstance(b.wait_for(stopped.id, DownloadState.PAUSED).error, NetworkOff)
    b.network_options = NetworkOptions()
    c = b.again()
    c.done(stopped.id)
    c.close()


def test_what_a_person_paused_stays_paused_after_a_start(desk):
    a = desk()
    download_id = held(a)
    a.downloads.pause(download_id)
    b = a.again()
    assert b.downloads.get(download_id).state is DownloadState.PAUSED
    b.close()


def test_a_newer_file_replaces_the_old_one_only_when_it_is_whole(desk, hub, tmp_path):
    a = desk()
    a.done(a.start(NAME))
    newer = gguf_bytes(1_500_000, seed=77)
    commit = hub.change(NAME, {"Tiny-Q4_K_M.gguf": newer})
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=HELD)
    download_id = a.start(NAME, commit=commit)
    a.wait(lambda: a.downloads.get(download_id).bytes_done >= SEEN)
    path = tmp_path / "models/maker/Tiny-GGUF/Tiny-Q4_K_M.gguf"
    assert path.read_bytes() == Q4
    hub.faults.clear()
    a.done(download_id)
    assert path.read_bytes() == newer


def test_what_is_there_already_is_not_fetched_again(desk, hub):
    a = desk()
    path = a.done(a.start(NAME)).path
    asked = len(hub.log.of("cdn", "*"))
    a.downloads.clear()
    a.done(a.start(NAME))
    assert len(hub.log.of("cdn", "*")) == asked
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(Q4).digest()


def test_the_speed_falls_to_nothing_when_nothing_comes(hub, tmp_path):
    now = [0.0]
    a = Desk(hub, tmp_path, DownloadOptions(tmp_path / "models"), clock=lambda: now[0])
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=HELD)
    download_id = a.start(NAME)
    a.wait(lambda: a.downloads.get(download_id).bytes_done >= SEEN)
    now[0] = 2.0
    flowing = a.downloads.get(download_id)
    assert flowing.bytes_per_s == pytest.approx(flowing.bytes_done / 2)
    assert flowing.seconds_left == pytest.approx(flowing.bytes_left / flowing.bytes_per_s)
    now[0] = 20.0
    assert a.downloads.get(download_id).bytes_per_s == 0
    assert a.downloads.get(download_id).seconds_left is None
    hub.faults.clear()
    a.close()


def test_what_was_here_before_counts_for_no_speed(hub, tmp_path):
    hub.add("maker/Large-GGUF", {"Large-Q4_K_M.gguf": gguf_bytes(5_000_000)})
    a = Desk(hub, tmp_path, DownloadOptions(tmp_path / "models"), clock=lambda: 0.0)
    here = 4_000_000
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=here)
    download_id = a.start("maker/Large-GGUF")
    a.wait(lambda: a.downloads.get(download_id).bytes_done == here)
    a.downloads.pause(download_id)
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=here + 1)
    a.downloads.resume(download_id)
    a.wait(lambda: a.downloads.get(download_id).bytes_done == here + 1)
    assert a.downloads.get(download_id).bytes_per_s == pytest.approx(1 / 0.001)
    hub.faults.clear()
    a.close()


@pytest.mark.allow_log("record of a download was not understood")
@pytest.mark.parametrize("content", [b"", b"{}", b'{"place": 1, "files": []}', b"\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_understood_harms_nothing(desk, tmp_path, content):
    a = desk()
    download_id = held(a)
    (tmp_path / "downloads/abc.json").write_bytes(content)
    b = a.again(goes_on=False)
    assert [one.id for one in b.downloads.all()] == [download_id]
    b.close()


def test_a_library_that_refuses_it_is_a_failure_that_keeps_the_file(desk, tmp_path):
    a = desk()
    a.downloads._arrived = _refuse
    failed = a.wait_for(a.start(NAME), DownloadState.FAILED)
    assert isinstance(failed.error, FolderNotWritable)
    assert (tmp_path / "models/maker/Tiny-GGUF/Tiny-Q4_K_M.gguf").read_bytes() == Q4


def _refuse(_download: object) -> str:
    raise FolderNotWritable(path="x", reason="y")


def test_what_stands_still_and_is_closed_ends(desk):
    a = desk()
    held(a)
    assert a.downloads.is_active
    a.close()
    assert DownloadsChanged() in a.changes


def test_of_a_row_of_the_catalog_the_hub_is_asked_what_it_has_now(desk, hub):
    a = desk()
    known = a.repository(NAME)
    offer = known.offers[0]
    rough = replace(offer, files=(RemoteFile(offer.files[0].name, 1_000_000),))
    a.downloads.start(replace(known, commit=""), rough)
    (download,) = a.downloads.all()
    done = a.done(download.id)
    assert (done.commit, done.files, done.bytes_total) == (known.commit, offer.files, len(Q4))


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


def test_a_download_of_the_catalog_that_the_hub_refuses(desk):
    a = desk()
    a.refusal = RepositoryGated(name=NAME, url="")
    known = a.repository(NAME)
    a.downloads.start(replace(known, commit=""), known.offers[0])
    (download,) = a.downloads.all()
    assert a.wait_for(download.id, DownloadState.FAILED).error is a.refusal
