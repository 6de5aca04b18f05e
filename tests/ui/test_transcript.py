"""The conversation on the screen: ten thousand messages, only some of them laid out."""

import os
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication

from assistant.store.rows import Message, Role, Status, Usage
from ui.chat.geometry import Geometry
from ui.chat.message_words import figures_of, strip_of
from ui.chat.transcript import Transcript
from ui.theme.theme import Theme


def message(number, content="", role=None, status=Status.COMPLETE, **more):
    role = role or (Role.USER if number % 2 else Role.ASSISTANT)
    parent = number - 1 or None
    return Message(
        number, 1, parent, role, content or f"message {number}", status, datetime.now(UTC), "Starter", **more
    )


@pytest.fixture
def transcript(qtbot):
    theme = Theme("light")
    theme.apply(QApplication.instance())
    it = Transcript(theme, problem_of=lambda _message: ("It crashed.", "Try again."))
    qtbot.addWidget(it)
    it.resize(900, 700)
    it.show()
    yield it
    it._idle.stop()


def settle(qtbot, transcript):
    qtbot.waitUntil(lambda: not transcript._idle.isActive())


def shown(transcript):
    return {view.message.id for view in transcript._views.values()}


def view_of(transcript, number):
    return next(view for view in transcript._views.values() if view.message.id == number)


def test_a_few_views_serve_ten_thousand_messages(qtbot, transcript):
    transcript.set_messages([message(number) for number in range(1, 10_001)])
    transcript.scroll_to_end()
    settle(qtbot, transcript)
    assert 10_000 in shown(transcript)
    assert len(transcript._views) < 40
    transcript.verticalScrollBar().setValue(0)
    settle(qtbot, transcript)
    assert 1 in shown(transcript)
    assert len(transcript._views) + len(transcript._pool) < 60


def test_new_text_keeps_the_end_in_view_only_when_one_was_there(qtbot, transcript):
    transcript.set_messages([message(number, "word " * 80) for number in range(1, 21)])
    transcript.scroll_to_end()
    settle(qtbot, transcript)
    bar = transcript.verticalScrollBar()
    transcript.update_text(20, "long " * 900)
    assert bar.value() == bar.maximum()
    with qtbot.waitSignal(transcript.end_visible_changed) as told:
        bar.setValue(bar.value() - 300)
    assert told.args == [False]
    place = bar.value()
    transcript.update_text(20, "longer " * 1800)
    assert bar.value() == place


def test_heights_that_change_above_never_move_the_text(qtbot, transcript):
    transcript.set_messages([message(number, "word " * 60) for number in range(1, 41)])
    transcript.reveal(20)
    settle(qtbot, transcript)
    before = view_of(transcript, 20).y()
    transcript.update_message(message(19, "word " * 600))
    settle(qtbot, transcript)
    assert view_of(transcript, 20).y() == before


def test_home_and_end_go_to_the_ends(qtbot, transcript):
    transcript.set_messages([message(number, "word " * 60) for number in range(1, 41)])
    qtbot.keyClick(transcript, Qt.Key.Key_Home)
    assert transcript.verticalScrollBar().value() == 0
    qtbot.keyClick(transcript, Qt.Key.Key_End)
    assert transcript.verticalScrollBar().value() == transcript.verticalScrollBar().maximum()


def test_a_streamed_answer_reads_like_a_finished_one(qtbot, transcript):
    text = "# Title\n\n- one\n- two\n\n```python\nprint(1)\n```\n\nEnd."
    transcript.set_messages([message(1), message(2, " ", status=Status.STREAMING)])
    for end in range(1, len(text) + 1):
        transcript.update_text(2, text[:end])
    streamed = view_of(transcript, 2).body.toPlainText()
    transcript.update_message(message(2, text))
    assert view_of(transcript, 2).body.toPlainText() == streamed
    assert "print(1)" in streamed


def test_progress_is_shown_until_the_first_word(transcript):
    transcript.set_messages([message(1), Message(2, 1, 1, Role.ASSISTANT, "", Status.STREAMING, datetime.now(UTC))])
    transcript.set_progress(2, "Reading … 10 of 20 tokens")
    view = view_of(transcript, 2)
    assert (view._progress.text(), view._progress.isVisible()) == ("Reading … 10 of 20 tokens", True)
    transcript.update_text(2, "Word")
    assert not view._progress.isVisible()


@pytest.mark.parametrize(
    ("status", "button", "signal"),
    [
        (Status.FAILED, "retry", "retry_requested"),
        (Status.INTERRUPTED, "continue", "continue_requested"),
        (Status.INTERRUPTED, "again", "again_requested"),
        (Status.STOPPED, "continue", "continue_requested"),
    ],
)
def test_a_cut_answer_offers_the_way_on(qtbot, transcript, status, button, signal):
    transcript.set_messages([message(1), message(2, status=status)])
    with qtbot.waitSignal(getattr(transcript, signal)) as told:
        view_of(transcript, 2)._strip_buttons[button].click()
    assert told.args == [2]


def test_a_failure_says_its_reason(transcript):
    transcript.set_messages([message(1), message(2, status=Status.FAILED)])
    assert view_of(transcript, 2)._strip_words.text() == "It crashed. Try again."


def test_versions_can_be_stepped_through(qtbot, transcript):
    transcript.set_messages([message(1), message(2, version=2, versions=3)])
    view = view_of(transcript, 2)
    assert view.place.text() == "2 / 3"
    with qtbot.waitSignal(transcript.version_requested) as told:
        view.back.click()
    assert told.args == [2, -1]


def test_a_question_is_edited_in_place(qtbot, transcript):
    transcript.set_messages([message(1, "old words"), message(2)])
    transcript.edit(1)
    editor = view_of(transcript, 1).editor
    assert editor.text() == "old words"
    editor.selectAll()
    qtbot.keyClicks(editor, "new words")
    with qtbot.waitSignal(transcript.edit_submitted) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert told.args == [1, "new words"]
    assert view_of(transcript, 1).editor.isHidden() or not view_of(transcript, 1)._edit_box.isVisible()


def test_escape_leaves_a_question_as_it_was(qtbot, transcript):
    transcript.set_messages([message(1), message(2)])
    transcript.edit(1)
    qtbot.keyClick(transcript, Qt.Key.Key_Escape)
    assert not view_of(transcript, 1)._edit_box.isVisible()


def test_copy_takes_the_markdown(transcript):
    transcript.set_messages([message(1), message(2, "**bold** words")])
    view_of(transcript, 2)._buttons["copy"].click()
    assert QGuiApplication.clipboard().text() == "**bold** words"


def test_the_mark_of_a_code_card_copies_the_code(transcript):
    from ui.chat.message_body import copy_place
    from ui.markdown.underlay import cards_in

    transcript.set_messages([message(1), message(2, "```python\nprint('hi')\n```\n")])
    body = view_of(transcript, 2).body
    card = cards_in(body._shown, body.rect().toRectF())[0]
    place = QPointF(copy_place(card).center())
    press = QMouseEvent(
        *(QEvent.Type.MouseButtonPress, place, body.viewport().mapToGlobal(place)),
        *(Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier),
    )
    QApplication.sendEvent(body.viewport(), press)
    assert QGuiApplication.clipboard().text() == "print('hi')"


def test_selected_words_are_copied_without_marks(transcript):
    transcript.set_messages([message(1), message(2, "**bold** words")])
    body = view_of(transcript, 2).body
    body.selectAll()
    assert body.createMimeDataFromSelection().text() == "bold words"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in the file system")
def test_no_file_is_opened_for_a_picture(transcript, tmp_path):
    pipe = tmp_path / "picture.png"
    os.mkfifo(pipe)  # whoever opens it waits for ever
    transcript.set_messages([message(1), message(2, f"![a]({pipe.as_uri()}) ![b](http://127.0.0.1:9/x.png)")])
    body = view_of(transcript, 2).body
    body.grab()
    assert body.loadResource(2, pipe.as_uri()) is None


def test_a_new_theme_shows_the_same_words(transcript):
    transcript.set_messages([message(1), message(2, "# Title")])
    transcript._theme.set_mode("dark")
    assert view_of(transcript, 2).body.toPlainText() == "Title"


def test_figures_are_those_that_were_measured():
    usage = Usage("stop", 10, 0, 41, 1000.0, 3000.0)
    assert figures_of(message(2, usage=usage)) == "41 tokens · 20.5 tokens/s · 3.0 s"
    assert figures_of(message(2)) == ""
    assert figures_of(message(1, usage=usage)) == ""


@pytest.mark.parametrize(("reason", "words"), [("length", "length limit"), ("context", "context is full")])
def test_an_answer_at_its_limit_says_so(reason, words):
    assert words in strip_of(message(2, usage=Usage(finish_reason=reason)), None).sentence


def test_a_good_answer_and_a_question_need_no_strip():
    assert strip_of(message(2, usage=Usage(finish_reason="stop")), None) is None
    assert strip_of(message(1, status=Status.STOPPED), None) is None


def test_rows_lie_below_each_other():
    rows = Geometry(gap=10)
    rows.set([100, 50])
    rows.append(30)
    assert [rows.top(row) for row in range(4)] == [0, 110, 170, 210]
    assert rows.change(0, 120)
    assert not rows.change(0, 120)
    assert (rows.top(1), rows.total) == (130, 230)
    assert [rows.row_at(y) for y in (-5, 0, 129, 130, 999)] == [0, 0, 0, 1, 2]
