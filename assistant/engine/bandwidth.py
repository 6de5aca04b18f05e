"""How fast this computer gets through the weights of a model, measured once for each processor and kept.

Bound by its memory, or by its cores where these are few: the lower of what can be read and what llama.cpp gets through.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

from assistant.engine import hardware, placement
from assistant.engine.measure import Measuring, NoAnswer, ask
from assistant.engine.spawn import MEASURER
from assistant.errors import AssistantError
from assistant.safe_file import write_safely

log = logging.getLogger(__name__)
_FILE = "bandwidth.json"
PREFIX = "hollow-"
"""Of the folder that the measurement needs: ``models.hollow`` takes away those that were left behind."""


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
    folder: Path,
    *,
    seconds: float = 0.7,
    timeout_s: float = 10.0,
    command: Sequence[str] = MEASURER,
    among: Measuring | None = None,
) -> int:
    """Return how many bytes of weights a second a model gets through here: measured now unless kept in ``folder``.

    Blocks for three times ``seconds``, ``timeout_s`` at most. 0 when it cannot be measured.
    """
    if known := known_bandwidth(folder):
        return known
    try:
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder) as place:
            speeds = ask([*command, "bandwidth", place, str(seconds)], timeout_s, among)
        found = min(int(speeds["reading"]), int(speeds.get("writing", speeds["reading"])))
    except (NoAnswer, OSError, KeyError, TypeError, ValueError) as error:
        if not (among and among.is_closed):
            log.warning("the bandwidth cannot be measured: %s", error)
        return 0
    try:
        write_safely(
            folder / _FILE, json.dumps({"processor": _processor(), "bytes_per_s": found}, ensure_ascii=False).encode()
        )
    except AssistantError as error:
        log.info("the bandwidth is not kept: %s", error.kind)
    return found


def _processor() -> str:
    """Name what the figure holds for: another processor, or another number of cores to use, has another."""
    return f"{hardware.processor_name()}, {placement.threads(0)[0]} threads"
