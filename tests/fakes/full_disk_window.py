"""A window whose disk fills up between two questions: ``python -m tests.fakes.full_disk_window limit|ballast``.

``limit``: no file of the process may grow; ``ballast``: a file takes all the room there is in ``INKSTONE_HOME``. Told
is, see ``attended_window``: ``refused`` after the second question, ``sent`` after there was room again, each with the
``notice`` shown, what is ``typed`` and the ``contents`` of the conversation.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from tests.fakes.attended_window import run, tell
from tests.fakes.scripted_worker import COMMAND

LOOK_EVERY_MS = 20
NO_LIMIT = resource.getrlimit(resource.RLIMIT_FSIZE)


class Person(QObject):
    """Goes on with the story as soon as what it waits for is so."""

    def __init__(self, application):
        super().__init__()
        self.application = application
        self.page = application.window.page
        self.assistant = application.assistant
        self.story = self.tell_story()
        self.condition = lambda: True
        self.look = QTimer(self)
        self.look.timeout.connect(self.go_on)
        self.page.opened.connect(lambda: self.look.start(LOOK_EVERY_MS), Qt.ConnectionType.SingleShotConnection)

    def go_on(self):
        if self.condition():
            self.condition = next(self.story, lambda: False)

    def tell_story(self):
        self.ask("old question")
        yield lambda: not self.assistant.chats.has_unsaved
        fill_up, make_room = FULL[sys.argv[1]]
        fill_up(self.assistant.paths)
        self.ask("precious words")
        yield self.page.notice.isVisible
        self.see("refused")
        make_room(self.assistant.paths)
        QTest.keyClick(self.page.composer.edit, Qt.Key.Key_Return)
        yield lambda: not self.assistant.chats.has_unsaved
        self.see("sent")
        self.application.quit()

    def ask(self, text):
        QTest.keyClicks(self.page.composer.edit, text)
        QTest.keyClick(self.page.composer.edit, Qt.Key.Key_Return)

    def see(self, what):
        contents = [message.content for message in self.assistant.chats.branch(self.page.conversation_id)]
        tell(what, notice=self.page.notice.sentence.text(), typed=self.page.composer.text(), contents=contents)


def limit_files(paths):
    """Let no file grow beyond what the database's log has now."""
    size = paths.database.with_name(paths.database.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, NO_LIMIT[1]))


def unlimit_files(_paths):
    resource.setrlimit(resource.RLIMIT_FSIZE, NO_LIMIT)


def ballast(paths):
    return paths.data / "ballast"


def take_all_room(paths):
    """Write until nothing more goes."""
    handle = os.open(ballast(paths), os.O_WRONLY | os.O_CREAT)
    for size in (4096, 1):
        try:
            while os.write(handle, bytes(size)):
                pass
        except OSError:
            continue
    os.close(handle)


def give_room(paths):
    Path(ballast(paths)).unlink()


FULL = {"limit": (limit_files, unlimit_files), "ballast": (take_all_room, give_room)}


if __name__ == "__main__":
    sys.exit(run(Person, COMMAND))
