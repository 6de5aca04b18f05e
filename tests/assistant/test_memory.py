"""How much memory there is: this computer's, or what a container allows of it."""

from __future__ import annotations

from pathlib import Path

import psutil

from assistant.memory import GIB, memory

MIB = 1 << 20


def group(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_limit_of_a_container_counts_less_its_file_cache(tmp_path):
    group(tmp_path, "proc/self/cgroup", "0::/app/web\n")
    group(tmp_path, "sys/fs/cgroup/app/memory.max", f"{GIB}\n")
    group(tmp_path, "sys/fs/cgroup/app/memory.current", f"{700 * MIB}\n")
    group(tmp_path, "sys/fs/cgroup/app/memory.stat", f"anon 1\ninactive_file {100 * MIB}\n")
    group(tmp_path, "sys/fs/cgroup/app/web/memory.max", "max\n")
    group(tmp_path, "sys/fs/cgroup/app/web/memory.current", "5\n")

    found = memory(tmp_path)

    assert (found.total_bytes, found.available_bytes) == (GIB, 424 * MIB)


def test_a_limit_of_the_older_control_groups_counts(tmp_path):
    group(tmp_path, "proc/self/cgroup", "8:pids:/\n4:memory:/docker/x\n")
    group(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{GIB // 2}\n")
    group(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", f"{GIB}\n")

    found = memory(tmp_path)

    assert (found.total_bytes, found.available_bytes) == (GIB // 2, 0)


def test_no_limit_means_the_whole_computer(tmp_path):
    group(tmp_path, "proc/self/cgroup", "4:memory:/x\nnonsense\n")
    group(tmp_path, "sys/fs/cgroup/memory/x/memory.limit_in_bytes", f"{2**63 - 4096}\n")
    group(tmp_path, "sys/fs/cgroup/memory/x/memory.usage_in_bytes", "0\n")

    assert memory(tmp_path).total_bytes == memory(tmp_path / "none").total_bytes == psutil.virtual_memory().total
