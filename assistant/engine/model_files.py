"""Which files a model lies in, and whether they are such files at all."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.errors import ModelLoadFailed, ModelNotFound, NotAModelFile

_SPLIT = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")
_MAX_PARTS = 999


def model_files(path: Path) -> list[Path]:
    """Return the file itself, or all parts where a model is split (``…-00001-of-00003.gguf``), there or not."""
    found = _SPLIT.search(path.name)
    if not found:
        return [path]
    stem, parts = path.name[: found.start()], min(int(found[1]), _MAX_PARTS)
    return [path.with_name(f"{stem}-{number:05}-of-{found[1]}.gguf") for number in range(1, parts + 1)]


def check_file(path: Path) -> None:
    """Raise ModelNotFound, ModelLoadFailed or NotAModelFile for what llama.cpp must not even try."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except FileNotFoundError as error:
        raise ModelNotFound(name=str(path)) from error
    except OSError as error:
        raise ModelLoadFailed(path=str(path), reason=error.strerror or str(error)) from error
    if magic != b"GGUF":
        raise NotAModelFile(path=str(path))
