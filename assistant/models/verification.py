"""Whether a model's bytes are still the right ones: against the checksums they came with, else against their header."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from assistant.errors import ModelFileDamaged, ModelMissing, ModelUnreadable
from assistant.i18n import N_, Sentence
from assistant.models.checksum import Stopped, sha256_of
from assistant.models.gguf import read_header
from assistant.models.listing import is_there, size_of
from assistant.models.model_file import ModelFile
from assistant.models.records import record_of
from assistant.paths import Paths


def _nobody(_done: int, _total: int) -> None:
    """Hear how far it is and do nothing about it."""


def verify(
    model: ModelFile,
    paths: Paths,
    progress: Callable[[int, int], None] = _nobody,
    stop: threading.Event | None = None,
) -> bool | None:
    """Return True when every file matches its checksum, False when it is sound but a checksum is not known.

    ``progress`` hears bytes done and in all; ``None`` when ``stop`` was set. Reads all of it: for a task's thread.
    Raises ModelMissing, ModelUnreadable, and ModelFileDamaged for a file that does not match or contradicts itself.
    """
    files = [*model.parts, *([model.projector] if model.projector else [])]
    if not is_there(model.path):
        raise ModelMissing(name=model.name, path=model.path)
    read_header(model.path)
    if model.projector:
        read_header(model.projector)
    known = {model.path.name: model.sha256} | dict(record_of(model.path, paths).sha256)
    checked = [file for file in files if known.get(file.name)]
    total = sum(size_of(file) for file in checked)
    done = 0
    for file in checked:
        if not _matches(file, known[file.name], _steps(progress, stop, done, total)):
            return None
        done += size_of(file)
    return checked == files


def _steps(
    progress: Callable[[int, int], None], stop: threading.Event | None, before: int, total: int
) -> Callable[[int], None]:
    def step(done: int) -> None:
        if stop and stop.is_set():
            raise Stopped
        progress(before + done, total)

    return step


def _matches(file: Path, sha256: str, step: Callable[[int], None]) -> bool:
    """Return True for the right bytes, False when stopped. Raises ModelFileDamaged for wrong ones."""
    try:
        found = sha256_of(file, step)
    except Stopped:
        return False
    except OSError as error:
        raise ModelUnreadable(path=file, reason=error.strerror or error) from error
    if found != sha256:
        raise ModelFileDamaged(path=file, reason=Sentence(N_("its bytes do not match the checksum they came with")))
    return True
