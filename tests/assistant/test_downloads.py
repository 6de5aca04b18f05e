"""The queue: what comes when, and what goes on where it was."""

import hashlib

import pytest

from assistant.changes import DownloadDone, DownloadsChanged, ModelsChanged
from assistant.errors import (
    DownloadExists,
    DownloadNotFound,
    HubFailed,
    NetworkOff,
    RepositoryGated,
)
from assistant.models.download_state import DownloadState
from assistant.models.downloads import DownloadOptions
from assistant.models.gguf import read_header
from assistant.network import NetworkOptions
from tests.fakes.download_desk import HELD, NAME, Q4, SEEN, Desk, held, part, tiny
from tests.fakes.hub import FakeHub, Fault, gguf_bytes

SHARED = "mmproj-F16.gguf"


@pytest.fixture
def hub():
    with FakeHub() as hub:
        yield tiny(hub)


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
    parts = {f"Big-Q4_0-0000{n}-of-00002.gguf": part(n) for n in (1, 2)}
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


def test_after_a_start_they_come_one_after_the_other_too(two):
    a, first, second = two
    b = a.again()
    assert b.downloads.get(first).state is DownloadState.RESOLVING
    assert b.downloads.get(second).state is DownloadState.QUEUED
    b.close()


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


def test_what_stands_still_and_is_closed_ends(desk):
    a = desk()
    held(a)
    a.close()
    assert DownloadsChanged() in a.changes
