"""The list under the model's name: what can be chosen, what cannot and why, and what else can be done there."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QFileDialog

from assistant.engine.protocol import ModelFacts
from assistant.engine.state import EngineState, Phase
from assistant.engine.steps import Step, StepKind
from assistant.errors import EngineCrashed, ModelFileDamaged, ModelMissing, ModelTooBig
from assistant.models.fit import Verdict
from assistant.models.model_file import ModelFile, Owner
from ui.chat.model_picker import ModelPicker
from ui.chat.model_rows import ModelRows

STARTER = ModelFile("starter", "Starter (SmolLM2 135M)", Path("/models/a.gguf"), 98_000_000, "Q4_1", is_starter=True)
QWEN = ModelFile("qwen", "Qwen & Sons 4B", Path("/models/b.gguf"), 2_540_000_000, "Q4_K_M", owner=Owner.LM_STUDIO)
CUT = ModelFile("c", "Cut", Path("/models/c.gguf"), problem=ModelFileDamaged(path="/models/c.gguf", reason="cut"))
GONE = ModelFile(
    "d", "Gone", Path("/models/d.gguf"), problem=ModelMissing(name="Gone", path="/models/d.gguf"), is_missing=True
)
FEW = [STARTER, CUT, QWEN, GONE]
MANY = [*FEW, *(ModelFile(f"m{number}", f"More {number}", Path(f"/m/{number}.gguf")) for number in range(20))]
READY = EngineState(Phase.READY, STARTER.path, facts=ModelFacts(context_length=8192))


@pytest.fixture
def models():
    return list(FEW)


@pytest.fixture
def picker(qtbot, theme, models):
    picker = ModelPicker(theme, lambda: models)
    qtbot.addWidget(picker)
    picker.set_state(READY, STARTER)
    picker.show()
    yield picker
    picker.popup.close()


@pytest.fixture
def popup(picker):
    return picker.popup


def shown(popup):
    return [popup.rows.index(row).data() for row in range(popup.rows.rowCount())]


def marked(popup):
    return popup.list.currentIndex().data()


def row(popup, model, role):
    return popup.rows.index(popup.rows.row_of(model.id)).data(role)


def press(qtbot, popup, *keys):
    for key in keys:
        qtbot.keyClick(popup.field if popup.field.isVisible() else popup.list, key)


def test_a_click_opens_the_list_and_asks_which_models_will_run(qtbot, picker, popup):
    with qtbot.waitSignal(picker.opened):
        qtbot.mouseClick(picker, Qt.MouseButton.LeftButton)
    assert popup.isVisible()
    assert shown(popup) == ["Starter (SmolLM2 135M)", "Cut", "Qwen & Sons 4B", "Gone"]
    assert picker.models == FEW
    QAbstractItemModelTester(popup.rows)


def test_the_one_in_use_is_marked(picker, popup):
    picker.open_menu()
    assert [row(popup, model, ModelRows.IS_CURRENT) for model in FEW] == [True, False, False, False]
    assert row(popup, STARTER, ModelRows.PILL) == ("In use", "accent")
    assert marked(popup) == STARTER.name


def test_each_model_says_its_size_whose_it_is_and_whether_it_will_run(picker, popup):
    picker.open_menu()
    assert row(popup, QWEN, ModelRows.DETAIL) == "Q4_K_M · 2.5 GB · LM Studio"
    assert row(popup, QWEN, ModelRows.PILL) is None
    popup.show_verdicts({"qwen": Verdict.TIGHT, "starter": Verdict.FITS})
    assert row(popup, QWEN, ModelRows.PILL) == ("Tight", "warn")
    assert row(popup, QWEN, Qt.ItemDataRole.AccessibleTextRole) == "Qwen & Sons 4B, Q4_K_M · 2.5 GB · LM Studio, Tight"
    popup.grab()


def test_what_cannot_be_used_says_why_and_cannot_be_chosen(qtbot, picker, popup):
    picker.open_menu()
    assert row(popup, CUT, ModelRows.DETAIL) == "The file is damaged or incomplete"
    assert "cut" in row(popup, CUT, Qt.ItemDataRole.ToolTipRole)
    assert row(popup, GONE, ModelRows.PILL) == ("Missing", "warn")
    place = popup.list.visualRect(popup.rows.index(1)).center()
    with qtbot.assertNotEmitted(picker.model_chosen):
        qtbot.mouseClick(popup.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert popup.isVisible()


def test_the_arrow_keys_pass_over_what_cannot_be_used(qtbot, picker, popup):
    picker.open_menu()
    press(qtbot, popup, Qt.Key.Key_Down)
    assert marked(popup) == QWEN.name
    press(qtbot, popup, Qt.Key.Key_Down, Qt.Key.Key_PageDown)
    assert marked(popup) == QWEN.name
    press(qtbot, popup, Qt.Key.Key_PageUp)
    assert marked(popup) == STARTER.name


@pytest.mark.parametrize("by", ["key", "mouse"])
def test_a_model_is_chosen_by_enter_or_a_click(qtbot, picker, popup, by):
    picker.open_menu()
    with qtbot.waitSignal(picker.model_chosen) as signal:
        if by == "key":
            press(qtbot, popup, Qt.Key.Key_Down, Qt.Key.Key_Return)
        else:
            place = popup.list.visualRect(popup.rows.index(2)).center()
            qtbot.mouseClick(popup.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert signal.args == ["qwen"]
    assert not popup.isVisible()


def test_few_models_need_no_search(picker, popup, models):
    picker.open_menu()
    assert not popup.field.isVisible()
    assert popup.focusWidget() is popup.list
    popup.close()
    models[:] = MANY
    picker.open_menu()
    assert popup.field.isVisible()
    assert popup.focusWidget() is popup.field


def test_typing_leaves_what_has_the_words_and_enter_takes_the_first(qtbot, picker, popup, models):
    models[:] = MANY
    picker.open_menu()
    height = popup.height()
    qtbot.keyClicks(popup.field, "STUDIO qw")
    assert shown(popup) == [QWEN.name]
    assert popup.height() == height
    with qtbot.waitSignal(picker.model_chosen) as signal:
        press(qtbot, popup, Qt.Key.Key_Return)
    assert signal.args == ["qwen"]


def test_words_that_no_model_has_are_said_and_enter_takes_nothing(qtbot, picker, popup, models):
    models[:] = MANY
    picker.open_menu()
    qtbot.keyClicks(popup.field, "xyzzy")
    assert popup.nothing.isVisible()
    assert "xyzzy" in popup.nothing.text()
    with qtbot.assertNotEmitted(picker.model_chosen):
        press(qtbot, popup, Qt.Key.Key_Down, Qt.Key.Key_Return)
    press(qtbot, popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    picker.open_menu()
    assert len(shown(popup)) == len(MANY)


def test_escape_closes_a_short_list(qtbot, picker, popup):
    picker.open_menu()
    press(qtbot, popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


@pytest.mark.parametrize(
    ("button", "signal"), [("unload_button", "unload_requested"), ("more_button", "more_requested")]
)
def test_unloading_and_more_models_are_asked_for_below(qtbot, picker, popup, button, signal):
    picker.open_menu()
    with qtbot.waitSignal(getattr(picker, signal)):
        getattr(popup, button).click()
    assert not popup.isVisible()


def test_what_is_not_loaded_is_not_unloaded(picker, popup):
    picker.set_state(EngineState(), None)
    picker.open_menu()
    assert not popup.unload_button.isVisible()
    assert marked(popup) == STARTER.name


@pytest.mark.parametrize(("picked", "chosen"), [("/somewhere/x.gguf", ["/somewhere/x.gguf"]), ("", [])])
def test_a_file_can_be_opened_as_model(picker, popup, monkeypatch, picked, chosen):
    heard = []
    picker.model_chosen.connect(heard.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_values: (picked, ""))
    picker.open_menu()
    popup.file_button.click()
    assert heard == chosen


def test_a_failure_is_explained_with_a_way_to_try_again(qtbot, picker, popup):
    picker.open_menu()
    assert not popup.failure.isVisible()
    crash = EngineCrashed(reason="out of luck")
    picker.set_state(EngineState(Phase.FAILED, STARTER.path, error=crash), STARTER)
    assert popup.failure.isVisible()
    assert popup.failure.sentence.text() == crash.message
    assert popup.failure.hint.text() == crash.hint
    assert popup.others.isVisible()
    assert row(popup, STARTER, ModelRows.PILL) == ("Stopped", "bad")
    assert not popup.failure.anyway_button.isVisible()
    with qtbot.waitSignal(picker.restart_requested):
        popup.failure.retry_button.click()


def test_what_was_too_big_can_be_loaded_anyway(qtbot, picker, popup):
    error = ModelTooBig(path="/models/a.gguf", needed_gib="20.1", available_gib="6.2")
    picker.set_state(EngineState(Phase.FAILED, STARTER.path, error=error), STARTER)
    picker.open_menu()
    with qtbot.waitSignal(picker.forced):
        popup.failure.anyway_button.click()


def test_stepping_down_is_told_while_it_happens(picker, popup):
    picker.open_menu()
    steps = (Step(StepKind.NO_GPU),)
    picker.set_state(EngineState(Phase.LOADING, STARTER.path, 10, 1000, steps=steps), STARTER)
    assert popup.trying.text() == "It did not load as it is set; now with the processor alone."
    assert row(popup, STARTER, ModelRows.PILL) == ("Loading", "warn")
    picker.set_state(READY, STARTER)
    assert not popup.trying.isVisible()


def test_no_models_leave_the_ways_to_get_some(picker, popup, models):
    models.clear()
    picker.open_menu()
    assert popup.more_button.isVisible()
    assert not popup.list.isVisible()
    assert not popup.nothing.isVisible()
