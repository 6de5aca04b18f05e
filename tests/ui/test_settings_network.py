"""The network in the settings: what went over it, and the access token."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QFileDialog, QLineEdit

from assistant.changes import LedgerChanged
from assistant.i18n import use_language
from assistant.ledger import Entry, Ledger
from assistant.models.token import FILE_NAME, TokenPlace
from assistant.settings import setting
from tests.fakes.hub import FakeHub
from tests.fakes.window import Driver
from ui.settings.controls import FolderControl, make_control
from ui.settings.dialog import SettingsDialog
from ui.settings.ledger_table import RequestsModel, purpose_words, status_words, time_words
from ui.settings.ledger_view import LedgerView
from ui.settings.network import NetworkExtra

NOW = datetime.now(UTC)


def entry(number=0, host="hub.example", purpose="search", **values):
    return Entry(NOW - timedelta(minutes=number), host, purpose, **values)


@pytest.fixture
def ledger():
    ledger = Ledger(None)
    ledger.add(entry(3, status=200, bytes_received=18_400, bytes_sent=600))
    ledger.add(entry(2, "cdn.example", "download", status=206, bytes_received=2_500_000_000, bytes_sent=900))
    ledger.add(entry(1, status=401, bytes_received=120, bytes_sent=300))
    return ledger


@pytest.fixture
def view(qtbot, theme, ledger):
    view = LedgerView(theme, ledger)
    qtbot.addWidget(view)
    view.resize(650, 500)
    view.show()
    return view


def cells(model):
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


# --- the ledger -----------------------------------------------------------------------------------------------------


def test_every_request_is_listed_the_newest_first(view):
    assert [row[1:] for row in cells(view.requests)] == [
        ["hub.example", "Search", "120 B", "300 B", "Error 401"],
        ["cdn.example", "Download", "2.5 GB", "900 B", "Answered"],
        ["hub.example", "Search", "18 kB", "600 B", "Answered"],
    ]
    assert view.sum.text() == "3 requests, 2.5 GB received, 2 kB sent"
    QAbstractItemModelTester(view.requests)
    view.grab()


def test_the_sums_by_host_are_another_table(view):
    view.choice.button("hosts").click()
    assert view.hosts_table.isVisible()
    assert not view.requests_table.isVisible()
    assert cells(view.hosts) == [["cdn.example", "1", "2.5 GB", "900 B"], ["hub.example", "2", "19 kB", "900 B"]]
    QAbstractItemModelTester(view.hosts)
    view.grab()


def test_what_comes_is_shown_a_moment_later_and_what_is_marked_stays(qtbot, view, ledger):
    view.requests_table.selectRow(1)
    resets = []
    view.requests.modelReset.connect(lambda: resets.append(1))
    for _time in range(3):
        ledger.add(entry(purpose="details", status=200))
        view.follow()
    assert view.requests.rowCount() == 3
    qtbot.waitUntil(lambda: view.requests.rowCount() == 6)
    assert resets == []
    assert view.requests_table.currentIndex().row() == 4


def test_clearing_leaves_nothing(view, ledger):
    view.clear_button.click()
    assert ledger.entries() == ()
    assert view.nothing.isVisible()
    assert not view.requests_table.isVisible()
    assert not view.clear_button.isEnabled()
    assert view.sum.text() == ""


def test_a_ledger_that_was_shortened_is_read_anew(qtbot, view, ledger):
    ledger.clear()
    ledger.add(entry(host="other.example", status=200))
    view.follow()
    qtbot.waitUntil(lambda: view.requests.rowCount() == 1)
    assert cells(view.requests)[0][1] == "other.example"


def test_a_hidden_list_is_not_kept_up(view):
    view.hide()
    view.follow()
    assert not view._pause.isActive()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": 200}, "Answered"),
        ({"status": 302}, "Redirected"),
        ({"status": 404}, "Error 404"),
        ({}, "No answer"),
        ({"problem": "it did not answer in time"}, "it did not answer in time"),
    ],
)
def test_each_end_of_a_request_has_words(values, words):
    assert status_words(entry(**values)) == words


def test_a_purpose_of_a_later_version_stands_under_its_own_name():
    assert purpose_words(entry(purpose="account")) == "Access token"
    assert purpose_words(entry(purpose="telepathy")) == "telepathy"


def test_another_day_is_named():
    assert time_words(datetime(2024, 3, 5, 14, 2, tzinfo=UTC).astimezone()).endswith(":02")
    assert len(time_words(NOW)) == 8 or QDate.currentDate() != QDate(NOW.year, NOW.month, NOW.day)


def test_the_tip_has_what_has_no_column(ledger):
    model = RequestsModel()
    model.set_entries(ledger.entries())
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "hub.example · Search · 0.0 s · answer 401 · Error 401"


# --- the access token -----------------------------------------------------------------------------------------------


@pytest.fixture
def hub():
    with FakeHub() as hub:
        hub.accounts["hf_right"] = "ada"
        yield hub


@pytest.fixture
def driver(qtbot, home, hub):
    driver = Driver(qtbot, home)
    driver.until(lambda: driver.assistant.is_market_open)
    driver.window.settings.apply("network.endpoint", hub.endpoint)
    yield driver
    driver.close()


def make_extra(driver):
    market, ledger = driver.assistant.market, driver.assistant.ledger
    return NetworkExtra(driver.application.theme, ledger, market.account, driver.application.notifier)


@pytest.fixture
def extra(qtbot, driver):
    extra = make_extra(driver)
    qtbot.addWidget(extra)
    extra.show()
    return extra


def enter(driver, extra, token):
    """Type a token, and wait until the hub has said something to it."""
    extra.token.field.clear()
    driver.qtbot.keyClicks(extra.token.field, token)
    driver.qtbot.keyClick(extra.token.field, Qt.Key.Key_Return)
    assert not extra.token.save_button.isEnabled()
    driver.until(lambda: extra.token.save_button.text() == "Check and keep")


def test_a_token_is_checked_kept_and_forgotten(driver, extra):
    row = extra.token
    assert row.state.text() == "None is kept."
    assert row.field.echoMode() is QLineEdit.EchoMode.Password
    assert not row.forget_button.isVisible()
    enter(driver, extra, "hf_right")
    assert row.state.text().startswith("The hub knows you as ada. Kept in the file “")
    assert row.warning.isVisible()
    assert not row.field.isVisible()
    row.forget_button.click()
    assert not row.forget_button.isEnabled()
    driver.until(lambda: row.field.isVisible())
    assert driver.assistant.market.account.place is TokenPlace.NONE
    assert row.state.text() == "None is kept."
    assert row.field.text() == ""


def test_a_token_that_the_keyring_does_not_let_go_is_said_to_be_there(driver, extra, home):
    (home.config / FILE_NAME).write_text('{"place": "keyring"}')  # and there is no keyring that would give it
    row = extra.token
    row.refresh()
    row.forget_button.click()
    driver.until(lambda: row.problem.isVisible())
    assert "did not give up the access token" in row.problem.text()
    assert row.state.text() == "Kept in the keyring of this computer."
    assert row.forget_button.isEnabled()


def test_a_token_that_is_refused_is_not_kept_and_can_be_mended(driver, extra):
    enter(driver, extra, "hf_wrong")
    assert extra.token.problem.isVisible()
    assert extra.token.field.text() == "hf_wrong"
    assert driver.assistant.market.account.place is TokenPlace.NONE
    enter(driver, extra, "hf_right")
    assert not extra.token.problem.isVisible()
    assert driver.assistant.market.account.has_token


def test_asking_for_the_account_stands_in_the_ledger_at_once(driver, extra):
    enter(driver, extra, "hf_right")
    driver.until(lambda: extra.ledger.requests.rowCount() > 0)
    assert extra.ledger.requests.index(0, 2).data() == "Access token"
    driver.application.notifier.publish([LedgerChanged()])


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (TokenPlace.KEYRING, "Kept in the keyring of this computer."),
        (TokenPlace.ENVIRONMENT, "Taken from the environment (HF_TOKEN)."),
    ],
)
def test_it_is_said_where_a_token_is(driver, extra, monkeypatch, place, words):
    monkeypatch.setattr(type(driver.assistant.market.account), "place", place)
    extra.retranslate()
    assert extra.token.state.text() == words
    assert not extra.token.warning.isVisible()
    assert extra.token.forget_button.isVisible() is (place is TokenPlace.KEYRING)


# --- in the dialog --------------------------------------------------------------------------------------------------


def test_it_stands_below_the_settings_and_follows_the_language(qtbot, driver):
    extra = make_extra(driver)
    settings = driver.assistant.settings
    dialog = SettingsDialog(
        driver.application.theme, None, settings, driver.window.settings.apply, extras={"network": extra}
    )
    qtbot.addWidget(dialog)
    dialog.show_section("network")
    dialog.show()
    assert extra.isVisible()
    use_language("zh_CN")
    dialog.retranslate()
    assert extra.token.label.text()
    use_language("en")
    dialog.retranslate()
    assert extra.token.label.text() == "Access token"
    dialog.close()


def test_a_folder_is_typed_or_chosen(qtbot, theme, monkeypatch):
    control = make_control(theme, setting("model.folder"))
    qtbot.addWidget(control)
    assert isinstance(control, FolderControl)
    control.retranslate()
    control.show_value("/here")
    heard = []
    control.edited.connect(heard.append)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_values: "")
    control.button.click()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_values: "/there")
    control.button.click()
    assert heard == ["/there"]
    assert control.field.text() == "/there"
