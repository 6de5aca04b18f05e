"""Pictures go to ``docs/screenshots``, or to the folder given; ``chat`` or ``models`` makes only those."""

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QPA_OFFSCREEN_SCREEN"] = "1920x1200"

from PySide6.QtWidgets import QApplication

from tests.demo.chat import Chat
from tests.demo.models import Models

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
STAGES = {"chat": Chat, "models": Models}


def main(arguments):
    """Save all pictures; returns the exit code."""
    wanted = [name for name in STAGES if name in arguments] or list(STAGES)
    folder = next((Path(each) for each in arguments if each not in STAGES), FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    _app = QApplication([])
    for name in wanted:
        STAGES[name].perform(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
