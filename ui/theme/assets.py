"""Where the shipped files lie: fonts, icons, tokens and the style sheet, all under ``resources``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def asset(*names: str) -> Path:
    """Return the path of a shipped file, such as ``asset("icons", "check.svg")``; it is not checked to exist."""
    return Path(str(files("resources"))).joinpath(*names)
