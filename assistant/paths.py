"""Where Inkstone keeps things: one object with every folder and file, for the system's conventions or one folder.

``INKSTONE_HOME=DIR`` puts everything under ``DIR``, for portable use and for tests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import FolderUnusable


@dataclass(frozen=True)
class Paths:
    """Absolute paths; nothing is created until ``make`` is called."""

    config: Path
    data: Path
    cache: Path
    logs: Path

    @classmethod
    def find(cls, environment: Mapping[str, str] | None = None) -> Paths:
        """Return the places for this user; ``environment`` is ``os.environ`` unless given."""
        home = (os.environ if environment is None else environment).get("INKSTONE_HOME")
        if home:
            root = Path(home).expanduser().absolute()
            return cls(root / "config", root, root / "cache", root / "logs")
        from platformdirs import PlatformDirs

        places = PlatformDirs("Inkstone", appauthor=False)
        return cls(places.user_config_path, places.user_data_path, places.user_cache_path, places.user_log_path)

    @property
    def database(self) -> Path:
        """The one SQLite file with every conversation."""
        return self.data / "inkstone.db"

    @property
    def settings(self) -> Path:
        """The settings as TOML."""
        return self.config / "settings.toml"

    @property
    def models(self) -> Path:
        """Where downloaded and copied models lie."""
        return self.data / "models"

    @property
    def downloads(self) -> Path:
        """The records of downloads, one small file each."""
        return self.data / "downloads"

    @property
    def ledger(self) -> Path:
        """What went over the network, one request a line."""
        return self.data / "network.jsonl"

    @property
    def lock(self) -> Path:
        """Held by the one window of this home."""
        return self.data / "window.lock"

    def make(self) -> None:
        """Create the folders, readable by this user alone.

        Raises FolderUnusable with the path and the system's reason.
        """
        for folder in (self.data, self.config, self.cache, self.logs, self.models):  # a parent made on the way is open
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise FolderUnusable(path=folder, reason=error.strerror or error) from error
            if not os.access(folder, os.W_OK | os.X_OK):
                raise FolderUnusable(path=folder, reason=os.strerror(13))
