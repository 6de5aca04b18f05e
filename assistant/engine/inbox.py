"""What the app asks of a worker, read in a thread of its own, so that it is heard while the model computes."""

from __future__ import annotations

import threading
from collections import deque
from typing import IO, TYPE_CHECKING

from assistant.engine.protocol import Cancel, Message, ProtocolError, Quit, read_frame

if TYPE_CHECKING:
    from collections.abc import Callable


class Inbox:
    """Commands in the order they came. ``start`` begins to read; everything else is for the main thread.

    ``on_command`` is called from the reading thread after a command was put in; ``on_end`` when the stream ended or
    held something that is no command, which means that the app is gone or not ours.
    """

    def __init__(self, stream: IO[bytes], on_command: Callable[[Message], None], on_end: Callable[[], None]) -> None:
        self._stream = stream
        self._on_command = on_command
        self._on_end = on_end
        self._commands: deque[Message] = deque()
        self._filled = threading.Condition()
        self._cancelled: set[int] = set()
        self._is_quitting = False
        self._thread = threading.Thread(target=self._read, name="worker-inbox", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the end of the stream."""
        self._thread.join()

    def take(self) -> list[Message]:
        """Return what has come, oldest first; never blocks."""
        if not self._commands:
            return []
        with self._filled:
            commands = list(self._commands)
            self._commands.clear()
        return commands

    def wait(self) -> None:
        """Block until there is a command."""
        with self._filled:
            self._filled.wait_for(lambda: bool(self._commands))

    @property
    def is_quitting(self) -> bool:
        """Whether ``Quit`` has come, taken or not."""
        return self._is_quitting

    def is_cancelled(self, request: int) -> bool:
        """Whether a ``Cancel`` for ``request`` has come and was not forgotten, taken or not."""
        return request in self._cancelled

    def forget(self, request: int) -> None:
        """``request`` has ended; cancels that came for it no longer matter."""
        self._cancelled.discard(request)

    def _read(self) -> None:
        try:
            while command := read_frame(self._stream):
                with self._filled:
                    if isinstance(command, Cancel):
                        self._cancelled.add(command.request)
                    self._is_quitting = self._is_quitting or isinstance(command, Quit)
                    self._commands.append(command)
                    self._filled.notify_all()
                self._on_command(command)
        except (ProtocolError, OSError):
            pass  # the end below
        self._on_end()
