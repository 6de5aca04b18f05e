"""Ollama's store: what has to go with a model's bytes so that Ollama does not list a model it cannot load."""

from __future__ import annotations

import os
from pathlib import Path


def manifests_of(blob: Path) -> list[Path]:
    """Return the manifests of Ollama's store that name a blob: its models would be broken without it."""
    store = blob.parent.parent / "manifests"
    digest = blob.name.replace("sha256-", "sha256:").encode()
    found = []
    for folder, _folders, names in os.walk(store):
        for name in names:
            path = Path(folder, name)
            try:
                if digest in path.read_bytes():
                    found.append(path)
            except OSError:
                continue
    return sorted(found)
