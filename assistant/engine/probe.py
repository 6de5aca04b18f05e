"""What the engine's library and this computer's devices are, asked of a worker that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from assistant.engine.control import ControlMemory
from assistant.engine.protocol import Hello, ProtocolError, Quit, encode, read_frame
from assistant.engine.spawn import WORKER, reap, start


def probe(command: Sequence[str] = WORKER) -> Hello | None:
    """Start a worker, return what it says of itself and end it; ``None`` when it cannot start. Blocks for a second.

    A process of its own, since drivers of graphics cards may crash the one that asks them.
    """
    control = ControlMemory()
    try:
        process = start([*command, "--control", str(control.path)], control.descriptors)
        with process:
            assert process.stdout
            assert process.stdin
            hello = None
            with suppress(ProtocolError, OSError):
                hello = read_frame(process.stdout)
                process.stdin.write(encode(Quit(0)))
                process.stdin.flush()
            process.communicate()
            reap(process)
    except OSError:
        return None
    finally:
        control.close()
    return hello if isinstance(hello, Hello) else None
