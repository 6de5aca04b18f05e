"""One file from the fake hub, through every fault: right at the end, stopped at once, nothing fetched twice in vain."""

from __future__ import annotations

import errno
import os
import re
import socket
from dataclasses import replace

import pytest

from assistant.errors import (
    ChecksumWrong,
    DiskFailed,
    DownloadExists,
    FileChanged,
    FileTooBigForDisk,
    FolderNotWritable,
    HubFailed,
    HubUnintelligible,
    HubUnreachable,
    NetworkOff,
    NotEnoughSpace,
    ProxyUnusable,
    RepositoryGated,
)
from assistant.models.remote import Location, RemoteFile
from assistant.models.transfer import Stopped, TransferProgress, TransferState
from assistant.network import NetworkOptions
from tests.fakes.hub import Fault
from tests.fakes.stores import files_limited_to
from tests.fakes.transfers import CONTENT, FILE, MIB, NAME, Running
from tests.fakes.web import Server, answering, head_of, plain

DOWNLOADING, WAITING, VERIFYING = TransferState.DOWNLOADING, TransferState.WAITING, TransferState.VERIFYING


def test_a_file_comes_whole_and_is_verified(bench):
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [0]
    assert [told.state for told in bench.told][-1] is VERIFYING
    assert bench.told[-1] == TransferProgress(VERIFYING, len(CONTENT))
    counts = [told.bytes_done for told in bench.told if told.state is DOWNLOADING]
    assert counts == sorted(counts)
    request = bench.hub.log.of("cdn", NAME)[0]
    assert (request.range, request.authorization, request.headers["accept-encoding"]) == ("", "", "identity")


def test_size_and_checksum_are_taken_from_the_hub_where_they_are_not_known(bench):
    bench.transfer(RemoteFile(NAME)).run()
    assert bench.is_right()


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.DROP])
def test_after_a_broken_connection_it_goes_on_where_it_was(bench, fault):
    bench.hub.faults.at("cdn", NAME, fault, after_bytes=2 * MIB)
    bench.transfer().run()
    assert bench.is_right()
    assert [type(problem) for problem in bench.problems] == [HubUnreachable]
    assert len(bench.starts) == 2
    assert bench.received_again() < MIB


def test_what_a_former_run_left_is_hashed_and_kept(bench):
    bench.part.write_bytes(CONTENT[: 2 * MIB])
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [2 * MIB]
    assert (bench.told[0].state, bench.told[0].bytes_done) == (VERIFYING, MIB)


def test_a_part_that_is_whole_is_only_verified(bench):
    bench.part.write_bytes(CONTENT)
    bench.transfer().run()
    assert (bench.starts, bench.located) == ([], 0)


def test_a_part_that_is_too_long_is_thrown_away(bench):
    bench.part.write_bytes(CONTENT + b"!")
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [0]


def test_a_part_that_is_too_long_for_a_size_learnt_late_is_thrown_away(bench):
    bench.part.write_bytes(CONTENT + b"!")
    bench.transfer(RemoteFile(NAME)).run()
    assert bench.is_right()


def test_a_part_of_something_else_costs_one_more_time(bench):
    bench.part.write_bytes(b"x" * MIB)
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [MIB, 0]


def test_a_server_that_ignores_the_range_sends_all_of_it(bench):
    bench.part.write_bytes(CONTENT[:MIB])
    bench.hub.faults.at("cdn", NAME, Fault.IGNORE_RANGE)
    bench.transfer().run()
    assert bench.is_right()
    assert bench.problems == []


def test_a_range_that_was_not_asked_for_is_not_taken(bench):
    bench.part.write_bytes(CONTENT[:MIB])
    bench.hub.faults.at("cdn", NAME, Fault.WRONG_RANGE)
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [MIB, MIB]


@pytest.mark.parametrize(("fault", "status"), [(Fault.WRONG_RANGE, 206), (Fault.STATUS, 416)])
def test_a_server_that_cannot_do_ranges_is_asked_for_all_of_it(bench, fault, status):
    bench.part.write_bytes(CONTENT[:MIB])
    bench.hub.faults.at("cdn", NAME, fault, times=3, status=status)
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [MIB, MIB, MIB, 0]


def test_an_answer_that_is_too_short_is_filled_up(bench):
    bench.part.write_bytes(CONTENT[:MIB])
    bench.hub.faults.at("cdn", NAME, Fault.SHORT, after_bytes=MIB)
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [MIB, 2 * MIB]
    assert bench.again() == -MIB


def test_all_of_a_file_that_is_no_longer_all_of_it_is_not_taken(bench):
    bench.hub.faults.at("cdn", NAME, Fault.SHORT, after_bytes=MIB)
    bench.transfer().run()
    assert bench.is_right()
    assert isinstance(bench.problems[0], HubUnintelligible)


@pytest.mark.parametrize("status", [403, 410])
def test_an_address_that_has_ended_is_asked_for_anew_at_once(bench, status):
    bench.hub.faults.at("cdn", NAME, Fault.STATUS, status=status)
    bench.transfer().run()
    assert bench.is_right()
    assert bench.problems == []
    assert bench.located == 2


def test_an_address_that_ends_in_the_middle_is_asked_for_anew(bench):
    bench.hub.faults.at("cdn", NAME, Fault.DROP, after_bytes=MIB)
    bench.hub.faults.at("cdn", NAME, Fault.EXPIRED)
    bench.transfer().run()
    assert bench.is_right()
    assert len(bench.problems) == 1


def test_an_address_that_is_always_refused_is_an_error_in_the_end(bench):
    bench.hub.faults.at("cdn", NAME, Fault.EXPIRED, times=None)
    with pytest.raises(HubFailed) as raised:
        bench.transfer().run()
    assert raised.value.values["status"] == 403
    assert bench.told[-1].attempts == 4


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("place", ["cdn", "hub"])
def test_a_server_that_is_busy_is_tried_again(bench, status, place):
    bench.hub.faults.at(place, NAME, Fault.STATUS, status=status, times=8)
    bench.transfer().run()
    assert bench.is_right()
    assert [told.attempts for told in bench.told if told.state is WAITING] == list(range(1, 9))
    assert {type(problem) for problem in bench.problems} == {HubFailed}


@pytest.mark.parametrize("times", [3, None])
def test_a_login_page_is_waited_out_for_a_while_and_never_taken_for_the_file(bench, times):
    bench.part.write_bytes(CONTENT[:MIB])
    bench.hub.faults.at("cdn", NAME, Fault.HTML, times=times)
    if times:
        bench.transfer().run()
        assert bench.is_right()
        assert bench.starts[-1] == MIB
        return
    with pytest.raises(HubUnintelligible):
        bench.transfer().run()
    assert bench.part.read_bytes() == CONTENT[:MIB]


def test_the_counting_of_failures_begins_anew_when_bytes_come(bench):
    for place in range(1, 3):
        bench.hub.faults.at("cdn", NAME, Fault.STATUS, times=2)
        bench.hub.faults.at("cdn", NAME, Fault.DROP, at_byte=place * MIB - 10)
    bench.transfer().run()
    assert bench.is_right()
    assert [told.attempts for told in bench.told if told.state is WAITING] == [1, 2, 1, 2, 3, 1]
    assert all(told.attempts == 0 and told.problem is None for told in bench.told if told.state is DOWNLOADING)


def test_the_wait_grows_and_is_told(bench):
    asked = []
    bench.hub.faults.at("cdn", NAME, Fault.STATUS, times=3)
    bench.transfer(waits=lambda attempt: asked.append(attempt) or 0.001 * attempt).run()
    assert asked == [1, 2, 3]
    assert [told.wait_s for told in bench.told if told.state is WAITING] == [0.001, 0.002, 0.003]


@pytest.mark.parametrize("headers", [{"Retry-After": "77"}, {"RateLimit": '"resolvers";r=0;t=77'}])
def test_a_server_may_say_how_long_to_wait_and_a_person_may_hurry(bench, headers):
    bench.hub.faults.at("cdn", NAME, Fault.STATUS, status=429, headers=headers)
    running = Running(bench.transfer())
    assert bench.wait_for(lambda told: told.state is WAITING).wait_s == 77
    while running.thread.is_alive():  # it may not be waiting yet when it is hurried
        running.transfer.hurry()
        running.thread.join(0.01)
    assert running.ended() is None
    assert bench.is_right()


# --- what is wrong in earnest -----------------------------------------------------------------------------------------


def test_a_wrong_byte_costs_one_more_time(bench):
    bench.hub.faults.at("cdn", NAME, Fault.CORRUPT, at_byte=2 * MIB)
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [0, 0]


def test_a_wrong_byte_of_a_former_run_costs_one_more_time(bench):
    bench.part.write_bytes(bytes(len(CONTENT)))
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [0]


def test_a_checksum_that_is_wrong_twice_is_an_error_and_nothing_is_kept(bench):
    bench.hub.faults.at("cdn", NAME, Fault.CORRUPT, at_byte=2 * MIB, times=None)
    with pytest.raises(ChecksumWrong):
        bench.transfer().run()
    assert not bench.part.exists()
    assert bench.starts == [0, 0]


@pytest.mark.parametrize("file", [replace(FILE, size_bytes=6), replace(FILE, sha256="0" * 64)])
def test_another_file_on_the_server_is_an_error(bench, file):
    bench.part.write_bytes(CONTENT[:5])
    with pytest.raises(FileChanged):
        bench.transfer(file).run()
    assert bench.part.read_bytes() == CONTENT[:5]


def test_another_file_after_a_broken_connection_is_an_error(bench):
    bench.hub.faults.at("cdn", NAME, Fault.DROP, after_bytes=2 * MIB)
    sizes = iter([len(CONTENT), 7])
    with pytest.raises(FileChanged):
        bench.transfer(RemoteFile(NAME), locate=lambda: replace(bench.locate(), size_bytes=next(sizes))).run()


@pytest.mark.parametrize(
    "refusal", [RepositoryGated(name="x", url="y"), NetworkOff(), FolderNotWritable(path="x", reason="y")]
)
def test_a_refusal_of_the_hub_is_final(bench, refusal):
    def refuse() -> Location:
        raise refusal

    with pytest.raises(type(refusal)):
        bench.transfer(locate=refuse).run()
    assert bench.problems == []


def test_a_hub_that_knows_no_size_is_not_understood(bench):
    with pytest.raises(HubUnintelligible):
        bench.transfer(RemoteFile(NAME), locate=lambda: Location(f"{bench.hub.cdn}/x")).run()


def test_the_offline_switch_is_final(bench):
    bench.door.options = NetworkOptions(is_offline=True)
    with pytest.raises(NetworkOff):
        bench.transfer().run()


def test_a_proxy_that_is_not_there_is_an_error_in_the_end(bench):
    bench.door.options = NetworkOptions(proxy="http://127.0.0.1:1")
    with pytest.raises(ProxyUnusable):
        bench.transfer().run()
    assert len(bench.problems) == 4


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["another port", "another host"])
def test_redirects_are_followed_without_secrets_for_others(bench, serve, host):
    heads = []
    rest = plain(CONTENT[MIB:], "206 x", f"Content-Range: bytes {MIB}-{len(CONTENT) - 1}/{len(CONTENT)}")
    end = serve(answering(rest, heads=heads))

    def lead_on(connection: socket.socket) -> None:
        heads.append(head_of(connection))
        place = "/here" if heads[-1].startswith(b"GET / ") else f"http://{host}:{end.port}/file?q=1"
        connection.sendall(plain(b"", "307 x", f"Location: {place}"))

    bench.part.write_bytes(CONTENT[:MIB])
    location = Location(serve(lead_on).url, {"Authorization": "Bearer secret"}, len(CONTENT), FILE.sha256)
    bench.transfer(locate=lambda: location).run()
    assert bench.is_right()
    assert [b"secret" in head for head in heads] == [True, True, False]
    assert all(f"Range: bytes={MIB}-".encode() in head for head in heads)


@pytest.mark.parametrize("place", ["/again", "http://[::1"], ids=["without an end", "to no place"])
def test_redirects_that_lead_nowhere_are_not_understood(bench, place):
    with Server(answering(plain(b"", "302 x", f"Location: {place}"))) as server, pytest.raises(HubUnintelligible):
        bench.transfer(RemoteFile(NAME), locate=lambda: Location(server.url, {}, 5, "")).run()


def test_bytes_in_chunks_of_unknown_number_are_counted(bench):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Server(answering(head, b"%x\r\n%b\r\n0\r\n\r\n" % (len(CONTENT) - 5, CONTENT[:-5]))) as short:
        whole = Server(answering(head, b"%x\r\n%b\r\n0\r\n\r\n" % (len(CONTENT), CONTENT)))
        addresses = iter([short.url, whole.url])
        with whole:
            bench.transfer(locate=lambda: Location(next(addresses), {}, len(CONTENT), FILE.sha256)).run()
    assert bench.is_right()
    assert isinstance(bench.problems[0], HubUnreachable)


# --- the disk ---------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_named_and_the_part_is_kept(bench):
    with files_limited_to(2 * MIB), pytest.raises(NotEnoughSpace) as raised:
        bench.transfer().run()
    assert raised.value.values["path"] == bench.part.parent
    assert raised.value.values["needed_gb"] == "0.0"
    assert bench.part.read_bytes() == CONTENT[: 2 * MIB]
    bench.transfer().run()
    assert bench.is_right()
    assert bench.starts == [0, 2 * MIB]


def test_a_disk_that_takes_no_large_file_is_named(bench, serve):
    size = 5 << 30
    server = serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, CONTENT))
    with files_limited_to(MIB), pytest.raises(FileTooBigForDisk):
        bench.transfer(RemoteFile(NAME, size), locate=lambda: Location(server.url, {}, size)).run()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, NotEnoughSpace),
        (errno.EDQUOT, NotEnoughSpace),
        (errno.EIO, DiskFailed),
        (errno.EROFS, FolderNotWritable),
    ],
)
def test_bytes_that_do_not_reach_the_disk_are_named(bench, monkeypatch, number, kind):
    def fail(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(kind):
        bench.transfer().run()
    assert bench.is_right()


def test_a_folder_that_is_not_there_is_named(bench):
    bench.part = bench.part.parent / "gone" / NAME
    with pytest.raises(FolderNotWritable):
        bench.transfer().run()


def test_two_cannot_write_the_same_part(bench):
    bench.hub.faults.at("cdn", NAME, Fault.STALL, after_bytes=MIB)
    running = Running(bench.transfer())
    bench.wait_for(lambda told: told.state is DOWNLOADING)
    with pytest.raises(DownloadExists):
        bench.transfer(on_progress=lambda _told: None).run()
    running.transfer.stop()
    assert isinstance(running.ended(), Stopped)


# --- stopping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "after"), [("hub", None), ("cdn", None), ("cdn", 0), ("cdn", MIB)])
def test_it_stops_on_a_stalled_link(bench, place, after):
    bench.hub.faults.at(place, NAME, Fault.STALL, after_bytes=after)
    running = Running(bench.transfer())
    bench.hub.log.wait(lambda: any(one.fault is Fault.STALL for one in bench.hub.log))
    if after:
        bench.wait_for(lambda told: told.bytes_done > 0)
    running.transfer.stop()
    assert isinstance(running.ended(), Stopped)


def test_it_stops_while_it_waits(bench):
    bench.hub.faults.at("cdn", NAME, Fault.STATUS)
    running = Running(bench.transfer(waits=lambda _attempt: 1000.0))
    bench.wait_for(lambda told: told.state is WAITING)
    running.transfer.stop()
    assert isinstance(running.ended(), Stopped)


def test_it_stops_while_it_hashes(bench):
    bench.part.write_bytes(CONTENT)
    transfer = bench.transfer(on_progress=lambda told: transfer.stop())
    with pytest.raises(Stopped):
        transfer.run()
    assert bench.is_right()


def test_it_stops_before_it_began(bench):
    transfer = bench.transfer()
    transfer.stop()
    with pytest.raises(Stopped):
        transfer.run()
    assert bench.located == 0


def test_what_has_come_is_kept_when_it_is_stopped(bench):
    bench.hub.faults.at("cdn", NAME, Fault.STALL, after_bytes=2 * MIB)
    running = Running(bench.transfer())
    bench.hub.log.wait(lambda: bench.hub.log.bytes_sent() == 2 * MIB)
    bench.wait_for(lambda told: told.bytes_done > MIB)
    running.transfer.stop()
    assert isinstance(running.ended(), Stopped)
    kept = bench.part.read_bytes()
    assert kept == CONTENT[: len(kept)]
    assert len(kept) > MIB
    bench.hub.faults.clear()
    bench.transfer().run()
    assert bench.is_right()
    assert bench.again() <= MIB


def test_pausing_five_times_costs_little(bench):
    for pause in range(1, 6):
        rule = bench.hub.faults.at("cdn", NAME, Fault.STALL, at_byte=pause * MIB // 2)
        running = Running(bench.transfer())
        bench.wait_for(lambda told, pause=pause: told.bytes_done >= pause * MIB // 2 - MIB // 4)
        bench.hub.log.wait(lambda rule=rule: rule.times == 0)
        running.transfer.stop()
        assert isinstance(running.ended(), Stopped)
        bench.told.clear()
    bench.hub.faults.clear()
    bench.transfer().run()
    assert bench.is_right()
    assert bench.again() <= 5 * 256 * 1024


def test_a_link_on_which_nothing_comes_is_dropped(bench):
    bench.hub.faults.at("cdn", NAME, Fault.STALL, after_bytes=MIB)
    bench.transfer(stall_s=0.2).run()
    assert bench.is_right()
    assert isinstance(bench.problems[0], HubUnreachable)


def test_the_receiver_of_progress_may_end_it(bench):
    def end(told: TransferProgress) -> None:
        if told.bytes_done:
            raise NotEnoughSpace(path="x", needed_gb="1", free_gb="0")

    with pytest.raises(NotEnoughSpace):
        bench.transfer(on_progress=end).run()


def test_progress_is_told_ten_times_a_second_at_most(bench):
    now = [0.0]
    bench.transfer(clock=lambda: now[0]).run()
    assert [told.state for told in bench.told] == [TransferState.RESOLVING, DOWNLOADING, VERIFYING]


def test_the_ledger_has_every_request(bench):
    bench.transfer().run()
    received = {entry.purpose: entry.bytes_received for entry in bench.door.ledger.entries()}
    assert received["download"] > len(CONTENT)
    assert re.fullmatch(r"\d+", str(received["details"]))
