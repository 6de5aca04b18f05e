"""Runs a restless window, kills it, and knows from what it told which things must be found afterwards."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise

import psutil

START_S = 60
"""So long a window may take to show its first conversation; two slow cores may be busy with something else."""


class KilledWindow:
    """One life of a window and what it told. ``text``, ``ended`` … are by message, ``typed`` … by conversation."""

    def __init__(self, seed, seconds, *, is_real=False, is_early=False):
        """Kill it ``seconds`` after somebody began to act; with ``is_early`` after the start, whatever it is at."""
        command = [sys.executable, "-m", "tests.fakes.restless_window", str(seed), *(["real"] if is_real else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
            said = b"" if is_early else _read(program, START_S, until=b'"ready"')
            said += _read(program, seconds)
            assert program.poll() is None, f"the window ended by itself: {said[-2000:]!r}"
            self.killed_at = time.monotonic()
            program.kill()
            said += program.stdout.read()
        lines = said[: said.rfind(b"\n") + 1].splitlines()  # the last one may have been cut
        self.events = [json.loads(line) for line in lines]

    def of(self, *kinds):
        return [event for event in self.events if event["kind"] in kinds]

    def questions(self):
        """What was told to be saved: text by message."""
        return {event["message"]: event["text"] for event in self.of("asked")}

    def ends(self):
        """Answers told to be over: status and text by message."""
        return {event["message"]: (event["status"], event["text"]) for event in self.of("ended")}

    def lost_s(self, message, stored):
        """How old the oldest text of an answer is that was shown and is not in ``stored``; 0 when all is there."""
        shown = ""
        for event in self.of("text"):
            if event["message"] == message:
                shown += event["text"]
                if not stored.startswith(shown):
                    assert shown.startswith(stored), "what is stored is not what was shown"
                    return self.killed_at - event["at"]
        return 0.0

    def is_cut_in(self, *acts):
        """Whether the kill came while one of these acts was done, so that nobody can say what of it is saved."""
        last = self.of("act", "acted")[-1:]
        return bool(last) and last[0]["kind"] == "act" and last[0]["name"] in acts

    def trash(self):
        """Whether a conversation was last told to be in the trash, by conversation."""
        return {event["conversation"]: event["kind"] == "trashed" for event in self.of("trashed", "there")}

    def possible_drafts(self, conversation, before, lag_s):
        """Every text that may be stored as a draft, when typed text is stored ``lag_s`` after the last key.

        ``conversation`` 0 is the one that does not exist yet; ``before`` is what was stored at the start.
        """
        states = [event for event in self.of("typed", "leaving") if (event["conversation"] or 0) == conversation]
        possible = {before}
        for state, later in pairwise([*states, {"at": self.killed_at}]):
            is_kept = state["kind"] == "typed" and later["at"] - state["at"] > lag_s
            possible = {state["text"]} if is_kept else possible | {state.get("text", "")}
        return possible


def processes_at(home):
    """The processes, other than this one, that live in ``home``."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("INKSTONE_HOME") == str(home):
                found.append(process)
    return found


def _read(program, seconds, until=None):
    """Read what the program says for ``seconds``, or until it has said ``until``; that must come in time."""
    said, deadline = b"", time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and not (until and until in said):
        if select.select([program.stdout], [], [], left)[0]:
            piece = os.read(program.stdout.fileno(), 1 << 16)
            if not piece:
                break
            said += piece
    assert not until or until in said, f"never said {until!r}: {said[-2000:]!r}"
    return said
