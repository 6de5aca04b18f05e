import pytest
from PySide6.QtCore import Qt

from assistant.model_choice import Habits
from assistant.models.records import LoadSettings
from tests.fakes.model_source import FakeSource, installed, model
from tests.fakes.models_window import PageDriver
from ui.models.habits_dialog import HabitsDialog
from ui.models.installed_card import Wish


@pytest.fixture
def opened(qtbot, theme):
    def make(habits=None, **more):
        common = FakeSource().library.common_sampling
        dialog = HabitsDialog(theme, None, installed(model(), **more), habits or Habits(), common)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        dialog.told = []
        dialog.saved.connect(lambda habits, again: dialog.told.append((habits, again)))
        return dialog

    return make


def type_into(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Tab)


def test_nothing_set_saves_nothing(opened):
    dialog = opened()
    dialog.save_button.click()
    assert dialog.told == [(Habits(), False)]


def test_what_is_set_is_shown_and_saved_again(opened):
    habits = Habits(LoadSettings(4096, 12, "q8_0"), {"temperature": 0.3}, "Be brief.")
    dialog = opened(habits)
    assert dialog.context.text() == "4096"
    assert dialog.rows["temperature"].value_label.text() == "0.30"
    assert dialog.rows["top_k"].value_label.text() == "40"  # as all have it
    dialog.save_button.click()
    assert dialog.told == [(habits, False)]


def test_setting_by_hand(qtbot, opened):
    dialog = opened()
    type_into(qtbot, dialog.context, "8192")
    type_into(qtbot, dialog.layers, "0")
    dialog.cache.chosen.emit("q8_0")
    dialog.cache.set_value("q8_0")
    dialog.prompt.setPlainText("  Speak of the sea. ")
    dialog.rows["temperature"].slider.setValue(0)
    dialog.save_button.click()
    wanted = Habits(LoadSettings(8192, 0, "q8_0"), {"temperature": 0.0}, "Speak of the sea.")
    assert dialog.told == [(wanted, False)]


def test_the_model_in_use_is_loaded_again_for_what_needs_it(qtbot, opened):
    dialog = opened(is_used=True)
    dialog.rows["temperature"].slider.setValue(0)
    assert dialog.save_button.text() == "Save"
    type_into(qtbot, dialog.context, "8192")
    assert dialog.save_button.text() == "Save and load again"
    dialog.save_button.click()
    assert dialog.told[0][1]


@pytest.mark.parametrize("text", ["12", "many", "1.5", "99999999999"])
def test_a_number_that_cannot_be_is_said_and_not_saved(qtbot, opened, text):
    dialog = opened()
    type_into(qtbot, dialog.context, text)
    assert "from 256 to" in dialog.problem.text()
    dialog.save_button.click()
    assert dialog.told == []
    type_into(qtbot, dialog.context, "1024")
    dialog.save_button.click()
    assert dialog.told[0][0].load.context_length == 1024


def test_a_context_beyond_what_it_was_trained_for_is_warned_of(qtbot, opened):
    dialog = opened()
    assert not dialog.beyond.isVisible()
    type_into(qtbot, dialog.context, str(model().context_length * 2))
    assert dialog.beyond.isVisible()


def test_following_the_settings_again(opened):
    dialog = opened(Habits(LoadSettings(4096, 12, "q8_0"), {"temperature": 0.3}, "Be brief."))
    dialog.clear_button.click()
    dialog.save_button.click()
    assert dialog.told == [(Habits(), False)]


def test_one_parameter_follows_again(opened):
    dialog = opened(Habits(sampling={"temperature": 0.3, "top_k": 5}))
    dialog.rows["temperature"].reset_button.click()
    dialog.save_button.click()
    assert dialog.told[0][0].sampling == {"top_k": 5}


def test_escape_changes_nothing(qtbot, opened):
    dialog = opened()
    dialog.rows["temperature"].slider.setValue(0)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.told == []


def test_from_the_card_to_the_library(qtbot, theme):
    listed = installed(model(), is_used=True)
    driver = PageDriver(qtbot, theme, prepare=lambda source: source.library.list.append(listed))
    page, source = driver.page, driver.source
    page.keeping.do(Wish.HABITS, listed.id)
    (dialog,) = page.window().findChildren(HabitsDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    type_into(qtbot, dialog.context, "8192")
    dialog.save_button.click()
    assert source.library.habits(listed.id).load.context_length == 8192
    assert ("use", listed.id, False) in source.library.asked
