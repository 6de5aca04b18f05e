"""Cards: what a model is, its quantizations, and what a person can say about them."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from assistant.errors import HubUnreachable, RepositoryGated
from assistant.models.download_state import Download, DownloadState
from assistant.models.fit import Verdict
from tests.fakes.model_source import FOLDER, MANY, SUGGESTIONS, FakeSource, found, repository
from ui.models.card import ModelCard
from ui.models.download_strip import DownloadStrip
from ui.models.grid import Card, CardGrid
from ui.models.offer_row import OfferRow
from ui.models.requests import Requests
from ui.models.source import Listing, OfferState

BIG = repository("ada/Big-GGUF", 4.0, offers=MANY)


@pytest.fixture
def requests(qapp):
    return Requests()


def states(shown, **more):
    source = FakeSource()
    return [OfferState(offer, source.outlook(shown, offer), **more) for offer in shown.offers]


def heard(signal):
    """Return the list that fills with what a signal says."""
    said = []
    signal.connect(lambda *values: said.append(values))
    return said


@pytest.fixture
def make(qtbot, theme, requests):
    def make_one(listing, width=540):
        card = ModelCard(theme, requests, listing)
        qtbot.addWidget(card)
        card.resize(width, 300)
        card.show()
        return card

    return make_one


@pytest.fixture
def card(make):
    return make(Listing(BIG))


def labels(card):
    """The quantizations shown, from top to bottom."""
    rows = sorted(card.offers.rows.items(), key=lambda pair: pair[1].mapTo(card, pair[1].rect().topLeft()).y())
    return [label for label, row in rows if row.isVisible()]


# --- the card -------------------------------------------------------------------------------------------------------


def test_a_card_names_what_it_shows(make):
    card = make(SUGGESTIONS[0])
    assert card.accessibleName() == "Qwen3.5 4B: Alibaba · Apache 2.0 · 4.0 B parameters · 256k context"
    assert [pill.text() for pill in card.pills] == ["Recommended", "Vision"]
    assert card.sentence.text().startswith("A good all-rounder")
    gated = make(Listing(replace(BIG, is_gated=True)))
    assert [pill.text() for pill in gated.pills] == ["Licence first"]


def test_what_every_repository_is_called_is_left_out(make):
    card = make(Listing(found(0)))
    assert card.title.text() == "Qwen3-4B-Instruct-2507"


def test_a_long_name_is_cut_and_told_by_the_tip(make):
    card = make(Listing(found(0), title="A model with a name " * 8, is_recommended=True), 400)
    assert card.title.shown_text().endswith("…")
    assert card.title.toolTip().startswith("A model with a name")
    assert card.width() == 400


def test_a_click_anywhere_on_a_closed_card_asks_for_its_files(qtbot, card, requests):
    asked = heard(requests.open_files)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.files_button, Qt.MouseButton.LeftButton)
    assert asked == [(BIG.name,)] * 2


def test_while_it_asks_it_asks_no_more(qtbot, card, requests):
    card.show_asking()
    asked = heard(requests.open_files)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.files_button, Qt.MouseButton.LeftButton)
    assert asked == []
    assert card.files_button.text() == "Asking for the files …"


def test_an_open_card_is_closed_by_its_button(qtbot, card, requests):
    card.show_files(states(BIG))
    assert card.is_open
    closed = heard(requests.close_files)
    qtbot.mouseClick(card.files_button, Qt.MouseButton.LeftButton)
    assert closed == [(BIG.name,)]
    card.show_closed()
    assert not card.is_open
    assert card.files_button.text() == "Show the files"


def test_the_catalog_s_card_offers_more_sizes(qtbot, make, requests):
    card = make(SUGGESTIONS[0])
    card.show_files(states(SUGGESTIONS[0].repository), has_all=False)
    asked = heard(requests.open_files)
    assert card.files_button.text() == "More sizes"
    qtbot.mouseClick(card.files_button, Qt.MouseButton.LeftButton)
    assert asked == [(SUGGESTIONS[0].name,)]
    card.show_files(states(SUGGESTIONS[0].repository), has_all=True)
    assert card.files_button.text() == "Fewer sizes"


def test_what_went_wrong_stands_in_the_card_with_a_way_to_try_again(qtbot, card, requests):
    asked = heard(requests.open_files)
    card.show_error(HubUnreachable(host="hub.example", reason="no answer"))
    assert "hub.example" in card.problem.sentence.text()
    assert card.problem.licence_button.isHidden()
    qtbot.mouseClick(card.problem.retry_button, Qt.MouseButton.LeftButton)
    assert asked == [(BIG.name,)]


def test_a_licence_to_accept_is_offered(qtbot, card, requests):
    asked = heard(requests.accept_licence)
    card.show_error(RepositoryGated(name=BIG.name, url="https://hub.example"))
    qtbot.mouseClick(card.problem.licence_button, Qt.MouseButton.LeftButton)
    assert asked == [(BIG.name,)]


def test_the_menu_reads_visits_and_copies(card, requests):
    said = [heard(requests.read), heard(requests.visit)]
    card.open_menu()
    menu = card.findChild(QMenu)
    for action in menu.actions():
        action.trigger()
    menu.close()
    assert said == [[(BIG,)], [(BIG.name,)]]
    assert QGuiApplication.clipboard().text() == BIG.name


# --- quantizations --------------------------------------------------------------------------------------------------


def test_of_many_files_each_shelf_shows_two_until_all_are_asked_for(qtbot, card):
    card.show_files(states(BIG))
    assert labels(card) == ["Q3_K_M", "IQ4_XS", "Q4_0", "Q4_K_M", "Q6_K", "Q8_0"]
    assert card.offers.more_button.text() == "Show all 13 files"
    qtbot.mouseClick(card.offers.more_button, Qt.MouseButton.LeftButton)
    assert labels(card) == list(MANY)
    assert card.offers.more_button.isHidden()


def test_what_is_here_or_on_its_way_is_always_shown(card):
    shown = states(BIG)
    shown[0] = replace(shown[0], model_id="here")
    card.show_files(shown)
    assert labels(card)[0] == "IQ2_M"


def test_a_row_says_size_speed_verdict_and_which_one_is_recommended(card):
    card.show_files(states(BIG))
    row = card.offers.rows["Q4_K_M"]
    assert (row.amount.text(), row.pace.text(), row.verdict.text()) == ("2.7 GB", "about 7 words a second", "Fits")
    assert row.get_button.accessibleName() == "Get Q4_K_M · 2.7 GB, recommended"
    assert row.verdict.accessibleName() == "Q4_K_M · 2.7 GB: Fits. Runs well beside other programs."


def test_what_writes_slower_than_one_reads_says_so(card):
    shown = [replace(each, outlook=replace(each.outlook, tokens_per_s=1.4)) for each in states(BIG)]
    card.show_files(shown)
    row = card.offers.rows["Q4_K_M"]
    assert row.pace.property("tone") == "warn"
    assert row.verdict.accessibleName().endswith("It writes slower than one reads.")
    card.show_files(states(BIG))
    assert row.pace.property("tone") == ""


@pytest.mark.parametrize(("verdict", "words"), [(Verdict.TIGHT, "Tight"), (Verdict.TOO_BIG, "Too big")])
def test_every_verdict_has_words_and_a_tone(card, verdict, words):
    shown = states(BIG)
    outlook = shown[0].outlook
    shown = [replace(each, outlook=replace(outlook, fit=replace(outlook.fit, verdict=verdict))) for each in shown]
    card.show_files(shown)
    button = card.offers.rows["Q4_K_M"].verdict
    assert button.text() == words
    assert button.property("tone") == {"Tight": "warn", "Too big": "bad"}[words]


def test_get_use_and_the_numbers_are_asked_for(qtbot, card, requests):
    got, used, explained = heard(requests.get), heard(requests.use), heard(requests.explain)
    shown = states(BIG)
    card.show_files(shown)
    row = card.offers.rows["Q4_K_M"]
    qtbot.mouseClick(row.get_button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(row.verdict, Qt.Key.Key_Space)
    card.show_files([replace(each, model_id="here") for each in shown])
    assert row.get_button.isHidden()
    qtbot.mouseClick(row.use_button, Qt.MouseButton.LeftButton)
    offer = row.state.offer
    assert (got, used, explained) == ([(BIG, offer)], [("here",)], [(BIG, offer, row.verdict)])


def test_the_model_in_use_is_marked(card):
    card.show_files([replace(each, model_id="here", is_used=True) for each in states(BIG)])
    row = card.offers.rows["Q4_K_M"]
    assert row.in_use.isVisible()
    assert row.use_button.isHidden()


def test_what_does_not_write_has_no_speed_and_is_not_used(make):
    shown = SUGGESTIONS[5].repository
    card = make(SUGGESTIONS[5])
    card.show_files(states(shown, model_id="here"))
    row = card.offers.rows["Q8_0"]
    assert row.pace.text() == ""
    assert row.in_use.text() == "Here"
    assert row.use_button.isHidden()


def test_a_narrow_row_leaves_the_speed_out_and_a_wide_one_marks_the_recommended(make):
    narrow, wide = make(Listing(BIG), 420), make(Listing(BIG), 760)
    for card in (narrow, wide):
        card.show_files(states(BIG))
        QApplication.sendPostedEvents()
    assert narrow.offers.rows["Q4_K_M"].pace.isHidden()
    assert narrow.offers.rows["Q4_K_M"].width() <= 420
    assert wide.offers.rows["Q4_K_M"].recommended.isVisible()


def test_tab_goes_from_row_to_row_as_they_stand(card):
    card.show_files(states(BIG))
    card.show_files([replace(each, download=download()) if each.offer.id == "Q3_K_M" else each for each in states(BIG)])
    order, widget = [], card.menu_button
    for _step in range(60):
        widget = widget.nextInFocusChain()
        row = next((label for label, row in card.offers.rows.items() if row.isAncestorOf(widget)), None)
        if row and row not in order and widget.isVisible() and widget.focusPolicy():
            order.append(row)
    assert order == labels(card)


# --- a download in the card -----------------------------------------------------------------------------------------


def download(state=DownloadState.DOWNLOADING, **values):
    offer = BIG.offers[7]
    return replace(
        Download("d1", BIG.name, "c", offer.id, offer.files, FOLDER, state, bytes_done=1_350_000_000), **values
    )


@pytest.fixture
def strip(qtbot, theme, requests):
    strip = DownloadStrip(theme, requests, download(bytes_per_s=18_400_000.0))
    qtbot.addWidget(strip)
    strip.resize(500, 100)
    strip.show()
    return strip


def test_a_download_takes_the_place_of_its_row(card):
    card.show_files(states(BIG))
    card.show_files([replace(each, download=download()) if each.offer.id == "Q4_K_M" else each for each in states(BIG)])
    strip = card.offers.rows["Q4_K_M"]
    assert isinstance(strip, DownloadStrip)
    assert labels(card)[3] == "Q4_K_M"
    card.show_files(states(BIG))
    assert isinstance(card.offers.rows["Q4_K_M"], OfferRow)


def test_a_strip_shows_progress_speed_and_time_left(strip):
    assert strip.bar.value() == 500
    assert strip.amount.text() == "1.35 GB of 2.70 GB"
    assert strip.state.text() == "18.4 MB/s · 1 min left"
    assert "Big Q4_K_M" in strip.bar.accessibleName()


def test_pause_go_on_and_cancel(qtbot, strip, requests):
    said = [heard(requests.pause), heard(requests.resume), heard(requests.cancel)]
    qtbot.mouseClick(strip.toggle, Qt.MouseButton.LeftButton)
    strip.show_download(download(DownloadState.PAUSED))
    assert strip.toggle.icon_name == "play"
    qtbot.mouseClick(strip.toggle, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(strip.cancel, Qt.MouseButton.LeftButton)
    assert said == [[("d1",)]] * 3


def test_a_failed_download_says_why_and_can_be_tried_again(qtbot, strip, requests):
    said = heard(requests.resume)
    strip.show_download(download(DownloadState.FAILED, error=HubUnreachable(host="hub.example", reason="gone")))
    assert "hub.example" in strip.problem.text()
    assert strip.toggle.isHidden()
    assert strip.licence.isHidden()
    qtbot.mouseClick(strip.retry, Qt.MouseButton.LeftButton)
    assert said == [("d1",)]


def test_a_download_that_needs_a_licence_leads_there(qtbot, strip, requests):
    said = heard(requests.accept_licence)
    strip.show_download(download(DownloadState.FAILED, error=RepositoryGated(name=BIG.name, url="u")))
    qtbot.mouseClick(strip.licence, Qt.MouseButton.LeftButton)
    assert said == [(BIG.name,)]


# --- many cards -----------------------------------------------------------------------------------------------------


@pytest.fixture
def grid(qtbot, theme, requests):
    def make(key):
        made.append(key)
        return ModelCard(theme, requests, Listing(found(0), title=key))

    made = []
    grid = CardGrid(make)
    grid.made = made
    qtbot.addWidget(grid)
    grid.resize(1000, 100)
    grid.show()
    return grid


def test_only_cards_near_the_view_exist(qtbot, grid):
    keys = [f"model {number}" for number in range(500)]
    grid.set_view(0, 600)
    grid.set_keys(keys)
    qtbot.waitUntil(lambda: "model 10" in grid.cards)
    assert len(grid.cards) < 40
    assert grid.height() > 250 * 100
    middle = grid.place_of("model 250").top()
    grid.set_view(middle, middle + 600)
    qtbot.waitUntil(lambda: "model 250" in grid.cards)
    qtbot.waitUntil(lambda: "model 0" not in grid.cards)
    assert len(grid.cards) < 60


def test_cards_stand_in_as_many_columns_as_there_is_room_for(grid):
    grid.set_view(0, 600)
    grid.set_keys(["a", "b", "c", "d"])
    assert len({grid.place_of(key).left() for key in "abcd"}) == 2
    grid.resize(500, 100)
    assert len({grid.place_of(key).left() for key in "abcd"}) == 1
    assert [grid.place_of(key).width() for key in "abcd"] == [500] * 4


def test_an_open_card_does_not_stretch_its_neighbour(qtbot, grid):
    grid.set_view(0, 600)
    grid.set_keys(["a", "b", "c", "d"])
    closed = grid.place_of("b").height()
    grid.cards["a"].show_files(states(BIG))
    qtbot.waitUntil(lambda: grid.place_of("a").height() > 300)
    assert grid.place_of("b").height() == closed
    assert grid.place_of("c").top() > grid.place_of("a").bottom()


def test_the_end_of_the_list_is_told(qtbot, grid):
    with qtbot.waitSignal(grid.end_near):
        grid.set_view(0, 600)
        grid.set_keys(["a", "b"])


def test_cards_that_are_there_stay(grid):
    grid.set_view(0, 600)
    grid.set_keys(["a", "b", "a"])
    kept = grid.cards["b"]
    grid.set_keys(["b", "c"])
    assert grid.cards["b"] is kept
    assert grid.keys == ["b", "c"]
    assert grid.made == ["a", "b", "c"]


def test_a_card_stops_nowhere_and_is_closed_unless_it_says_so(qapp):
    card = Card()
    assert not card.is_open
    assert list(card.stops()) == []
