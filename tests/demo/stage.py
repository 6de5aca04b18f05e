"""The window in a home of its own, waited for without a fixed time, and pictures of it."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

from assistant.app import Assistant
from assistant.paths import Paths
from tests.demo.picture import save
from ui.app import Application

SIZE = (1440, 900)
PATIENCE_MS = 180_000
LOOKS = {"light": ("light", "en"), "dark": ("dark", "en"), "chinese": ("light", "zh_CN")}
"""Theme and language of each picture of a scene."""


class Stage:
    """A window. Subclasses have a ``run`` that goes through their scenes."""

    def __init__(self, folder):
        self.folder = folder
        self.application = Application(Assistant(Paths.find()))
        self.application.start(QApplication.instance())
        self.window = self.application.window
        self.assistant = self.application.assistant
        self.window.resize(*SIZE)

    @classmethod
    def perform(cls, folder):
        """Open a window in a new home, save its pictures, close it."""
        with cls.home():
            stage = cls(folder)
            try:
                stage.run()
            finally:
                stage.window.close()
                stage.application.close()
                stage.window.deleteLater()
                QApplication.sendPostedEvents(None, 0)

    @classmethod
    @contextmanager
    def home(cls):
        """A user's home where nothing was ever done."""
        with tempfile.TemporaryDirectory(prefix="home-") as home:
            os.environ |= {"HOME": home, "INKSTONE_HOME": str(Path(home) / "Inkstone")}
            yield Path(home)

    def until(self, condition):
        """Run the event loop until ``condition`` holds."""
        loop, watch, limit = QEventLoop(), QTimer(), QTimer()
        limit.setSingleShot(True)
        limit.timeout.connect(lambda: loop.exit(1))
        watch.timeout.connect(lambda: condition() and loop.exit(0))
        watch.start(20)
        limit.start(PATIENCE_MS)
        if loop.exec():
            raise SystemExit("the window did not get there in three minutes")

    def settle(self):
        """Let what is queued be done."""
        turns = iter(range(10))
        self.until(lambda: next(turns, None) is None)

    def save(self, name, above=None):
        """Save a picture; ``above`` is a window of its own that stands above."""
        self.settle()
        picture = self.window.grab().toImage()
        if above is not None:
            with QPainter(picture) as painter:
                place = self.window.mapFromGlobal(above.mapToGlobal(QPoint(0, 0)))
                painter.drawPixmap(place, above.grab())
                if above.windowType() is Qt.WindowType.Dialog:  # its frame is the system's, and there is none here
                    painter.setPen(self.application.theme.color("border_strong"))
                    painter.drawRect(above.rect().translated(place).adjusted(0, 0, -1, -1))
        path = self.folder / f"{name}.png"
        save(picture, path)
        print(path)

    def save_looks(self, name, show=lambda: None, hide=lambda: None):
        """Save a scene in every look; what ``show`` returns stands above the window until ``hide``."""
        for look, (theme, language) in LOOKS.items():
            self.set("appearance.theme", theme)
            self.set("appearance.language", language)
            self.settle()
            self.save(f"{name}_{look}", show())
            hide()
        self.set("appearance.theme", "light")
        self.set("appearance.language", "en")
        self.settle()

    def set(self, name, value):
        """Change a setting as the dialog does."""
        self.window.settings.apply(name, value)
