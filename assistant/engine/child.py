"""What every process that runs llama.cpp for us does before anything else; ``spawn`` is its other side."""

from __future__ import annotations

import faulthandler
import os
import sys

_PR_SET_PDEATHSIG = 1
_SIGKILL = 9


def prepare() -> None:
    """Die with the app, say where a crash happened, and set what libraries read when they are loaded."""
    os.environ["GGML_NO_BACKTRACE"] = "1"  # an abort would call a debugger first, for seconds
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy starts no threads, which would escape the sandbox
    faulthandler.enable()
    if sys.platform == "linux":
        import ctypes

        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            os._exit(0)
