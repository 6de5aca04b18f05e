"""The worker's loop in this process, over real pipes: what is said to it, and what it answers."""

from __future__ import annotations

import os
import threading

from assistant.engine.inbox import Inbox
from assistant.engine.protocol import (
    Done,
    Failed,
    Generate,
    Load,
    Loaded,
    NeedsWhole,
    Pong,
    Quit,
    Turn,
    encode,
)
from assistant.engine.worker_control import WorkerControl
from assistant.engine.worker_loop import WorkerLoop
from tests.fakes import scripted_worker

ENDS = (Done, Failed, Loaded, Pong, NeedsWhole)


def ask(request, text, **options):
    """Return the command to answer ``text``."""
    return Generate(request, (Turn("user", text),), **options)


def load(request=1, name="model.gguf"):
    """Return the command to load a scripted model."""
    return Load(request, name)


class Talk:
    """Runs a loop until it said ``Quit`` to it: by default when each of its commands has ended."""

    def __init__(self, *commands, open_model=scripted_worker.open_model, on_event=lambda *_: None):
        self.events = []
        self.control = WorkerControl()
        self.loop = WorkerLoop(open_model, self.control, self._hear)
        self._open = {command.request for command in commands if command.request}
        self._on_event = on_event
        self._commands = commands

    def run(self):
        """Say all commands at once, let the loop run to its end and return what it answered."""
        reading, self._writing = os.pipe()
        self.say(*self._commands)
        ended = threading.Event()
        with os.fdopen(reading, "rb") as stream:
            inbox = Inbox(stream, self.loop.interrupt, ended.set)
            inbox.start()
            try:
                self.loop.run(inbox)
            finally:
                os.close(self._writing)
                inbox.join()
        assert ended.is_set()
        return self.events

    def say(self, *commands):
        """Give commands to the loop; it may be in the middle of a step."""
        for command in commands:
            os.write(self._writing, encode(command))

    def _hear(self, event):
        self.events.append(event)
        self._on_event(self, event)
        if isinstance(event, ENDS):
            self._open.discard(event.request)
            if not self._open:
                self.say(Quit(0))

    def of(self, kind, request=None):
        """Return the events of a kind."""
        return [e for e in self.events if isinstance(e, kind) and request in (None, e.request)]
