"""An engine with a mailbox and someone who drains it: waits for conditions, remembers what was said."""

from __future__ import annotations

import time

from assistant.changes import EngineChanged
from assistant.engine.engine import Engine
from assistant.engine.protocol import Done, Failed, Sampling, Tokens, Turn
from assistant.engine.state import Phase
from assistant.mailbox import Mailbox
from tests.fakes.scripted_worker import COMMAND


class EngineDriver:
    """Drives an ``Engine`` over the scripted worker; the model's file is made in ``folder``."""

    def __init__(self, folder, command=COMMAND, **limits):
        self.folder = folder
        self.mailbox = Mailbox()
        self.engine = Engine(self.mailbox, log_folder=folder, command=command, **limits)
        self.messages = []
        self.states = []

    def model(self, name="model.gguf"):
        """Return a file that the scripted worker takes for a model."""
        path = self.folder / name
        path.touch()
        return path

    def pump(self):
        """Apply what waits in the mailbox."""
        for event in self.mailbox.drain():
            applied = self.engine.apply(event)
            self.messages += applied.messages
            self.states += [change.state for change in applied.changes if isinstance(change, EngineChanged)]

    def until(self, condition, timeout_s=30):
        """Pump until ``condition()`` holds and return its value."""
        deadline = time.monotonic() + timeout_s
        self.pump()
        while not (value := condition()):
            assert self.mailbox.wait(deadline - time.monotonic()), f"never: {self.engine.state} {self.messages[-3:]}"
            self.pump()
        return value

    def load(self, name="model.gguf", **options):
        """Load a model and wait until it is ready."""
        self.engine.load(self.model(name), **options)
        self.until_phase(Phase.READY)

    def until_phase(self, phase):
        """Wait for a phase."""
        self.until(lambda: self.engine.state.phase is phase)

    def ask(self, text, sampling=None, **options):
        """Ask a question; returns the request."""
        return self.engine.generate([Turn("user", text)], sampling or Sampling(), **options)

    def until_text(self, request):
        """Wait for the first words of an answer."""
        self.until(lambda: self.text(request))

    def end(self, request):
        """Wait for the end of a request and return it."""
        return self.until(lambda: next(iter(self.ends(request)), None))

    def ends(self, request):
        """Return every end that was heard of a request: one, when all is well."""
        kinds = (Done, Failed)
        return [message for message in self.messages if message.request == request and isinstance(message, kinds)]

    def text(self, request):
        """Return what was written so far."""
        return "".join(m.text for m in self.messages if isinstance(m, Tokens) and m.request == request)

    def phases(self):
        """Return the phases passed through, without repetitions."""
        found = []
        for state in self.states:
            if not found or found[-1] is not state.phase:
                found.append(state.phase)
        return found
