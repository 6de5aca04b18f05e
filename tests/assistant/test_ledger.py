"""The network ledger: what it keeps, for how long, and that it never gets in the way."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from assistant import ledger as ledger_module
from assistant.ledger import KEPT_ROWS, MOST_ROWS, Entry, HostTotal, Ledger

AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def entry(number: int = 0, host: str = "hub.test", **values: object) -> Entry:
    return Entry(AT + timedelta(seconds=number), host, "search", 100, 10, 20, 200, **values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "network.jsonl"


def test_entries_are_kept_newest_first_and_read_again(path):
    ledger = Ledger(path)
    ledger.add(entry(1, problem="the connection was lost"))
    ledger.add(entry(2, host="ünï.test"))
    assert [one.host for one in ledger.entries()] == ["ünï.test", "hub.test"]
    assert Ledger(path).entries() == ledger.entries()
    assert path.stat().st_mode & 0o077 == 0


def test_what_another_process_wrote_is_there_after_a_restart(path):
    first, second = Ledger(path), Ledger(path)
    assert second.entries() == ()
    first.add(entry(1))
    second.add(entry(2))
    assert len(Ledger(path).entries()) == 2


def test_the_sums_are_by_host_and_the_largest_comes_first():
    ledger = Ledger(None)
    for one in (entry(host="a"), entry(host="b"), entry(host="b"), entry(host="c")):
        ledger.add(one)
    assert ledger.totals() == (HostTotal("b", 2, 200, 20), HostTotal("a", 1, 100, 10), HostTotal("c", 1, 100, 10))


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\n",
        b"{\n",
        b"[]\n",
        b'{"at": 1}\n',
        b'{"at": "2026-05-04T03:02:01+00:00"}\n',
        b'{"at": "2026-05-04T03:02:01+00:00", "host": "x", "purpose": "y", "what": 1}\n',
        b'{"at": "2026-05-04T03:02:01+00:00", "host": 1, "purpose": "y"}\n',
        b'{"at": "2026-05-04T03:02:01+00:00", "host": "x", "purpose": "y", "status": "z"}\n',
        b'{"at": "2026-05-04T03:0',
        b"[" * 100_000,
    ],
)
def test_a_broken_line_costs_only_itself(path, line):
    Ledger(path).add(entry(1))
    with path.open("ab") as file:
        file.write(line)
    Ledger(path).add(entry(2))
    assert Ledger(path).entries() == (entry(2), entry(1))


def test_what_another_process_wrote_stays_when_the_file_is_shortened(path, monkeypatch):
    monkeypatch.setattr(ledger_module, "MOST_ROWS", 10)
    monkeypatch.setattr(ledger_module, "KEPT_ROWS", 5)
    ours, theirs = Ledger(path), Ledger(path)
    for number in range(10):
        ours.add(entry(number))
    theirs.add(entry(10, host="theirs.test"))
    ours.add(entry(11))
    assert ours.entries() == Ledger(path).entries()
    assert [one.host for one in ours.entries()] == ["hub.test", "theirs.test", *["hub.test"] * 3]


@pytest.mark.allow_log("the network ledger cannot be kept")
def test_two_processes_do_not_write_at_once(path, monkeypatch):
    monkeypatch.setattr(ledger_module, "PATIENCE_S", 0.01)
    ledger = Ledger(path)
    ledger.add(entry(1))
    with FileLock(f"{path}.lock"):
        ledger.add(entry(2))
        assert Ledger(path).entries() == (entry(1),)
    assert ledger.entries() == (entry(2), entry(1))


@pytest.mark.parametrize("is_on_disk", [True, False])
def test_it_stays_small(path, is_on_disk):
    ledger = Ledger(path if is_on_disk else None)
    for number in range(MOST_ROWS + 1):
        ledger.add(entry(number))
    assert len(ledger.entries()) == KEPT_ROWS
    assert ledger.entries()[0] == entry(MOST_ROWS)
    if is_on_disk:
        assert len(path.read_bytes().split()) < 20 * KEPT_ROWS
        assert Ledger(path).entries() == ledger.entries()


def test_of_a_file_that_grew_all_the_same_only_the_end_is_read(path, monkeypatch):
    monkeypatch.setattr(ledger_module, "MOST_BYTES", 500)
    for number in range(10):
        Ledger(path).add(entry(number))
    assert 1 <= len(Ledger(path).entries()) < 5
    assert Ledger(path).entries()[0] == entry(9)


def test_clearing_empties_the_file_too(path):
    ledger = Ledger(path)
    ledger.add(entry())
    ledger.clear()
    assert ledger.entries() == Ledger(path).entries() == ()
    assert path.read_bytes() == b""


def test_each_entry_is_told(path):
    told: list[Entry] = []
    Ledger(path, told.append).add(entry(1))
    assert told == [entry(1)]


def test_many_threads_may_write(path):
    ledger = Ledger(path)
    threads = [
        threading.Thread(target=lambda start=start: [ledger.add(entry(start + n)) for n in range(50)])
        for start in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.entries()) == len(Ledger(path).entries()) == 200


@pytest.mark.allow_log("the network ledger cannot be kept")
def test_a_file_that_cannot_be_written_is_told_once_and_is_no_error(tmp_path, caplog):
    ledger = Ledger(tmp_path)  # a folder
    ledger.add(entry(1))
    ledger.add(entry(2))
    ledger.clear()
    ledger.add(entry(3))
    assert ledger.entries() == (entry(3),)
    assert len(caplog.records) == 1


@pytest.mark.allow_log("the network ledger cannot be kept")
def test_a_folder_that_is_gone_is_no_error_of_a_request(tmp_path):
    ledger = Ledger(tmp_path / "gone" / "network.jsonl")
    ledger.add(entry())
    assert ledger.entries() == (entry(),)
