"""Listens to a program that tells what it sees, a JSON object a line: see ``attended_window``."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time

PATIENCE_S = 120
"""So long anything may take; two slow cores may be busy with something else."""


class Told:
    """A program that was started, and what it has told so far."""

    def __init__(self, *command, environment=None):
        """Start ``python -m`` with these words; ``environment`` is added to this process's own."""
        self.program = subprocess.Popen(
            [sys.executable, "-m", *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | (environment or {}),
        )
        self.events = []
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.kill()

    def until(self, is_so):
        """Listen until an event, those of before included, is what is waited for; return it.

        ``is_so`` is asked about each, or the ``kind`` that it shall be.
        """
        asked = 0
        end = time.monotonic() + PATIENCE_S
        while True:
            for event in self.events[asked:]:
                assert event["kind"] != "crashed", event["report"]
                if event["kind"] == is_so if isinstance(is_so, str) else is_so(event):
                    return event
            asked = len(self.events)
            assert self._listen(end), f"it was not told; the last was: {self.events[-3:]}"

    def nod(self):
        """Let it go on, where it waits for a line."""
        self.program.stdin.write(b"\n")
        self.program.stdin.flush()

    def of(self, kind):
        """All events of a kind."""
        return [event for event in self.events if event["kind"] == kind]

    def end(self):
        """Listen to the end, and return the exit code."""
        end = time.monotonic() + PATIENCE_S
        while self._listen(end):
            pass
        return self.program.wait(PATIENCE_S)

    def kill(self):
        """End it as a power cut does; harmless when it has ended."""
        self.program.kill()
        self.end()
        self.program.stdin.close()
        self.program.stdout.close()

    def _listen(self, end):
        """Take in what is said next; False when nothing comes any more."""
        ready, _, _ = select.select([self.program.stdout], [], [], max(0, end - time.monotonic()))
        piece = os.read(self.program.stdout.fileno(), 1 << 16) if ready else b""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self.events += [json.loads(line) for line in lines]
        return bool(piece)
