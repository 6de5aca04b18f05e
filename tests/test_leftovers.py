"""The watch over the tests themselves: each kind of leftover fails the test that left it, a clean test passes."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
from tests.conftest import *
from tests.conftest import _leaves_nothing_behind
"""
UNTIDY = """
import logging, subprocess, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel

kept = []

def test_thread():
    threading.Thread(target=threading.Event().wait, args=(9,), name="forgotten", daemon=True).start()

def test_process():
    kept.append(subprocess.Popen(["sleep", "9"]))

def test_zombie():
    kept.append(subprocess.Popen(["true"]))

def test_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(1000)

def test_window(qapp):
    kept.append(QLabel("here"))
    kept[-1].show()

def test_log():
    logging.getLogger("assistant.thing").warning("something %s", "odd")

def test_handler():
    logging.getLogger("assistant").addHandler(logging.NullHandler())
"""
COMPLAINTS = [
    "*- the thread 'forgotten' still runs",
    "*- the process * (sleep 9) still runs",
    "*- the process * was not waited for",
    "*- a QTimer of 1000 ms still runs*",
    "*- a window is still shown: *QLabel*",
    "*- unexpected in the log: assistant.thing: something odd",
    "*- a handler is still on the logger 'assistant'*",
]
TIDY = """
import logging, subprocess, threading
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from assistant.i18n import language, use_language

order = []

@pytest.mark.allow_log("something .*")
def test_with_all_there_is(qtbot, home):
    logging.getLogger("assistant").error("something went wrong")
    thread = threading.Thread(target=int)
    thread.start()
    subprocess.run(["true"], check=True)
    label = QLabel("here")
    qtbot.addWidget(label)
    label.show()
    QTimer(label).start(1000)
    use_language("zh_CN")
    assert home.database.parent.is_dir()

@pytest.mark.long
def test_long():
    order.append("long")

@pytest.mark.slow
def test_slow():
    order.append("slow")

def test_quick():
    order.append(language())

@pytest.mark.slow
def test_order():
    assert order == ["en", "slow"]
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\nqt_api = pyside6\nmarkers =\n slow\n long\n allow_log\n timeout\n")
    return pytester


def test_each_leftover_fails_the_test_that_left_it(inner: pytest.Pytester) -> None:
    inner.makepyfile(UNTIDY)
    result = inner.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=len(COMPLAINTS), errors=len(COMPLAINTS))
    result.stdout.fnmatch_lines(COMPLAINTS)


def test_a_tidy_test_passes_slow_ones_come_last_and_long_ones_not_at_all(inner: pytest.Pytester) -> None:
    inner.makepyfile(TIDY)
    result = inner.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, deselected=1)


def test_long_tests_run_when_asked_for(inner: pytest.Pytester) -> None:
    inner.makepyfile("import pytest\n@pytest.mark.long\ndef test_long(): pass")
    inner.runpytest_subprocess("-p", "no:cacheprovider", "--long").assert_outcomes(passed=1)
    inner.runpytest_subprocess("-p", "no:cacheprovider", "-m", "long").assert_outcomes(passed=1)
