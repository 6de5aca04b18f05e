"""The network ledger: every request that left this computer, for a person to read.

One JSON object a line in a file that stays small. Addresses, names of models and what was searched for are not kept.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from assistant.safe_file import write_safely

if TYPE_CHECKING:
    from pathlib import Path

MOST_ROWS = 2_000
KEPT_ROWS = 1_000
"""What is left when there were too many: the newest."""
MOST_BYTES = 4_000_000
"""What is read of the file at most, from its end."""
PATIENCE_S = 1.0
"""So long another process may be at the file; each is only for milliseconds."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One request. ``at`` is when it began; ``purpose`` the value of a ``Purpose``; ``status`` 0 without an answer.

    ``problem`` is a marked English clause, empty when all went well; show it with ``_``.
    """

    at: datetime
    host: str
    purpose: str
    bytes_received: int = 0
    bytes_sent: int = 0
    duration_ms: int = 0
    status: int = 0
    problem: str = ""


@dataclass(frozen=True)
class HostTotal:
    """What went to and came from one host, as far back as the ledger reaches."""

    host: str
    requests: int
    bytes_received: int
    bytes_sent: int


class Ledger:
    """The entries and their file; ``None`` keeps them in memory only. Any thread.

    ``on_added`` is called in the thread of the request after each entry. A file that cannot be read or written is no
    error of a request: it is logged once, and the entries of this run are still here.
    """

    def __init__(self, path: Path | None, on_added: Callable[[Entry], None] | None = None) -> None:
        self._path = path
        self.on_added = on_added
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._is_read = path is None
        self._complained = False

    def add(self, entry: Entry) -> None:
        """Write an entry down. Blocks for one short line to the file."""
        with self._lock:
            self._read()
            self._entries.append(entry)
            if len(self._entries) > MOST_ROWS:
                del self._entries[:-KEPT_ROWS]
                self._write(lambda path: self._shorten(path, entry))
            else:
                self._write(lambda path: _append(path, entry))
        if self.on_added:
            self.on_added(entry)

    def entries(self) -> tuple[Entry, ...]:
        """Return what is kept, the newest first. The first call reads the file."""
        with self._lock:
            self._read()
            return tuple(reversed(self._entries))

    def totals(self) -> tuple[HostTotal, ...]:
        """Return the sums by host, the host with most bytes first."""
        sums: dict[str, list[int]] = {}
        for entry in self.entries():
            of_host = sums.setdefault(entry.host, [0, 0, 0])
            for index, count in enumerate((1, entry.bytes_received, entry.bytes_sent)):
                of_host[index] += count
        totals = [HostTotal(host, *of_host) for host, of_host in sums.items()]
        return tuple(sorted(totals, key=lambda total: (-total.bytes_received - total.bytes_sent, total.host)))

    def clear(self) -> None:
        """Forget everything, in the file too."""
        with self._lock:
            self._is_read = True
            self._entries.clear()
            self._write(lambda path: write_safely(path, b""))

    def _read(self) -> None:
        if self._is_read or self._path is None:
            return
        self._is_read = True
        try:
            self._entries = _rows(self._path)
        except OSError as error:
            self._complain(error.strerror or str(error))

    def _write(self, write: Callable[[Path], None]) -> None:
        """Do something to the file while no other process of this home does."""
        from filelock import FileLock

        if self._path is None:
            return
        try:
            with FileLock(self._path.with_name(f"{self._path.name}.lock"), timeout=PATIENCE_S):
                write(self._path)
        except OSError as error:
            self._complain(error.strerror or str(error))
        except AssistantError as error:
            self._complain(error.kind)

    def _shorten(self, path: Path, entry: Entry) -> None:
        """Leave the newest rows in the file; of those that other processes wrote, too."""
        if not self._complained:  # else the file lacks some of ours
            self._entries = [*_rows(path), entry][-KEPT_ROWS:]
        write_safely(path, b"".join(map(_line, self._entries)))

    def _complain(self, reason: str) -> None:
        if not self._complained:
            self._complained = True
            log.warning("the network ledger cannot be kept on disk: %s", reason)


def _rows(path: Path) -> list[Entry]:
    """Return the newest entries of a file, none when it is not there. Raises OSError."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - MOST_BYTES))
            lines = file.read(MOST_BYTES).splitlines()
    except FileNotFoundError:
        return []
    return list(_entries_of(lines))[-MOST_ROWS:]


def _append(path: Path, entry: Entry) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, _line(entry))
    finally:
        os.close(handle)


def _line(entry: Entry) -> bytes:
    """Return an entry as a line; the one before it may have been cut off, hence the break in front."""
    return b"\n" + json.dumps({**asdict(entry), "at": entry.at.isoformat()}, ensure_ascii=False).encode() + b"\n"


def _entries_of(lines: Iterable[bytes]) -> Iterable[Entry]:
    """Yield the entries of the lines that can be understood."""
    for line in lines:
        try:
            row = json.loads(line)
            at = datetime.fromisoformat(row.pop("at")).astimezone(UTC)
            entry = Entry(at=at, **row)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            continue
        if _is_sound(entry):
            yield entry


def _is_sound(entry: Entry) -> bool:
    texts = (entry.host, entry.purpose, entry.problem)
    counts = (entry.bytes_received, entry.bytes_sent, entry.duration_ms, entry.status)
    return all(isinstance(text, str) for text in texts) and all(isinstance(count, int) for count in counts)
