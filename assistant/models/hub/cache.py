"""The cache of the hub's own tools on this computer: deleting from it as its library would."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from assistant.models.hub.hub import prepare


def delete_cached(files: Sequence[Path]) -> None:
    """Delete files of a snapshot, in every snapshot that has them, and their blobs where nothing else refers to them.

    The library does it, since blobs may be shared between repositories. Blocks for the reading of the whole cache.
    Raises OSError.
    """
    prepare()
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
