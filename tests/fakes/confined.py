"""Confines itself as a worker does, tries what it must not and what it must, and prints what came of it as JSON.

Run as ``python -m tests.fakes.confined [--gpu] MODEL FORBIDDEN…``; the kernel's word is taken, nothing is assumed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from assistant.engine import hardware
from assistant.engine.sandbox import confine


def outcome(attempt):
    """Return ``done``, or the name of what it raised."""
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"


def start_thread():
    """A thread must still be possible: llama.cpp computes in several."""
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


def list_devices():
    """The libraries can still be opened."""
    if not hardware.devices():
        raise FileNotFoundError


def attempts(model, forbidden):
    """Return every attempt by its name."""
    parent = os.getppid()
    return {
        "read the model": model.read_bytes,
        "list the devices": list_devices,
        "read itself": Path("/proc/self/status").read_bytes,
        "start a thread": start_thread,
        "write to nowhere": lambda: Path(os.devnull).write_text("x"),
        **{f"read {path.name}": path.read_bytes for path in forbidden},
        "list the home folder": lambda: list(Path.home().iterdir()),
        "write beside the model": lambda: model.with_name("new").write_text("x"),
        "overwrite the model": lambda: model.write_bytes(b"x"),
        "delete the model": model.unlink,
        "change the model's mode": lambda: model.chmod(0o777),
        "look at the parent": Path(f"/proc/{parent}/cmdline").read_bytes,
        "open a socket": socket.socket,
        "run a program": lambda: subprocess.run(["/bin/true"], check=False),
        "become a program": lambda: os.execv("/bin/true", ["true"]),
        "fork": os.fork,
        "signal the parent": lambda: os.kill(parent, signal.SIGCONT),
    }


def main():
    """Confine, try, print."""
    arguments = sys.argv[1:]
    gpu = "--gpu" in arguments
    model, *forbidden = [Path(argument) for argument in arguments if argument != "--gpu"]
    held = confine([model], gpu=gpu)
    outcomes = {name: outcome(attempt) for name, attempt in attempts(model, forbidden).items()}
    print(json.dumps({"held": held, "outcomes": outcomes}))


if __name__ == "__main__":
    main()
