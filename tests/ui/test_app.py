"""Starting and ending the whole program as a process of its own."""

import signal
import subprocess
import sys

import pytest

from tests.fakes.gguf_files import write_tiny_gguf

PATIENCE_S = 60
_RUN = """
import sys
from PySide6.QtCore import QTimer
from tests.fakes.scripted_worker import COMMAND
from ui import app

class Watched(app.Application):
    def start(self, qt):
        super().start(qt)
        self.watch = QTimer(self)
        self.watch.timeout.connect(self.tell)
        self.watch.start(20)

    def tell(self):
        if self.assistant.engine.state.phase.value == "ready":
            self.watch.stop()
            print("ready", flush=True)

app.Application = Watched
sys.exit(app.run(sys.argv[:1], engine_command=COMMAND))
"""


@pytest.fixture
def launch(home):
    write_tiny_gguf(home.models / "scripted.gguf")
    started = []

    def launch():
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([sys.executable, "-c", _RUN], **pipes))
        return started[-1]

    yield launch
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_S)


def test_the_program_starts_is_raised_by_a_second_launch_and_ends_on_a_signal(launch):
    first = launch()
    assert first.stdout.readline() == "ready\n"
    second = launch()
    assert second.wait(PATIENCE_S) == 0
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)
    _out, complaints = first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 0
    assert [line for line in complaints.splitlines() if "This plugin does not support" not in line] == []
