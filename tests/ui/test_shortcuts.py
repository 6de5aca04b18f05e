from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QMainWindow, QPlainTextEdit
from pytestqt.qtbot import QtBot

from ui.settings.cheat_sheet import CheatSheet
from ui.settings.shortcuts import (
    GROUPS,
    SHORTCUTS,
    key_caps,
    make_action,
    retranslate_action,
    shortcut,
)
from ui.theme.theme import Theme

EDITING = (
    "Ctrl+A",
    "Ctrl+C",
    "Ctrl+V",
    "Ctrl+X",
    "Ctrl+Z",
    "Ctrl+Y",
    "Ctrl+Left",
    "Ctrl+Right",
    "Ctrl+Home",
    "Ctrl+End",
)


def words(sheet: CheatSheet) -> set[str]:
    return {label.text() for label in sheet.findChildren(QLabel)}


def test_no_keys_mean_two_things() -> None:
    keys = Counter(QKeySequence(text).toString() for each in SHORTCUTS for text in each.keys)
    assert [text for text, count in keys.items() if count > 1] == []
    assert len({each.id for each in SHORTCUTS}) == len(SHORTCUTS)


@pytest.mark.parametrize("declared", SHORTCUTS, ids=lambda each: each.id)
def test_a_shortcut_is_complete(declared: object) -> None:
    each = next(one for one in SHORTCUTS if one is declared)
    assert each.label
    assert each.group in GROUPS
    assert all(not QKeySequence(text).isEmpty() for text in each.keys)
    assert not set(each.keys) & set(EDITING)


def test_the_keys_do_what_they_say(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    field = QPlainTextEdit()
    window.setCentralWidget(field)
    done: list[str] = []
    action = make_action("new_conversation", window, lambda: done.append("new"))
    make_action("cheat_sheet", window, lambda: done.append("sheet"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_F1)
    assert done == ["new", "sheet", "sheet"]
    assert (action.text(), action.objectName()) == ("New conversation", "new_conversation")
    action.setText("")
    retranslate_action(action)
    assert action.text() == "New conversation"


def test_a_key_of_a_widget_makes_no_action(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    with pytest.raises(AssertionError):
        make_action("send", window, window.close)


def test_a_shortcut_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        shortcut("dance")


@pytest.mark.parametrize(
    ("keys", "caps"),
    [("Ctrl+Shift+C", ["Ctrl", "Shift", "C"]), ("Ctrl++", ["Ctrl", "+"]), ("Return", ["Enter"]), ("Up", ["↑"])],
)
def test_keys_are_shown_one_by_one(keys: str, caps: list[str]) -> None:
    assert key_caps(keys) == caps


def test_the_sheet_shows_every_key(qtbot: QtBot, theme: Theme) -> None:
    sheet = CheatSheet(theme, None)
    qtbot.addWidget(sheet)
    sheet.show()
    assert {each.label for each in SHORTCUTS} <= words(sheet)
    assert set(GROUPS) <= words(sheet)
    for label in sheet.findChildren(QLabel):
        assert label.width() >= label.minimumSizeHint().width()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isHidden()


def test_the_sheet_shows_only_what_works(qtbot: QtBot, theme: Theme) -> None:
    sheet = CheatSheet(theme, None, ["settings"])
    qtbot.addWidget(sheet)
    assert {"Settings", "Send"} <= words(sheet)
    assert "Quit" not in words(sheet)
