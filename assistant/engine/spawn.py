"""Starting, ending and weighing a process with llama.cpp, the same on every system; ``child`` is its other side."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKER = (sys.executable, "-m", "assistant.engine.worker")
"""The command of the process that runs a model."""
MEASURER = (sys.executable, "-m", "assistant.engine.measurer")
"""The command of the process that measures."""
EXIT_S = 2.0
"""How long a process may take to end after it closed its pipe."""
_ROOT = Path(__file__).resolve().parents[2]
"""The folder of the package. The worker runs there: ``-m`` looks for modules in the current folder first, which must
not be one where the user happens to stand."""
_SECRETS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def start(command: Sequence[str], descriptors: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start ``command`` with pipes on all three streams, and ``descriptors`` open under their numbers; not on Windows.

    Raises OSError when it cannot be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_ROOT,
        env={name: value for name, value in os.environ.items() if name not in _SECRETS},
        pass_fds=descriptors,
        creationflags=flags,
        start_new_session=os.name == "posix",  # Ctrl+C in the terminal is meant for the app
    )
    with suppress(OSError):  # Linux: should memory run out, the model goes and not the window
        Path(f"/proc/{process.pid}/oom_score_adj").write_text("500")
    return process


def reap(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of a process whose pipe ended; one that stays nevertheless is killed."""
    try:
        return process.wait(EXIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def processor_time(pid: int) -> float | None:
    """Return the seconds of processor time a process has used, ``None`` where that cannot be known."""
    import psutil

    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)
