"""Taking models out of other programs' stores the way these programs would: the hub's cache, Ollama's manifests."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def delete_from_hub_cache(files: Sequence[Path]) -> None:
    """Delete files of a snapshot in the hub's cache, and their blobs where nothing else refers to them.

    The library does it, since blobs may be shared between repositories. Raises OSError.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from huggingface_hub import scan_cache_dir

    root = next(folder.parent for folder in files[0].parents if folder.name.startswith("models--"))
    wanted = {os.path.realpath(file) for file in files}
    cached = scan_cache_dir(root)
    chosen = [
        file
        for repository in cached.repos
        for revision in repository.revisions
        for file in revision.files
        if os.path.realpath(file.file_path) in wanted
    ]
    cached.delete_files(*chosen).execute()
    left = [file for file in files if os.path.lexists(file)]
    if left:
        raise PermissionError(13, os.strerror(13), str(left[0]))


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
