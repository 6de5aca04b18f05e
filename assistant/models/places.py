"""Where other programs keep their models, by their own rules: environment variables, systems, settings files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The folders of other programs for one user. Nothing is created, and none has to be there.

    ``root`` is what system-wide folders lie under; for tests.
    """

    home: Path
    environment: Mapping[str, str]
    platform: str = sys.platform
    root: Path = Path("/")

    @classmethod
    def here(cls) -> Places:
        """Return the places of whoever runs the program."""
        return cls(Path(os.path.expanduser("~")), dict(os.environ))  # noqa: PTH111 - Path.home raises without one

    @property
    def hugging_face(self) -> list[Path]:
        """The shared caches of the hub's own tools."""
        if named := self._named("HF_HUB_CACHE") or self._named("HUGGINGFACE_HUB_CACHE"):
            return [named]
        home = self._named("HF_HOME") or (self._named("XDG_CACHE_HOME") or self.home / ".cache") / "huggingface"
        return [home / "hub"]

    @property
    def lm_studio(self) -> list[Path]:
        """The folder set in LM Studio, and those it had by itself over time."""
        usual = [self.home / ".lmstudio" / "models", self.home / ".cache" / "lm-studio" / "models"]
        chosen = [_folder_in_settings(folder.parent / "settings.json", "downloadsFolder") for folder in usual]
        return [folder for folder in [*chosen, *usual] if folder]

    @property
    def jan(self) -> list[Path]:
        """Jan's data folders."""
        return [self.home / "jan", self._data / "Jan" / "data", self._data / "jan" / "data"]

    @property
    def gpt4all(self) -> list[Path]:
        """The folders of GPT4All."""
        local = self._named("LOCALAPPDATA") or self.home / "AppData" / "Local"
        data = local if self.platform == "win32" else self._data
        return [data / "nomic.ai" / "GPT4All"]

    @property
    def ollama(self) -> list[Path]:
        """The stores of Ollama: the one that is set, or the user's and the service's."""
        if named := self._named("OLLAMA_MODELS"):
            return [named]
        return [self.home / ".ollama" / "models", self.root / "usr" / "share" / "ollama" / ".ollama" / "models"]

    @property
    def _data(self) -> Path:
        """The folder where programs keep a user's data."""
        if self.platform == "win32":
            return self._named("APPDATA") or self.home / "AppData" / "Roaming"
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        return self._named("XDG_DATA_HOME") or self.home / ".local" / "share"

    def _named(self, variable: str) -> Path | None:
        """Return the folder that a variable names, ``None`` where it is empty or not absolute."""
        value = self.environment.get(variable, "")
        if value.startswith("~"):
            value = str(self.home) + value[1:]
        return Path(value) if value and "\0" not in value and Path(value).is_absolute() else None


def _folder_in_settings(file: Path, key: str) -> Path | None:
    """Return the absolute path that a program's JSON settings hold, ``None`` when there is none."""
    try:
        value = json.loads(file.read_bytes())[key]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return Path(value) if isinstance(value, str) and "\0" not in value and Path(value).is_absolute() else None
