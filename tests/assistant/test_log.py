"""The log file: private, bounded, complete after a crash, and without anybody's words."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import log
from assistant.paths import Paths

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARNING|ERROR) +\[\d+\] assistant\.test: ")
logger = logging.getLogger("assistant.test")


@pytest.fixture
def file(home: Paths) -> Iterator[Path]:
    path = log.start(home)
    assert path is not None
    yield path
    log.stop()


def test_what_happens_is_written_in_lines_of_our_form(file):
    logger.info("loaded in %d ms", 42)

    (line,) = file.read_text().splitlines()
    assert LINE.match(line)
    assert line.endswith("loaded in 42 ms")


def test_our_details_and_the_libraries_chatter_are_left_out(file):
    logger.debug("detail")
    logging.getLogger("some.library").info("chatter")

    assert file.read_text() == ""


@pytest.mark.allow_log("some.library: careful")
def test_warnings_of_libraries_are_kept(file):
    logging.getLogger("some.library").warning("careful")
    assert "some.library: careful" in file.read_text()


def test_only_the_owner_can_read_it(file):
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600


def test_no_text_can_pose_as_a_line_of_its_own(file):
    logger.info("one\n2026-01-01T00:00:00.000Z INFO    [1] assistant.test: forged")

    first, second = file.read_text().splitlines()
    assert LINE.match(first)
    assert second.startswith("    2026")


@pytest.mark.allow_log("went wrong")
def test_a_traceback_stands_below_its_line(file):
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("went wrong")

    first, *rest = file.read_text().splitlines()
    assert first.endswith("went wrong")
    assert rest[-1] == "    ValueError: broken"
    assert all(line.startswith("    ") for line in rest)


def test_the_log_never_takes_more_than_three_files_of_one_megabyte(file):
    for number in range(4_500):
        logger.info("%05d %s", number, "x" * 900)

    sizes = {path.name: path.stat().st_size for path in file.parent.iterdir()}
    assert set(sizes) == {"inkstone.log", "inkstone.log.1", "inkstone.log.2"}
    assert max(sizes.values()) <= log.MAX_BYTES
    assert "04499" in file.read_text()


def test_half_characters_do_no_harm(file):
    logger.info("lone \ud800 surrogate")

    assert "lone \\ud800 surrogate" in file.read_text()


def test_a_second_start_goes_on_in_the_same_file(home, file):
    logger.info("first")

    assert log.start(home) == file
    logger.info("second")

    assert len(file.read_text().splitlines()) == 2


def test_after_the_stop_nothing_is_written(home):
    path = log.start(home)
    log.stop()
    log.stop()
    logger.info("late")

    assert path is not None
    assert path.read_text() == ""
    assert logging.getLogger("assistant").level == logging.NOTSET


@pytest.mark.allow_log("no log file: Is a directory")
def test_without_a_log_file_the_program_goes_on(home):
    (home.logs / "inkstone.log").mkdir()

    assert log.start(home) is None
    logger.info("nowhere")


def run(code: str, home: Paths, **options: object) -> subprocess.CompletedProcess[str]:
    setup = "import logging, os\nfrom assistant import log\nfrom assistant.paths import Paths\n"
    setup += "log.start(Paths.find())\nlogger = logging.getLogger('assistant.test')\n"
    command = [sys.executable, "-c", setup + code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_every_line_is_there_after_a_crash(home):
    ended = run("for n in range(100): logger.info('line %d', n)\nos.kill(os.getpid(), 9)", home)

    lines = (home.logs / "inkstone.log").read_text().splitlines()
    assert ended.returncode in (-getattr(signal, "SIGKILL", 9), 9)
    assert [line.rpartition(" ")[2] for line in lines] == [str(number) for number in range(100)]


def test_pythons_warnings_are_written(home):
    run("import warnings\nwarnings.warn('old ways')", home)

    assert "old ways" in (home.logs / "inkstone.log").read_text()


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are of Unix")
def test_a_full_disk_stops_the_log_and_not_the_program(home):
    code = """
import resource
logger.info('before')
resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))
for n in range(5): logger.info('lost ' + 'x' * 300)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
logger.info('after')
print('alive')
"""
    ended = run(code, home)

    text = (home.logs / "inkstone.log").read_text()
    assert (ended.stdout, ended.stderr, ended.returncode) == ("alive\n", "", 0)
    assert "before" in text
    assert re.search(r"[45] lines lost\n.* after\n$", text)  # the first may be there in part


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the full device is of Linux")
def test_a_disk_that_stays_full_costs_only_the_log(home, capsys):
    (home.logs / "inkstone.log").symlink_to("/dev/full")
    log.start(home)

    for number in range(3):
        logger.info("lost %d", number)

    log.stop()
    assert capsys.readouterr().err == ""


def test_a_mistake_in_a_logging_call_is_shown(home):
    ended = run("logger.info('%d', 'x')\nprint('alive')", home)

    assert ended.stdout == "alive\n"
    assert "--- Logging error ---" in ended.stderr
