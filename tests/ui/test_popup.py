"""Where a card that opens at a button stands."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from ui.widgets.popup import SHADE, Popup


@pytest.fixture
def button(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 100)
    button = QPushButton("here", window)
    button.setGeometry(100, 20, 80, 30)
    window.show()
    yield button
    window.close()


@pytest.fixture
def popup(qtbot, theme, button):
    popup = Popup(theme, button)
    popup.setFixedSize(200, 150)
    return popup


def put(button, x, y):
    """Move the window so that the button stands at a place of the screen."""
    button.window().move(QPoint(x, y) - button.pos())
    return button.mapToGlobal(QPoint(0, 0))


def test_it_stands_below_the_end_of_the_button(popup, button):
    place = put(button, 400, 200)
    popup.place_below(button)
    assert popup.x() + popup.width() - SHADE == place.x() + button.width()
    assert place.y() + button.height() < popup.y() + SHADE < place.y() + button.height() + 10


def test_it_can_stand_below_the_middle(popup, button):
    place = put(button, 400, 200)
    popup.place_below(button, is_centred=True)
    assert popup.geometry().center().x() == pytest.approx(place.x() + button.width() / 2, abs=1)


def test_where_there_is_no_room_below_it_stands_above(popup, button):
    screen = button.screen().availableGeometry()
    place = put(button, 400, screen.bottom() - 60)
    popup.place_below(button)
    assert popup.y() + popup.height() - SHADE <= place.y()


@pytest.mark.parametrize("is_centred", [True, False])
def test_it_never_leaves_the_screen(popup, button, is_centred):
    screen = button.screen().availableGeometry()
    for x in (screen.left() - 60, screen.right() - 20):
        put(button, x, 200)
        popup.place_below(button, is_centred=is_centred)
        assert screen.left() <= popup.x() <= screen.right() - popup.width()


def test_escape_closes_it(qtbot, popup, button):
    popup.place_below(button)
    popup.show()
    qtbot.keyClick(popup, Qt.Key.Key_A)
    assert popup.isVisible()
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
