"""What a worker may no longer do once its model is known: Landlock for files, seccomp for everything else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def confine(readable: Sequence[Path], *, gpu: bool) -> tuple[str, ...]:
    """Take from this process what a model never needs; returns what holds (``landlock``, ``seccomp``).

    Only ``readable`` files and folders, Python and the libraries can be opened from now on; what is open already
    stays open (so open the control file first). With ``gpu`` the drivers' files are kept too. Call it in the main
    thread before any other thread exists: threads started earlier keep their rights to files. Empty where the kernel
    lacks both; never raises for lack of support.
    """
    del readable, gpu
    return ()
