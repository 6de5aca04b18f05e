"""The window as a program of its own, started as ``python -m ui`` starts it, with somebody before it.

Whoever sits there is made with the ``Application`` once the window is shown, and tells on stdout what was seen: a JSON
object a line, with ``kind`` and ``at``, the time on the clock that all processes of a computer share.
"""

from __future__ import annotations

import json
import os
import sys
import time

from ui import app


def run(person, engine_command=None):
    """Run the window until it is closed, with ``person(application)`` before it; returns the exit code."""

    class Attended(app.Application):
        def start(self, qt, **_wishes):
            super().start(qt, welcomes=False)
            self.crashes.crashed.connect(lambda report: tell("crashed", report=report))
            self.person = person(self)

    app.Application = Attended
    return app.run(sys.argv[:1], engine_command)


def tell(kind, **values):
    """Say that something was seen; it is out when this returns."""
    os.write(1, json.dumps({"kind": kind, "at": time.monotonic(), **values}).encode() + b"\n")
