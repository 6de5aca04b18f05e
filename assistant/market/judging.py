"""Whether the models on this computer will run here: a verdict each, for a list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from assistant.errors import ModelError
from assistant.memory import Memory
from assistant.models.fit import Accelerator, Verdict, default_context_length, estimate
from assistant.models.gguf import read_header
from assistant.models.header import Header
from assistant.models.model_file import ModelFile

MOST_KEPT = 64
"""Headers that are not read again while their files stay the same."""


def verdicts(models: Sequence[ModelFile], here: Memory, accelerator: Accelerator | None) -> dict[str, Verdict]:
    """Return the verdict of each model by its id, at the context length it would get; none for a file with a problem.

    Any thread. Reads each header once, 15 to 80 ms; a file that vanished meanwhile is left out.
    """
    found: dict[str, Verdict] = {}
    for model in models:
        if model.problem is not None:
            continue
        try:
            header = _header(model.path, *_state(model.path))
        except ModelError:
            continue
        length = default_context_length(header, here.available_bytes)
        fit = estimate(header, length, here.available_bytes, total_bytes=here.total_bytes, accelerator=accelerator)
        found[model.id] = fit.verdict
    return found


@lru_cache(maxsize=MOST_KEPT)
def _header(path: Path, _changed_ns: int, _size: int) -> Header:
    return read_header(path)


def _state(path: Path) -> tuple[int, int]:
    """Return what tells a file from a later one at the same place."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
