"""Models that go: deleted while they answer, and files that vanish; met in the real window."""

import pytest

from assistant.engine.state import Phase
from assistant.models.download_state import DownloadState
from assistant.settings import Settings
from tests.fakes.hub import FakeHub, gguf_bytes
from tests.fakes.shopper import Shopper
from ui.models.installed_card import Wish

NAME, OFFER = "maker/Tiny-GGUF", "Q4_K_M"
FILE = f"Tiny-{OFFER}.gguf"
ID = f"{NAME}/Tiny-{OFFER}"


@pytest.fixture
def hub():
    with FakeHub() as hub:
        hub.add(NAME, {FILE: gguf_bytes(600_000, seed=5)})
        yield hub


@pytest.fixture
def shopper(qtbot, home, hub):
    """Somebody who has got a model and uses it."""
    Settings.load(home.settings).set("network.endpoint", hub.endpoint)
    shopper = Shopper(qtbot, home)
    shopper.go()
    shopper.get(NAME, OFFER)
    shopper.comes(DownloadState.DONE)
    shopper.until(shopper.models.ready.isVisible)
    shopper.click(shopper.models.ready.action)
    shopper.until(lambda: used(shopper) == home.models / NAME / FILE)
    yield shopper
    shopper.close()


def used(shopper):
    """The file of the model that can be asked now."""
    state = shopper.assistant.engine.state
    return state.path if state.phase is Phase.READY else None


def test_the_model_in_use_is_deleted_and_the_next_question_is_answered_by_another(shopper, home):
    shopper.ask("good morning")
    shopper.go()
    card = shopper.shown_here()[ID]
    shopper.answering("delete")
    shopper.choose(card.menu_button, "Delete…")
    shopper.until(lambda: ID not in shopper.shown_here())
    assert not (home.models / NAME / FILE).exists()
    assert shopper.assistant.engine.state.phase is Phase.EMPTY
    shopper.click(shopper.window.sidebar.places["chat"])
    assert shopper.page.header.picker.words()[0] == "Choose a model"
    shopper.ask("good evening")
    assert shopper.contents() == ["good morning"] * 2 + ["good evening"] * 2
    assert shopper.assistant.models.used.is_starter


def test_a_file_that_vanished_is_missing_and_comes_again_when_asked_for(shopper, home, hub):
    path = home.models / NAME / FILE
    path.unlink()
    shopper.go()
    card = shopper.shown_here()[ID]
    assert "Missing" in [pill.text() for pill in card.pills]
    assert str(path) in card.place.text()
    assert ID not in shopper.usable_in_picker()
    shopper.click(card.buttons[Wish.AGAIN])
    shopper.until(lambda: "Missing" not in [pill.text() for pill in shopper.shown_here()[ID].pills])
    assert path.read_bytes() == gguf_bytes(600_000, seed=5)
    assert ID in shopper.usable_in_picker()
