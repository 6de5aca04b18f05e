"""A window before which somebody gets a model and asks it: ``python -m tests.fakes.downloading_window ACT REPOSITORY``.

``begin`` waits for a nod (see ``Told``), presses Get and then only watches; ``finish`` comes back to the downloads that
a former run left and uses what comes of them; ``all`` does the one and then the other. What is told, see
``attended_window``:

==============  =======================================================================================================
``models``      the models page is shown, with the downloads beside the catalog
``judged``      the card of the model says from its header how it would run
``got``         Get was pressed
``download``    the panel of downloads shows these ``words`` of a download in this ``state`` with ``bytes`` here
``notice``      the page says ``words``, and offers ``action``
``used``        the button of the notice was pressed
``loaded``      the model at ``path`` can be asked
``asked``       Enter was pressed after the question
``token``       the first letters of the answer are on the screen
``answered``    the answer ``text`` is complete
``crashed``     a mistake of ours came to the crash dialog, with this ``report``
==============  =======================================================================================================
"""

from __future__ import annotations

import select
import sys
import threading

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from assistant.changes import DownloadProgressed, DownloadsChanged
from assistant.engine.state import Phase
from assistant.models.download_run import DownloadEvent
from assistant.models.download_state import DownloadState
from assistant.store.rows import Status
from tests.fakes.attended_window import run, tell

LOOK_EVERY_MS = 20
PATIENCE_S = 60
QUESTION = "What is the capital of France?"


class Person(QObject):
    """Goes on with the story as soon as what it waits for is so. Finds what to press by its name for screen readers."""

    def __init__(self, application, act, repository):
        super().__init__()
        self.application = application
        self.window = application.window
        self.assistant = application.assistant
        self.act, self.repository = act, repository
        self.shown = ""
        self.has_seen_checking = threading.Event()
        self.post = self.assistant.mailbox.post
        self.assistant.mailbox.post = self.post_and_wait
        self.story = self.tell_story()
        self.condition = lambda: True
        self.look = QTimer(self)
        self.look.timeout.connect(self.go_on)
        self.window.page.opened.connect(self.begin, Qt.ConnectionType.SingleShotConnection)

    def begin(self):
        self.look.start(LOOK_EVERY_MS)

    def go_on(self):
        if self.condition():
            self.condition = next(self.story, lambda: False)

    # --- what is done -----------------------------------------------------------------------------------------------

    def tell_story(self):
        self.press("Models")
        yield lambda: self.models and self.models.is_filled
        # connected after the page's own: what is told of a change is on the screen
        self.application.notifier.changed.connect(self.see_change)
        self.press("Downloads on their way")
        tell("models")
        self.see_downloads()
        if self.act != "finish":
            yield from self.get()
        if self.act != "begin":
            yield from self.use()
            yield from self.ask()
            self.application.quit()

    def get(self):
        field = self.find("Search models by words", QLineEdit)
        QTest.keyClicks(field, self.repository.partition("/")[2])
        QTest.keyClick(field, Qt.Key.Key_Return)
        yield lambda: self.repository in self.models.browser.view.grid.cards
        card = self.models.browser.view.grid.cards[self.repository]
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
        yield lambda: self.find("Get Q4_1", inside=card) and card.offers.rows["Q4_1"].state.outlook.is_exact
        tell("judged")
        if self.act == "begin":
            yield lambda: select.select([sys.stdin], [], [], 0)[0] and sys.stdin.readline()
        tell("got")
        self.press("Get Q4_1", inside=card)

    def use(self):
        notice = self.models.ready
        yield lambda: notice.isVisible()
        tell("notice", words=notice.sentence.text(), action=notice.action.text())
        before = self.assistant.engine.state.path
        QTest.mouseClick(notice.action, Qt.MouseButton.LeftButton)
        tell("used")
        yield lambda: self.state.phase is Phase.READY and self.state.path != before
        tell("loaded", path=str(self.state.path))

    def ask(self):
        self.application.notifier.message_text.connect(self.see_text, Qt.ConnectionType.SingleShotConnection)
        composer = self.window.page.composer.edit
        assert composer.isVisible()
        QTest.keyClicks(composer, QUESTION)
        QTest.keyClick(composer, Qt.Key.Key_Return)
        tell("asked")
        yield lambda: self.answer() and self.answer().status is not Status.STREAMING
        tell("answered", text=self.answer().content, status=self.answer().status.value)

    # --- what is seen -----------------------------------------------------------------------------------------------

    def post_and_wait(self, event):
        """In the download's thread: what is checked in no time is looked at all the same, once."""
        self.post(event)
        if isinstance(event, DownloadEvent) and event.state is DownloadState.VERIFYING:
            self.has_seen_checking.wait(PATIENCE_S)

    def see_change(self, change):
        if isinstance(change, DownloadsChanged | DownloadProgressed):
            self.see_downloads()

    def see_downloads(self):
        for row in self.models.downloads.rows.values():
            download = row.download
            tell("download", state=download.state.value, bytes=download.bytes_done, words=row.state.text())
            if download.state is DownloadState.VERIFYING:
                self.has_seen_checking.set()

    def see_text(self, _conversation, _message, text):
        tell("token", text=text)

    @property
    def models(self):
        return self.window.places.models

    @property
    def state(self):
        return self.assistant.engine.state

    def answer(self):
        number = self.window.page.conversation_id
        branch = self.assistant.chats.branch(number) if number else []
        return branch[-1] if len(branch) > 1 else None

    # --- the hand ---------------------------------------------------------------------------------------------------

    def find(self, name, kind=QAbstractButton, *, inside=None):
        """The one that is seen and called so, or begins so; ``None`` when there is none."""
        found = (inside or self.window).findChildren(kind)
        names = ((each.accessibleName() or each.text(), each) for each in found if not each.visibleRegion().isEmpty())
        return next((each for called, each in names if called.startswith(name)), None)

    def press(self, name, **where):
        button = self.find(name, **where)
        assert button is not None, f"no button that is seen is called {name}"
        assert button.isEnabled()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


if __name__ == "__main__":
    sys.exit(run(lambda application: Person(application, *sys.argv[1:])))
