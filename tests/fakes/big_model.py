"""Models that need more memory than there is: real headers over a hole, which takes no room on the disk."""

from __future__ import annotations

from assistant.memory import memory
from tests.fakes.gguf_files import Tensor, tiny_gguf

ROW_BYTES = 1 << 20
IN_USE_BYTES = 1 << 26
"""So much of a computer's memory is always taken."""


def write(path):
    """Write a model twice as big as the memory of this computer."""
    return _write(path, 2 * memory().total_bytes)


def write_for_an_idle_computer(path):
    """Write a model that only a computer with nothing in its memory could load; that is seen when it is tried."""
    return _write(path, memory().total_bytes - IN_USE_BYTES)


def _write(path, size_bytes):
    weights = Tensor("output.weight", (ROW_BYTES // 4, size_bytes // ROW_BYTES))
    return tiny_gguf(tensors=[Tensor("token_embd.weight", (64, 96)), weights]).write(path)
