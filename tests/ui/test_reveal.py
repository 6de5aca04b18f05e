"""Showing a file in the system's file manager: what the system is asked for."""

import sys

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtGui import QDesktopServices

from ui.widgets.reveal import reveal


@pytest.fixture
def asked(monkeypatch):
    """What the system was asked to open or start."""
    asked = []

    def start(program, arguments):
        asked.append((program, *arguments))
        return True, 1

    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(asked.append(url.toLocalFile())) or True)
    monkeypatch.setattr(QProcess, "startDetached", start)
    return asked


@pytest.mark.parametrize("name", ["m.gguf", "gone.gguf", "gone/deeper/m.gguf", ""])
def test_a_file_is_shown_by_the_nearest_folder_there_is(asked, monkeypatch, tmp_path, name):
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "m.gguf").touch()
    assert reveal(tmp_path / name)
    assert asked == [str(tmp_path)]


def test_where_the_system_can_mark_a_file_it_does(asked, monkeypatch, tmp_path):
    path = tmp_path / "m.gguf"
    path.touch()
    for platform in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        assert reveal(path)
    assert asked == [("explorer", f"/select,{path}"), ("open", "-R", str(path))]
