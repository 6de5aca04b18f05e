"""Looking for others' models: in a task for a window, whose main thread may not wait; at once for a terminal."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.app import Assistant
from assistant.changes import Change, ModelsChanged, Notice
from assistant.models import facts
from assistant.models.downloads import Downloads
from assistant.models.elsewhere import elsewhere
from assistant.models.listing import read_ahead
from assistant.models.records import add_folder
from assistant.paths import Paths
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.other_programs import in_ollama
from tests.fakes.scripted_worker import COMMAND
from tests.fakes.slow_disk import SlowDisk


class Window:
    """The assistant as a window opens it, and what it reported."""

    def __init__(self, home: Paths) -> None:
        self.assistant = Assistant(home, engine_command=COMMAND)
        self.assistant.open(is_window=True)
        self.changes: list[Change] = []

    @property
    def ids(self) -> list[str]:
        return [model.id for model in self.assistant.models.all()]

    def until_told(self, wanted: Change) -> None:
        self.changes.clear()
        while wanted not in self.changes:
            assert self.assistant.mailbox.wait(30)
            self.changes += self.assistant.pump()


@pytest.fixture
def lm_studio(user: Path) -> Path:
    """LM Studio's folder with a model."""
    folder = user / ".lmstudio" / "models"
    write_tiny_gguf(folder / "m.gguf", general__name="Em")
    return folder


@pytest.fixture
def window(home: Paths, lm_studio: Path) -> Iterator[Window]:
    window = Window(home)
    yield window
    window.assistant.close()


def chosen_in_a_terminal(home: Paths, model_id: str) -> None:
    """Make a model the default, as ``inkstone models use`` does."""
    assistant = Assistant(home, engine_command=COMMAND)
    assistant.open()
    assistant.open_market(resumes=False)
    assistant.market.library.set_default(model_id)
    assistant.close()


def test_a_slow_disk_of_others_holds_no_window(window, lm_studio, monkeypatch):
    disk = SlowDisk(lm_studio, monkeypatch)
    window.assistant.open_market()
    assert disk.asked.wait(30)
    assert window.ids == ["starter"]
    assert window.assistant.market.computer().models_bytes == 0
    window.assistant.market.intake.look_around()  # it is being done already
    disk.answers.set()
    window.until_told(ModelsChanged())
    assert window.ids == ["starter", "lmstudio/m"]


def test_nothing_is_read_ahead_when_the_program_ends(home, lm_studio, monkeypatch):
    monkeypatch.setattr(facts, "read_header", lambda _path: pytest.fail("nobody asks any more"))
    stop = threading.Event()
    stop.set()
    read_ahead(elsewhere(home).look(), home, (), stop)


def test_the_headers_of_what_was_found_are_read_beside_the_window(window, lm_studio, monkeypatch):
    readers = set()
    read = facts.read_header
    monkeypatch.setattr(
        facts, "read_header", lambda path: readers.add((path.name, threading.current_thread())) or read(path)
    )
    window.assistant.open_market()
    window.until_told(ModelsChanged())
    assert window.ids == ["starter", "lmstudio/m"]
    assert [thread is threading.main_thread() for name, thread in readers if name == "m.gguf"] == [False]


def test_a_terminal_looks_at_once(home, lm_studio):
    assistant = Assistant(home, engine_command=COMMAND)
    assistant.open()
    assert [model.id for model in assistant.models.all()] == ["starter", "lmstudio/m"]
    assistant.close()


@pytest.mark.parametrize("model_id", ["lmstudio/m", "ollama/o:latest"])
def test_the_model_in_use_is_known_before_others_folders_are_looked_through(
    home, user, lm_studio, monkeypatch, model_id
):
    in_ollama(user / ".ollama" / "models", "library/o", "latest")
    chosen_in_a_terminal(home, model_id)
    SlowDisk(user, monkeypatch)
    window = Window(home)
    changes = window.assistant.models.use_default()
    assert [change for change in changes if isinstance(change, Notice)] == []
    used = window.assistant.models.used
    assert (used.id, used.name) == (model_id, {"lmstudio/m": "Em", "ollama/o:latest": "o:latest"}[model_id])
    window.assistant.close()


def test_a_folder_left_alone_meanwhile_stays_so(home, lm_studio, tmp_path, monkeypatch):
    write_tiny_gguf(tmp_path / "own" / "n.gguf", general__name="En")
    add_folder(tmp_path / "own", home)
    disk = SlowDisk(lm_studio, monkeypatch)
    window = Window(home)
    window.assistant.open_market()
    assert disk.asked.wait(30)
    window.assistant.market.intake.stop_looking_in(tmp_path / "own")
    assert not window.assistant.market.intake.has_looked
    disk.answers.set()
    window.until_told(ModelsChanged())
    assert window.ids == ["starter", "lmstudio/m"]
    window.assistant.close()


def test_what_downloads_tell_at_once_finds_the_market(window, monkeypatch):
    found = []
    take_up = Downloads.open
    monkeypatch.setattr(Downloads, "open", lambda each: found.append(window.assistant.is_market_open) or take_up(each))
    window.assistant.open_market()
    assert found == [True]
