"""The bandwidth of this computer's memory, measured once for each processor and kept."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from assistant.engine import hardware, placement
from assistant.engine.measure import COMMAND, NoAnswer, ask
from assistant.errors import AssistantError
from assistant.safe_file import write_safely

log = logging.getLogger(__name__)
_FILE = "bandwidth.json"


def known_bandwidth(folder: Path) -> int:
    """Return the bytes a second that were measured on this processor; 0 when none were. Reads one small file."""
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        if kept["processor"] == _processor() and isinstance(kept["bytes_per_s"], int):
            return max(0, int(kept["bytes_per_s"]))
    except (OSError, ValueError, TypeError, KeyError):  # not there, or not ours: it is measured again
        pass
    return 0


def bandwidth(
    folder: Path, *, seconds: float = 2.0, timeout_s: float = 10.0, command: tuple[str, ...] = COMMAND
) -> int:
    """Return how many bytes a second this computer's memory gives to a model: measured now unless kept in ``folder``.

    Blocks for ``seconds`` and a little, ``timeout_s`` at most. 0 when it cannot be measured.
    """
    if known := known_bandwidth(folder):
        return known
    try:
        found = int(ask([*command, "bandwidth", str(seconds)], timeout_s)["bytes_per_s"])
    except (NoAnswer, KeyError, TypeError, ValueError) as error:
        log.warning("the memory's bandwidth cannot be measured: %s", error)
        return 0
    try:
        write_safely(
            folder / _FILE, json.dumps({"processor": _processor(), "bytes_per_s": found}, ensure_ascii=False).encode()
        )
    except AssistantError as error:
        log.info("the memory's bandwidth is not kept: %s", error.kind)
    return found


def _processor() -> str:
    """Name what the figure holds for: another processor, or another number of cores to use, has another."""
    return f"{hardware.processor_name()}, {placement.threads(0)[0]} threads"
