"""The process that runs a model: ``python -m assistant.engine.worker [--control FILE] [--model FILE]``.

Commands come as frames on standard input, events go as frames to what was standard output when it started; whatever
prints to standard output later lands in standard error, the log. The end of standard input ends the process at once:
the app is gone. See ``protocol`` for the words, ``control`` for the shared memory, ``worker_loop`` for the loop.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from assistant.engine import hardware, sandbox
from assistant.engine.child import prepare
from assistant.engine.inbox import Inbox
from assistant.engine.model_files import model_files
from assistant.engine.protocol import VERSION, Device, Hello, Message, encode
from assistant.engine.worker_control import WorkerControl
from assistant.engine.worker_loop import WorkerLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant.engine.running import OpenModel


def main(
    open_model: OpenModel | None = None,
    arguments: Sequence[str] | None = None,
    devices: tuple[Device, ...] = (),
) -> int:
    """Serve until told to quit and return the exit code.

    ``open_model`` is llama.cpp's, and ``devices`` this computer's, unless a test gives others.
    """
    options = _options(arguments)
    commands, events = _take_streams()
    prepare()
    control = WorkerControl(options.control)
    engine = "script"
    if open_model is None:
        from assistant.engine import llama

        open_model, engine, devices = llama.open_model, llama.version(), hardware.devices()
    gpu = any(device.kind in ("gpu", "igpu") for device in devices)
    held = sandbox.confine(model_files(options.model) if options.model else [], gpu=gpu)
    send = _sender(events)
    loop = WorkerLoop(open_model, control, send)
    inbox = Inbox(commands, loop.interrupt, lambda: os._exit(0))
    inbox.start()
    send(Hello(0, VERSION, os.getpid(), engine, held, devices))
    loop.run(inbox)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="assistant.engine.worker", description="Runs a model for Inkstone.")
    parser.add_argument("--control", type=Path, help="the file of the shared memory")
    parser.add_argument("--model", type=Path, help="the only model that will be loaded")
    return parser.parse_args(arguments)


def _take_streams() -> tuple[IO[bytes], int]:
    """Return the stream of commands and a descriptor for events; nobody else can reach either."""
    events = os.dup(1)
    os.dup2(2, 1)
    commands = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (commands, events):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return os.fdopen(commands, "rb", buffering=1 << 16), events


def _sender(descriptor: int) -> Callable[[Message], None]:
    """Return what writes a message as one frame, whole, from whichever thread."""
    lock = threading.Lock()

    def send(message: Message) -> None:
        data = memoryview(encode(message))
        try:
            with lock:
                while data:
                    data = data[os.write(descriptor, data) :]
        except OSError:  # nobody reads any more
            os._exit(0)

    return send


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # past the interpreter's end, where the inbox's thread still reads
