"""Models whose makers want their licence accepted first."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from assistant.changes import DownloadsChanged
from assistant.errors import RepositoryGated, TokenRefused
from assistant.models.download_state import Download, DownloadState
from assistant.models.remote import Page
from assistant.models.token import TokenPlace
from tests.fakes.model_source import FOLDER, MANY, repository
from tests.fakes.models_window import PageDriver
from ui.models.licence_dialog import LicenceDialog
from ui.models.source import Kept

GATED = replace(repository("meta/Llama-5-GGUF", 8.0, offers=MANY), is_gated=True)
REFUSAL = RepositoryGated(name=GATED.name, url=f"https://hub.example/{GATED.name}")


@pytest.fixture
def driver(qtbot, theme):
    return PageDriver(qtbot, theme)


def opened(driver):
    dialogs = [each for each in driver.page.window().findChildren(LicenceDialog) if each.isVisible()]
    return dialogs[0] if dialogs else None


@pytest.fixture
def dialog(driver):
    """The dialog that comes in place of a download."""
    driver.search("llama", Page((GATED,)))
    driver.click(driver.card(GATED.name).offers.rows["Q4_K_M"].get_button)
    dialog = opened(driver)
    yield dialog
    if driver.page.window().findChild(LicenceDialog):
        dialog.close()


def test_get_leads_through_the_licence_first(driver, dialog):
    assert driver.source.downloads.asked == []
    assert "Llama-5" in dialog.findChildren(type(dialog.outcome))[1].text()
    driver.click(dialog.retry_button)
    assert driver.source.downloads.asked == [("start", GATED.name, "Q4_K_M")]


def test_who_has_a_token_gets_at_once(driver):
    driver.source.account.has_token = True
    driver.search("llama", Page((GATED,)))
    driver.click(driver.card(GATED.name).offers.rows["Q4_K_M"].get_button)
    assert opened(driver) is None
    assert driver.source.downloads.asked == [("start", GATED.name, "Q4_K_M")]


def test_the_page_with_the_licence_is_opened_after_asking(driver, dialog, monkeypatch):
    asked = []
    monkeypatch.setattr("ui.models.licensing.ask_and_open", lambda _theme, _parent, address: asked.append(address))
    driver.click(dialog.visit_button)
    assert asked == [f"https://hub.example/{GATED.name}"]


def test_a_token_is_checked_and_kept(qtbot, driver, dialog):
    assert not dialog.save_button.isEnabled()
    qtbot.keyClicks(dialog.field, "  hf_abc ")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert driver.source.begun[driver.source.waiting("save")] == ("save", "hf_abc")
    driver.source.finish("save", Kept("ada", TokenPlace.KEYRING))
    assert not dialog.warning.isVisible()
    assert dialog.outcome.text() == "The hub knows you as ada. The token is kept in the system's keyring."
    assert dialog.field.text() == ""
    assert dialog.retry_button.hasFocus()


def test_a_refused_token_says_so_and_can_be_entered_again(qtbot, driver, dialog):
    qtbot.keyClicks(dialog.field, "wrong")
    driver.click(dialog.save_button)
    driver.source.finish("save", error=TokenRefused(host="hub.example"))
    assert "does not accept" in dialog.outcome.text()
    assert dialog.outcome.property("role") == "error"
    assert dialog.save_button.isEnabled()


def test_the_token_is_never_shown(dialog):
    dialog.field.setText("hf_abc")
    assert dialog.field.displayText() == "●●●●●●" or "hf" not in dialog.field.displayText()


def test_a_token_that_came_into_a_file_is_not_said_to_be_in_the_keyring(qtbot, driver, dialog):
    qtbot.keyClicks(dialog.field, "hf_abc")
    driver.click(dialog.save_button)
    driver.source.finish("save", Kept("ada", TokenPlace.FILE))
    assert dialog.outcome.text() == "The hub knows you as ada. The token is kept in a file."
    assert dialog.warning.isVisible()


def test_who_has_a_token_is_told_so(qtbot, theme):
    dialog = LicenceDialog(theme, None, GATED.name, has_token=True)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.outcome.text().startswith("A token is kept already")
    assert not dialog.warning.isVisible()


def test_giving_up_starts_nothing(driver, dialog):
    dialog.token_entered.emit("hf_abc")
    driver.click(dialog.cancel_button)
    assert driver.source.downloads.asked == []
    assert driver.source.waiting("save") == 0


def test_a_stopped_download_goes_on_afterwards(driver):
    offer = GATED.offers[7]
    stopped = Download("d1", GATED.name, "c", offer.id, offer.files, FOLDER, DownloadState.FAILED, error=REFUSAL)
    driver.source.downloads.list = [stopped]
    driver.change(DownloadsChanged())
    driver.page.show_downloads(True)
    driver.click(driver.page.downloads.rows["d1"].licence)
    driver.click(opened(driver).retry_button)
    assert driver.source.downloads.asked == [("resume", "d1")]


def test_files_that_were_refused_are_asked_for_again(driver):
    driver.search("llama", Page((replace(GATED, offers=(), has_details=False), replace(GATED, name="x/y"))))
    driver.click(driver.card(GATED.name))
    driver.source.finish("details", error=REFUSAL)
    driver.click(driver.card(GATED.name).problem.licence_button)
    driver.click(opened(driver).retry_button)
    driver.source.finish("details", GATED)
    assert driver.card(GATED.name).is_open
