"""The engine when the worker is killed, stopped, crashes, talks nonsense, or when the app itself is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import psutil
import pytest

from assistant.engine.failures import error_of
from assistant.engine.protocol import BACKGROUND, Turn
from assistant.engine.state import Phase
from assistant.errors import EngineCrashed, EngineHung
from assistant.i18n import use_language
from tests.fakes.engine_driver import EngineDriver

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

STARTS_FOR_EVER = """
import sys
from assistant.engine.protocol import LoadProgress, encode
sys.stdout.buffer.write(encode(LoadProgress(1, 0.5)))
sys.stdout.buffer.flush()
sys.stdin.read()
"""


@pytest.fixture
def drive(tmp_path, monkeypatch):
    """Make drivers; at the end nothing of theirs may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    drivers = []

    def make(**options):
        drivers.append(EngineDriver(tmp_path, **options))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.engine.close()
    assert psutil.Process().children() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("engine-")]
    assert list(tmp_path.glob("*.control")) == []


@pytest.fixture
def driver(drive):
    return drive(heartbeat_limit_s=0.8, cancel_limit_s=0.4)


def test_while_a_worker_starts_nothing_lies_where_it_could_be_left(drive, tmp_path):
    driver = drive(command=[sys.executable, "-c", STARTS_FOR_EVER])
    driver.engine.load(driver.model())
    driver.until(lambda: driver.engine.state.done == 500)

    assert list(tmp_path.glob("*.control")) == []


def works(driver):
    """Ask once more, and say whether an answer came."""
    request = driver.ask("paced 3")
    driver.end(request)
    return driver.text(request) == "word1 word2 word3"


def test_a_killed_worker_is_noticed_at_once_and_the_next_question_works(driver):
    driver.load()
    request = driver.ask("endless")
    driver.until_text(request)
    killed_at = time.monotonic()
    os.kill(driver.engine.worker_pid, signal.SIGKILL)
    failed = driver.end(request)

    assert time.monotonic() - killed_at < 0.2
    assert failed.kind == "EngineCrashed"
    assert "memory" in error_of(failed).message
    assert driver.engine.state.phase is Phase.FAILED
    assert isinstance(driver.engine.state.error, EngineCrashed)
    assert works(driver)


@pytest.mark.parametrize(
    ("question", "words"), [("crash", "segmentation fault"), ("abort", "llama.cpp gave up"), ("exit 7", "code 7")]
)
def test_a_crash_is_told_in_words(driver, question, words):
    driver.load()
    request = driver.ask(question)

    assert words in error_of(driver.end(request)).message
    assert driver.text(request).startswith("word1")
    assert works(driver)


def test_a_stopped_worker_is_ended_and_the_next_question_works(driver):
    driver.load()
    request = driver.ask("endless")
    driver.until_text(request)
    os.kill(driver.engine.worker_pid, signal.SIGSTOP)

    assert driver.end(request).kind == "EngineHung"
    assert isinstance(driver.engine.state.error, EngineHung)
    assert works(driver)


@pytest.mark.parametrize("question", ["hang", "hang-prompt"])
def test_a_worker_that_hangs_is_ended(driver, question):
    driver.load()
    request = driver.ask(question)

    assert driver.end(request).kind == "EngineHung"
    assert works(driver)


def test_a_worker_that_hangs_while_loading_is_ended(driver):
    driver.engine.load(driver.model("hang.gguf"))
    request = driver.ask("hello")

    assert driver.end(request).kind == "EngineHung"


def test_an_idle_worker_may_be_silent(driver):
    driver.load()
    os.kill(driver.engine.worker_pid, signal.SIGSTOP)

    assert not driver.mailbox.wait(1.2)
    os.kill(driver.engine.worker_pid, signal.SIGCONT)
    assert works(driver)


def test_a_stop_that_is_not_obeyed_ends_the_worker_and_loads_the_model_again(drive):
    driver = drive(cancel_limit_s=0.2)
    driver.load()
    request = driver.ask("endless")
    driver.until_text(request)
    before = driver.engine.worker_pid
    os.kill(before, signal.SIGSTOP)
    driver.engine.cancel(request)

    assert driver.end(request).finish_reason == "cancelled"
    driver.until_phase(Phase.READY)
    assert driver.engine.worker_pid != before
    assert works(driver)


def test_a_crash_after_stop_is_still_a_stop(driver):
    driver.load()
    request = driver.ask("endless")
    driver.until_text(request)
    os.kill(driver.engine.worker_pid, signal.SIGSTOP)
    driver.engine.cancel(request)
    os.kill(driver.engine.worker_pid, signal.SIGKILL)

    done = driver.end(request)
    assert done.finish_reason == "cancelled"
    assert done.completion_tokens > 0


def test_a_stop_between_a_crash_and_the_news_of_it_is_a_stop(driver):
    driver.load()
    request = driver.ask("endless")
    driver.until_text(request)
    os.kill(driver.engine.worker_pid, signal.SIGKILL)
    assert driver.engine._worker._has_ended.wait(10)
    driver.engine.cancel(request)

    assert driver.end(request).finish_reason == "cancelled"
    assert works(driver)


def test_a_worker_that_gives_up_as_a_whole_fails_its_requests(drive):
    program = (
        "from assistant.engine.protocol import *; import sys\n"
        "said = Hello(0, VERSION, 1, ''), Loaded(1, ModelFacts()), Failed(0, 'GenerationFailed', {'reason': 'x'})\n"
        "sys.stdout.buffer.write(b''.join(map(encode, said)))\n"
        "sys.stdout.buffer.flush(); sys.stdin.read()"
    )
    driver = drive(command=[sys.executable, "-c", program])
    driver.engine.load(driver.model())
    request = driver.ask("hello")

    assert driver.end(request).kind == "GenerationFailed"
    assert driver.engine.state.phase is Phase.FAILED


def test_a_crash_while_loading_fails_what_waits_and_does_not_start_again_by_itself(driver):
    driver.engine.load(driver.model("crash.gguf"))
    requests = [driver.ask("hello"), driver.ask("hello again")]

    assert [driver.end(request).kind for request in requests] == ["EngineCrashed"] * 2
    assert driver.engine.state.phase is Phase.FAILED
    assert driver.engine.worker_pid is None


def test_a_damaged_file_is_told_with_its_reason_in_the_language_of_the_window(driver):
    driver.engine.load(driver.model("damaged.gguf"))
    driver.until_phase(Phase.FAILED)
    error = driver.engine.state.error

    assert error.message.endswith("is damaged or incomplete: no reason given (“bad tensor”).")
    use_language("zh_CN")
    assert error.message.endswith("已损坏或不完整：未说明原因（“bad tensor”）。")


def test_background_work_does_not_start_a_crashed_worker_again(driver):
    driver.load()
    driver.end(driver.ask("crash"))

    assert driver.end(driver.ask("title", sequence=BACKGROUND)).kind == "EngineCrashed"
    assert driver.engine.state.phase is Phase.FAILED


def test_every_request_ends_once_when_the_worker_dies(driver):
    driver.load()
    requests = [driver.ask("endless"), driver.ask("endless"), driver.ask("title", sequence=BACKGROUND)]
    driver.until_text(requests[0])
    os.kill(driver.engine.worker_pid, signal.SIGKILL)
    driver.until_phase(Phase.FAILED)

    assert [len(driver.ends(request)) for request in requests] == [1, 1, 1]


def test_closing_ends_a_worker_that_does_not_listen(driver):
    driver.load()
    pid = driver.engine.worker_pid
    os.kill(pid, signal.SIGSTOP)
    driver.engine.close()

    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("name", ["slow.gguf", "hang.gguf"])
def test_closing_while_loading_leaves_nothing(driver, name):
    driver.engine.load(driver.model(name))
    driver.until(lambda: driver.engine.hello)
    driver.engine.close()


def test_a_program_that_is_not_there_is_an_error_with_a_sentence(drive):
    driver = drive(command=["/nowhere/python"])
    driver.engine.load(driver.model())
    driver.until_phase(Phase.FAILED)

    assert "cannot be started" in driver.engine.state.error.message


@pytest.mark.parametrize(
    "program",
    [
        "print('this is no frame of any protocol' * 10)",
        "import sys; sys.stdout.buffer.write(b'\\x05\\0\\0\\0' + b'[' * 5)",
        "import sys, struct; b = b'[' * 100000; sys.stdout.buffer.write(struct.pack('<I', len(b)) + b)",
        "from assistant.engine.protocol import *; import sys; sys.stdout.buffer.write(encode(Hello(0, 99, 1, '')))",
    ],
)
def test_a_worker_that_speaks_otherwise_is_given_up(drive, program):
    driver = drive(command=[sys.executable, "-c", program])
    driver.engine.load(driver.model())
    driver.until_phase(Phase.FAILED)

    assert "nobody understands" in driver.engine.state.error.message


def test_what_the_worker_says_beside_the_protocol_goes_to_the_log(drive, tmp_path):
    program = "import sys; print('no such library', file=sys.stderr); sys.exit(1)"
    driver = drive(command=[sys.executable, "-c", program])
    driver.engine.load(driver.model())
    driver.until_phase(Phase.FAILED)

    assert "no such library" in driver.engine.state.error.message
    assert "no such library" in (tmp_path / "engine.log").read_text()
    assert (tmp_path / "engine.log").stat().st_mode & 0o777 == 0o600


def test_nothing_waits_for_a_worker_that_reads_nothing(driver):
    driver.load()
    os.kill(driver.engine.worker_pid, signal.SIGSTOP)
    turns = [Turn("user", "x" * 1_000_000)]
    start = time.perf_counter()
    request = driver.engine.generate(turns, driver.engine.state.facts.recommended)
    driver.engine.cancel(request)
    driver.engine.load(driver.model("other.gguf"))

    assert time.perf_counter() - start < 0.25
    assert driver.end(request).finish_reason == "cancelled"
    driver.until_phase(Phase.READY)


def test_no_worker_is_left_when_the_app_is_killed(tmp_path):
    program = f"""
import sys
from pathlib import Path
from tests.fakes.engine_driver import EngineDriver
driver = EngineDriver(Path({str(tmp_path)!r}))
driver.load()
driver.until_text(driver.ask("endless"))
print(driver.engine.worker_pid, flush=True)
sys.stdin.read()
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as app:
        worker = psutil.Process(int(app.stdout.readline()))
        app.kill()
        _, alive = psutil.wait_procs([worker], timeout=5)

    assert alive == []
    assert list(tmp_path.glob("*.control")) == []


def kill_rounds(driver, rounds):
    """Kill the worker again and again at a random point of its answer; every time the next one must work."""
    chance = random.Random(20261001)
    driver.load()
    for _ in range(rounds):
        request = driver.ask(chance.choice(["endless", "prompt 100000", "long 100000"]))
        after = chance.randrange(1, 12)
        driver.until(lambda request=request, after=after: heard(driver, request) >= after or driver.ends(request))
        pid = driver.engine.worker_pid
        if pid and not driver.ends(request):
            os.kill(pid, chance.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM]))
            driver.until_phase(Phase.FAILED)
        assert len(driver.ends(request)) == 1
        assert works(driver)


def heard(driver, request):
    return sum(message.request == request for message in driver.messages)


def test_twenty_kills_at_random_points_are_survived(driver):
    kill_rounds(driver, 20)


@pytest.mark.long
def test_a_hundred_kills_at_random_points_are_survived(driver):
    kill_rounds(driver, 100)
