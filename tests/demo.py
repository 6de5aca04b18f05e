"""``make demo``: drive the real window offscreen with the starter model, and save what it looks like.

Pictures go to ``docs/screenshots``, or to the folder given as an argument.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QPA_OFFSCREEN_SCREEN"] = "1920x1200"

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from assistant.app import Assistant
from assistant.engine.state import Phase
from assistant.paths import Paths
from ui.app import Application

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
SIZE = (1440, 900)
PATIENCE_MS = 180_000
QUESTIONS = (
    "Why is the sky blue?",
    "Write a Python function that says whether a number is prime, and explain it.",
)
LONG_TITLE = "A title that is far longer than any header could ever show without giving up in the middle"


class Demo:
    """The window, waited for without a fixed time."""

    def __init__(self, folder):
        self.folder = folder
        self.application = Application(Assistant(Paths.find()))
        self.application.start(QApplication.instance(), welcomes=False)
        self.window = self.application.window
        self.assistant = self.application.assistant
        self.window.resize(*SIZE)

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

    def save(self, name):
        """Save a picture."""
        self.settle()
        self.window.grab().save(str(self.folder / f"{name}.png"))
        print(self.folder / f"{name}.png")

    def set(self, name, value):
        """Change a setting as the dialog does."""
        self.window._apply_setting(name, value)

    def ask(self, text):
        """Ask and wait for the answer."""
        self.window.page.composer.offer_text(text)
        self.window.page.composer.submitted.emit(text)
        self.until(lambda: not self.assistant.chats.is_answering())

    def run(self):
        """Go through the features."""
        self.until(lambda: self.assistant.engine.state.phase is Phase.READY)
        self.set("sampling.seed", 7)
        self.set("sampling.temperature", 0.3)
        self.set("sampling.max_tokens", 320)
        self.save("empty_light")
        for question in QUESTIONS:
            self.ask(question)
        self.window.show_inspector(True)
        self.save("chat_light")
        self.set("appearance.theme", "dark")
        self.save("chat_dark")
        self.set("appearance.language", "zh_CN")
        self.save("chinese_dark")
        self.set("appearance.theme", "light")
        self.save("chinese_light")
        self.set("appearance.language", "en")
        self.long_title()
        self.error()

    def long_title(self):
        """A title that does not fit."""
        conversation = self.window.page.conversation_id
        self.application.notifier.perform(lambda: self.assistant.conversations.rename(conversation, LONG_TITLE))
        self.save("long_title_light")

    def error(self):
        """The model's process dies in the middle of an answer, and a file is no model."""
        self.window.page.composer.submitted.emit("Tell me a long story about a lighthouse.")
        self.until(lambda: self.assistant.engine.state.phase is Phase.WRITING)
        os.kill(self.assistant.engine.worker_pid, 9)
        self.until(lambda: not self.assistant.chats.is_answering())
        wrong = self.assistant.paths.data / "holiday.gguf"
        wrong.write_text("a letter, not a model", encoding="utf-8")
        self.window.page.header.picker.model_chosen.emit(str(wrong))
        self.save("error_light")
        self.set("appearance.theme", "dark")
        self.save("error_dark")


def main(arguments):
    """Save all pictures; returns the exit code."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="inkstone-") as home:
        os.environ["INKSTONE_HOME"] = home
        _app = QApplication([])
        demo = Demo(folder)
        try:
            demo.run()
        finally:
            demo.window.close()
            demo.application.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
