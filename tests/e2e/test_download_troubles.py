"""What can come between a person and a model, met in the real window: a sentence each time, and a way on."""

from functools import partial

import pytest
from PySide6.QtCore import Qt

from assistant.errors import ChecksumWrong, HubUnintelligible, NetworkOff, RepositoryGated
from assistant.models.download_state import DownloadState
from assistant.models.hub import Hub
from assistant.settings import Settings
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.hub import Fault, gguf_bytes
from tests.fakes.shopper import Shopper
from ui.models.licence_dialog import LicenceDialog

NAME, OFFER = "maker/Tiny-GGUF", "Q4_K_M"
FILE = f"Tiny-{OFFER}.gguf"
ID = f"{NAME}/Tiny-{OFFER}"
SIZE = 600_000
MIB = 1 << 20
NEVER_S = 3600.0


@pytest.fixture
def shop(hub):
    hub.add(NAME, {FILE: gguf_bytes(SIZE, seed=5)})
    return hub


@pytest.fixture
def window(qtbot, home, shop):
    """Opens the window, once; closed at the end."""
    opened = []

    def open_window():
        write_tiny_gguf(home.models / "scripted.gguf")
        Settings.load(home.settings).set("network.endpoint", shop.endpoint)
        opened.append(Shopper(qtbot, home))
        opened[0].go()
        return opened[0]

    yield open_window
    for shopper in opened:
        shopper.close()


@pytest.fixture
def shopper(window):
    return window()


def ready(shopper):
    """Wait until the model is there, and see that it is said."""
    shopper.comes(DownloadState.DONE)
    shopper.until(shopper.models.ready.isVisible)
    assert shopper.models.ready.sentence.text() == f"Tiny {OFFER} is ready."


# --- a licence first ------------------------------------------------------------------------------------------------


@pytest.fixture
def gated(hub):
    hub.add("maker/Gated-GGUF", {f"Gated-{OFFER}.gguf": gguf_bytes(SIZE, seed=6)}, gated="auto")
    hub.accounts["hf_right"] = "someone"
    return "maker/Gated-GGUF"


def licence(shopper):
    """The dialog that leads to the licence, once it is there."""
    found = []
    shopper.until(
        lambda: found.extend(each for each in shopper.window.findChildren(LicenceDialog) if each.isVisible()) or found
    )
    return found[0]


def test_a_licence_is_accepted_on_the_way_and_the_download_goes_on(gated, hub, shopper):
    card = shopper.get(gated, OFFER)
    dialog = licence(shopper)
    shopper.qtbot.keyClicks(dialog.field, "hf_right")
    shopper.click(dialog.save_button)
    shopper.until(lambda: "knows you as someone" in dialog.outcome.text())
    shopper.click(dialog.retry_button)
    shopper.comes(DownloadState.FAILED)
    strip = card.offers.rows[OFFER]
    assert RepositoryGated.template.split("“")[0] in strip.problem.text()
    hub.grants.add(("someone", gated))
    shopper.click(strip.licence)
    shopper.click(licence(shopper).retry_button)
    shopper.comes(DownloadState.DONE)
    assert hub.log.of("cdn", "*.gguf")[-1].authorization == ""


# --- the network switch ---------------------------------------------------------------------------------------------


def test_the_network_switch_pauses_a_download_and_lets_it_go_on(shop, shopper):
    shop.faults.at("cdn", FILE, Fault.STALL, at_byte=400_000)
    card = shopper.get(NAME, OFFER)
    shopper.until(lambda: shopper.download.bytes_done == 400_000)
    shopper.window.settings.apply("network.offline", True)
    shopper.comes(DownloadState.PAUSED)
    strip = card.offers.rows[OFFER]
    assert strip.state.text() == "Paused"
    assert strip.problem.text().startswith(NetworkOff().message)
    assert shopper.models.offline.isVisible()
    shopper.window.settings.apply("network.offline", False)
    ready(shopper)
    assert shopper.models.offline.isHidden()
    assert shop.log.of("cdn", FILE)[-1].range == "bytes=400000-"


# --- networks that are none -----------------------------------------------------------------------------------------


def test_the_login_page_of_a_network_is_named_and_the_search_can_be_tried_again(shop, shopper):
    shop.faults.at("hub", "api/models", Fault.HTML)
    shopper.search("tiny")
    shopper.until(lambda: shopper.state.action.isVisible())
    assert shopper.state.sentence.text() == HubUnintelligible(host="127.0.0.1").message
    assert "log in" in shopper.state.hint.text()
    shopper.click(shopper.state.action)
    shopper.until(lambda: NAME in shopper.models.browser.view.grid.cards)


def test_a_hub_that_never_answers_is_named_after_the_time_that_silence_may_last(shop, window, monkeypatch):
    monkeypatch.setattr("assistant.market.opening.Hub", partial(Hub, timeout_s=0.2))
    shop.faults.at("hub", "api/models", Fault.STALL, times=None)
    shopper = window()
    shopper.search("tiny")
    shopper.until(lambda: shopper.state.action.isVisible())
    assert "cannot be reached: it did not answer in time" in shopper.state.sentence.text()


def test_while_the_hub_is_silent_everything_else_works_and_the_window_closes(shop, window, monkeypatch):
    """Nothing here waits for the hub: it would be silent for longer than any test may run."""
    monkeypatch.setattr("assistant.market.opening.Hub", partial(Hub, timeout_s=NEVER_S, patience_s=NEVER_S))
    shop.faults.at("hub", "api/models", Fault.STALL, times=None)
    shopper = window()
    shopper.search("tiny")
    shop.log.wait(lambda: bool(shop.log.of("hub", "api/models")))
    assert shopper.state.ghosts.isVisible()
    shopper.qtbot.keyClick(shopper.models.header.field, Qt.Key.Key_Escape)
    shopper.until(lambda: shopper.models.browser.view.grid.cards)
    assert shopper.models.header.field.text() == ""
    shopper.search("tiny")
    shopper.click(shopper.window.sidebar.places["chat"])
    shopper.ask("good morning")
    assert shopper.contents()[-1] == "good morning"
    shopper.close()


# --- the disk -------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(hub):
    """One that is large enough for the room to be looked at on the way; its line stalls there."""
    hub.add("maker/Large-GGUF", {f"Large-{OFFER}.gguf": gguf_bytes(70 * MIB)})
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=65 * MIB)
    return "maker/Large-GGUF"


def test_a_disk_that_fills_up_keeps_what_has_come_and_the_rest_follows(large, hub, shopper, home, monkeypatch):
    monkeypatch.setattr("assistant.models.download_run.free_bytes", lambda _folder: 1 * MIB)
    card = shopper.get(large, OFFER)
    shopper.comes(DownloadState.FAILED)
    strip = card.offers.rows[OFFER]
    assert str(home.models) in strip.problem.text()
    assert "GB" in strip.problem.text()
    (part,) = home.models.rglob("*.part")
    here = part.stat().st_size
    assert here >= 64 * MIB
    monkeypatch.undo()
    shopper.click(strip.retry)
    shopper.comes(DownloadState.DONE)
    assert hub.log.of("cdn", "*.gguf")[-1].range == f"bytes={here}-"


# --- wrong bytes ----------------------------------------------------------------------------------------------------


def test_a_wrong_checksum_is_said_and_the_file_is_never_listed(hub, shopper, home):
    hub.add(NAME, {FILE: gguf_bytes(SIZE, seed=5)}, sha256={FILE: "0" * 64})
    stall = hub.faults.at("cdn", FILE, Fault.STALL, at_byte=SIZE - 1)
    card = shopper.get(NAME, OFFER)
    shopper.until(lambda: shopper.download.bytes_done == SIZE - 1)
    assert ID not in shopper.usable_in_picker()
    hub.faults.clear()
    shopper.comes(DownloadState.FAILED)
    assert stall.times == 0
    assert ChecksumWrong(name=FILE).message in card.offers.rows[OFFER].problem.text()
    assert ID not in shopper.usable_in_picker()
    assert "starter" in shopper.shown_here()
    assert ID not in shopper.shown_here()
    assert not [path for path in home.models.rglob("*") if path.name.startswith(FILE)]
