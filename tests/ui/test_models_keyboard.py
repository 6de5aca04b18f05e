"""The models page by keyboard and by ear: all is reached in the order it stands in, and all has a name."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from assistant.changes import DownloadsChanged, ModelsChanged
from assistant.models.remote import Page
from tests.fakes.model_source import LIBRARY, MANY, SUGGESTIONS, found, repository
from tests.fakes.models_window import PageDriver
from ui.models.filters import Shelf

QWEN, GEMMA = SUGGESTIONS[0], SUGGESTIONS[1]


@pytest.fixture
def driver(qtbot, theme):
    driver = PageDriver(qtbot, theme, (1176, 1000))
    driver.source.downloads.start(GEMMA.repository, GEMMA.repository.offers[0])
    driver.source.library.list = list(LIBRARY)
    driver.change(DownloadsChanged(), ModelsChanged())
    driver.card(SUGGESTIONS[5].name)
    return driver


def walk(driver):
    """Go through the page with Tab, from the search field until it comes round."""
    driver.page.header.field.setFocus()
    found = []
    while True:
        widget = QApplication.focusWidget()
        if widget in found:
            return found
        found.append(widget)
        driver.qtbot.keyClick(widget, Qt.Key.Key_Tab)


def card_of(driver, grid, widget):
    return next((key for key, card in grid.cards.items() if card.isAncestorOf(widget)), "")


def without_repeats(keys):
    return [key for place, key in enumerate(keys) if key and (not place or keys[place - 1] != key)]


def test_tab_goes_from_the_header_over_the_chips_to_each_card_in_order(driver):
    stops = walk(driver)
    page = driver.page
    assert stops[:3] == [page.header.field, page.header.downloads_button, page.header.add_button]
    assert stops[3] is page.filters.chips[Shelf.COMPUTER]
    keys = without_repeats([card_of(driver, driver.grid, widget) for widget in stops])
    assert keys == driver.grid.keys


def test_the_arrow_keys_go_from_chip_to_chip(qtbot, driver):
    chips = driver.page.filters.chips
    chips[Shelf.COMPUTER].setFocus()
    qtbot.keyClick(chips[Shelf.COMPUTER], Qt.Key.Key_Right)
    assert driver.page.filters.shelf is Shelf.ALL
    assert len(driver.grid.keys) == len(SUGGESTIONS)


def test_inside_a_card_tab_goes_from_top_to_bottom(driver):
    name = "ada/Big-GGUF"
    driver.search("big", Page((repository(name, offers=MANY), found(1))))
    card = driver.card(name)
    driver.click(card.files_button)
    driver.click(card.offers.more_button)
    driver.until(lambda: card.height() > 40 * len(MANY))
    stops = [widget for widget in walk(driver) if card.isAncestorOf(widget)]
    places = [widget.mapTo(card, widget.rect().center()) for widget in stops]
    assert len(places) > 2 * len(MANY)
    assert places == sorted(places, key=lambda place: (place.y() // 16, place.x()))


@pytest.mark.parametrize("shelf", list(Shelf))
def test_everything_that_takes_the_keyboard_has_a_name(driver, shelf):
    driver.page.show_shelf(shelf)
    driver.page.show_downloads(True)
    nameless = []
    for widget in walk(driver):
        heard = QAccessible.queryAccessibleInterface(widget)
        if not heard.text(QAccessible.Text.Name):
            nameless.append(widget)
    assert nameless == []


def test_the_focus_brings_what_it_is_on_into_view(qtbot, driver):
    page = driver.page
    page.resize(700, 500)
    bar = page.area.verticalScrollBar()
    driver.until(lambda: bar.maximum() > 0)
    page.header.field.setFocus()
    inside, grid = page.area.widget(), driver.grid
    for _step in range(60):
        driver.until(lambda: inside.height() >= grid.mapTo(inside, QPoint(0, grid.height())).y())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if page.area.widget().isAncestorOf(widget):
            place = widget.mapTo(page.area.viewport(), QPoint(0, 0))
            assert -widget.height() < place.y() < page.area.viewport().height()


def test_enter_and_space_do_what_a_click_does(qtbot, driver):
    driver.search("qwen", Page((found(0), found(1))))
    card = driver.card(found(0).name)
    card.files_button.setFocus()
    qtbot.keyClick(card.files_button, Qt.Key.Key_Space)
    assert driver.source.waiting("details")
