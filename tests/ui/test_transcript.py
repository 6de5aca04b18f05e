"""The conversation on the screen: ten thousand messages, only some of them laid out."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication

from assistant.store.rows import Status, Usage
from tests.fakes.transcripts import conversation, make_transcript, message, settle, view_of, words_of
from ui.chat.geometry import Geometry
from ui.chat.message_words import figures_of, strip_of, time_of
from ui.chat.transcript import ScrollState
from ui.chat.transcript_rows import KEPT
from ui.markdown.underlay import cards_in


@pytest.fixture
def transcript(qtbot):
    return make_transcript(qtbot)


def shown(transcript):
    return {transcript.view(row).message.id for row in transcript.rows_in_view()}


def test_a_few_views_serve_ten_thousand_messages(qtbot, transcript):
    transcript.set_messages(conversation(10_000, "short"))
    transcript.scroll_to_end()
    settle(qtbot, transcript)
    assert 10_000 in shown(transcript)
    transcript.verticalScrollBar().setValue(0)
    settle(qtbot, transcript)
    assert 1 in shown(transcript)
    assert len(transcript._views) + len(transcript._pool) < 60


def test_only_so_many_documents_are_kept(qtbot, transcript):
    transcript.set_messages(conversation(1_000))
    for place in range(0, 1_000, 5):
        transcript.reveal(place + 1)
    settle(qtbot, transcript)
    assert len(transcript.rows._rendered) <= KEPT


def test_new_text_keeps_the_end_in_view_only_when_one_was_there(qtbot, transcript):
    transcript.set_messages(conversation(20))
    transcript.scroll_to_end()
    settle(qtbot, transcript)
    bar = transcript.verticalScrollBar()
    transcript.update_text(20, "long " * 900)
    assert bar.value() == bar.maximum()
    with qtbot.waitSignal(transcript.end_visible_changed) as told:
        bar.setValue(bar.value() - 300)
    assert told.args == [False]
    place = bar.value()
    transcript.update_message(message(20, "longer " * 1800))
    assert bar.value() == place
    with qtbot.waitSignal(transcript.end_visible_changed) as told:
        transcript.scroll_to_end()
    assert told.args == [True]


def test_heights_that_change_above_never_move_the_text(qtbot, transcript):
    transcript.set_messages(conversation(40))
    transcript.reveal(20)
    settle(qtbot, transcript)
    before = view_of(transcript, 20).y()
    transcript.update_message(message(19, "word " * 600))
    settle(qtbot, transcript)
    assert view_of(transcript, 20).y() == before


def test_scrolling_into_rows_never_seen_moves_the_text_by_as_much(qtbot, transcript):
    messages = conversation(60, "# Title\n\n```\ncode\n```\n\n- a\n- b\n\n" + "word " * 30)
    transcript.set_messages(messages)
    transcript.reveal(40)
    transcript._idle.stop()
    for _step in range(20):
        first = next(row for row in transcript.rows_in_view() if transcript.view(row).y() > 0)
        before = transcript.view(first).y()
        transcript.scroll_by(-120)
        transcript._idle.stop()
        assert transcript.view(first).y() == before + 120


def test_rows_lie_below_each_other_without_gaps(qtbot, transcript):
    transcript.set_messages(conversation(30))
    transcript.reveal(10)
    settle(qtbot, transcript)
    views = [transcript.view(row) for row in transcript.rows_in_view()]
    assert all(upper.geometry().bottom() + 1 == lower.y() for upper, lower in pairwise(views))


def test_a_new_width_lays_out_again_at_the_same_place(qtbot, transcript):
    transcript.set_messages(conversation(40))
    transcript.reveal(20)
    wide = view_of(transcript, 20).height()
    transcript.resize(420, 700)
    settle(qtbot, transcript)
    view = view_of(transcript, 20)
    assert view.height() > wide
    assert view.y() == 0
    assert view.width() <= 420


def test_a_state_taken_is_the_place_restored(qtbot, transcript):
    transcript.set_messages(conversation(40))
    transcript.reveal(20)
    transcript.scroll_by(33)
    state = transcript.scroll_state()
    transcript.set_messages(conversation(10))
    transcript.set_messages(conversation(40), state)
    assert view_of(transcript, 20).y() == -33
    transcript.restore(ScrollState())
    assert transcript.is_at_end


def test_the_same_messages_keep_place_and_documents(qtbot, transcript):
    transcript.set_messages(conversation(40))
    transcript.reveal(20)
    document = transcript.rows.rendered(19).document
    transcript.set_messages([*conversation(39), message(40, "another version")])
    assert view_of(transcript, 20).y() == 0
    assert transcript.rows.rendered(19).document is document


def test_nothing_is_laid_out_while_hidden(transcript):
    transcript.hide()
    transcript.set_messages(conversation(100))
    transcript.append(message(101))
    assert transcript.rows_in_view() == []
    transcript.show()
    assert 101 in shown(transcript)


def test_a_streamed_answer_reads_like_a_finished_one(transcript):
    text = "# Title\n\n- one\n- two\n\n```python\nprint(1)\n```\n\nEnd."
    transcript.set_messages([message(1), message(2, "", Status.STREAMING)])
    for end in range(1, len(text) + 1):
        transcript.update_text(2, text[:end])
    streamed = words_of(transcript, 2)
    transcript.update_message(message(2, text))
    assert words_of(transcript, 2) == streamed
    assert "print(1)" in streamed


def test_slow_updates_are_spaced_out_and_none_is_lost(qtbot, transcript):
    transcript.set_messages([message(1), message(2, "", Status.STREAMING)])
    transcript._pause_until = time.perf_counter() + 100
    transcript.update_text(2, "late")
    assert transcript.rows._rendered[2].content == ""
    transcript._pause_until = 0.0
    transcript._later.start(1)
    qtbot.waitUntil(lambda: transcript.rows._rendered[2].content == "late")


def test_news_of_a_message_far_away_cost_no_layout(transcript):
    transcript.set_messages(conversation(200), ScrollState(1, 0, is_at_end=False))
    transcript._idle.stop()
    transcript.update_text(200, "far " * 500)
    assert 200 not in transcript.rows._rendered


def test_progress_is_shown_until_the_first_word(transcript):
    transcript.set_messages([message(1), message(2, "", Status.STREAMING)])
    transcript.set_progress(2, "Reading … 10 of 20 tokens")
    assert view_of(transcript, 2)._shown.progress == "Reading … 10 of 20 tokens"
    waiting = view_of(transcript, 2).grab().toImage()
    transcript.update_text(2, "Word")
    assert view_of(transcript, 2).grab().toImage() != waiting
    transcript.update_message(message(2, "Word"))
    assert transcript.rows.progress == {}


@pytest.mark.parametrize(
    ("status", "number", "signal"),
    [
        (Status.FAILED, 1, "retry_requested"),
        (Status.FAILED, 0, "continue_requested"),
        (Status.INTERRUPTED, 0, "continue_requested"),
        (Status.INTERRUPTED, 1, "again_requested"),
        (Status.STOPPED, 0, "continue_requested"),
    ],
)
def test_a_cut_answer_offers_the_way_on(qtbot, transcript, status, number, signal):
    transcript.set_messages([message(1), message(2, status=status)])
    with qtbot.waitSignal(getattr(transcript, signal)) as told:
        view_of(transcript, 2)._note.buttons()[number].click()
    assert told.args == [2]


def test_a_failure_says_its_reason(transcript):
    transcript.set_messages([message(1), message(2, status=Status.FAILED)])
    note = view_of(transcript, 2)._note
    assert note.accessibleName() == "It crashed. Try again."
    transcript.set_problem(2, "It hung.")
    assert note.accessibleName() == "It hung."
    assert not note.grab().isNull()


@pytest.mark.parametrize("width", [900, 400])
def test_a_note_has_room_for_its_words_and_buttons(qtbot, width):
    transcript = make_transcript(qtbot, width)
    transcript.set_messages([message(1), message(2, status=Status.FAILED), message(3)])
    transcript.set_problem(2, "A long sentence about what went wrong. " * 4, "And a hint. " * 10)
    view = view_of(transcript, 2)
    assert all(view._note.rect().contains(button.geometry()) for button in view._note.buttons())
    assert view._note.geometry().bottom() < view.height()


def test_a_message_that_goes_on_loses_its_note(transcript):
    transcript.set_messages([message(1), message(2, status=Status.INTERRUPTED)])
    assert view_of(transcript, 2)._note.isVisible()
    transcript.update_text(2, "more")
    assert not view_of(transcript, 2)._note.isVisible()
    assert not view_of(transcript, 2)._actions.isVisible()


def test_versions_can_be_stepped_through(qtbot, transcript):
    transcript.set_messages([message(1), message(2, version=1, versions=3)])
    actions = view_of(transcript, 2)._actions
    assert actions._versions == "1 / 3"
    assert not actions._buttons["back"].isEnabled()
    with qtbot.waitSignal(transcript.version_requested) as told:
        actions._buttons["forth"].click()
    assert told.args == [2, 1]


def test_the_last_answer_has_its_buttons_and_others_under_the_pointer(qtbot, transcript):
    transcript.set_messages([message(1), message(2), message(3), message(4)])
    assert view_of(transcript, 4)._actions.isVisible()
    assert view_of(transcript, 2)._actions is None
    view_of(transcript, 2).enterEvent(enter_event())
    assert view_of(transcript, 2)._actions.isVisible()
    view_of(transcript, 2).leaveEvent(leave_event())
    assert not view_of(transcript, 2)._actions.isVisible()


def enter_event():
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QEnterEvent

    return QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5))


def leave_event():
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


def test_another_answer_is_asked_for(qtbot, transcript):
    transcript.set_messages([message(1), message(2)])
    with qtbot.waitSignal(transcript.again_requested) as told:
        view_of(transcript, 2)._actions._buttons["again"].click()
    assert told.args == [2]


def test_copy_takes_the_markdown(qtbot, transcript):
    transcript.set_messages([message(1), message(2, "**bold** \u202ewords")])
    with qtbot.waitSignal(transcript.copied):
        view_of(transcript, 2)._actions._buttons["copy"].click()
    assert QGuiApplication.clipboard().text() == "**bold** words"


def test_the_button_of_a_code_card_copies_the_code(transcript):
    transcript.set_messages([message(1), message(2, "```\na\n```\n\n```python\nprint('hi')\n```\n")])
    buttons = view_of(transcript, 2)._copy_buttons
    assert len(buttons) == 2
    buttons[1].click()
    assert QGuiApplication.clipboard().text() == "print('hi')"
    body = transcript.rows.place(1).body
    cards = cards_in(transcript.rows.rendered(1).document, QRectF(0, 0, 1000, 1000))
    for button, card in zip(buttons, cards, strict=True):
        assert card.rect.translated(body.x(), body.y()).contains(QRectF(button.geometry()))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in the file system")
def test_no_file_is_opened_for_a_picture(transcript, tmp_path):
    pipe = tmp_path / "picture.png"
    os.mkfifo(pipe)  # whoever opens it waits for ever
    transcript.set_messages([message(1), message(2, f"![a]({pipe.as_uri()}) ![b](http://127.0.0.1:9/x.png) ok")])
    assert not transcript.grab().isNull()
    assert words_of(transcript, 2).endswith("b ok")


def test_a_new_theme_shows_the_same_words_in_other_colours(transcript):
    transcript.set_messages([message(1), message(2, "# Title")])
    light = view_of(transcript, 2).grab().toImage()
    transcript._theme.set_mode("dark")
    assert words_of(transcript, 2) == "Title"
    assert view_of(transcript, 2).grab().toImage() != light


def test_a_larger_text_size_makes_rows_higher(transcript):
    transcript.set_messages(conversation(4))
    before = view_of(transcript, 2).height()
    transcript._theme.set_text_size(22)
    assert view_of(transcript, 2).height() > before


def test_every_row_has_a_name_to_be_read(transcript):
    transcript.set_messages([message(1, "what is it?"), message(2, "**It** is\n\nthis")])
    transcript.retranslate()
    assert view_of(transcript, 1).accessibleName().startswith("You")
    assert view_of(transcript, 2).accessibleName().startswith("Starter")
    assert view_of(transcript, 2).accessibleName().endswith("**It** is this")
    assert all(button.accessibleName() for button in view_of(transcript, 2)._actions.buttons())


def test_a_question_is_shown_as_it_was_typed(transcript):
    text = "# not a title\n  two  spaces *stars*\n\n<b>"
    transcript.set_messages([message(1, text)])
    assert words_of(transcript, 1) == text


def test_a_bubble_is_as_wide_as_its_words(transcript):
    transcript.set_messages([message(1, "hi"), message(3, "word " * 100)])
    short, long = (transcript.rows.place(row).bubble for row in (0, 1))
    assert short.width() < 80
    assert long.width() <= 744 * 0.76 + 1
    assert short.right() == long.right() == 743


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


def test_an_old_message_tells_its_day():
    now = datetime.now(UTC)
    today, before = (
        replace(message(1), created_at=now),
        replace(message(1), created_at=datetime(2020, 3, 4, 12, tzinfo=UTC)),
    )
    assert time_of(today) == now.astimezone().strftime("%H:%M")
    assert time_of(before).startswith("4 Mar 2020, ")
    assert time_of(replace(message(1), created_at=now - timedelta(days=1))).endswith(
        now.astimezone().strftime(", %H:%M")
    )


def test_sums_are_right_after_any_change():
    rows = Geometry()
    rows.set([100, 50])
    rows.append(30)
    assert [rows.top(row) for row in range(4)] == [0, 100, 150, 180]
    assert rows.change(1, 70)
    assert not rows.change(1, 70)
    assert (rows.top(1), rows.top(2), rows.total) == (100, 170, 200)
    assert [rows.row_at(y) for y in (-5, 0, 99, 100, 171, 999)] == [0, 0, 0, 1, 2, 2]


def test_home_end_and_pages_scroll(qtbot, transcript):
    transcript.set_messages(conversation(40))
    bar = transcript.verticalScrollBar()
    qtbot.keyClick(transcript, Qt.Key.Key_Home)
    assert bar.value() == 0
    qtbot.keyClick(transcript, Qt.Key.Key_PageDown)
    assert bar.value() == transcript.viewport().height() - 40
    qtbot.keyClick(transcript, Qt.Key.Key_Down)
    qtbot.keyClick(transcript, Qt.Key.Key_Up)
    assert bar.value() == transcript.viewport().height() - 40
    qtbot.keyClick(transcript, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


def test_an_empty_conversation_is_at_its_end(qtbot, transcript):
    transcript.set_messages(conversation(40))
    transcript.verticalScrollBar().setValue(0)
    with qtbot.waitSignal(transcript.end_visible_changed) as told:
        transcript.set_messages([])
    assert told.args == [True]
    assert transcript.rows_in_view() == []


def test_an_answer_that_is_done_is_read_whole(transcript):
    transcript.set_messages([message(1), message(2, "", Status.STREAMING)])
    transcript.update_text(2, "One")
    transcript.update_message(message(2, "One two"))
    assert view_of(transcript, 2).accessibleName().endswith("One two")
