"""How much memory this computer, or the container we run in, can give to a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30


@dataclass(frozen=True)
class Memory:
    """Bytes there are in all, and bytes that could be taken now without swapping."""

    total_bytes: int
    available_bytes: int


def memory(root: Path = Path("/")) -> Memory:
    """Return this computer's memory, lowered to what a container allows. Blocks for about a millisecond.

    ``root`` is where ``proc`` and ``sys`` lie; for tests.
    """
    import psutil

    found = psutil.virtual_memory()
    total, available = int(found.total), int(found.available)
    for limit, used in _limits(root):
        if 0 < limit < total:
            total = limit
        available = min(available, max(0, limit - used))
    return Memory(total, min(total, available))


def _limits(root: Path) -> list[tuple[int, int]]:
    """Return limit and use of each control group that this process is in, nearest first; none outside Linux."""
    found = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _number, controllers, path = f"{line}::".split(":", 2)
        if not controllers:
            base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            base = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        group = base / path.strip(":/")
        while True:
            found += _limit(group, *names)
            if group == base or base not in group.parents:
                break
            group = group.parent
    return found


def _limit(group: Path, limit_name: str, use_name: str, cache_name: str) -> list[tuple[int, int]]:
    """Return the one limit of a group, with its use less the file cache that would be given up; empty for none."""
    limit, use = _text(group / limit_name).strip(), _text(group / use_name).strip()
    if not limit.isdigit() or not use.isdigit():  # "max", or not there
        return []
    cache = 0
    for line in _text(group / "memory.stat").splitlines():
        name, _space, value = line.partition(" ")
        if name == cache_name and value.isdigit():
            cache = int(value)
    return [(int(limit), max(0, int(use) - cache))]


def _text(path: Path) -> str:
    """Return a small file's text, empty where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
