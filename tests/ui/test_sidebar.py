"""The sidebar: a list of conversations that says what a person does and follows what it is told."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QMenu

from assistant.i18n import use_language
from assistant.store.rows import Conversation
from ui.sidebar.dates import Section, section_of, time_words
from ui.sidebar.model import Activity, ConversationListModel
from ui.sidebar.view import Sidebar

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)


def conversation(number, title="", days_ago=0.0, messages=2):
    when = datetime.now(UTC) - timedelta(days=days_ago, seconds=1000 - number)
    return Conversation(number, title or f"Conversation {number}", when, when, messages=messages)


def rows(model):
    return [model.index(row).data() for row in range(model.rowCount())]


@pytest.fixture
def model(qtmodeltester):
    model = ConversationListModel()
    qtmodeltester.check(model)
    return model


@pytest.fixture
def sidebar(qtbot, theme):
    sidebar = Sidebar(theme)
    qtbot.addWidget(sidebar)
    sidebar.resize(264, 600)
    sidebar.show()
    sidebar.activateWindow()
    qtbot.waitUntil(sidebar.isActiveWindow)
    sidebar.model.set_conversations([conversation(1), conversation(2), conversation(3)])
    return sidebar


# --- days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "section", "words"),
    [
        (NOW, Section.TODAY, "15:30"),
        (NOW.replace(hour=0, minute=1), Section.TODAY, "00:01"),
        (NOW + timedelta(hours=12), Section.TODAY, "03:30"),
        (NOW - timedelta(hours=16), Section.YESTERDAY, "23:30"),
        (NOW - timedelta(days=2), Section.LAST_DAYS, "Monday"),
        (NOW - timedelta(days=7), Section.LAST_DAYS, "Wednesday"),
        (NOW - timedelta(days=8), Section.OLDER, "12 May"),
        (NOW - timedelta(days=365), Section.OLDER, "20 May 2025"),
    ],
)
def test_a_day_has_its_section_and_its_words(when, section, words):
    assert (section_of(when, NOW), time_words(when, NOW)) == (section, words)


def test_days_are_those_of_the_clock_on_the_wall():
    east = NOW.astimezone(tz=None).tzinfo
    midnight = datetime(2026, 5, 20, 0, 5, tzinfo=east)
    assert section_of(midnight - timedelta(minutes=10), midnight) is Section.YESTERDAY


# --- the model ------------------------------------------------------------------------------------------------------


def test_conversations_stand_in_sections_newest_first(model):
    model.set_conversations([conversation(1, "old", 30), conversation(2, "new"), conversation(3, "newest")])
    assert rows(model) == ["Today", "newest", "new", "Older", "old"]


def test_a_changed_conversation_moves_up_and_the_choice_stays_with_it(model):
    model.set_conversations([conversation(1), conversation(2), conversation(3, days_ago=1)])
    kept = model.index_of(1)
    chosen = QPersistentModelIndex(kept)
    model.put(replace(conversation(1), updated_at=datetime.now(UTC), messages=9))
    assert model.shown_ids() == [1, 2, 3]
    assert chosen.data() == "Conversation 1"
    assert chosen.data(ConversationListModel.DETAIL).startswith("9 messages · ")


def test_a_heading_goes_with_its_last_conversation(model):
    model.set_conversations([conversation(1), conversation(2, days_ago=1)])
    model.remove(2)
    assert rows(model) == ["Today", "Conversation 1"]
    model.remove(2)
    model.put(conversation(3, "older", 100))
    assert rows(model) == ["Today", "Conversation 1", "Older", "older"]


def test_random_changes_keep_the_model_sound(model):
    chance = random.Random(7)
    model.set_conversations([conversation(number, days_ago=number / 3) for number in range(1, 30)])
    for _round in range(150):
        number = chance.randint(1, 40)
        if chance.random() < 0.4:
            model.remove(number)
        else:
            model.put(conversation(number, days_ago=chance.choice([0, 1, 3, 50])))
    newest_first = sorted(model._conversations.values(), key=lambda row: (row.updated_at, row.id), reverse=True)
    assert model.shown_ids() == [row.id for row in newest_first]


def test_the_filter_wants_every_word_of_the_title_whatever_the_case(model):
    model.set_conversations([conversation(1, "Trip to Lisbon"), conversation(2, "Lisbon on a budget")])
    model.set_filter("LISBON tr")
    assert rows(model) == ["Today", "Trip to Lisbon"]
    assert (model.count(), model.shown_ids()) == (2, [1])
    model.set_filter("")
    assert model.shown_ids() == [2, 1]


def test_headings_can_neither_be_chosen_nor_edited(model):
    model.set_conversations([conversation(1)])
    heading = model.index(0)
    assert not heading.flags() & (Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    assert not model.setData(heading, "x")
    assert model.data(QModelIndex()) is None


def test_a_title_typed_in_the_list_is_asked_for_and_not_taken(qtbot, model):
    model.set_conversations([conversation(1, "old")])
    with qtbot.waitSignal(model.rename_requested) as signal:
        assert model.setData(model.index_of(1), "  new \n title ")
    assert (signal.args, model.index_of(1).data()) == ([1, "new title"], "old")
    with qtbot.assertNotEmitted(model.rename_requested):
        assert not model.setData(model.index_of(1), "   ")
        assert model.setData(model.index_of(1), "old")


def test_dots_say_what_happens_there_also_aloud(model):
    model.set_conversations([conversation(1)])
    index = model.index_of(1)
    for mark, activity, words in (
        (model.set_unread, Activity.UNREAD, "new answer"),
        (model.set_answering, Activity.ANSWERING, "answering"),
    ):
        mark(1, True)
        assert index.data(ConversationListModel.ACTIVITY) is activity
        assert words in index.data(Qt.ItemDataRole.AccessibleTextRole)
    model.set_answering(1, False)
    model.set_unread(1, False)
    model.set_unread(99, True)
    assert index.data(ConversationListModel.ACTIVITY) is Activity.NONE


def test_a_conversation_without_a_title_has_words(model):
    model.set_conversations([replace(conversation(1), title=" ")])
    assert model.index_of(1).data() == "Untitled conversation"
    assert model.index_of(1).data(Qt.ItemDataRole.EditRole) == " "


def test_a_thousand_conversations_are_listed_at_once(sidebar):
    many = [conversation(number, days_ago=number / 20) for number in range(1, 1001)]
    start = time.process_time()
    sidebar.model.set_conversations(many)
    sidebar.set_current(500)
    sidebar.grab()
    assert time.process_time() - start < 0.25
    start = time.process_time()
    sidebar.model.put(replace(many[-1], updated_at=datetime.now(UTC)))
    assert time.process_time() - start < 0.05


# --- the widget -----------------------------------------------------------------------------------------------------


def place_of(sidebar, number):
    return sidebar.list.visualRect(sidebar.model.index_of(number)).center()


def test_a_click_chooses_a_conversation(qtbot, sidebar):
    with qtbot.waitSignal(sidebar.chosen) as signal:
        qtbot.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=place_of(sidebar, 2))
    assert (signal.args, sidebar.current()) == ([2], 2)


def test_arrow_keys_pass_over_headings(qtbot, sidebar):
    sidebar.model.put(conversation(4, days_ago=3))
    sidebar.set_current(1)
    sidebar.list.setFocus()
    qtbot.keyClick(sidebar.list, Qt.Key.Key_Down)
    assert sidebar.current() == 4


def test_marking_a_conversation_from_outside_says_nothing(qtbot, sidebar):
    with qtbot.assertNotEmitted(sidebar.chosen):
        sidebar.set_current(3)
        assert sidebar.current() == 3
        sidebar.set_current(None)
    assert sidebar.current() is None


def test_f2_edits_the_title_in_place_and_enter_keeps_it(qtbot, sidebar):
    sidebar.set_current(2)
    sidebar.list.setFocus()
    qtbot.keyClick(sidebar.list, Qt.Key.Key_F2)
    editor = sidebar.list.findChild(QLineEdit, "renameInList")
    assert editor.text() == "Conversation 2"
    editor.setText("Better")
    with qtbot.waitSignal(sidebar.rename_requested) as signal:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert signal.args == [2, "Better"]


def test_escape_gives_up_the_edit(qtbot, sidebar):
    sidebar.set_current(2)
    sidebar.edit_current()
    editor = sidebar.list.findChild(QLineEdit, "renameInList")
    editor.setText("never")
    with qtbot.assertNotEmitted(sidebar.rename_requested):
        qtbot.keyClick(editor, Qt.Key.Key_Escape)


def test_delete_asks_to_delete_the_marked_one(qtbot, sidebar):
    sidebar.set_current(1)
    sidebar.list.setFocus()
    with qtbot.waitSignal(sidebar.delete_requested) as signal:
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Delete)
    assert signal.args == [1]
    sidebar.set_current(None)
    with qtbot.assertNotEmitted(sidebar.delete_requested):
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Delete)


def test_the_context_menu_renames_and_deletes_what_is_under_the_pointer(qtbot, sidebar):
    sidebar.list.customContextMenuRequested.emit(place_of(sidebar, 3))
    menu = sidebar.findChild(QMenu)
    rename, delete = menu.actions()
    with qtbot.waitSignal(sidebar.delete_requested) as signal:
        delete.trigger()
    assert (signal.args, rename.text()) == ([3], "Rename")
    rename.trigger()
    assert sidebar.list.findChild(QLineEdit, "renameInList").text() == "Conversation 3"
    menu.close()


def test_a_heading_has_no_context_menu(sidebar):
    sidebar.list.customContextMenuRequested.emit(QPoint(20, 20))
    assert sidebar.findChild(QMenu) is None


def test_the_filter_field_says_when_nothing_matches(qtbot, sidebar):
    qtbot.keyClicks(sidebar.filter, "zebra")
    assert sidebar.model.shown_ids() == []
    assert sidebar._nothing.isVisible()
    assert sidebar._nothing.text() == "No title has these words."
    sidebar.filter.clear()
    assert not sidebar._nothing.isVisible()


@pytest.mark.parametrize(
    ("button", "signal"),
    [("new_button", "new_requested"), ("hide_button", "hide_requested"), ("settings_button", "settings_requested")],
)
def test_each_button_says_what_is_wished(qtbot, sidebar, button, signal):
    with qtbot.waitSignal(getattr(sidebar, signal)):
        getattr(sidebar, button).click()
    assert getattr(sidebar, button).accessibleName() or getattr(sidebar, button).text()


def test_every_row_is_painted_in_both_themes_and_languages(sidebar):
    sidebar.model.put(conversation(4, "A title so long that it cannot possibly fit into the narrow column", 3))
    sidebar.model.set_answering(1, True)
    sidebar.model.set_unread(2, True)
    sidebar.set_current(3)
    light = sidebar.grab().toImage()
    sidebar._theme.set_mode("dark")
    assert sidebar.grab().toImage() != light
    use_language("zh_CN")
    sidebar.retranslate()
    assert sidebar.model.index(0).data() == "今天"
