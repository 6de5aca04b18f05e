from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QCursor, QEnterEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from assistant.errors import EngineCrashed
from ui.theme.theme import Theme
from ui.widgets.button import Button
from ui.widgets.combo_box import ComboBox
from ui.widgets.dialog import Question
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton, retain_place
from ui.widgets.mark import Mark
from ui.widgets.menu import Menu
from ui.widgets.message_bar import MessageBar
from ui.widgets.meter import Meter, Part
from ui.widgets.number_field import NumberField
from ui.widgets.pill import Pill
from ui.widgets.segmented import Segmented
from ui.widgets.slider import Slider
from ui.widgets.switch import Switch
from ui.widgets.toast import UndoToast

Show = Callable[..., QWidget]


@pytest.fixture
def shown(qtbot: QtBot) -> Show:
    """Put widgets on a page and the page on the screen."""
    pages: list[QWidget] = []

    def show(*widgets: QWidget) -> QWidget:
        page = QWidget()
        qtbot.addWidget(page)
        pages.append(page)
        row = QHBoxLayout(page)
        for widget in widgets:
            row.addWidget(widget)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)
        return page

    return show


def colors(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def wheel(widget: QWidget) -> QWheelEvent:
    place = QPointF(widget.rect().center())
    none, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120), buttons, none, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(widget, event)
    return event


# --- buttons ---------------------------------------------------------------------------------------------------------


def test_an_icon_button_is_known_by_its_tip(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    button = IconButton(theme, "copy", "Copy")
    shown(button)
    assert button.accessibleName() == "Copy"
    button.setToolTip("Copy the answer")
    assert button.accessibleName() == "Copy the answer"
    button.setAccessibleName("Copy answer 3")
    button.setToolTip("Copy")
    assert button.accessibleName() == "Copy answer 3"


def test_an_icon_button_is_pressed_by_mouse_and_keyboard(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    button = IconButton(theme, "copy", "Copy")
    shown(button)
    with qtbot.waitSignal(button.clicked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_an_icon_button_shows_pointer_keyboard_and_check(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    button, other = IconButton(theme, "panel-right", "Inspector"), Button(theme, "Other")
    button.setCheckable(True)
    shown(other, button)
    other.setFocus()
    assert theme.hex("accent_soft").lower() not in colors(button)
    button.setChecked(True)
    assert theme.hex("accent_soft").lower() in colors(button)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert theme.hex("accent").lower() in colors(button)
    button.setEnabled(False)
    assert theme.hex("accent_soft").lower() not in colors(button)


def test_an_icon_button_shows_another_icon(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    button = IconButton(theme, "copy", "Copy", size=14)
    shown(button)
    before = button.grab().toImage()
    button.set_icon_name("check")
    assert button.icon_name == "check"
    assert button.grab().toImage() != before


def test_a_click_leaves_the_keyboard_where_it_was(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    first, second = Switch(theme, "first"), Button(theme, "second", icon_name="check")
    shown(first, second)
    first.setFocus()
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus()


def test_the_ring_of_the_primary_button_is_seen(qtbot: QtBot, qapp: QApplication, theme: Theme, shown: Show) -> None:
    theme.apply(qapp)
    button, other = Button(theme, "Do", kind="primary", icon_name="play"), Button(theme, "Other")
    shown(other, button)
    other.setFocus()
    before = button.grab().toImage()
    button.setFocus()
    assert button.grab().toImage() != before
    button.set_icon_name("plus")


def test_a_hidden_button_can_keep_its_place(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    button = IconButton(theme, "copy", "Copy")
    retain_place(button)
    page = shown(button)
    width = page.sizeHint().width()
    button.hide()
    assert page.sizeHint().width() == width


# --- values ----------------------------------------------------------------------------------------------------------


def test_a_switch_is_flipped_by_mouse_and_keyboard(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    switch = Switch(theme, "Think first")
    shown(switch)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert switch.isChecked()
    assert theme.hex("accent").lower() in colors(switch) or theme.hex("accent_hover").lower() in colors(switch)
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert not switch.isChecked()
    face = QAccessible.queryAccessibleInterface(switch)
    assert face.role() is QAccessible.Role.CheckBox
    assert face.text(QAccessible.Text.Name) == "Think first"
    switch.setEnabled(False)
    assert theme.hex("accent").lower() not in colors(switch)


def test_a_slider_goes_where_it_is_clicked_and_dragged(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    slider = Slider(theme)
    slider.setRange(0, 100)
    slider.setFixedWidth(214)
    shown(slider)
    middle = slider.height() // 2
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(107, middle))
    assert slider.value() == 50
    qtbot.mouseMove(slider, QPoint(157, middle))
    assert slider.value() == 75
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(157, middle))
    assert not slider.isSliderDown()
    qtbot.mousePress(slider, Qt.MouseButton.RightButton, pos=QPoint(7, middle))
    assert slider.value() == 75


def test_a_slider_is_moved_by_keys_and_mirrored(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    slider = Slider(theme)
    slider.setRange(0, 10)
    slider.setFixedWidth(114)
    shown(slider)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == 1
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert slider.value() == 10
    slider.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(27, slider.height() // 2))
    assert slider.value() == 8
    assert theme.hex("accent").lower() in colors(slider)


def test_the_wheel_turns_a_slider_only_with_the_keyboard_on_it(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    slider, other = Slider(theme), Button(theme, "Other")
    shown(other, slider)
    other.setFocus()
    assert not wheel(slider).isAccepted()
    assert slider.value() == 0
    slider.setFocus()
    wheel(slider)
    assert slider.value() > 0


def test_one_of_the_segments_is_taken(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    choice = Segmented(theme, [("a", "Light"), ("b", "Dark")], "b", name="Theme")
    shown(choice)
    assert choice.value() == "b"
    with qtbot.waitSignal(choice.chosen) as heard:
        qtbot.mouseClick(choice.button("a"), Qt.MouseButton.LeftButton)
    assert heard.args == ["a"]
    choice.set_value("unknown")
    assert choice.value() == "a"
    choice.set_words([("a", "亮"), ("b", "暗")], "主题")
    assert choice.button("b").accessibleName() == "主题: 暗"


def test_the_arrow_keys_move_along_the_segments(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    choice = Segmented(theme, [("a", "Light"), ("b", "Dark")])
    shown(choice)
    choice.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(choice.chosen) as heard:
        qtbot.keyClick(choice.button("a"), Qt.Key.Key_Right)
    assert heard.args == ["b"]


def test_a_list_of_choices_says_what_was_taken(qtbot: QtBot, shown: Show) -> None:
    box = ComboBox([("en", "English"), ("zh_CN", "简体中文")], "en", name="Language")
    shown(box)
    with qtbot.waitSignal(box.chosen) as heard:
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert heard.args == ["zh_CN"]
    assert not wheel(box).isAccepted()
    box.set_choices([("zh_CN", "中文"), ("de", "Deutsch")])
    assert box.value() == "zh_CN"
    box.set_value("nl")
    assert (box.value(), box.currentText()) == ("nl", "nl")


@pytest.mark.parametrize(
    ("typed", "value"),
    [("7", 7), (" 0.50 ", 0.5), ("0,5", 0.5), ("−1", -1), ("", None), ("many", "many"), ("nan", "nan"), ("1e2", 100)],
)
def test_a_number_field_gives_what_was_typed(qtbot: QtBot, typed: str, value: object, shown: Show) -> None:
    field = NumberField(minimum=-5, maximum=5)
    shown(field)
    field.set_value(3)
    with qtbot.waitSignal(field.entered) as heard:
        field.setText(typed)
        field.editingFinished.emit()
    assert heard.args == [value]
    assert type(heard.args[0]) is type(value)


def test_a_number_field_is_stepped_by_keys(qtbot: QtBot, shown: Show) -> None:
    field = NumberField(step=0.05, minimum=0, maximum=1, start=0.5)
    shown(field)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(field, key)
    assert field.value() == 0.5
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert field.value() == 1
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "1"


def test_escape_brings_the_number_back(qtbot: QtBot, shown: Show) -> None:
    field = NumberField(minimum=0, maximum=10)
    shown(field)
    field.set_value(4)
    field.setFocus()
    QTest.keyClicks(field, "22")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.value() == 4


# --- words -----------------------------------------------------------------------------------------------------------


def test_long_words_end_in_dots_and_stand_in_the_tip(qtbot: QtBot, shown: Show) -> None:
    label = ElidedLabel("A title\nof two lines")
    shown(label)
    label.setFixedWidth(400)
    assert label.shown_text() == "A title of two lines"
    assert label.toolTip() == ""
    label.setFixedWidth(60)
    assert label.shown_text().endswith("…")
    assert label.toolTip() == "A title of two lines"
    assert label.minimumSizeHint().width() < 60
    assert len(colors(label)) > 1


def test_a_pill_takes_the_colours_of_its_tone(qtbot: QtBot, qapp: QApplication, theme: Theme, shown: Show) -> None:
    theme.apply(qapp)
    pill = Pill("idle", "ok")
    shown(pill)
    assert theme.hex("ok_soft").lower() in colors(pill)
    pill.set_tone("bad")
    assert pill.tone() == "bad"
    assert theme.hex("bad_soft").lower() in colors(pill)


def test_a_meter_shows_its_parts_and_never_more_than_the_whole(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    meter = Meter(theme, height=8)
    meter.setFixedWidth(100)
    shown(meter)
    meter.set_parts([Part(25, "ok"), Part(90, "bad")], 100, "25 and 90 of 100")
    assert meter.spans() == [(0.0, 25.0), (25.0, 100.0)]
    assert meter.accessibleDescription() == "25 and 90 of 100"
    assert {theme.hex("ok").lower(), theme.hex("bad").lower()} <= colors(meter)
    meter.set_parts([Part(5)], 0)
    assert meter.spans() == [(0.0, 0.0)]


def test_the_mark_is_painted(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    mark = Mark(theme, "sparkles", size=28)
    shown(mark)
    assert len(colors(mark)) > 20


# --- notices ---------------------------------------------------------------------------------------------------------


def test_a_notice_says_what_happened_and_what_to_do(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    bar = MessageBar(theme)
    shown(bar)
    assert bar.isHidden()
    bar.show_error(EngineCrashed(reason="signal 9"), action="Try again")
    assert bar.isVisible()
    assert "signal 9" in bar.sentence.text()
    assert "kept" in bar.hint.text()
    assert bar.tone == "bad"
    with qtbot.waitSignal(bar.acted):
        qtbot.mouseClick(bar.action, Qt.MouseButton.LeftButton)


def test_a_notice_is_closed_by_button_and_escape(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    bar = MessageBar(theme)
    shown(bar)
    bar.show_message("ok", "Saved.")
    assert bar.action.isHidden()
    assert bar.hint.isHidden()
    with qtbot.waitSignal(bar.closed):
        qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()
    bar.show_message("warn", "Saved elsewhere.", "Look there.")
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(bar.close_button, Qt.Key.Key_Escape)


def test_a_notice_that_stays_has_no_close_button(qtbot: QtBot, theme: Theme, shown: Show) -> None:
    bar = MessageBar(theme)
    shown(bar)
    bar.show_message("bad", "The database is damaged.", can_close=False)
    assert bar.close_button.isHidden()
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert bar.isVisible()
    theme.set_mode("dark")


def toast_on(qtbot: QtBot, theme: Theme, shown_ms: int = 60_000) -> UndoToast:
    page = QWidget()
    page.resize(600, 300)
    qtbot.addWidget(page)
    field = QLineEdit(page)
    toast = UndoToast(theme, page, shown_ms=shown_ms)
    page.show()
    field.setFocus()
    QCursor.setPos(page.mapToGlobal(QPoint(1, 1)))
    return toast


def test_what_was_done_can_be_undone(qtbot: QtBot, theme: Theme) -> None:
    toast = toast_on(qtbot, theme)
    toast.offer("Deleted.", 7)
    assert toast.isVisible()
    with qtbot.waitSignal(toast.undone) as heard, qtbot.assertNotEmitted(toast.expired):
        qtbot.mouseClick(toast.undo_button, Qt.MouseButton.LeftButton)
    assert heard.args == [7]
    assert toast.isHidden()


def test_an_offer_expires_after_its_time(qtbot: QtBot, theme: Theme) -> None:
    toast = toast_on(qtbot, theme, shown_ms=1)
    with qtbot.waitSignal(toast.expired) as heard:
        toast.offer("Deleted.", 7)
    assert heard.args == [7]


def test_a_second_offer_ends_the_first(qtbot: QtBot, theme: Theme) -> None:
    toast = toast_on(qtbot, theme)
    toast.offer("Deleted the first.", 1)
    with qtbot.waitSignal(toast.expired) as heard:
        toast.offer("Deleted the second.", 2)
    assert heard.args == [1]
    with qtbot.waitSignal(toast.expired):
        qtbot.mouseClick(toast.close_button, Qt.MouseButton.LeftButton)


def test_an_offer_waits_under_the_pointer(qtbot: QtBot, theme: Theme) -> None:
    toast = toast_on(qtbot, theme, shown_ms=100)
    toast.offer("Deleted.", 1)
    middle = QPointF(toast.rect().center())
    QApplication.sendEvent(toast, QEnterEvent(middle, middle, toast.mapToGlobal(middle)))
    with qtbot.assertNotEmitted(toast.expired, wait=200):
        pass
    with qtbot.waitSignal(toast.expired):
        QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))


def test_an_offer_waits_for_the_keyboard(qtbot: QtBot, theme: Theme) -> None:
    toast = toast_on(qtbot, theme, shown_ms=200)
    toast.offer("Deleted.", 1)
    page = toast.window()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    toast.undo_button.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.assertNotEmitted(toast.expired, wait=300):
        pass
    with qtbot.waitSignal(toast.expired):
        toast.undo_button.clearFocus()


def test_an_offer_stands_in_the_middle_below(qtbot: QtBot, theme: Theme) -> None:
    toast = toast_on(qtbot, theme)
    toast.offer("A conversation with a rather long name was deleted. " * 4)
    page = toast.parentWidget()
    page.resize(500, 400)
    assert abs(toast.geometry().center().x() - page.rect().center().x()) <= 1
    assert toast.geometry().bottom() < page.height()
    assert len(colors(toast)) > 2
    toast.expire()


# --- menus and dialogs -----------------------------------------------------------------------------------------------


def test_menus_have_round_corners(qtbot: QtBot) -> None:
    menu = Menu()
    qtbot.addWidget(menu)
    assert menu.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)


def ask(qtbot: QtBot, theme: Theme, answers: Sequence[str] = ("cancel", "open")) -> Question:
    asked = Question(
        theme, None, "Link", "Open it?", "https://example.org", answers=[(each, each, "normal") for each in answers]
    )
    qtbot.addWidget(asked)
    asked.show()
    return asked


def test_a_question_tells_the_answer(qtbot: QtBot, theme: Theme) -> None:
    asked = ask(qtbot, theme)
    with qtbot.waitSignal(asked.answered) as heard:
        qtbot.mouseClick(asked.buttons["cancel"], Qt.MouseButton.LeftButton)
    assert heard.args == ["cancel"]


def test_enter_takes_the_last_answer_and_escape_none(qtbot: QtBot, theme: Theme) -> None:
    for key, answer in ((Qt.Key.Key_Return, "open"), (Qt.Key.Key_Escape, "")):
        asked = ask(qtbot, theme)
        with qtbot.waitSignal(asked.answered) as heard:
            qtbot.keyClick(asked, key)
        assert heard.args == [answer]
        assert asked.result() == (QDialog.DialogCode.Accepted if answer else QDialog.DialogCode.Rejected)


def test_a_question_can_be_waited_for(qtbot: QtBot, theme: Theme) -> None:
    asked = ask(qtbot, theme)
    asked.hide()
    asked.buttons["open"].animateClick()
    assert asked.ask() == "open"


def test_the_theme_switches_with_a_full_page(qtbot: QtBot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    for widget in (Slider(theme), Switch(theme, "s"), Meter(theme), Mark(theme), Button(theme, "b", icon_name="x")):
        column.addWidget(widget)
    page.show()
    before = page.grab().toImage()
    theme.set_mode("dark")
    assert page.grab().toImage() != before
