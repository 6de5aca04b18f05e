"""What can go wrong between a hub and us, asked for by place and name; and the log of everything that was requested."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatchcase


class Fault(Enum):
    """``after_bytes`` counts the bytes of this answer's body, ``at_byte`` those of the whole file.

    Without either, DROP, RESET and STALL come before any answer.
    """

    STATUS = auto()
    """Answers ``status`` with ``body`` and ``headers``."""
    DROP = auto()
    """Ends the connection as if all were well (FIN)."""
    RESET = auto()
    """Tears the connection (RST)."""
    STALL = auto()
    """Sends nothing more, for ``seconds`` or until ``Faults.clear``, then goes on."""
    SLOW = auto()
    """Sends ``bytes_per_s``; other faults can come on top."""
    CORRUPT = auto()
    """Flips the bits of one byte."""
    IGNORE_RANGE = auto()
    """Answers 200 and the whole file, whatever was asked for."""
    WRONG_RANGE = auto()
    """Answers 206 with the bytes from the beginning, and says so in Content-Range."""
    SHORT = auto()
    """A well-formed answer (its Content-Length fits) of fewer bytes than asked for."""
    DELAY = auto()
    """Waits ``seconds`` before it answers; other faults can come on top."""
    HTML = auto()
    """A login page with status 200, as a captive portal gives."""
    EXPIRED = auto()
    """403, as the CDN says when the signed address has ended."""


_BESIDES = (Fault.SLOW, Fault.DELAY)
_OF_A_BODY = (Fault.SLOW, Fault.CORRUPT, Fault.SHORT, Fault.IGNORE_RANGE, Fault.WRONG_RANGE)


@dataclass
class Rule:
    """A fault that waits for its requests. ``times`` is how many are left; None: every one."""

    place: str
    pattern: str
    fault: Fault
    after_bytes: int | None = None
    at_byte: int | None = None
    times: int | None = 1
    status: int = 503
    body: bytes = b'{"error": "as the test wants it"}'
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    bytes_per_s: int = 100_000
    method: str = ""

    def cut(self, start: int) -> int | None:
        """Return after how many bytes of a body that begins at ``start`` it comes; None: before any answer."""
        if self.at_byte is not None:
            return self.at_byte - start
        return 0 if self.after_bytes is None and self.fault in (Fault.CORRUPT, Fault.SHORT) else self.after_bytes

    def wants(self, place: str, method: str, path: str, span: tuple[int, int]) -> bool:
        """Return whether it meets this request; ``span`` is where the answer's body begins and ends in its file."""
        if self.times == 0 or place != self.place or self.method not in ("", method):
            return False
        if method == "HEAD" and (self.fault in _OF_A_BODY or self.after_bytes is not None or self.at_byte is not None):
            return False
        if self.at_byte is not None and not span[0] <= self.at_byte < span[1]:
            return False
        return fnmatchcase(path, self.pattern) or fnmatchcase(path, f"*/{self.pattern}")


class Faults:
    """The faults to come. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self.generation = 0

    def at(self, place: str, pattern: str, fault: Fault, **values: object) -> Rule:
        """Let ``fault`` happen at ``place`` ("hub" or "cdn") for paths that end like ``pattern``.

        The pattern is a shell's, for the whole path or what follows any slash of it: ``*``, ``*.gguf``,
        ``org/name/file.gguf``, ``api/models``, ``api/models/org/*``. Values: the fields of ``Rule``. Of the faults
        that meet a request the first one happens (and SLOW and DELAY besides).
        """
        rule = Rule(place, pattern, fault, **values)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget them all; what is stalled goes on."""
        with self._lock:
            self._rules.clear()
            self.generation += 1

    def take(self, place: str, method: str, path: str, span: tuple[int, int]) -> list[Rule]:
        """Return the rules that meet this request, and count them."""
        taken: dict[Fault | None, Rule] = {}
        with self._lock:
            for rule in self._rules:
                sort = rule.fault if rule.fault in _BESIDES else None
                if sort not in taken and rule.wants(place, method, path, span):
                    taken[sort] = rule
                    rule.times = None if rule.times is None else rule.times - 1
        return list(taken.values())


@dataclass
class Logged:
    """A request and what became of it. ``bytes_sent`` counts the body's and grows while it is being sent."""

    place: str
    method: str
    path: str
    query: str = ""
    range: str = ""
    authorization: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    status: int = 0
    bytes_sent: int = 0
    fault: Fault | None = None
    is_over: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def range_start(self) -> int:
        """Where the range that was asked for begins, 0 without one."""
        start = self.range.removeprefix("bytes=").partition("-")[0]
        return int(start) if start.isdigit() else 0


class Log:
    """Every request in the order it came. Any thread may read and wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._all: list[Logged] = []

    def __iter__(self) -> Iterator[Logged]:
        with self._changed:
            return iter(list(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def of(self, place: str = "", pattern: str = "*", method: str = "") -> list[Logged]:
        """Return the requests at a place whose path ends like ``pattern`` (see ``Faults.at``)."""
        return [
            one
            for one in self
            if place in ("", one.place)
            and method in ("", one.method)
            and (fnmatchcase(one.path, pattern) or fnmatchcase(one.path, f"*/{pattern}"))
        ]

    def bytes_sent(self, place: str = "cdn", pattern: str = "*") -> int:
        """Return how many bytes of bodies went out."""
        return sum(one.bytes_sent for one in self.of(place, pattern))

    def clear(self) -> None:
        """Forget what was."""
        with self._changed:
            self._all.clear()

    def wait(self, condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait until ``condition`` holds; it is asked anew whenever anything is requested or sent."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout_s):
                raise TimeoutError(f"did not come about; the log: {self._all}")

    def add(self, entry: Logged) -> None:
        """For the servers: a request has come."""
        with self._changed:
            self._all.append(entry)
            self._changed.notify_all()

    def count(self, entry: Logged, sent: int) -> None:
        """For the servers: so many bytes more went out."""
        with self._changed:
            entry.bytes_sent += sent
            self._changed.notify_all()

    def end(self, entry: Logged) -> None:
        """For the servers: it is over."""
        with self._changed:
            entry.is_over = True
            self._changed.notify_all()
