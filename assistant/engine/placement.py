"""Where a model goes and how much it may remember: layers on a GPU, length of the context, threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.engine.measure import Measured
    from assistant.engine.protocol import Device
    from assistant.memory import Memory

CPU_BATCH, GPU_BATCH = 128, 512
"""Tokens evaluated at a time: on a CPU full speed is reached early, and a chunk is as long as a cancel may take."""
SEQUENCES = 10
"""The visible conversation, up to eight alternatives, and the background."""
DEFAULT_CONTEXT = 8192
SHORT_CONTEXT = 2048
"""What is made shorter to fit is not made shorter than this where there is any way: a conversation would hardly fit."""
MIN_CONTEXT = 512
_STEP = 256
OVERHEAD_BYTES = 60 << 20
"""What the worker's process takes beside the model."""
RESERVE_BYTES = 256 << 20
"""For what is neither weights nor KV cache: buffers for computing, Python."""
GPU_RESERVE_BYTES = 1 << 30
SYSTEM_BYTES = 2 << 30
"""What the system and the window cannot do without."""


def gpus(devices: Sequence[Device]) -> list[Device]:
    """Return the devices that layers can be put on."""
    return [device for device in devices if device.kind in ("gpu", "igpu")]


def layers_that_fit(need: Measured, layers: int, free_bytes: int) -> int:
    """Return how many of a model's ``layers`` go to GPUs with ``free_bytes`` together: −1 all, 0 none.

    A GiB stays free for what else the cards do.
    """
    room = free_bytes - GPU_RESERVE_BYTES
    if need.total_bytes <= room:
        return -1
    a_layer = (need.weights_bytes + need.kv_bytes) // max(1, layers) + 1
    return min(layers - 1, max(0, room - need.compute_bytes) // a_layer) if layers > 1 else 0


def most_bytes(memory: Memory) -> int:
    """Return what a model may take if other programs give way."""
    return max(memory.available_bytes, memory.total_bytes - SYSTEM_BYTES)


def fitting_context(wanted: int, trained: int, kv_bytes_per_token: int, room_bytes: int) -> int:
    """Return the context length to have: what is ``wanted`` (0: 8,192), or was trained for, or has room.

    It is never under ``MIN_CONTEXT`` unless that is wanted, however small the room.
    """
    bounds = [wanted or DEFAULT_CONTEXT, *([trained] if trained > 0 else [])]
    if kv_bytes_per_token > 0:
        bounds.append(max(MIN_CONTEXT, room_bytes // kv_bytes_per_token // _STEP * _STEP))
    return min(bounds)


def threads(wanted: int) -> tuple[int, int]:
    """Return how many threads write and how many read a prompt: one a core, and one a processor the core has.

    ``wanted`` above 0 is both. Never more than this process may use at a time.
    """
    import psutil

    usable = _usable_processors()
    if wanted > 0:
        return min(wanted, usable), min(wanted, usable)
    cores = psutil.cpu_count(logical=False) or usable
    return min(cores, usable), usable


def _usable_processors() -> int:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(count, _quota(Path("/sys/fs/cgroup/cpu.max")) or count))


def _quota(path: Path) -> int:
    """Return how many processors the control group may keep busy, 0 for any number."""
    try:
        quota, period = path.read_text().split()
        return 0 if quota == "max" else max(1, int(quota) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return 0
