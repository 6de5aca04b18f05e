from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThread, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assistant.errors import DiskFull
from ui.crash import CrashReporter, make_report, place_of, shorten
from ui.crash_dialog import CrashDialog
from ui.theme.theme import Theme

SECRET = "what she wrote to me"


@pytest.fixture
def reporter(qapp: QApplication) -> Iterator[CrashReporter]:
    made = CrashReporter()
    made.install()
    yield made
    made.uninstall()


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error) as caught:
        return caught


def hook(error: BaseException) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


def test_a_report_says_where_and_never_what_was_written() -> None:
    try:
        {}[SECRET]
    except KeyError as error:
        inner = error
    outer = raised(ValueError(SECRET))
    outer.__cause__ = inner
    report = make_report(outer)
    assert "Raised ValueError" in report
    assert "Because of KeyError" in report
    assert f"tests/ui/{Path(__file__).name}:" in report
    assert "in raised" in report
    assert "Python 3." in report
    assert SECRET not in report


def test_a_report_says_what_is_known_to_be_harmless() -> None:
    assert "(No space left on device)" in make_report(raised(OSError(28, "No space left on device", SECRET)))
    report = make_report(raised(DiskFull(path=SECRET)))
    assert "DiskFull (store)" in report or "DiskFull (disk_full)" in report
    assert SECRET not in report


def test_a_deep_report_is_cut() -> None:
    def deeper(depth: int) -> None:
        if depth == 0:
            raise ZeroDivisionError
        deeper(depth - 1)

    with pytest.raises(ZeroDivisionError) as caught:
        deeper(200)
    report = make_report(caught.value)
    assert "more" in report
    assert len(report.splitlines()) < 60


def test_a_chain_of_causes_ends() -> None:
    one, other = raised(ValueError()), raised(KeyError())
    one.__cause__, other.__cause__ = other, one
    assert make_report(one).count("Because of") == 1
    hidden = raised(ValueError())
    hidden.__context__, hidden.__suppress_context__ = other, True
    assert "Because of" not in make_report(hidden)


def test_no_folder_of_a_person_is_named() -> None:
    assert shorten("/home/anna/venv/lib/python3.11/site-packages/sqlalchemy/orm/base.py") == "sqlalchemy/orm/base.py"
    assert shorten("/usr/lib/python3.11/json/decoder.py") == "json/decoder.py"
    assert shorten(__file__) == "tests/ui/test_crash.py"
    assert place_of(ValueError()) == "ValueError at nowhere"


@pytest.mark.allow_log("a mistake of ours")
def test_an_unexpected_exception_is_logged_and_told(
    qtbot: QtBot, reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    with qtbot.waitSignal(reporter.crashed) as heard:
        hook(raised(ValueError(SECRET)))
    assert "Raised ValueError" in heard.args[0]
    assert "Raised ValueError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.allow_log("a mistake of ours", "again, ")
def test_the_same_mistake_is_told_once(qtbot: QtBot, reporter: CrashReporter, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []
    reporter.crashed.connect(heard.append)
    for _round in range(100):
        hook(raised(ValueError()))
    hook(raised(KeyError()))
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert len(caplog.records) < 12


@pytest.mark.allow_log("a mistake of ours")
def test_a_mistake_in_a_thread_is_told_on_the_main_thread(qtbot: QtBot, reporter: CrashReporter) -> None:
    def fail() -> None:
        raise ValueError

    heard: list[QThread] = []
    reporter.crashed.connect(lambda _report: heard.append(QThread.currentThread()))
    thread = threading.Thread(target=fail, name="reader")
    with qtbot.waitSignal(reporter.crashed) as told:
        thread.start()
        thread.join()
    assert "thread reader" in told.args[0]
    assert heard == [reporter.thread()]


@pytest.mark.allow_log("a mistake of ours")
def test_a_mistake_while_something_is_deleted_is_told(qtbot: QtBot, reporter: CrashReporter) -> None:
    class Careless:
        def __del__(self) -> None:
            raise ValueError

    with qtbot.waitSignal(reporter.crashed):
        Careless()


def test_an_interruption_is_no_mistake(reporter: CrashReporter, capfd: pytest.CaptureFixture[str]) -> None:
    hook(raised(KeyboardInterrupt()))
    assert "KeyboardInterrupt" in capfd.readouterr().err


def test_reporting_never_fails_and_never_recurses(reporter: CrashReporter, capfd: pytest.CaptureFixture[str]) -> None:
    class Spiteful(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            hook(raised(ValueError("again")))
            raise RuntimeError("no log today")

    log = logging.getLogger("ui.crash")
    handler = Spiteful()
    log.addHandler(handler)
    log.propagate = False
    try:
        hook(raised(ValueError()))
    finally:
        log.removeHandler(handler)
        log.propagate = True
    assert "no log today" in capfd.readouterr().err


def test_the_hooks_are_put_back(qapp: QApplication) -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    reporter = CrashReporter()
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.uninstall()
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def dialog(qtbot: QtBot, logs: Path) -> CrashDialog:
    made = CrashDialog(Theme("light"), None, "Raised ValueError", logs)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_report_can_be_copied(qtbot: QtBot, tmp_path: Path) -> None:
    shown = dialog(qtbot, tmp_path)
    shown.add("Raised KeyError")
    qtbot.mouseClick(shown.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Raised ValueError\n\nRaised KeyError"
    assert shown.copy_button.text() == "Copied"


def test_one_can_go_on(qtbot: QtBot, tmp_path: Path) -> None:
    shown = dialog(qtbot, tmp_path)
    with qtbot.waitSignal(shown.accepted):
        qtbot.keyClick(shown, Qt.Key.Key_Return)


def test_the_log_files_are_shown(qtbot: QtBot, tmp_path: Path, opened: list[QUrl]) -> None:
    shown = dialog(qtbot, tmp_path)
    qtbot.mouseClick(shown.logs_button, Qt.MouseButton.LeftButton)
    assert opened == [QUrl.fromLocalFile(str(tmp_path))]


@pytest.fixture
def opened(qapp: QApplication) -> Iterator[list[QUrl]]:
    from PySide6.QtCore import QObject, Slot

    taken: list[QUrl] = []

    class Opener(QObject):
        @Slot(QUrl)
        def take(self, url: QUrl) -> None:
            taken.append(url)

    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "take")
    yield taken
    QDesktopServices.unsetUrlHandler("file")
