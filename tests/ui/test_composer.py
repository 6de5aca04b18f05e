"""The composer: what is typed is sent by Enter, never by accident, and never lost."""

import time

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QTextOption
from PySide6.QtWidgets import QApplication, QWidget

from assistant.i18n import use_language
from ui.chat.composer import Composer
from ui.chat.composer_edit import MAX_LINES

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def composer(qtbot, theme):
    composer = Composer(theme)
    qtbot.addWidget(composer)
    composer.resize(760, 120)
    composer.show()
    composer.activateWindow()
    composer.setFocus()
    qtbot.waitUntil(composer.edit.hasFocus)
    return composer


@pytest.fixture
def type_text(qtbot, composer):
    return lambda text: qtbot.keyClicks(composer.edit, text)


@pytest.fixture
def press(qtbot, composer):
    def press(key, modifier=Qt.KeyboardModifier.NoModifier):
        qtbot.keyClick(composer.edit, key, modifier)

    return press


def compose(composer, preedit="", commit=""):
    """What an input method sends."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(composer.edit, event)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_sends_the_whole_text_and_leaves_it_there(qtbot, composer, type_text, press, key):
    type_text("good morning")
    with qtbot.waitSignal(composer.submitted) as signal:
        press(key)
    assert (signal.args, composer.text()) == (["good morning"], "good morning")


def test_blank_text_is_not_sent(qtbot, composer, type_text, press):
    type_text("  ")
    press(Qt.Key.Key_Return, SHIFT)
    with qtbot.assertNotEmitted(composer.submitted):
        press(Qt.Key.Key_Return)
    assert not composer.send_button.isEnabled()


def test_shift_enter_breaks_the_line(qtbot, composer, type_text, press):
    type_text("one")
    with qtbot.assertNotEmitted(composer.submitted):
        press(Qt.Key.Key_Return, SHIFT)
    type_text("two")
    assert composer.text() == "one\ntwo"


def test_enter_during_composition_neither_sends_nor_breaks_the_line(qtbot, composer, type_text, press):
    type_text("x")
    compose(composer, preedit="ni hao")
    with qtbot.assertNotEmitted(composer.submitted):
        press(Qt.Key.Key_Return)
    compose(composer, commit="你好")
    assert composer.text() == "x你好"
    with qtbot.waitSignal(composer.submitted) as signal:
        press(Qt.Key.Key_Return)
    assert signal.args == ["x你好"]


def test_up_in_the_empty_field_asks_for_the_last_question(qtbot, composer, type_text, press):
    with qtbot.waitSignal(composer.edit_last_requested):
        press(Qt.Key.Key_Up)
    type_text("x")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        press(Qt.Key.Key_Up)
    composer.set_text("")
    compose(composer, preedit="ni")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        press(Qt.Key.Key_Up)


def test_the_field_grows_with_its_lines_up_to_eight(composer, type_text, press):
    one = composer.edit.height()
    for _line in range(3):
        press(Qt.Key.Key_Return, SHIFT)
    assert composer.edit.height() == one + 3 * composer.edit.line_height()
    composer.set_text("\n" * 40)
    assert composer.edit.height() == one + (MAX_LINES - 1) * composer.edit.line_height()
    composer.set_text("")
    assert composer.edit.height() == one


def test_a_line_of_chinese_has_the_height_it_needs(composer):
    composer.set_text("你好，世界")
    block = composer.edit.document().firstBlock()
    assert composer.edit.height() >= composer.edit.blockBoundingRect(block).height()
    assert not composer.edit.verticalScrollBar().isVisible()
    assert composer.edit.verticalScrollBar().maximum() == 0


def test_a_long_line_wraps_and_a_narrow_field_grows(qtbot, composer):
    composer.set_text("word " * 40)
    wide = composer.edit.height()
    composer.resize(380, 120)
    qtbot.waitUntil(lambda: composer.edit.height() > wide)


def test_larger_text_makes_the_field_higher(qtbot, composer):
    small = composer.edit.height()
    composer._theme.set_text_size(22)
    qtbot.waitUntil(lambda: composer.edit.height() > small)


def test_pasting_takes_the_text_alone(composer, press):
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='file:///etc/passwd'>")
    data.setText("bold")
    QGuiApplication.clipboard().setMimeData(data)
    composer.edit.paste()
    assert composer.text() == "bold"


def test_a_word_without_end_is_pasted_at_once(composer):
    data = QMimeData()
    data.setText("x" * 200_000)
    start = time.process_time()
    composer.edit.insertFromMimeData(data)
    composer.grab()
    assert time.process_time() - start < 1
    composer.set_text("")
    assert composer.edit.wordWrapMode() is QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere


def test_pictures_are_not_taken(composer):
    data = QMimeData()
    data.setImageData(QWidget().grab().toImage())
    assert not composer.edit.canInsertFromMimeData(data)
    composer.edit.insertFromMimeData(data)
    assert composer.text() == ""


def test_while_answering_the_button_stops_and_enter_keeps_the_text(qtbot, composer, type_text, press):
    composer.set_answering(True)
    assert composer.send_button.icon_name() == "square"
    assert composer.send_button.accessibleName() == "Stop the answer"
    with qtbot.waitSignal(composer.stop_requested):
        composer.send_button.click()
    type_text("next")
    with qtbot.assertNotEmitted(composer.submitted):
        press(Qt.Key.Key_Return)
    assert composer.text() == "next"
    assert "Wait for the end" in composer._state.text()
    composer.set_answering(False)
    assert (composer.send_button.icon_name(), composer._state.isVisible()) == ("arrow-up", False)


def test_before_the_store_is_open_enter_keeps_the_text_and_says_why(qtbot, composer, type_text, press):
    composer.set_ready(False)
    type_text("early bird")
    with qtbot.assertNotEmitted(composer.submitted):
        press(Qt.Key.Key_Return)
    assert composer._state.isVisible()
    composer.set_ready(True)
    with qtbot.waitSignal(composer.submitted):
        press(Qt.Key.Key_Return)


def test_the_button_sends_and_gives_the_keyboard_back(qtbot, composer, type_text):
    type_text("hello")
    with qtbot.waitSignal(composer.submitted):
        qtbot.mouseClick(composer.send_button, Qt.MouseButton.LeftButton)
    assert composer.edit.hasFocus()


def test_only_what_a_person_types_counts_as_edited(qtbot, composer, type_text):
    with qtbot.assertNotEmitted(composer.text_edited):
        composer.set_text("a draft")
    with qtbot.waitSignal(composer.text_edited):
        type_text("!")
    assert composer.text() == "a draft!"


def test_another_draft_cannot_be_undone_into_this_one(composer):
    composer.set_text("of one conversation")
    composer.set_text("of another")
    composer.edit.undo()
    assert composer.text() == "of another"


def test_an_example_replaces_what_is_typed_and_undo_brings_it_back(composer, type_text):
    type_text("mine")
    composer.offer_text("an example")
    assert composer.text() == "an example"
    composer.edit.undo()
    assert composer.text() == "mine"


def test_a_draft_found_later_is_put_before_what_was_typed(composer, type_text):
    type_text("typed ear")
    composer.prepend("a draft")
    type_text("ly")
    assert composer.text() == "a draft\ntyped early"
    composer.prepend("")
    assert composer.text() == "a draft\ntyped early"


def test_a_draft_found_later_fills_the_empty_field(composer, type_text):
    composer.prepend("a draft")
    type_text("!")
    assert composer.text() == "a draft!"


def test_a_click_on_the_card_goes_to_the_field(qtbot, composer):
    composer.send_button.setEnabled(True)
    composer.send_button.setFocus()
    card = composer.edit.parentWidget()
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(60, card.height() - 20))
    assert composer.edit.hasFocus()


def test_the_figure_is_shown_only_when_measured(composer):
    assert composer._figure.text() == ""
    composer.set_figure("1.2k of 8k tokens", "as measured")
    assert (composer._figure.text(), composer._figure.toolTip()) == ("1.2k of 8k tokens", "as measured")


def test_tab_goes_on_to_the_button(qtbot, composer, type_text, press):
    type_text("x")
    press(Qt.Key.Key_Tab)
    assert composer.send_button.hasFocus()


def test_it_is_painted_in_both_themes_and_speaks_both_languages(composer):
    light = composer.grab().toImage()
    composer._theme.set_mode("dark")
    assert composer.grab().toImage() != light
    use_language("zh_CN")
    composer.retranslate()
    assert composer.edit.placeholderText() != "Ask anything"
