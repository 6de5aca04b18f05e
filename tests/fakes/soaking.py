"""Who asks the window a thousand questions, the next one as soon as the last is answered."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest


class Patient(QObject):
    """Types the questions of ``plan``; ``step()`` is called after each answer and says whether it was the last."""

    def __init__(self, application, plan, step):
        super().__init__()
        self.application = application
        self.window = application.window
        self.page = self.window.page
        self.plan = plan
        self.step = step
        self.conversations = {}
        self.asked = None
        self.turn = QTimer(self)
        self.turn.setSingleShot(True)
        self.turn.timeout.connect(self.ask)
        self.page.opened.connect(self.turn.start, Qt.ConnectionType.SingleShotConnection)
        self.application.notifier.message_changed.connect(self.see_changed)

    def see_changed(self, conversation, _message):
        if self.asked is None or self.application.assistant.chats.has_unsaved:
            return
        self.conversations[self.asked] = conversation
        self.asked = None
        if self.step():
            QTimer.singleShot(0, self.application.quit)
        else:
            self.turn.start()

    def ask(self):
        name, text = next(self.plan)
        self.go_to(self.conversations.get(name))
        QTest.keyClicks(self.page.composer.edit, text)
        self.asked = name
        QTest.keyClick(self.page.composer.edit, Qt.Key.Key_Return)

    def go_to(self, conversation):
        """Press the button for a new conversation, or the row of the one wanted, unless it is shown."""
        if conversation is None:
            if self.page.conversation_id is not None:
                QTest.mouseClick(self.window.sidebar.new_button, Qt.MouseButton.LeftButton)
        elif conversation != self.page.conversation_id:
            sidebar = self.window.sidebar
            index = sidebar.model.index_of(conversation)
            sidebar.list.scrollTo(index)
            place = sidebar.list.visualRect(index).center()
            QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
