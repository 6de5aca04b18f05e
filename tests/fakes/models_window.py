"""The models page over a fake source, and somebody who sits before it."""

from PySide6.QtCore import Qt, QTimer

from tests.fakes.model_source import FakeSource
from ui.models.page import ModelsPage
from ui.notify import Notifier
from ui.widgets.dialog import Question


class PageDriver:
    """Types, clicks, and ends tasks as the program would."""

    def __init__(self, qtbot, theme, size=(1176, 820), prepare=None):
        self.qtbot = qtbot
        self.notifier = Notifier()
        self.source = FakeSource(self.notifier)
        if prepare:
            prepare(self.source)
        self.page = ModelsPage(theme, self.source, self.notifier)
        qtbot.addWidget(self.page)
        self.page.resize(*size)
        self.page.show()
        self.page.activateWindow()
        qtbot.waitUntil(lambda: self.page.isActiveWindow() and self.page.is_filled)

    @property
    def grid(self):
        return self.page.browser.view.grid

    @property
    def state(self):
        return self.page.browser.view.state

    def until(self, condition):
        self.qtbot.waitUntil(lambda: bool(condition()))

    def click(self, widget):
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def type(self, text):
        self.page.header.field.setFocus()
        self.qtbot.keyClicks(self.page.header.field, text)

    def press(self, key):
        self.qtbot.keyClick(self.page.header.field, key)

    def search(self, text, page=None, error=None):
        """Search at once, and let the hub answer."""
        self.type(text)
        self.press(Qt.Key.Key_Return)
        self.source.finish("search", page, error)

    def card(self, name):
        """The card of a repository, once it is made."""
        self.until(lambda: name in self.grid.cards)
        return self.grid.cards[name]

    def answer(self, *words):
        """Answer the questions that will be asked, and return the list that fills with what they say."""
        asked, waiting = [], list(words)

        def click():
            question = next(each for each in self.page.window().findChildren(Question) if each.isVisible())
            asked.append(question.accessibleName())
            word = waiting.pop(0)
            if waiting:
                QTimer.singleShot(0, self.page, click)
            question.buttons[word].click()

        QTimer.singleShot(0, self.page, click)
        return asked

    def change(self, *changes):
        self.notifier.publish(changes)
