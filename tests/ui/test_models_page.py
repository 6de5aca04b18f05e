"""The models page: the catalog, searching, opening cards, getting and using."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from assistant.changes import DownloadProgressed, DownloadsChanged, EngineChanged, ModelsChanged, SettingChanged
from assistant.engine.state import EngineState, Phase
from assistant.errors import HubUnreachable, NetworkOff, NotEnoughSpace, RepositoryNotFound
from assistant.i18n import use_language
from assistant.models.download_state import DownloadState
from assistant.models.remote import Kind, Page, Query, Sort
from tests.fakes.model_source import COMPUTER, GB, MANY, SUGGESTIONS, found, here, repository
from tests.fakes.models_window import PageDriver
from ui.models.filters import Shelf

QWEN, GEMMA, LLAMA, NINE, HUGE, EMBED = SUGGESTIONS
TWENTY = Page(tuple(found(number) for number in range(20)), "second")
UNREACHABLE = HubUnreachable(host="hub.example", reason="no answer")


@pytest.fixture
def driver(qtbot, theme):
    return PageDriver(qtbot, theme)


def choose(driver, box, value):
    box.set_value(value)
    box.chosen.emit(value)


# --- this computer --------------------------------------------------------------------------------------------------


def test_what_this_computer_has_stands_at_the_top(driver):
    card = driver.page.computer
    assert card.facts.memory.accessibleName() == "15.6 GB memory · 11.2 GB free now"
    assert card.facts.processor.accessibleName() == "8 cores, AVX2 · no graphics card needed"
    assert card.facts.disk.accessibleName() == "212 GB disk free · models use 7.4 GB"
    assert card.meter.accessibleDescription() == "others 1.3 GB · model 3.1 GB · free 11.2 GB"


def test_what_is_not_known_is_left_out(driver):
    driver.source.has = replace(COMPUTER, features="", disk_free_bytes=0, model_bytes=0, gpu="Radeon", gpu_bytes=8 * GB)
    driver.change(EngineChanged(EngineState(Phase.READY, Path("/x"))))
    card = driver.page.computer
    assert card.facts.processor.accessibleName() == "8 cores · Radeon · 8.0 GB"
    assert card.facts.disk.isHidden()
    assert card.meter.accessibleDescription() == "others 4.4 GB · free 11.2 GB"


def test_the_first_time_the_computer_is_measured_so_that_speeds_can_be_told(qtbot, theme):
    def unmeasured(source):
        source.is_unmeasured = True

    driver = PageDriver(qtbot, theme, prepare=unmeasured)
    assert driver.source.begun == {1: ("measure_computer",)}
    asked = driver.source.judged
    driver.source.finish("measure_computer", 30_000_000_000)
    assert driver.source.judged > asked
    driver.page.hide()
    driver.page.show()
    assert driver.source.begun == {}


def test_the_progress_of_a_model_that_is_loaded_changes_nothing_here(driver):
    driver.card(EMBED.name)
    asked = driver.source.judged
    for done in range(50):
        driver.change(EngineChanged(EngineState(Phase.LOADING, Path("/x"), done, 100)))
    assert driver.source.judged == asked
    driver.change(EngineChanged(EngineState(Phase.READY, Path("/x"))))
    assert driver.source.judged > asked


# --- the catalog ----------------------------------------------------------------------------------------------------


def test_the_catalog_shows_what_runs_here_without_asking_the_hub(driver):
    assert driver.grid.keys == [listing.name for listing in SUGGESTIONS if listing is not HUGE]
    card = driver.card(QWEN.name)
    assert list(card.offers.rows) == ["Q4_K_M"]
    assert driver.source.begun == {}


@pytest.mark.parametrize(
    ("shelf", "names"),
    [
        (Shelf.ALL, [QWEN, GEMMA, LLAMA, NINE, HUGE, EMBED]),
        (Shelf.CHAT, [QWEN, GEMMA, LLAMA, NINE, HUGE]),
        (Shelf.VISION, [QWEN]),
        (Shelf.EMBEDDING, [EMBED]),
    ],
)
def test_the_chips_choose_from_the_catalog(driver, shelf, names):
    driver.click(driver.page.filters.chips[shelf])
    assert driver.grid.keys == [listing.name for listing in names]


def test_size_licence_and_order_choose_too(driver):
    filters = driver.page.filters
    driver.click(filters.chips[Shelf.ALL])
    choose(driver, filters.order_box, "smallest")
    assert driver.grid.keys[:2] == [EMBED.name, LLAMA.name]
    choose(driver, filters.size_box, "10")
    assert driver.grid.keys == [GEMMA.name, NINE.name]
    choose(driver, filters.licence_box, "gemma")
    assert driver.grid.keys == [GEMMA.name]


def test_an_empty_catalog_says_so_and_shows_all_again(driver):
    choose(driver, driver.page.filters.licence_box, "mit")
    assert driver.state.sentence.text() == "The catalog has nothing like that."
    driver.click(driver.state.action)
    assert len(driver.grid.keys) == len(SUGGESTIONS)
    assert driver.page.filters.licence == ""


def test_a_menu_of_choices_takes_the_one_that_was_clicked(driver):
    box = driver.page.filters.order_box
    driver.click(box)
    menu = box.findChild(QMenu)
    assert [action.isChecked() for action in menu.actions()] == [True, False, False]
    menu.actions()[1].trigger()
    menu.close()
    assert box.text() == "Smallest first"
    assert driver.grid.keys[0] == EMBED.name


# --- searching ------------------------------------------------------------------------------------------------------


def test_a_search_begins_after_a_pause_of_typing(qtbot, driver):
    driver.type("qw")
    assert driver.source.begun == {}
    driver.until(lambda: driver.source.waiting("search"))
    assert driver.source.begun == {1: ("search", Query("qw", sort=Sort.TRENDING, parameters=(0, 14 * GB)), "")}
    assert driver.state.ghosts.isVisible()


def test_enter_searches_at_once_and_shows_what_was_found(driver):
    driver.search("qwen", TWENTY)
    assert driver.grid.keys == [each.name for each in TWENTY.repositories]
    assert driver.page.browser.view.heading.text() == "Found for “qwen”"
    assert not driver.card(found(0).name).is_open


def test_the_filters_go_with_the_search(driver):
    filters = driver.page.filters
    driver.click(filters.chips[Shelf.VISION])
    choose(driver, filters.size_box, "5")
    choose(driver, filters.licence_box, "mit")
    driver.search("small", TWENTY)
    choose(driver, filters.order_box, "likes")
    query = driver.source.begun[driver.source.waiting("search")][1]
    assert query == Query("small", sort=Sort.LIKES, kind=Kind.VISION, licence="mit", parameters=(2 * GB, 5 * GB))


def test_only_the_last_search_is_waited_for(driver):
    driver.type("a")
    driver.press(Qt.Key.Key_Return)
    first = driver.source.waiting("search")
    driver.type("b")
    driver.press(Qt.Key.Key_Return)
    assert driver.source.dropped == [first]
    driver.source.finish("search", TWENTY)
    assert driver.page.browser.view.heading.text() == "Found for “ab”"


def test_escape_goes_back_to_the_catalog(driver):
    driver.search("qwen", TWENTY)
    driver.press(Qt.Key.Key_Escape)
    assert driver.page.header.field.text() == ""
    assert driver.grid.keys[0] == QWEN.name
    assert not driver.page.browser.view.back_button.isVisible()


def test_the_button_goes_back_to_the_catalog(driver):
    driver.search("qwen", TWENTY)
    driver.click(driver.page.browser.view.back_button)
    assert driver.grid.keys[0] == QWEN.name


def test_more_is_loaded_at_the_end_of_the_list(driver):
    driver.search("qwen", TWENTY)
    bar = driver.page.area.verticalScrollBar()
    driver.until(lambda: bar.maximum() > 0)
    assert not driver.source.waiting("search")
    bar.setValue(bar.maximum())
    driver.until(lambda: driver.source.waiting("search"))
    assert driver.source.begun[driver.source.waiting("search")][2] == "second"
    driver.source.finish("search", Page((found(3), found(30), found(31))))
    assert driver.grid.keys[20:] == [found(30).name, found(31).name]


def test_more_that_does_not_come_can_be_tried_again(driver):
    driver.search("qwen", Page((found(0),), "second"))
    driver.until(lambda: driver.source.waiting("search"))
    driver.source.finish("search", error=UNREACHABLE)
    view = driver.page.browser.view
    assert "hub.example" in view.more.text()
    assert not driver.source.waiting("search")
    driver.click(view.more_button)
    driver.source.finish("search", Page((found(1),)))
    assert driver.grid.keys == [found(0).name, found(1).name]
    assert view.more.isHidden()


def test_nothing_found_offers_to_search_everything(driver):
    driver.search("xyzzy", Page())
    assert driver.state.sentence.text() == "Nothing was found for “xyzzy”."
    driver.click(driver.state.action)
    query = driver.source.begun[driver.source.waiting("search")][1]
    assert query.parameters == (0, 0)
    driver.source.finish("search", Page())
    assert driver.state.hint.text() == "Try other words, or fewer."
    assert driver.state.action.isHidden()


def test_an_error_is_a_sentence_with_a_hint_and_a_way_to_try_again(driver):
    driver.search("qwen", error=UNREACHABLE)
    assert driver.state.sentence.text() == UNREACHABLE.message
    assert driver.state.hint.text() == UNREACHABLE.hint
    driver.click(driver.state.action)
    driver.source.finish("search", TWENTY)
    assert driver.grid.keys[0] == found(0).name


def test_the_network_switch_is_explained_and_leads_to_the_settings(qtbot, driver):
    driver.search("qwen", error=NetworkOff())
    assert "network switch is off" in driver.state.sentence.text()
    with qtbot.waitSignal(driver.page.settings_requested) as signal:
        driver.click(driver.state.settings_button)
    assert signal.args == ["network"]


def test_while_offline_the_page_says_so_and_keeps_the_catalog(driver):
    driver.source.is_offline = True
    driver.change(SettingChanged("network.offline"))
    assert driver.page.offline.isVisible()
    assert driver.grid.keys[0] == QWEN.name
    driver.source.is_offline = False
    driver.change(SettingChanged("network.offline"))
    assert driver.page.offline.isHidden()


# --- opening cards --------------------------------------------------------------------------------------------------


def test_opening_a_card_asks_for_its_files_and_then_for_exact_numbers(driver):
    driver.search("qwen", TWENTY)
    name = found(0).name
    driver.click(driver.card(name))
    driver.source.finish("details", repository(name, offers=MANY))
    assert driver.card(name).is_open
    driver.source.exact.add(name)
    task = driver.source.begun[driver.source.waiting("measure")]
    assert (task[1].name, task[2].id) == (name, "Q4_K_M")
    driver.source.finish("measure")
    driver.click(driver.card(name).files_button)
    assert not driver.card(name).is_open
    driver.click(driver.card(name))
    assert driver.card(name).is_open
    assert not driver.source.waiting("details")


def test_files_that_do_not_come_are_explained_in_the_card(driver):
    driver.search("qwen", TWENTY)
    name = found(0).name
    driver.click(driver.card(name))
    driver.source.finish("details", error=RepositoryNotFound(name=name))
    card = driver.card(name)
    assert name in card.problem.sentence.text()
    driver.click(card.problem.retry_button)
    driver.source.finish("details", repository(name, offers=MANY))
    assert card.is_open


def test_a_pasted_address_shows_its_files_at_once(driver):
    name = "ada/Big-GGUF"
    driver.search("https://hub.example/ada/Big-GGUF", Page((repository(name, offers=MANY),)))
    assert driver.card(name).is_open
    driver.search("x", Page((found(0),)))
    assert driver.source.waiting("details")


def test_a_card_of_the_catalog_shows_more_sizes_and_fewer_again(driver):
    card = driver.card(QWEN.name)
    driver.click(card.files_button)
    driver.source.finish("details", repository(QWEN.name, offers=MANY))
    assert len(card.offers.rows) == 6
    driver.click(card.files_button)
    assert list(card.offers.rows) == ["Q4_K_M"]


def test_what_was_opened_is_open_when_one_comes_back(driver):
    driver.search("qwen", TWENTY)
    name = found(0).name
    driver.click(driver.card(name))
    driver.source.finish("details", repository(name, offers=MANY))
    choose(driver, driver.page.filters.order_box, "likes")
    driver.source.finish("search", Page((found(1), found(0))))
    assert driver.card(name).is_open


# --- getting and using ----------------------------------------------------------------------------------------------


def test_get_queues_a_download_that_shows_in_the_card(driver):
    card = driver.card(GEMMA.name)
    driver.click(card.offers.rows["Q4_K_M"].get_button)
    assert driver.source.downloads.asked == [("start", GEMMA.name, "Q4_K_M")]
    strip = card.offers.rows["Q4_K_M"]
    assert strip.state.text() == "Waiting for its turn"
    assert driver.page.header.downloads_button.text() == "Downloads  1"
    running = replace(driver.source.downloads.list[0], state=DownloadState.DOWNLOADING, bytes_done=GB)
    driver.source.downloads.put(running)
    driver.change(DownloadProgressed(running.id))
    assert strip.bar.value() == 289


@pytest.mark.parametrize("word", ["pause", "resume", "cancel"])
def test_a_download_obeys_its_buttons(driver, word):
    driver.click(driver.card(GEMMA.name).offers.rows["Q4_K_M"].get_button)
    getattr(driver.page.requests, word).emit("d1")
    assert driver.source.downloads.asked[-1] == (word, "d1")


def test_what_the_world_refuses_is_said_on_the_page(driver):
    driver.source.downloads.refusal = NotEnoughSpace(path="/models", needed_gb="3.5", free_gb="1.0")
    driver.click(driver.card(GEMMA.name).offers.rows["Q4_K_M"].get_button)
    assert driver.page.notice.isVisible()
    assert "3.5 GB" in driver.page.notice.sentence.text()


def test_a_model_that_is_here_can_be_used(qtbot, driver):
    driver.source.library.list = [here(QWEN, "qwen")]
    driver.change(ModelsChanged())
    assert driver.page.filters.chips[Shelf.INSTALLED].text() == "Installed  1"
    row = driver.card(QWEN.name).offers.rows["Q4_K_M"]
    with qtbot.waitSignal(driver.page.used) as signal:
        driver.click(row.use_button)
    assert signal.args == ["qwen"]
    assert row.in_use.isVisible()


def test_a_download_that_is_over_gives_way_to_its_model(driver):
    driver.click(driver.card(GEMMA.name).offers.rows["Q4_K_M"].get_button)
    driver.source.downloads.put(replace(driver.source.downloads.list[0], state=DownloadState.DONE))
    driver.source.library.list = [here(GEMMA)]
    driver.change(DownloadsChanged(), ModelsChanged())
    assert driver.card(GEMMA.name).offers.rows["Q4_K_M"].use_button.isVisible()


# --- languages, looks, sizes ----------------------------------------------------------------------------------------


def test_another_language_reaches_every_part(driver):
    use_language("zh_CN")
    driver.page.retranslate()
    use_language("en")
    driver.page.retranslate()
    assert driver.page.header.title.text() == "Models"
    assert driver.grid.keys[0] == QWEN.name
    driver.search("qwen", TWENTY)
    driver.page.retranslate()
    assert driver.grid.keys[0] == found(0).name


def test_a_narrow_page_needs_no_more_room_than_it_has(qtbot, theme):
    driver = PageDriver(qtbot, theme, (480, 600))
    driver.card(QWEN.name)
    assert driver.page.header.add_button.text() == ""
    assert 400 < driver.grid.width() <= 480 - 48
    assert driver.page.width() == 480


def test_a_link_is_opened_only_after_asking(qtbot, driver, monkeypatch):
    asked = []
    monkeypatch.setattr("ui.models.getting.ask_and_open", lambda _theme, _parent, address: asked.append(address))
    driver.page.requests.visit.emit(QWEN.name)
    assert asked == [f"https://hub.example/{QWEN.name}"]
