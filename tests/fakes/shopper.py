"""The real window before a fake hub, and somebody who looks for models in it, gets them, and uses them."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tests.fakes.window import Driver
from ui.chat.model_rows import ModelRows
from ui.models.filters import Shelf
from ui.widgets.dialog import Question


class Shopper(Driver):
    """Sits before the window and goes to the models."""

    def go(self):
        """Go to the models by the sidebar."""
        self.click(self.window.sidebar.places["models"])
        self.until(lambda: self.models and self.models.is_filled)

    def click(self, widget):
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    @property
    def models(self):
        """The models page; ``None`` before somebody went there."""
        return self.window.places.models

    @property
    def state(self):
        """What stands where there are no cards."""
        return self.models.browser.view.state

    @property
    def download(self):
        """The only download, as it stands; ``None`` while there is none."""
        return next(iter(self.assistant.market.downloads.all()), None)

    def search(self, text):
        """Search at once; what comes of it is waited for elsewhere."""
        self.models.header.clear()
        self.qtbot.keyClicks(self.models.header.field, text)
        self.qtbot.keyClick(self.models.header.field, Qt.Key.Key_Return)

    def open(self, name):
        """Search for a repository by its name and return its card, with its files."""
        self.search(name)
        grid = self.models.browser.view.grid
        self.until(lambda: name in grid.cards and grid.cards[name].is_open)
        return grid.cards[name]

    def get(self, name, offer):
        """Press Get in the card of a repository; returns the card."""
        card = self.open(name)
        self.click(card.offers.rows[offer].get_button)
        return card

    def comes(self, *states):
        """Wait until the only download is in one of these states."""
        self.until(lambda: self.download and self.download.state in states)

    def shown_here(self):
        """Go to the models on this computer and return the cards of those listed, by id."""
        self.models.header.clear()
        self.click(self.models.filters.chips[Shelf.INSTALLED])
        grid = self.models.installed.grid
        self.until(lambda: grid.isVisible() and set(grid.keys) == set(grid.cards))
        return dict(grid.cards)

    def usable_in_picker(self):
        """Open the list of the picker and return the ids of those that can be chosen."""
        picker = self.page.header.picker
        picker.open_menu()
        rows = picker.popup.rows
        indexes = [rows.index(place) for place in range(rows.rowCount())]
        ids = [index.data(ModelRows.ID) for index in indexes if rows.flags(index) & Qt.ItemFlag.ItemIsEnabled]
        picker.popup.close()
        return ids

    def choose(self, button, words):
        """Open the menu of a button and take an entry."""
        self.click(button)
        menu = next(each for each in button.window().findChildren(QMenu) if each.isVisible())
        (action,) = [each for each in menu.findChildren(QAction) if each.text() == words]
        self.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    def answering(self, answer):
        """Answer the next question."""
        QTimer.singleShot(0, self.window, lambda: self.click(self.window.findChild(Question).buttons[answer]))
