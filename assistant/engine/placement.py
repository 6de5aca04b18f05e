"""Where a model goes and how much it may remember: layers on a GPU, length of the context, threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.engine.protocol import Device

CPU_BATCH, GPU_BATCH = 128, 512
"""Tokens evaluated at a time: on a CPU full speed is reached early, and a chunk is as long as a cancel may take."""
DEFAULT_CONTEXT = 8192
MIN_CONTEXT = 512
_STEP = 256
RESERVE_BYTES = 256 << 20
"""For what is neither weights nor KV cache: buffers for computing, Python."""


def gpus(devices: Sequence[Device]) -> list[Device]:
    """Return the devices that layers can be put on."""
    return [device for device in devices if device.kind in ("gpu", "igpu")]


def layers_to_try(wanted: int, weights_bytes: int, free_bytes: int) -> list[int]:
    """Return numbers of layers on the GPU, the best first; −1 means all.

    ``wanted`` as in ``Load.gpu_layers``; ``free_bytes`` of all GPUs together, 0 when there is none.
    """
    if not free_bytes or wanted == 0:
        return [0]
    if wanted < 0:
        return [-1, 0] if weights_bytes + 2 * RESERVE_BYTES <= free_bytes else [0]
    return [*dict.fromkeys((wanted, wanted // 2, wanted // 4, 0))]


def fitting_context(wanted: int, trained: int, kv_bytes_per_token: int, room_bytes: int) -> int:
    """Return the context length to have: what is ``wanted`` (0: 8,192), or was trained for, or has room.

    It is never under ``MIN_CONTEXT`` unless that is wanted, however small the room.
    """
    bounds = [wanted or DEFAULT_CONTEXT, *([trained] if trained > 0 else [])]
    if kv_bytes_per_token > 0:
        bounds.append(max(MIN_CONTEXT, room_bytes // kv_bytes_per_token // _STEP * _STEP))
    return min(bounds)


def contexts_to_try(length: int) -> list[int]:
    """Return ``length`` and shorter ones."""
    return [length, *(length >> shift for shift in range(1, 5) if length >> shift >= MIN_CONTEXT)]


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
