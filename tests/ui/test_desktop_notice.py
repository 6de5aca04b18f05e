"""What the system is asked to show of the end of a download while somebody is at another window."""

import pytest
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from ui.desktop_notice import SHOWN_MS, DesktopNotice


@pytest.fixture
def told(monkeypatch):
    """What the system was asked to show, by a system that has a tray."""
    told = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _tray, *said: told.append((said[0], said[1], said[3])))
    for word in ("show", "hide"):
        monkeypatch.setattr(QSystemTrayIcon, word, lambda _tray, word=word: told.append(word))
    return told


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return window


def test_who_is_elsewhere_is_told_by_the_system(qtbot, window, told):
    notice = DesktopNotice(window)
    notice.tell("Qwen3.5 4B is ready.", "Use it now.")
    assert told == ["show", ("Qwen3.5 4B is ready.", "Use it now.", SHOWN_MS)]
    with qtbot.waitSignal(notice.clicked):
        notice._tray.messageClicked.emit()
    assert told[-1] == "hide"
    assert not notice._leaving.isActive()


def test_who_looks_at_the_window_is_not(qtbot, window, told):
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    DesktopNotice(window).tell("Qwen3.5 4B is ready.")
    assert told == []


def test_a_system_without_a_tray_is_asked_for_attention_only(window, told, monkeypatch):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    notice = DesktopNotice(window)
    notice.tell("Qwen3.5 4B is ready.")
    assert told == []
    assert notice._tray is None


def test_the_icon_leaves_the_tray_with_the_message(qtbot, window, told):
    notice = DesktopNotice(window)
    notice._leaving.setInterval(0)
    notice.tell("Qwen3.5 4B is ready.")
    qtbot.waitUntil(lambda: told[-1] == "hide")
