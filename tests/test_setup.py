"""The set-up script: what it remembers, what it finds missing by trying, and what it tells people to type."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PINS = {
    "": "anyio==1 \\\n    --hash=sha256:aa\n"
    "llama-cpp-python==0.3 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\nnumpy==2\n",
    "-build": "setuptools==77\n",
    "-test": "pytest==9\n",
}


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / ".ci")
    return importlib.import_module("system_parts")


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    monkeypatch.syspath_prepend(ROOT / ".ci")
    return importlib.import_module("setup")


def test_the_hashes_travel_with_the_engines_pin(setup: ModuleType) -> None:
    assert setup.pinned("llama-cpp-python", PINS[""]).split() == [
        *("llama-cpp-python==0.3", "\\", "--hash=sha256:bb", "\\", "--hash=sha256:cc"),
    ]
    with pytest.raises(setup.SetUpError):
        setup.pinned("missing", PINS[""])


def test_a_second_set_up_does_nothing(setup: ModuleType, tmp_path: Path) -> None:
    environment = setup.Environment(tmp_path)
    environment.python.parent.mkdir()
    environment.python.touch()  # cannot be run: any step taken would fail
    kinds = {kind: (ROOT / f"requirements{kind}.txt").read_text(encoding="utf-8") for kind in PINS}
    environment.remember(setup.wanted({}, kinds, with_tests=True))
    setup.set_up(environment, with_tests=True)
    setup.set_up(environment, with_tests=False)


def test_a_record_without_its_environment_or_a_broken_one_counts_as_none(setup: ModuleType, tmp_path: Path) -> None:
    environment = setup.Environment(tmp_path)
    environment.remember({"python": "3"})
    assert environment.record() == {}
    environment.python.parent.mkdir()
    environment.python.touch()
    assert environment.record() == {"python": "3"}
    environment.stamp.write_text("[")
    assert environment.record() == {}


def test_options_of_the_build_stay_until_others_are_given(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = setup.wanted({}, PINS, with_tests=False)
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    cuda = setup.wanted(plain, PINS, with_tests=True)
    monkeypatch.delenv("CMAKE_ARGS")
    assert setup.wanted(cuda, PINS, with_tests=False) == cuda
    monkeypatch.setenv("CMAKE_ARGS", "")
    assert setup.wanted(cuda, PINS, with_tests=False)["engine"] == plain["engine"] != cuda["engine"]


def test_changed_pins_are_noticed(setup: ModuleType) -> None:
    before = setup.wanted({}, PINS, with_tests=True)
    engine = setup.wanted(before, {**PINS, "": PINS[""].replace("bb", "dd")}, with_tests=True)
    tests = setup.wanted(before, {**PINS, "-test": "pytest==10\n"}, with_tests=True)
    assert {name for name in before if before[name] != engine[name]} == {"engine", "packages"}
    assert {name for name in before if before[name] != tests[name]} == {"tests"}


def test_the_users_own_pip_settings_do_not_move_or_change_packages(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_TARGET", "PYTHONPATH", "PIP_CONSTRAINT", "PIP_ONLY_BINARY", "PIP_USER"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("PIP_INDEX_URL", "mirror")
    environment = setup.pip_environment()
    assert "PIP_TARGET" not in environment
    assert "PYTHONPATH" not in environment
    assert environment["PIP_CONSTRAINT"] == os.devnull
    assert environment["PIP_INDEX_URL"] == "mirror"
    assert "x" not in environment.values()


def test_wheels_are_kept_by_processor(setup: ModuleType) -> None:
    assert platform.machine() in setup.processor()
    assert setup.wheel_cache().name == "wheels"


@pytest.mark.skipif(sys.platform == "win32", reason="there the build says so")
def test_without_any_program_compiler_cmake_and_make_are_missing(
    parts: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    missing = parts.missing_for_build()
    assert [part.name for part in missing] == ["a C++ compiler", "cmake", "make"]
    assert parts.package_tool() is None
    assert "Missing on this system: a C++ compiler, cmake, make." in parts.advice(missing, None)
    assert not parts.install_as_root(missing)


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("apt-get", "sudo apt-get install -y cmake g++ libegl1"),
        ("dnf", "sudo dnf install cmake gcc-c++ libglvnd-egl"),
        ("pacman", "sudo pacman -S cmake gcc libglvnd"),
        ("zypper", "sudo zypper install cmake gcc-c++ libEGL1"),
        ("brew", "brew install cmake"),
        ("winget", "winget install Kitware.CMake Microsoft.VisualStudio.2022.BuildTools"),
    ],
)
def test_what_is_missing_is_named_for_each_system(parts: ModuleType, tool: str, command: str) -> None:
    egl = parts.Part("libEGL.so.1", parts.LIBRARIES["libEGL.so.1"])
    missing = [egl, parts.Part("a C++ compiler", parts.COMPILER), parts.Part("cmake", parts.CMAKE)]
    advice = parts.advice(missing, tool)
    assert advice.startswith("Missing on this system: libEGL.so.1, a C++ compiler, cmake.\n")
    assert f"Install it with:  {command}" in advice


def test_a_library_named_by_the_loader_leads_to_its_package(parts: ModuleType) -> None:
    message = "ImportError: libEGL.so.1: cannot open shared object file: No such file or directory"
    assert parts._missing_names(message) == ["libEGL.so.1"]
    assert parts._library("libEGL.so.1").packages["apt-get"] == "libegl1"
    assert parts._library("libnew.so.9") == parts.Part("libnew.so.9")


def test_qt_is_tried_and_starts_here(parts: ModuleType) -> None:
    needed, _wanted = parts.try_qt(Path(sys.executable))
    assert needed == []


def test_a_python_without_qt_is_told_from_one_that_lacks_a_library(parts: ModuleType, tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(
        "#!/bin/sh\necho 'ImportError: libEGL.so.1: cannot open shared object file: No such' >&2\nexit 1\n"
    )
    python.chmod(0o755)
    needed, _wanted = parts.try_qt(python)
    assert [part.name for part in needed] == ["libEGL.so.1"]
