"""The real window over the real assistant and a scripted model, and somebody who sits before it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from assistant.app import Assistant
from assistant.engine.state import Phase
from tests.fakes.scripted_worker import COMMAND
from ui.app import Application

PATIENCE_MS = 20_000


class Driver:
    """Sits before the window: types, presses, reads."""

    def __init__(self, qtbot, paths, *, waits=True, command=COMMAND, welcomes=False):
        """``command`` starts the worker; ``None`` is the real one. With ``waits`` the model is loaded afterwards.

        With ``welcomes`` the first start in a home is one.
        """
        self.qtbot = qtbot
        self.is_closed = False
        self.application = Application(Assistant(paths, engine_command=command))
        self.application.start(QApplication.instance(), welcomes=welcomes)
        self.window = self.application.window
        self.window.resize(1280, 820)
        self.page = self.window.page
        self.assistant = self.application.assistant
        if waits:
            self.until(lambda: self.assistant.engine.state.phase is Phase.READY)

    def until(self, condition):
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def type(self, text):
        self.qtbot.keyClicks(self.page.composer.edit, text)

    def press(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        self.qtbot.keyClick(self.page.composer.edit, key, modifier)

    def ask(self, text):
        self.begin(text)
        self.until(lambda: not self.assistant.chats.is_answering())

    def begin(self, text):
        self.type(text)
        self.press(Qt.Key.Key_Return)

    def contents(self):
        return [message.content for message in self.branch()]

    def branch(self):
        return self.assistant.chats.branch(self.page.conversation_id)

    def titles(self):
        model = self.window.sidebar.model
        return [model.index_of(number).data() for number in model.shown_ids()]

    def close(self):
        """Close the window as its button does; once is enough."""
        if self.is_closed:
            return
        self.is_closed = True
        self.window.close()
        self.application.close()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, 0)
