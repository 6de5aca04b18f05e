"""What the computer offers a model: its processor, and llama.cpp's devices.

The bindings do not reach the device list, so ggml's own functions are called through plain ctypes. That loads ggml,
therefore ``devices`` belongs into the worker process alone; the other functions may be called anywhere.
"""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from assistant.engine.protocol import Device

_KINDS = {0: "cpu", 1: "gpu", 2: "igpu", 3: "accelerator"}
_GPU_BACKENDS = ("cuda", "vulkan", "hip", "metal", "sycl", "musa", "cann", "opencl", "rpc")


def processor_name() -> str:
    """Return what the processor calls itself, empty where nobody says."""
    if sys.platform == "darwin":
        asked = subprocess.run(
            ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        return asked.stdout.strip()
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def library_folder() -> Path | None:
    """Return the folder with llama.cpp's libraries, ``None`` when llama-cpp-python is not installed."""
    override = os.environ.get("LLAMA_CPP_LIB_PATH")
    if override:
        return Path(override)
    spec = find_spec("llama_cpp")
    return Path(spec.origin).parent / "lib" if spec and spec.origin else None


def is_gpu_build() -> bool:
    """Say whether the installed llama.cpp has a backend for a GPU, judged by its files: loads nothing."""
    folder = library_folder()
    names = [path.name for path in folder.glob("*ggml-*")] if folder and folder.is_dir() else []
    return any(backend in name for name in names for backend in _GPU_BACKENDS)


def devices() -> tuple[Device, ...]:
    """Return llama.cpp's devices, the CPU included; empty when its libraries are missing or too different.

    Loads ggml into the process: call it in the worker only.
    """
    folder = library_folder()
    try:
        return _devices(folder) if folder else ()
    except (OSError, AttributeError):  # a library or one of its functions is not there
        return ()


def _devices(folder: Path) -> tuple[Device, ...]:
    registry, base = _library(folder, "ggml"), _library(folder, "ggml-base")
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    registry.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    for function in (base.ggml_backend_dev_name, base.ggml_backend_dev_description):
        function.restype, function.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    base.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    size = ctypes.POINTER(ctypes.c_size_t)
    base.ggml_backend_dev_memory.restype = None
    base.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, size, size]
    count = registry.ggml_backend_dev_count()
    return tuple(_device(base, registry.ggml_backend_dev_get(index)) for index in range(count))


def _device(base: ctypes.CDLL, handle: int) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    base.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
    return Device(
        name=base.ggml_backend_dev_name(handle).decode("utf-8", "replace"),
        description=base.ggml_backend_dev_description(handle).decode("utf-8", "replace"),
        kind=_KINDS.get(base.ggml_backend_dev_type(handle), "accelerator"),
        free_bytes=free.value,
        total_bytes=total.value,
    )


def _library(folder: Path, name: str) -> ctypes.CDLL:
    """Open a library of llama.cpp; the same handle as the bindings' when they have opened it."""
    if sys.platform == "win32":
        os.add_dll_directory(str(folder))
        return ctypes.CDLL(str(folder / f"{name}.dll"))
    suffix = "dylib" if sys.platform == "darwin" else "so"
    return ctypes.CDLL(str(folder / f"lib{name}.{suffix}"))
