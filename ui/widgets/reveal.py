"""Shows a file in the system's file manager."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

if TYPE_CHECKING:
    from pathlib import Path


def reveal(path: Path) -> bool:
    """Open the folder a file lies in, with the file marked where the system can do that; says whether it was opened.

    A folder, or a file that is gone, opens the nearest folder there is.
    """
    if path.is_file() and sys.platform == "win32":
        return _started("explorer", f"/select,{path}")
    if path.is_file() and sys.platform == "darwin":
        return _started("open", "-R", str(path))
    folder = path if path.is_dir() else next(folder for folder in path.parents if folder.is_dir())
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _started(program: str, *arguments: str) -> bool:
    return QProcess.startDetached(program, list(arguments))[0]
