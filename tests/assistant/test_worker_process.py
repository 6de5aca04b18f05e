"""The worker as a process: its streams, its memory, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from assistant.engine.control import ControlMemory
from assistant.engine.inbox import Inbox
from assistant.engine.model_files import model_files
from assistant.engine.protocol import VERSION, Hello, Ping, Pong, Quit, Tokens, encode, read_frame
from assistant.engine.worker import _options, _sender
from assistant.engine.worker_control import WorkerControl
from tests.fakes.scripted_worker import COMMAND

NOISY = """
import os, sys
from assistant.engine.worker import main
from tests.fakes.scripted_worker import open_model
def noisy(load, go_on):
    print("noise")
    os.write(1, b"more noise")
    return open_model(load, go_on)
code = main(noisy)
sys.stderr.flush()
os._exit(code)
"""


@pytest.fixture
def worker():
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    ) as process:
        yield process
        process.kill()


def test_the_first_frame_tells_version_and_process(worker):
    hello = read_frame(worker.stdout)

    assert isinstance(hello, Hello)
    assert (hello.version, hello.pid) == (VERSION, worker.pid)


def test_it_ends_when_told_to(worker):
    worker.communicate(encode(Quit(0)), timeout=20)

    assert worker.returncode == 0


@pytest.mark.parametrize("last_words", [b"", b"\x05\x00", b"\x02\x00\x00\x00{}"])
def test_it_ends_when_the_app_is_gone_or_talks_nonsense(worker, last_words):
    worker.communicate(last_words, timeout=20)

    assert worker.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a process of its parent's death")
def test_it_dies_with_its_parent_even_when_the_pipe_stays_open():
    reading, writing = os.pipe()
    out_reading, out_writing = os.pipe()
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.Popen({COMMAND!r}); sys.stdin.read()"],
        stdin=reading,
        stdout=out_writing,
    )
    os.close(out_writing)
    os.close(reading)
    with os.fdopen(out_reading, "rb") as out:
        hello = read_frame(out)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert out.read() == b""  # its end: nobody has the pipe any more
    os.close(writing)
    with suppress(psutil.NoSuchProcess):
        psutil.Process(hello.pid).wait(10)


def test_what_is_printed_lands_in_the_log_and_not_among_the_frames():
    from assistant.engine.protocol import Load

    done = subprocess.Popen(
        [sys.executable, "-c", NOISY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with done:
        done.stdin.write(encode(Load(1, "model.gguf")) + encode(Ping(2)))
        done.stdin.flush()
        events = []
        while not (events and isinstance(events[-1], Pong)):
            events.append(read_frame(done.stdout))
        _, log = done.communicate(encode(Quit(0)))
    assert b"more noise" in log


def test_both_ends_of_the_memory_agree():
    app = ControlMemory()
    try:
        worker = WorkerControl(app.path)
        app.cancel(7)
        worker.beat()
        worker.beat()

        assert worker.is_set
        assert worker.take() == 7
        assert not worker.is_set
        assert app.heartbeat == 2
    finally:
        app.close()


def test_the_byte_to_abort_is_where_its_address_says():
    import ctypes

    control = WorkerControl()

    assert ctypes.string_at(control.address) == b""
    control.abort()
    assert ctypes.string_at(control.address) == b"\x01"


def test_a_memory_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        WorkerControl(tmp_path / "none")


def test_the_inbox_ends_with_its_stream():
    reading, writing = os.pipe()
    heard, ended = [], []
    with os.fdopen(reading, "rb") as stream:
        inbox = Inbox(stream, heard.append, lambda: ended.append(True))
        inbox.start()
        os.write(writing, encode(Ping(3)))
        inbox.wait()
        assert inbox.take() == [Ping(3)]
        assert inbox.take() == []
        os.close(writing)
        inbox.join()
    assert (heard, ended) == ([Ping(3)], [True])


def test_a_model_in_parts_needs_all_its_files():
    assert model_files(Path("a/m.gguf")) == [Path("a/m.gguf")]
    assert model_files(Path("a/m-00002-of-00003.gguf")) == [
        Path("a/m-00001-of-00003.gguf"),
        Path("a/m-00002-of-00003.gguf"),
        Path("a/m-00003-of-00003.gguf"),
    ]


def test_a_frame_longer_than_the_pipe_is_sent_whole():
    reading, writing = os.pipe()
    message = Tokens(1, "x" * 300_000, 1)
    thread = threading.Thread(target=_sender(writing), args=(message,))
    thread.start()
    with os.fdopen(reading, "rb") as stream:
        assert read_frame(stream) == message
        thread.join()
        os.close(writing)


def test_the_worker_is_told_its_memory_and_its_model():
    options = _options(["--control", "a", "--model", "b"])

    assert (options.control, options.model) == (Path("a"), Path("b"))
    assert (_options([]).control, _options([]).model) == (None, None)
