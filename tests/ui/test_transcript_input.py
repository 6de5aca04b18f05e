"""Selecting, copying, following links, finding, editing and the keyboard in a conversation."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from assistant.store.rows import Status
from tests.fakes.transcripts import conversation, make_transcript, message, point_at, settle, view_of
from ui.chat.selection import TO_THE_END

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def transcript(qtbot):
    return make_transcript(qtbot)


def press(transcript, point, modifier=Qt.KeyboardModifier.NoModifier):
    target = transcript.viewport().childAt(point) or transcript.viewport()
    QTest.mousePress(target, LEFT, modifier, target.mapFrom(transcript.viewport(), point))


def drag(transcript, point):
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    place = QPointF(point)
    event = QMouseEvent(QEvent.Type.MouseMove, place, transcript.viewport().mapToGlobal(place), LEFT, LEFT,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(transcript.viewport(), event)


def release(transcript, point):
    target = transcript.viewport().childAt(point) or transcript.viewport()
    QTest.mouseRelease(target, LEFT, Qt.KeyboardModifier.NoModifier, target.mapFrom(transcript.viewport(), point))


def copied(qtbot, transcript):
    with qtbot.waitSignal(transcript.copied):
        qtbot.keyClick(transcript, Qt.Key.Key_C, CTRL)
    return QGuiApplication.clipboard().text()


# selecting ----------------------------------------------------------------------------------------------------------


def test_a_selection_goes_across_messages_and_is_copied_as_words(qtbot, transcript):
    transcript.set_messages(
        [message(1, "first question"), message(2, "an **answer** with\n\n- items"), message(3, "end")]
    )
    press(transcript, point_at(transcript, 1, 6))
    drag(transcript, point_at(transcript, 2, 9))
    release(transcript, point_at(transcript, 2, 9))
    assert copied(qtbot, transcript) == "question\n\nan answer"
    assert view_of(transcript, 1)._selected == (6, TO_THE_END)
    assert view_of(transcript, 3)._selected is None


def test_a_selection_is_the_same_upwards(qtbot, transcript):
    transcript.set_messages([message(1, "first question"), message(2, "an **answer**")])
    press(transcript, point_at(transcript, 2, 9))
    drag(transcript, point_at(transcript, 1, 6))
    release(transcript, point_at(transcript, 1, 6))
    assert copied(qtbot, transcript) == "question\n\nan answer"


def test_a_click_ends_a_selection_and_shift_extends_it(transcript):
    transcript.set_messages([message(1, "first question"), message(2, "answer")])
    press(transcript, point_at(transcript, 1, 2))
    release(transcript, point_at(transcript, 1, 2))
    assert transcript.selection.ends is None
    press(transcript, point_at(transcript, 2, 3), Qt.KeyboardModifier.ShiftModifier)
    release(transcript, point_at(transcript, 2, 3))
    assert transcript.selection.ends == ((0, 2), (1, 3))
    QTest.keyClick(transcript, Qt.Key.Key_Escape)
    assert transcript.selection.ends is None


def test_a_second_press_takes_the_word_and_a_third_the_paragraph(qtbot, transcript):
    transcript.set_messages([message(1), message(2, "one two three\n\nnext")])
    place = point_at(transcript, 2, 5)
    for expected in (None, "two", "one two three"):
        press(transcript, place)
        release(transcript, place)
        if expected:
            assert copied(qtbot, transcript).strip() == expected


def test_everything_is_selected_and_copied_without_holding_the_window_up(qtbot, transcript):
    transcript.set_messages(conversation(300, "some *words*"))
    qtbot.keyClick(transcript, Qt.Key.Key_A, CTRL)
    text = copied(qtbot, transcript)
    assert text == "\n\n".join(["some *words*", "some words"] * 150)


def test_a_selection_is_shown_again_when_its_rows_come_back(qtbot, transcript):
    transcript.set_messages(conversation(60))
    transcript.reveal(1)
    transcript.selection.select_all()
    transcript.scroll_to_end()
    settle(qtbot, transcript)
    assert view_of(transcript, 60)._selected == (0, TO_THE_END)


def test_dragging_below_the_view_scrolls(qtbot, transcript):
    transcript.set_messages(conversation(40))
    transcript.reveal(1)
    settle(qtbot, transcript)
    press(transcript, QPoint(300, 60))
    drag(transcript, QPoint(300, transcript.viewport().height() + 50))
    qtbot.waitUntil(lambda: transcript.verticalScrollBar().value() > 1_500)
    assert transcript.view(0) is not None  # the row that was pressed is kept
    release(transcript, QPoint(300, 60))
    assert transcript.selection.ends[0][0] == 0
    assert transcript.selection.ends[1][0] > 3


def test_other_messages_end_a_selection(transcript):
    transcript.set_messages(conversation(4))
    transcript.selection.select_all()
    transcript.set_messages(conversation(6))
    assert transcript.selection.ends is None


def test_emoji_do_not_shift_what_is_copied(qtbot, transcript):
    transcript.set_messages([message(1), message(2, "😀😀 word **after**")])
    press(transcript, point_at(transcript, 2, 5))
    drag(transcript, point_at(transcript, 2, 9))
    release(transcript, point_at(transcript, 2, 9))
    assert copied(qtbot, transcript) == "word"


# links --------------------------------------------------------------------------------------------------------------


def test_a_click_on_a_link_follows_it_but_a_drag_does_not(qtbot, transcript):
    transcript.set_messages([message(1), message(2, "see [the page](https://example.org/a) there")])
    place = point_at(transcript, 2, 7)
    with qtbot.waitSignal(transcript.link_activated) as told:
        press(transcript, place)
        release(transcript, place)
    assert told.args == ["https://example.org/a"]
    with qtbot.assertNotEmitted(transcript.link_activated):
        press(transcript, place)
        drag(transcript, point_at(transcript, 2, 10))
        release(transcript, point_at(transcript, 2, 10))


def test_a_link_shows_its_address_and_a_hand(qtbot, transcript):
    transcript.set_messages([message(1), message(2, "see [the page](https://example.org/a) there")])
    view = view_of(transcript, 2)
    qtbot.mouseMove(view, point_at(transcript, 2, 7) - view.pos())
    assert view.toolTip() == "https://example.org/a"
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.mouseMove(view, point_at(transcript, 2, 1) - view.pos())
    assert view.toolTip() == ""
    assert view.cursor().shape() == Qt.CursorShape.IBeamCursor


# the keyboard -------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(qtbot, transcript):
    page = QWidget()
    page.below = QLineEdit(page)
    layout = QVBoxLayout(page)
    layout.addWidget(transcript)
    layout.addWidget(page.below)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    transcript.setFocus()
    return page


def test_ctrl_up_goes_from_message_to_message(qtbot, transcript, page):
    transcript.set_messages(conversation(20))
    settle(qtbot, transcript)
    qtbot.keyClick(transcript, Qt.Key.Key_Up, CTRL)
    assert view_of(transcript, 20).hasFocus()
    qtbot.keyClick(view_of(transcript, 20), Qt.Key.Key_Up, CTRL)
    view = view_of(transcript, 19)
    assert view.hasFocus()
    assert view._actions.isVisible()
    assert not view.grab().isNull()
    qtbot.keyClick(view, Qt.Key.Key_Down, CTRL)
    assert view_of(transcript, 20).hasFocus()


def test_tab_goes_through_links_and_buttons_and_out_again(qtbot, transcript, page):
    transcript.set_messages([message(1), message(2, "[a](https://a.org) [b](https://b.org)\n\n```\nx\n```")])
    qtbot.keyClick(transcript, Qt.Key.Key_Up, CTRL)
    view = view_of(transcript, 2)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.link == 1
    with qtbot.waitSignal(transcript.link_activated) as told:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert told.args == ["https://b.org"]
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view._copy_buttons[0].hasFocus()
    for _button in range(3):
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
    assert view._actions._buttons["edit"].hasFocus()
    qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
    assert page.below.hasFocus()


def test_shift_tab_leads_back_to_the_conversation(qtbot, transcript, page):
    transcript.set_messages([message(1), message(2)])
    qtbot.keyClick(transcript, Qt.Key.Key_Up, CTRL)
    qtbot.keyClick(view_of(transcript, 2), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert transcript.hasFocus()


def test_a_row_that_leaves_the_view_gives_the_keyboard_back(qtbot, transcript, page):
    transcript.set_messages(conversation(40))
    qtbot.keyClick(transcript, Qt.Key.Key_Up, CTRL)
    transcript.verticalScrollBar().setValue(0)
    assert transcript.hasFocus()


# editing ------------------------------------------------------------------------------------------------------------


def test_a_question_is_edited_in_place(qtbot, transcript):
    transcript.set_messages([message(1, "old words"), message(2)])
    before = view_of(transcript, 1).height()
    view_of(transcript, 1).action_chosen.emit(1, "edit")
    field = transcript.editing.editor.field
    assert field.text() == "old words"
    assert view_of(transcript, 1).height() > before
    field.selectAll()
    qtbot.keyClicks(field, "new")
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(field, "words")
    with qtbot.waitSignal(transcript.edit_submitted) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args == [1, "new\nwords"]
    assert field.text() == "new\nwords"  # until whoever was told has taken it
    transcript.editing.end()
    assert transcript.editing.editor is None
    assert view_of(transcript, 1).height() == before


def test_escape_leaves_a_question_as_it_was(qtbot, transcript):
    transcript.set_messages([message(1), message(2)])
    for target in (lambda: transcript, lambda: transcript.editing.editor.field):
        transcript.edit(1)
        with qtbot.assertNotEmitted(transcript.edit_submitted):
            qtbot.keyClick(target(), Qt.Key.Key_Escape)
        assert transcript.editing.editor is None


def test_an_answer_is_edited_in_paragraphs(qtbot, transcript):
    transcript.set_messages([message(1), message(2, "text")])
    transcript.edit(2)
    field = transcript.editing.editor.field
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClicks(field, "more")
    with qtbot.waitSignal(transcript.edit_submitted) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return, CTRL)
    assert told.args == [2, "text\nmore"]


def test_an_input_method_keeps_its_enter_and_escape(qtbot, transcript):
    transcript.set_messages([message(1), message(2)])
    transcript.edit(1)
    field = transcript.editing.editor.field
    QApplication.sendEvent(field, QInputMethodEvent("ni", []))
    with qtbot.assertNotEmitted(transcript.edit_submitted):
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert transcript.editing.editor is not None


def test_an_empty_text_is_not_sent(qtbot, transcript):
    transcript.set_messages([message(1), message(2)])
    transcript.edit(1)
    editor = transcript.editing.editor
    editor.field.clear()
    assert not editor.send.isEnabled()
    with qtbot.assertNotEmitted(transcript.edit_submitted):
        qtbot.keyClick(editor.field, Qt.Key.Key_Return)
        qtbot.keyClick(editor.field, Qt.Key.Key_Up)
    editor.cancel.click()
    assert transcript.editing.editor is None


def test_what_is_being_typed_survives_scrolling_resizing_and_streaming(qtbot, transcript):
    transcript.set_messages([*conversation(40), message(42, "", Status.STREAMING)])
    transcript.edit(39)
    field = transcript.editing.editor.field
    qtbot.keyClicks(field, " typed")
    transcript.verticalScrollBar().setValue(0)
    transcript.update_text(42, "text")
    transcript.resize(500, 600)
    transcript.retranslate()
    transcript.set_messages([*conversation(40), message(42, "text")])
    transcript.reveal(39)
    assert transcript.editing.editor.field is field
    assert field.text().endswith(" typed")
    assert transcript.editing.editor.parentWidget() is view_of(transcript, 39)


def test_another_version_of_the_conversation_ends_editing(transcript):
    transcript.set_messages(conversation(4))
    transcript.edit(3)
    transcript.set_messages(conversation(2))
    assert transcript.editing.editor is None


# finding ------------------------------------------------------------------------------------------------------------


def test_words_are_found_in_all_messages_and_shown_one_after_the_other(qtbot, transcript):
    messages = conversation(200)
    messages[9] = message(10, "the **Needle** and a needle")
    messages[149] = message(150, "NEEDLE")
    transcript.set_messages(messages)
    transcript.reveal(1)
    assert transcript.finder.find("needle") == 3
    told = []
    transcript.finder.changed.connect(lambda number, count: told.append((number, count)))
    for _step in range(4):
        assert transcript.finder.step(1)
    assert told == [(1, 3), (2, 3), (3, 3), (1, 3)]
    assert [mark.kind for mark in view_of(transcript, 10)._highlights] == ["current", "hit"]
    assert transcript.finder.step(-1)
    view = view_of(transcript, 150)
    assert 0 <= view.y() < transcript.viewport().height()
    assert transcript.finder.find("") == 0
    assert view._highlights == []


def test_marks_of_markdown_are_not_found(transcript):
    transcript.set_messages([message(1), message(2, "a **b** [c](https://example.org)")])
    assert transcript.finder.find("example.org") == 1
    assert not transcript.finder.step(1)
    assert transcript.finder.count == 0
    assert transcript.finder.find("nowhere") == 0
    assert not transcript.finder.step(1)


def test_a_search_goes_on_in_new_text(transcript):
    transcript.set_messages([message(1), message(2, "needle")])
    transcript.finder.find("needle")
    transcript.finder.step(1)
    transcript.set_messages([message(1), message(2, "needle"), message(3, "needle")])
    assert transcript.finder.count == 2
