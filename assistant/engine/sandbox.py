"""What a worker may no longer do once its model is known: Landlock for files, seccomp for everything else.

Linux only. Elsewhere, and where the kernel lacks them, the worker is a plain process of the user.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.engine import hardware, landlock, seccomp

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIBRARIES = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/localtime"),
)
_FACTS = (  # /proc/self is this process only: the rule is on what the link leads to
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/sys/vm/overcommit_memory"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup"),
    *("/dev/zero", "/dev/urandom", "/dev/random"),
)
_GPU_FACTS = (
    "/proc",
    "/sys",
    "/usr/share",
    "/usr/local",
    "/opt",
    "/etc/vulkan",
    "/etc/OpenCL",
    "/etc/nvidia",
    "/run/udev",
)
_GPU_DEVICES = ("nvidia*", "nvidia-caps", "dri", "kfd", "accel", "dxg", "mali*", "shm")


def confine(readable: Sequence[Path], *, gpu: bool) -> tuple[str, ...]:
    """Take from this process what a model never needs; returns what holds (``landlock``, ``seccomp``).

    Only ``readable`` files and folders, Python and the libraries can be opened from now on, nothing can be written;
    what is open already stays open (so open the control file first). With ``gpu`` the drivers' files and devices are
    kept too. Call it before any other thread exists: on today's kernels threads started earlier keep their rights to
    files, and ``landlock`` is then not claimed. Never raises for lack of support.
    """
    if not sys.platform.startswith("linux"):
        return ()
    _forbid_core_dumps()
    files = [*readable, *_python(), *map(Path, _LIBRARIES), *map(Path, _FACTS)]
    writable = [Path("/dev/null")]
    if gpu:
        files += map(Path, _GPU_FACTS)
        writable += [device for name in _GPU_DEVICES for device in Path("/dev").glob(name)]
    held = []
    with suppress(OSError, AttributeError):  # a C library without these calls
        if landlock.restrict(files, writable, is_local=not gpu):
            held.append("landlock")
        if seccomp.restrict(gpu=gpu):
            held.append("seccomp")
    return tuple(held)


def _python() -> list[Path]:
    """Return where Python, its packages and ours lie; not the folder above ours, which may be anyone's."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [Path(sysconfig.get_path(name)) for name in names]
    folders += [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    folders += [Path(entry) for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":") if entry]
    library = hardware.library_folder()
    return [*folders, Path(__file__).parents[1], *([library] if library else [])]


def _forbid_core_dumps() -> None:
    """A crash must not write the conversation to disk."""
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
