"""The small parts behind the engine's client: log, shared memory, requests, process, hardware."""

from __future__ import annotations

import io
import os
import struct
import sys
import tempfile
from pathlib import Path

import pytest

from assistant.engine import control as control_module
from assistant.engine import hardware, log_tail, spawn
from assistant.engine.control import SIZE, ControlMemory
from assistant.engine.jobs import Jobs
from assistant.engine.log_tail import LogTail
from assistant.engine.protocol import Failed, Generate, Hello, Pong, Tokens
from assistant.errors import EngineCrashed


def read_log(folder, data):
    log = LogTail(folder, "worker 1")
    log.start(io.BytesIO(data))
    log.join(10)
    return log.text


def test_the_log_keeps_the_last_lines(tmp_path):
    text = read_log(tmp_path, b"".join(b"line %d\n" % n for n in range(1000)))

    assert text.splitlines()[-1] == "line 999"
    assert len(text.splitlines()) == log_tail.LINES


def test_a_worker_that_floods_the_log_fills_neither_memory_nor_disk(tmp_path):
    text = read_log(tmp_path, b"x" * 3_000_000)

    assert len(text) < 1_000_000
    assert (tmp_path / log_tail.FILE).stat().st_size < 300_000


def test_a_long_log_file_makes_room_for_a_new_one(tmp_path):
    (tmp_path / log_tail.FILE).write_bytes(b"x" * (2 << 20))
    read_log(tmp_path, b"new\n")

    assert "new" in (tmp_path / log_tail.FILE).read_text()
    assert (tmp_path / "engine.old.log").stat().st_size == 2 << 20


def test_without_a_folder_the_log_is_kept_in_memory_all_the_same(tmp_path):
    assert read_log(tmp_path / "nowhere", b"last words\n") == "last words"


def test_a_log_that_never_began_is_empty(tmp_path):
    log = LogTail(tmp_path, "worker 1")
    log.join(1)

    assert log.text == ""


def test_a_cancel_names_its_request_before_it_aborts():
    control = ControlMemory()
    assert control.path.stat().st_mode & 0o077 == 0
    control.cancel(77)
    data = control.path.read_bytes()
    control.close()

    assert len(data) == SIZE
    assert (data[0], data[1], struct.unpack_from("<Q", data, 16)) == (1, 0, (77,))


def test_the_worker_s_steps_are_seen():
    control = ControlMemory()
    with control.path.open("r+b") as file:
        file.seek(8)
        file.write(struct.pack("<Q", 123456789012))
        file.flush()
        assert control.heartbeat == 123456789012
    control.close()


@pytest.mark.skipif(sys.platform == "win32", reason="files have names there")
def test_the_memory_lies_in_no_file_that_could_be_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    control = ControlMemory()

    assert list(tmp_path.iterdir()) == []
    control.close()


def test_where_files_must_have_names_those_left_behind_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(control_module, "HAS_NAMELESS_FILES", False)
    (tmp_path / "inkstone-left.control").touch()
    (tmp_path / "inkstone-other.txt").touch()
    control = ControlMemory()

    assert {path.name for path in tmp_path.iterdir()} == {control.path.name, "inkstone-other.txt"}
    control.close()
    assert [path.name for path in tmp_path.iterdir()] == ["inkstone-other.txt"]


def test_what_is_said_of_unknown_or_ended_requests_is_dropped():
    jobs = Jobs()
    job = jobs.add(Generate(1, ()))
    assert jobs.hear(Tokens(2, "x", 1)) == jobs.hear(Pong(1)) == jobs.settled(job.cut()) == ()
    jobs.settle(job.cut(), lambda _: None)

    assert jobs.hear(Tokens(1, "x", 1)) == ()
    assert jobs.settled(job.cut()) == (job.cut(),)
    assert jobs.settled(job.cut()) == ()


def test_a_cancelled_request_that_fails_was_cancelled():
    jobs = Jobs()
    job = jobs.add(Generate(1, ()))
    job.is_cancelled = True

    assert jobs.hear(Failed(1, "GenerationFailed", {"reason": "aborted"})) == (job.cut(),)


def test_ending_all_spares_what_was_not_sent():
    jobs = Jobs()
    jobs.add(Generate(1, ())).is_sent = True
    jobs.add(Generate(2, ()))

    assert [end.request for end in jobs.end_all(EngineCrashed(reason="x"), sent_only=True)] == [1]
    assert [end.request for end in jobs.end_all(EngineCrashed(reason="x"))] == [2]


def test_a_process_gets_no_tokens_and_runs_where_nobody_plants_modules(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_TOKEN", "secret")
    program = "import os; print(os.environ.get('HF_TOKEN'), os.getcwd())"
    process = spawn.start([sys.executable, "-c", program])
    out, _ = process.communicate()

    assert out.split() == [b"None", os.fsencode(Path(spawn.__file__).parents[2])]


def test_a_process_that_is_prepared_calls_no_debugger_and_starts_no_threads_of_numpy_s():
    names = ("GGML_NO_BACKTRACE", "OPENBLAS_NUM_THREADS")
    program = f"import os; from assistant.engine.child import prepare; prepare(); print(*map(os.environ.get, {names}))"
    process = spawn.start([sys.executable, "-c", program])
    out, _ = process.communicate()

    assert out.split() == [b"1", b"1"]


def test_a_process_that_stays_after_its_pipe_ended_is_killed(monkeypatch):
    monkeypatch.setattr(spawn, "EXIT_S", 0.1)
    process = spawn.start([sys.executable, "-c", "import sys; sys.stdin.read()"])

    assert spawn.reap(process) != 0
    process.communicate()


def test_processor_time_is_known_of_a_process_that_is_there():
    assert spawn.processor_time(os.getpid()) > 0
    assert spawn.processor_time(2**22 + 1) is None


def test_without_llama_cpp_there_are_no_devices(monkeypatch, tmp_path):
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    assert hardware.devices() == ()
    assert not hardware.is_gpu_build()
    (tmp_path / "libggml-cuda.so").touch()
    assert hardware.is_gpu_build()
    monkeypatch.delenv("LLAMA_CPP_LIB_PATH")
    monkeypatch.setattr(hardware, "find_spec", lambda _: None)
    assert hardware.devices() == ()


def test_the_devices_are_told_by_the_worker(tmp_path):
    program = "from assistant.engine.hardware import devices; print(devices()[0].kind)"
    process = spawn.start([sys.executable, "-c", program])
    out, _ = process.communicate()

    assert out.strip() == b"cpu"


def test_a_hello_without_devices_is_a_hello():
    assert Hello(0, 1, 2, "llama.cpp").devices == ()
