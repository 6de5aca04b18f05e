from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from assistant.errors import DiskFull
from assistant.i18n import use_language
from assistant.paths import Paths
from assistant.settings import SECTIONS, SETTINGS, Settings, Value, setting, settings_of
from ui.settings.controls import (
    FlagControl,
    ListControl,
    LongTextControl,
    NumberControl,
    SegmentsControl,
    SliderControl,
    TextControl,
    make_control,
)
from ui.settings.dialog import SettingsDialog
from ui.settings.row import SettingRow
from ui.theme.theme import Theme

SHOWN = [section.id for section in SECTIONS if section.is_shown]


@pytest.fixture
def settings(home: Paths) -> Settings:
    return Settings.load(home.settings)


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, settings: Settings) -> Iterator[SettingsDialog]:
    made = SettingsDialog(theme, None, settings, settings.set)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


def go(dialog: SettingsDialog, name: str) -> SettingRow:
    dialog.show_section(setting(name).section)
    return dialog.rows[name]


def test_every_setting_that_is_shown_has_a_row(dialog: SettingsDialog) -> None:
    expected = [declared.name for section in SHOWN for declared in settings_of(section)]
    assert list(dialog.rows) == expected
    assert dialog.list.count() == dialog.pages.count() == len(SHOWN)


@pytest.mark.parametrize("name", [each.name for section in SHOWN for each in settings_of(section)])
def test_every_row_has_words_and_a_control_with_a_name(dialog: SettingsDialog, name: str) -> None:
    row = dialog.rows[name]
    assert row.label.text()
    assert row.control.target().accessibleName() == row.label.text()
    assert row.reset_button.accessibleName()
    assert row.label.buddy() is row.control.target()


def test_the_kind_of_a_setting_chooses_its_control(qtbot: QtBot, theme: Theme) -> None:
    many = replace(setting("appearance.theme"), choices={str(number): str(number) for number in range(9)})
    for declared, known, expected in (
        (setting("chat.ask_before_opening_links"), (), FlagControl),
        (setting("appearance.theme"), (), SegmentsControl),
        (many, (), ListControl),
        (setting("appearance.text_size"), (), SliderControl),
        (setting("sampling.temperature"), (), NumberControl),
        (setting("model.context_length"), (), NumberControl),
        (setting("model.default"), (), TextControl),
        (setting("model.default"), [("a", "Model A")], ListControl),
        (setting("chat.system_prompt"), (), LongTextControl),
    ):
        control = make_control(theme, declared, known)
        qtbot.addWidget(control)
        assert type(control) is expected


def test_a_choice_holds_at_once(qtbot: QtBot, dialog: SettingsDialog, settings: Settings) -> None:
    row = go(dialog, "appearance.theme")
    assert row.reset_button.isHidden()
    qtbot.mouseClick(row.control.segments.button("dark"), Qt.MouseButton.LeftButton)
    assert settings.get("appearance.theme") == "dark"
    assert not row.reset_button.isHidden()
    qtbot.mouseClick(row.reset_button, Qt.MouseButton.LeftButton)
    assert settings.get("appearance.theme") == "system"
    assert row.control.segments.value() == "system"
    assert row.reset_button.isHidden()


def test_a_switch_holds_at_once(qtbot: QtBot, dialog: SettingsDialog, settings: Settings) -> None:
    row = go(dialog, "chat.ask_before_opening_links")
    qtbot.keyClick(row.control.switch, Qt.Key.Key_Space)
    assert settings.get("chat.ask_before_opening_links") is False


def test_a_slider_shows_its_figure_and_holds_at_once(qtbot: QtBot, dialog: SettingsDialog, settings: Settings) -> None:
    row = go(dialog, "appearance.text_size")
    assert row.control.figure.text() == "15 px"
    qtbot.keyClick(row.control.slider, Qt.Key.Key_Right)
    assert settings.get("appearance.text_size") == 16
    assert row.control.figure.text() == "16 px"


def test_a_number_is_typed_and_taken_with_enter(qtbot: QtBot, dialog: SettingsDialog, settings: Settings) -> None:
    field = go(dialog, "sampling.temperature").control.field
    assert field.text() == ""
    assert field.placeholderText() == "Follow the model"
    QTest.keyClicks(field, "0.7")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert settings.get("sampling.temperature") == 0.7
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert settings.get("sampling.temperature") is None


def test_an_empty_number_means_the_special_one(qtbot: QtBot, dialog: SettingsDialog, settings: Settings) -> None:
    field = go(dialog, "model.context_length").control.field
    assert (field.text(), field.placeholderText()) == ("", "Automatic")
    QTest.keyClicks(field, "4096")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert settings.get("model.context_length") == 4096
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert settings.get("model.context_length") == 0


@pytest.mark.parametrize("typed", ["7", "-1", "much"])
def test_a_wrong_number_is_refused_in_place(
    qtbot: QtBot, dialog: SettingsDialog, settings: Settings, typed: str
) -> None:
    row = go(dialog, "sampling.top_p")
    QTest.keyClicks(row.control.field, typed)
    qtbot.keyClick(row.control.field, Qt.Key.Key_Return)
    assert settings.get("sampling.top_p") is None
    assert row.error.isVisible()
    assert typed in row.error.text()
    assert "from 0 to 1" in row.error.text()
    assert row.control.field.text() == typed
    assert row.control.field.property("invalid") is True
    row.control.field.clear()
    QTest.keyClicks(row.control.field, "0.5")
    qtbot.keyClick(row.control.field, Qt.Key.Key_Return)
    assert row.error.isHidden()
    assert row.control.field.property("invalid") is False


def test_what_cannot_be_saved_is_said_in_place(qtbot: QtBot, theme: Theme, settings: Settings) -> None:
    def refuse(_name: str, _value: Value) -> None:
        raise DiskFull(path="settings.toml")

    dialog = SettingsDialog(theme, None, settings, refuse)
    qtbot.addWidget(dialog)
    row = go(dialog, "chat.ask_before_opening_links")
    qtbot.mouseClick(row.control.switch, Qt.MouseButton.LeftButton)
    assert "disk is full" in row.error.text()


def test_a_text_is_taken_when_it_is_left(qtbot: QtBot, dialog: SettingsDialog, settings: Settings) -> None:
    field = go(dialog, "model.default").control.field
    field.setFocus()
    QTest.keyClicks(field, "mine.gguf")
    assert settings.get("model.default") == ""
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert settings.get("model.default") == "mine.gguf"


def test_a_long_text_is_taken_after_a_pause(qtbot: QtBot, dialog: SettingsDialog, settings: Settings) -> None:
    edit = go(dialog, "chat.system_prompt").control.edit
    edit.setFocus()
    QTest.keyClicks(edit, "Be brief.")
    assert settings.get("chat.system_prompt") == ""
    qtbot.waitUntil(lambda: settings.get("chat.system_prompt") == "Be brief.")
    QTest.keyClicks(edit, " Be kind.")
    assert edit.toPlainText() == "Be brief. Be kind."
    dialog.list.setFocus()
    assert settings.get("chat.system_prompt") == "Be brief. Be kind."


def test_what_is_still_being_typed_is_taken_when_the_dialog_closes(dialog: SettingsDialog, settings: Settings) -> None:
    QTest.keyClicks(go(dialog, "chat.system_prompt").control.edit, "Be brief.")
    dialog.rows["sampling.top_k"].control.field.setText("12")
    dialog.reject()
    assert settings.get("chat.system_prompt") == "Be brief."
    assert settings.get("sampling.top_k") == 12


def test_a_text_too_long_is_refused_and_kept(dialog: SettingsDialog, settings: Settings) -> None:
    row = go(dialog, "chat.system_prompt")
    row.control.edit.setPlainText("a" * 100_001)
    row.control.finish()
    assert settings.get("chat.system_prompt") == ""
    assert row.error.isVisible()
    assert len(row.error.text()) < 400
    assert len(row.control.edit.toPlainText()) == 100_001


def test_known_values_are_chosen_from_a_list(qtbot: QtBot, theme: Theme, settings: Settings) -> None:
    known = {"model.default": [("", "Starter"), ("big.gguf", "Big")]}
    dialog = SettingsDialog(theme, None, settings, settings.set, known)
    qtbot.addWidget(dialog)
    box = go(dialog, "model.default").control.box
    assert box.currentText() == "Starter"
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert settings.get("model.default") == "big.gguf"


def test_a_change_from_elsewhere_is_shown(dialog: SettingsDialog, settings: Settings) -> None:
    settings.set("appearance.theme", "dark")
    dialog.show_value("appearance.theme")
    dialog.show_value("window.sidebar_visible")
    assert dialog.rows["appearance.theme"].control.segments.value() == "dark"


def test_a_setting_says_when_it_takes_effect(dialog: SettingsDialog) -> None:
    go(dialog, "model.context_length")
    assert "loaded next" in dialog.rows["model.context_length"].effect.text()
    assert dialog.rows["appearance.theme"].effect.isHidden()


def test_another_language_is_spoken_at_once(qtbot: QtBot, theme: Theme, settings: Settings) -> None:
    def apply(name: str, value: Value) -> None:
        settings.set(name, value)
        use_language("zh_CN")

    dialog = SettingsDialog(theme, None, settings, apply)
    qtbot.addWidget(dialog)
    heard: list[str] = []
    dialog.windowTitleChanged.connect(heard.append)
    dialog.rows["appearance.theme"].label.setText("")
    qtbot.mouseClick(dialog.rows["appearance.language"].control.segments.button("zh_CN"), Qt.MouseButton.LeftButton)
    assert dialog.rows["appearance.theme"].label.text()


def test_the_sections_are_reached_by_keys(qtbot: QtBot, dialog: SettingsDialog) -> None:
    assert dialog.list.hasFocus()
    for index in range(1, len(SHOWN)):
        qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
        assert dialog.pages.currentIndex() == index


@pytest.mark.parametrize("section", SHOWN)
def test_every_control_is_reached_by_tab(qtbot: QtBot, dialog: SettingsDialog, section: str) -> None:
    dialog.show_section(section)
    dialog.list.setFocus()
    reached: list[QWidget] = []
    while (now := QApplication.focusWidget()) not in reached:
        reached.append(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    for declared in settings_of(section):
        control = dialog.rows[declared.name].control
        assert any(control.isAncestorOf(widget) for widget in reached), declared.name


def test_every_button_has_a_name(dialog: SettingsDialog) -> None:
    for button in dialog.findChildren(QAbstractButton):
        if button.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            assert button.accessibleName() or button.text()


def test_a_reset_brings_a_default_back_after_a_mistake(qtbot: QtBot, dialog: SettingsDialog) -> None:
    row = go(dialog, "sampling.top_k")
    QTest.keyClicks(row.control.field, "-4")
    qtbot.keyClick(row.control.field, Qt.Key.Key_Return)
    assert row.reset_button.isVisible()
    qtbot.mouseClick(row.reset_button, Qt.MouseButton.LeftButton)
    assert (row.control.field.text(), row.error.isHidden()) == ("", True)


def test_the_dialog_follows_the_theme(dialog: SettingsDialog, theme: Theme) -> None:
    before = dialog.list.grab().toImage()
    theme.set_mode("dark")
    assert dialog.list.grab().toImage() != before


def test_no_setting_lacks_words_in_the_dialog() -> None:
    shown = [declared for declared in SETTINGS if declared.section in SHOWN]
    assert all(declared.label for declared in shown)


def test_no_word_is_cut(dialog: SettingsDialog) -> None:
    for section in SHOWN:
        dialog.show_section(section)
        for label in dialog.pages.currentWidget().findChildren(QLabel):
            if label.isVisible() and label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width())
