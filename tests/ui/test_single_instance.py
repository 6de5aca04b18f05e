"""One window for one home; and the system's wish to end the program."""

import os
import signal
import subprocess
import sys

import pytest
from PySide6.QtNetwork import QLocalSocket

from ui.quit_signals import QuitSignals
from ui.single_instance import SingleInstance


@pytest.fixture
def instance(qapp, tmp_path):
    made = []

    def make(name="window.lock"):
        made.append(SingleInstance(tmp_path / name))
        return made[-1]

    yield make
    for one in made:
        one.release()


@pytest.fixture
def holder(instance):
    holder = instance()
    assert holder.acquire()
    return holder


_LAUNCH = """
import sys
from pathlib import Path
from ui.single_instance import SingleInstance
other = SingleInstance(Path(sys.argv[1]))
sys.exit(other.acquire() or not other.raise_other())
"""


@pytest.fixture
def second_launch(tmp_path):
    """Start another process for the same home: it asks to raise the window, and ends with 0 when that was answered."""
    started = []

    def start():
        started.append(subprocess.Popen([sys.executable, "-c", _LAUNCH, str(tmp_path / "window.lock")]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_only_the_first_launch_gets_the_window(holder, instance):
    assert not instance().acquire()
    assert instance("another home").acquire()


def test_the_second_launch_raises_the_first(qtbot, holder, second_launch):
    with qtbot.waitSignal(holder.raise_requested, timeout=20_000):
        process = second_launch()
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
    assert process.returncode == 0


def test_the_token_that_wayland_wants_comes_along(qtbot, holder, second_launch, monkeypatch):
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "permit-1")
    with qtbot.waitSignal(holder.raise_requested, timeout=20_000):
        second_launch()
        monkeypatch.delenv("XDG_ACTIVATION_TOKEN")
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "permit-1"


def test_a_first_launch_that_is_gone_leaves_nothing_in_the_way(holder, instance):
    holder.release()
    assert instance().acquire()


def test_nobody_to_raise_is_said(instance):
    assert not instance().raise_other()


def test_what_is_no_greeting_is_hung_up_on(qtbot, holder):
    requests = []
    holder.raise_requested.connect(lambda: requests.append(1))
    for words in (b"something else\n", b"x" * 5_000):
        socket = QLocalSocket()
        socket.connectToServer(holder._name)
        assert socket.waitForConnected(1_000)
        socket.write(words)
        qtbot.waitUntil(lambda socket=socket: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert requests == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_of_the_system_asks_to_quit(qtbot, number):
    before = signal.getsignal(number)
    signals = QuitSignals()
    with qtbot.waitSignal(signals.requested):
        os.kill(os.getpid(), number)
    signals.stop()
    assert signal.getsignal(number) is before
