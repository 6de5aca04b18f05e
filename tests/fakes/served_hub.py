"""A fake hub in a process of its own, so that its work is nobody else's.

``python -m tests.fakes.served_hub NAME FILE…``; NAME is the repository's, a file is ``ITS-NAME=PATH``.
The first line it writes is the hub's address; it serves until its standard input is closed.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.hub import FakeHub


@contextmanager
def served(name, files):
    """Serve the repository ``name`` with ``files`` (path by name) meanwhile; gives the hub's address."""
    arguments = [f"{file}={path}" for file, path in files.items()]
    command = [sys.executable, "-m", "tests.fakes.served_hub", name, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip()
        server.stdin.close()


def main(name, *files):
    with FakeHub() as hub:
        hub.add(name, {file: Path(path) for file, path in (each.split("=", 1) for each in files)})
        print(hub.endpoint, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
