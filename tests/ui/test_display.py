"""Why no window can be shown here, in a sentence that says what to do."""

import sys

import pytest

from ui import display

NO_SCREEN = {"QT_QPA_PLATFORM": ""}
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are named by X11 and Wayland")


def test_a_platform_without_a_screen_is_no_problem():
    assert display.display_problem({"QT_QPA_PLATFORM": "offscreen"}) is None
    assert display.display_problem({"QT_QPA_PLATFORM": "minimal:anything"}) is None


@on_linux
def test_no_display_at_all_points_to_the_terminal():
    assert "inkstone chat" in display.display_problem(NO_SCREEN)


@on_linux
def test_a_wayland_display_that_is_there_is_no_problem(tmp_path):
    (tmp_path / "wayland-0").touch()
    assert display.display_problem({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}) is None


@on_linux
def test_a_display_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":4711")
    gone = {"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert "wayland-9" in display.display_problem(gone)
    problem = display.display_problem({"DISPLAY": ":4711", "QT_QPA_PLATFORM": "xcb"})
    assert ":4711" in problem or "sudo apt install" in problem


def test_a_missing_library_is_named_with_its_package():
    words = "libEGL.so.1: cannot open shared object file: No such file or directory"
    sentence = display._library_sentence(display._library_in(words))
    assert "libEGL.so.1" in sentence
    assert "apt install libegl1" in sentence


def test_a_failure_that_names_no_library_is_quoted():
    assert "is not what it seems" in display._library_sentence(display._library_in("Qt is not what it seems"))


def test_a_library_that_does_not_load_is_found_by_trying(monkeypatch):
    class Finder:
        def find_spec(self, name, *_others):
            if name == "PySide6.QtWidgets":
                raise ImportError("libfontconfig.so.1: cannot open shared object file")

    monkeypatch.delitem(sys.modules, "PySide6.QtWidgets", raising=False)
    monkeypatch.delattr(sys.modules["PySide6"], "QtWidgets", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    assert "libfontconfig1" in display.display_problem({"QT_QPA_PLATFORM": "offscreen"})
