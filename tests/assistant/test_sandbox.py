"""What a confined process can and cannot do, asked of the kernel."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.engine import landlock, sandbox, seccomp

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or landlock.version() == 0, reason="needs a kernel with Landlock"
)

ALLOWED = ["read the model", "list the devices", "read itself", "start a thread", "write to nowhere"]
REFUSED_BY_LANDLOCK = [
    *("read inkstone.db", "read other.gguf", "list the home folder", "write beside the model", "overwrite the model"),
    *("delete the model", "look at the parent"),
]
REFUSED_BY_SECCOMP = [
    *("change the model's mode", "open a socket", "run a program", "become a program", "fork", "signal the parent"),
]


def run_confined(folder, *options):
    for name in ("model.gguf", "inkstone.db", "other.gguf"):
        (folder / name).write_bytes(b"content")
    names = [str(folder / name) for name in ("model.gguf", "inkstone.db", "other.gguf")]
    command = [sys.executable, "-m", "tests.fakes.confined", *options, *names]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.fixture(scope="module")
def confined(tmp_path_factory):
    return run_confined(tmp_path_factory.mktemp("confined"))


def test_both_walls_hold(confined):
    assert confined["held"] == ["landlock", "seccomp"]


@pytest.mark.parametrize("attempt", ALLOWED)
def test_a_model_can_still(confined, attempt):
    assert confined["outcomes"][attempt] == "done"


@pytest.mark.parametrize("attempt", REFUSED_BY_LANDLOCK + REFUSED_BY_SECCOMP)
def test_a_model_can_no_longer(confined, attempt):
    assert confined["outcomes"][attempt] == "PermissionError"


def test_with_a_gpu_the_walls_are_wider_but_hold(tmp_path):
    confined = run_confined(tmp_path, "--gpu")

    assert confined["held"] == ["landlock", "seccomp"]
    refused = {name for name, outcome in confined["outcomes"].items() if outcome == "PermissionError"}
    assert refused >= {*REFUSED_BY_LANDLOCK, *REFUSED_BY_SECCOMP} - {"look at the parent"}


def test_the_filter_for_the_other_processor_is_complete_too():
    for column, architecture in seccomp._ARCHITECTURES.values():
        code = seccomp._filter(column, architecture, 1234, gpu=False)
        assert len(code) < 4096  # the kernel's limit
        ends = [index for index, (operation, *_) in enumerate(code) if operation == seccomp._RETURN]
        assert all(index + 1 + max(yes, no) <= ends[-1] for index, (_, yes, no, _) in enumerate(code[:-1]))


def test_a_filter_lets_a_process_signal_itself_and_make_threads():
    column, architecture = seccomp._ARCHITECTURES["x86_64"]
    code = seccomp._filter(column, architecture, 1234, gpu=False)

    assert judge(code, architecture, 234, 1234) == seccomp._ALLOW  # tgkill
    assert judge(code, architecture, 234, 1) == seccomp._EPERM
    assert judge(code, architecture, 56, seccomp._CLONE_THREAD) == seccomp._ALLOW  # clone
    assert judge(code, architecture, 56, 0) == seccomp._EPERM
    assert judge(code, architecture, 435, 0) == seccomp._ENOSYS  # clone3
    assert judge(code, architecture, seccomp._X32 + 41, 0) == seccomp._EPERM
    assert judge(code, 0x40000003, 11, 0) == seccomp._EPERM  # another architecture's execve


def test_a_gpu_driver_may_open_local_sockets_only():
    column, architecture = seccomp._ARCHITECTURES["aarch64"]
    code = seccomp._filter(column, architecture, 1234, gpu=True)

    assert judge(code, architecture, 198, 1) == judge(code, architecture, 198, 16) == seccomp._ALLOW
    assert judge(code, architecture, 198, 2) == judge(code, architecture, 198, 10) == seccomp._EPERM


def test_landlock_binds_the_thread_that_asks_for_it(tmp_path, monkeypatch):
    known = min(landlock.version(), 7)  # from 8 on it binds all threads, and that would be this one too
    monkeypatch.setattr(landlock, "version", lambda: known)
    allowed, forbidden = tmp_path / "allowed", tmp_path / "forbidden"
    allowed.touch()
    forbidden.touch()

    def confined():
        held = landlock.restrict([allowed, tmp_path / "nowhere"], [Path("/dev/null")], is_local=True)
        allowed.read_text()
        with pytest.raises(PermissionError):
            forbidden.read_text()
        return held

    with ThreadPoolExecutor(1) as executor:
        assert not executor.submit(confined).result()  # it does not hold for the whole process
    assert forbidden.read_text() == ""


def test_where_the_system_has_no_such_walls_nothing_is_claimed(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "darwin")

    assert sandbox.confine([tmp_path], gpu=False) == ()
    assert landlock.version() == 0
    assert landlock.restrict([tmp_path], [], is_local=True) is False
    assert seccomp.restrict(gpu=False) is False


def judge(code, architecture, number, argument):
    """Run a filter as the kernel would."""
    data = {seccomp._NUMBER_AT: number, seccomp._ARCHITECTURE_AT: architecture, seccomp._ARGUMENT_AT: argument}
    at, accumulator = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == seccomp._RETURN:
            return value
        if operation == seccomp._LOAD:
            accumulator = ctypes.c_uint32(data[value]).value
        else:
            tests = {seccomp._EQUAL: accumulator == value, seccomp._AT_LEAST: accumulator >= value}
            at += yes if tests.get(operation, bool(accumulator & value)) else no
