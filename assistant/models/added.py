"""The list of model files that a person pointed to, outside the models folder: ``models.toml`` beside the settings."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from assistant.paths import Paths
from assistant.safe_file import set_aside, write_safely

log = logging.getLogger(__name__)


def added_paths(paths: Paths) -> list[Path]:
    """Return the added files, oldest first. A list that cannot be understood is set aside and counts as empty."""
    import tomllib

    file = _file(paths)
    try:
        document = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return []
    except OSError as error:
        log.warning("the list of models cannot be read: %s", error.strerror or error)
        return []
    except (ValueError, RecursionError):
        log.warning("the list of models was not understood and was set aside as %s", set_aside(file).name)
        return []
    rows = document.get("model")
    found = [row.get("path") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [Path(path) for path in found if isinstance(path, str) and Path(path).is_absolute()]


def save_added_paths(added: Sequence[Path], paths: Paths) -> None:
    """Write the list. Raises DiskFull, FolderUnusable."""
    import tomli_w

    document = {"model": [{"path": str(path)} for path in added]}
    write_safely(_file(paths), tomli_w.dumps(document).encode())


def _file(paths: Paths) -> Path:
    return paths.config / "models.toml"
