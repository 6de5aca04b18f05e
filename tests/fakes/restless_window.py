"""A window before which somebody acts at random, until killed: ``python -m tests.fakes.restless_window SEED [real]``.

With ``real`` the starter model answers, without it the scripted one. What is told, see ``attended_window``:

===========  ==========================================================================================================
``ready``    the first conversation is shown; from now on somebody acts
``act``      ``name`` of what is done now; ``acted`` when it is done
``asked``    the question ``message`` with its ``text`` is saved
``text``     of the answer ``message`` these further letters are there
``ended``    the answer ``message`` has reached its ``status``, with all its ``text``
``typed``    in the composer of ``conversation`` stands ``text``
``leaving``  in a moment nothing will stand in the composer of ``conversation``
``trashed``  the ``conversation`` is in the trash; ``there``: it is not
``crashed``  a mistake of ours came to the crash dialog, with this ``report``
===========  ==========================================================================================================
"""

from __future__ import annotations

import random
import sys

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from assistant.store.rows import Role, Status
from tests.fakes.attended_window import run, tell
from tests.fakes.scripted_worker import COMMAND

SCRIPTED = ("paced {n}", "paced {n}", "long {n}", "endless", "endless", "hang", "markdown", "crash", "plain words {n}")
REAL = ("Write a long story about {n} lighthouses and the sea.", "Count from {n} to 2000.", "What is {n} + {n}?")
CONTROL = Qt.KeyboardModifier.ControlModifier


class Restless(QObject):
    """Does what a person can do, in an order that the seed decides."""

    def __init__(self, application):
        super().__init__()
        self.dice = random.Random(sys.argv[1])
        self.questions = REAL if "real" in sys.argv else SCRIPTED
        self.window = application.window
        self.page = self.window.page
        self.edit = self.page.composer.edit
        self.chats = lambda: application.assistant.chats
        self.seen = {}
        self.told = (None, "")
        self.pause = QTimer(self)
        self.pause.setSingleShot(True)
        self.pause.timeout.connect(self.act)
        self.page.opened.connect(self.begin, Qt.ConnectionType.SingleShotConnection)
        self.edit.textChanged.connect(self.see_typed)
        # the window's own screens were connected before: what is told here is on them
        notifier = application.notifier
        notifier.message_added.connect(self.see_added)
        notifier.message_text.connect(self.see_text)
        notifier.message_changed.connect(self.see_changed)
        notifier.conversation_added.connect(lambda number: tell("there", conversation=number))
        notifier.conversation_removed.connect(lambda number: tell("trashed", conversation=number))

    # --- what is seen -----------------------------------------------------------------------------------------------

    def see_added(self, _conversation, number):
        message = self.chats().message(number)
        if message.role is Role.USER:
            tell("asked", message=number, text=message.content)

    def see_text(self, _conversation, number, text):
        known = self.seen.get(number, "")
        assert text.startswith(known), "text that was shown is gone"
        self.seen[number] = text
        tell("text", message=number, text=text[len(known) :])

    def see_changed(self, _conversation, number):
        message = self.chats().message(number)
        if message.status is not Status.STREAMING:
            tell("ended", message=number, text=message.content, status=message.status.value)

    def see_typed(self):
        self.told = (self.page.conversation_id, self.page.composer.text())
        tell("typed", conversation=self.told[0], text=self.told[1])

    # --- what is done -----------------------------------------------------------------------------------------------

    def begin(self):
        self.see_typed()
        tell("ready")
        self.do(Restless.ask)

    def act(self):
        self.do(self.dice.choices(list(ACTS), list(ACTS.values()))[0])

    def do(self, act):
        tell("act", name=act.__name__)
        act(self)
        if self.told != (self.page.conversation_id, self.page.composer.text()):
            self.see_typed()
        tell("acted", name=act.__name__)
        is_thinking = self.dice.random() < (0.6 if act is Restless.type_on else 0.2)
        self.pause.start(self.dice.randrange(400, 2500) if is_thinking else self.dice.randrange(100))

    def is_answering(self):
        return self.chats().is_answering(self.page.conversation_id) if self.page.conversation_id else False

    def question(self):
        return self.dice.choice(self.questions).format(n=self.dice.randrange(1, 1500))

    def type_on(self):
        QTest.keyClicks(self.edit, self.dice.choice((" some", " more", " words to keep")))

    def ask(self):
        if self.is_answering():
            return
        QTest.keyClick(self.edit, Qt.Key.Key_A, CONTROL)
        QTest.keyClicks(self.edit, self.question())
        tell("leaving", conversation=self.page.conversation_id)
        QTest.keyClick(self.edit, Qt.Key.Key_Return)

    def edit_question(self):
        self.page.messages.edit_last_question()
        editor = self.page.transcript.editing.editor
        if editor is not None:
            QTest.keyClick(editor.field, Qt.Key.Key_A, CONTROL)
            QTest.keyClicks(editor.field, self.question())
            QTest.keyClick(editor.field, Qt.Key.Key_Return)

    def stop(self):
        if self.is_answering():
            QTest.mouseClick(self.page.composer.send_button, Qt.MouseButton.LeftButton)

    def begin_new(self):
        QTest.mouseClick(self.window.sidebar.new_button, Qt.MouseButton.LeftButton)

    def switch(self):
        sidebar = self.window.sidebar
        if count := min(sidebar.model.rowCount(), 12):
            index = sidebar.model.index(self.dice.randrange(count))
            sidebar.list.scrollTo(index)
            place = sidebar.list.visualRect(index).center()
            QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def delete(self):
        self.window.actions_by_name["delete_conversation"].trigger()

    def undo(self):
        if self.window.toast.isVisible():
            QTest.mouseClick(self.window.toast.undo_button, Qt.MouseButton.LeftButton)

    def answer_again(self):
        self.window.actions_by_name["another_answer"].trigger()

    def set_size(self):
        self.window.actions_by_name[self.dice.choice(("larger_text", "smaller_text"))].trigger()


ACTS = {
    Restless.ask: 8,
    Restless.type_on: 5,
    Restless.switch: 3,
    Restless.edit_question: 2,
    Restless.stop: 2,
    Restless.begin_new: 2,
    Restless.undo: 2,
    Restless.delete: 1,
    Restless.answer_again: 1,
    Restless.set_size: 1,
}
"""What can be done, and how often compared with the others."""


if __name__ == "__main__":
    sys.exit(run(Restless, None if "real" in sys.argv else COMMAND))
