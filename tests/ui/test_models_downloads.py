"""The list of downloads: order, states in words, what can be done with each, and what came of it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from assistant.changes import DownloadDone, DownloadProgressed, DownloadsChanged
from assistant.errors import HubUnreachable, RepositoryGated
from assistant.models.download_state import Download, DownloadState
from assistant.models.remote import RemoteFile
from tests.fakes.model_source import FOLDER, GB
from tests.fakes.models_window import PageDriver

State = DownloadState


def download(number, state=State.QUEUED, **values):
    made = Download(
        f"d{number}", f"ada/Model-{number}-GGUF", "c", "Q4_K_M", (RemoteFile("m.gguf", 2 * GB),), FOLDER / "ada", state
    )
    return replace(made, **values)


@pytest.fixture
def driver(qtbot, theme):
    driver = PageDriver(qtbot, theme)
    driver.source.downloads.list = [
        download(1, State.DOWNLOADING, bytes_done=GB, bytes_per_s=10_000_000.0),
        download(2),
        download(3, State.PAUSED, bytes_done=GB // 2),
    ]
    driver.change(DownloadsChanged())
    driver.click(driver.page.header.downloads_button)
    return driver


@pytest.fixture
def panel(driver):
    return driver.page.downloads


def order(panel):
    rows = sorted(panel.rows.items(), key=lambda pair: pair[1].y())
    return [key for key, _row in rows]


def test_the_button_shows_how_many_and_opens_the_list(driver, panel):
    assert driver.page.header.downloads_button.text() == "Downloads  3"
    assert panel.isVisible()
    driver.click(driver.page.header.downloads_button)
    assert not panel.isVisible()


def test_each_download_says_how_it_stands_and_where_it_goes(panel):
    first, second, third = (panel.rows[key] for key in ("d1", "d2", "d3"))
    assert first.title.text() == "Model-1 Q4_K_M"
    assert first.state.text() == "1.00 GB of 2.00 GB · 10.0 MB/s · 2 min left"
    assert second.state.text() == "0 bytes of 2.00 GB · Waiting for its turn"
    assert third.toggle.icon_name == "play"
    assert first.folder.text() == str(FOLDER / "ada")


def test_progress_reaches_the_row(driver, panel):
    driver.source.downloads.put(download(1, State.VERIFYING, bytes_done=2 * GB))
    driver.change(DownloadProgressed("d1"))
    assert panel.rows["d1"].state.text() == "2.00 GB of 2.00 GB · Checking every byte"
    assert panel.rows["d1"].bar.value() == 1000


def test_tries_are_counted(driver, panel):
    error = HubUnreachable(host="hub.example", reason="no answer")
    driver.source.downloads.put(download(1, State.WAITING, attempts=3, error=error))
    driver.source.downloads.put(download(2, State.DOWNLOADING, attempts=2))
    driver.change(DownloadsChanged())
    assert panel.rows["d1"].state.text().endswith("Waiting for the network · try 3")
    assert panel.rows["d1"].problem.property("role") == "faint"
    assert panel.rows["d2"].state.text().endswith("Downloading · try 2")


def test_the_buttons_move_it_in_the_queue(qtbot, driver, panel):
    assert not panel.rows["d1"].up.isEnabled()
    assert not panel.rows["d3"].down.isEnabled()
    driver.click(panel.rows["d3"].up)
    driver.until(lambda: order(panel) == ["d1", "d3", "d2"])
    driver.click(panel.rows["d1"].down)
    driver.until(lambda: order(panel) == ["d3", "d1", "d2"])


def test_alt_and_the_arrow_keys_move_it_and_keep_the_keyboard(qtbot, driver, panel):
    row = panel.rows["d2"]
    row.down.setFocus()
    qtbot.keyClick(row.down, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    driver.until(lambda: order(panel) == ["d2", "d1", "d3"])
    assert row.down.hasFocus()
    qtbot.keyClick(row.down, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert driver.source.downloads.asked == [("move", "d2", 0)]


def test_pause_go_on_cancel_and_try_again(driver, panel):
    driver.source.downloads.put(download(2, State.FAILED, error=RepositoryGated(name="ada/x", url="u")))
    driver.change(DownloadsChanged())
    driver.click(panel.rows["d1"].toggle)
    driver.click(panel.rows["d3"].toggle)
    driver.click(panel.rows["d2"].retry)
    driver.click(panel.rows["d1"].cancel)
    assert driver.source.downloads.asked == [("pause", "d1"), ("resume", "d3"), ("resume", "d2"), ("cancel", "d1")]


def test_a_finished_one_can_be_used_now(qtbot, driver, panel):
    driver.source.downloads.put(download(1, State.DONE, bytes_done=2 * GB))
    driver.change(DownloadsChanged(), DownloadDone("d1", "model-1"))
    assert driver.page.ready.sentence.text() == "Model-1 Q4_K_M is ready."
    row = panel.rows["d1"]
    assert (row.state.text(), row.bar.isHidden()) == ("Ready", True)
    with qtbot.waitSignal(driver.page.used) as signal:
        driver.click(row.use)
    assert signal.args == ["model-1"]
    with qtbot.waitSignal(driver.page.used):
        driver.click(driver.page.ready.action)
    assert driver.page.ready.isHidden()


def test_finished_ones_are_cleared(driver, panel):
    assert panel.clear_button.isHidden()
    driver.source.downloads.put(download(1, State.DONE))
    driver.change(DownloadsChanged())
    driver.click(panel.clear_button)
    assert list(panel.rows) == ["d2", "d3"]


def test_an_empty_list_says_so(driver, panel):
    driver.source.downloads.list = []
    driver.change(DownloadsChanged())
    assert panel.nothing.isVisible()
    assert driver.page.header.downloads_button.text() == "Downloads"


def test_its_folder_is_shown(driver, panel, monkeypatch):
    shown = []
    monkeypatch.setattr("ui.models.page.reveal", shown.append)
    driver.click(panel.rows["d1"].reveal)
    assert shown == [FOLDER / "ada" / "m.gguf"]


def test_escape_and_the_cross_close_the_list(qtbot, driver, panel):
    qtbot.keyClick(panel.rows["d1"].cancel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert not driver.page.header.downloads_button.isChecked()
    driver.click(driver.page.header.downloads_button)
    driver.click(panel.close_button)
    assert not panel.isVisible()


def test_in_a_narrow_page_the_list_takes_the_place_of_the_models(driver, panel):
    driver.page.resize(600, 700)
    driver.until(lambda: not driver.page.area.isVisible())
    driver.until(lambda: panel.width() == 600)
    driver.page.show_downloads(False)
    assert driver.page.area.isVisible()
