"""The inspector: figures as measured, a system prompt, sampling that follows the model until set."""

import pytest
from PySide6.QtCore import Qt

from assistant.engine.protocol import ModelFacts, Sampling
from assistant.engine.state import EngineState, Phase
from assistant.i18n import use_language
from ui.chat.context_meter import ContextUse
from ui.chat.inspector import Inspector
from ui.status_line import StatusLine
from ui.widgets.sampling_fields import FIELDS

RECOMMENDED = Sampling(temperature=0.5, top_k=0, seed=-1)


@pytest.fixture
def inspector(qtbot, theme):
    inspector = Inspector(theme)
    qtbot.addWidget(inspector)
    inspector.resize(312, 900)
    inspector.show_settings("", {}, RECOMMENDED)
    inspector.show()
    inspector.activateWindow()
    qtbot.waitUntil(inspector.isActiveWindow)
    return inspector


def test_every_sampling_parameter_has_a_row(inspector):
    assert set(inspector.rows) == set(Sampling.__dataclass_fields__)


def test_values_follow_the_model_until_set(inspector):
    row = inspector.rows["temperature"]
    assert (row.value_label.text(), row.reset_button.isVisible()) == ("0.50", False)
    inspector.show_settings("", {"temperature": 1.25}, RECOMMENDED)
    assert (row.value_label.text(), row.reset_button.isVisible()) == ("1.25", True)


def test_a_slider_gives_the_conversation_a_value_of_its_own(qtbot, inspector):
    row = inspector.rows["temperature"]
    row.slider.setFocus()
    with qtbot.waitSignal(inspector.sampling_changed) as signal:
        qtbot.keyClick(row.slider, Qt.Key.Key_Right)
    assert signal.args == [{"temperature": 0.55}]
    with qtbot.waitSignal(inspector.sampling_changed) as signal:
        qtbot.keyClick(inspector.rows["top_k"].slider, Qt.Key.Key_Right)
    assert signal.args == [{"temperature": 0.55, "top_k": 1.0}]


def test_reset_follows_the_model_again(qtbot, inspector):
    inspector.show_settings("", {"temperature": 1.25, "top_p": 0.5}, RECOMMENDED)
    with qtbot.waitSignal(inspector.sampling_changed) as signal:
        inspector.rows["temperature"].reset_button.click()
    assert signal.args == [{"top_p": 0.5}]
    assert inspector.rows["temperature"].value_label.text() == "0.50"


def test_showing_settings_says_nothing(qtbot, inspector):
    with qtbot.assertNotEmitted(inspector.sampling_changed), qtbot.assertNotEmitted(inspector.system_prompt_changed):
        inspector.show_settings("Be brief.", {"temperature": 2, "seed": 7}, RECOMMENDED)
        inspector.flush()
    assert inspector.prompt.toPlainText() == "Be brief."


def test_a_value_between_the_steps_is_shown_as_it_is_and_not_changed(qtbot, inspector):
    with qtbot.assertNotEmitted(inspector.sampling_changed):
        inspector.show_settings("", {"temperature": 0.333, "max_tokens": 1000}, RECOMMENDED)
    assert inspector.rows["temperature"].value_label.text() == "0.33"
    assert inspector.rows["max_tokens"].value_label.text() == "1,000 tokens"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("max_tokens", 0, "no limit"), ("max_tokens", 512, "512 tokens"), ("top_k", 0, "off"), ("top_k", 40, "40")],
)
def test_special_values_have_words(inspector, name, value, words):
    inspector.show_settings("", {name: value}, RECOMMENDED)
    assert inspector.rows[name].value_label.text() == words


def test_a_seed_is_typed_and_can_be_taken_back(qtbot, inspector):
    field = inspector.rows["seed"].number
    qtbot.keyClicks(field, "4x2")
    with qtbot.waitSignal(inspector.sampling_changed) as signal:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert signal.args == [{"seed": 42.0}]
    field.clear()
    with qtbot.waitSignal(inspector.sampling_changed) as signal:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert signal.args == [{"seed": -1.0}]


def test_the_system_prompt_is_told_after_a_pause_or_at_once_when_asked(qtbot, inspector):
    with qtbot.waitSignal(inspector.system_prompt_changed) as signal:
        qtbot.keyClicks(inspector.prompt, "Be")
    assert signal.args == ["Be"]
    qtbot.keyClicks(inspector.prompt, " kind")
    with qtbot.waitSignal(inspector.system_prompt_changed, timeout=50) as signal:
        inspector.flush()
    assert signal.args == ["Be kind"]


def test_typing_goes_on_while_the_same_prompt_is_shown_again(qtbot, inspector):
    qtbot.keyClicks(inspector.prompt, "Be kind")
    cursor = inspector.prompt.textCursor()
    cursor.setPosition(2)
    inspector.prompt.setTextCursor(cursor)
    inspector.show_settings("Be kind", {}, RECOMMENDED)
    assert inspector.prompt.textCursor().position() == 2


def test_figures_are_shown_only_when_measured(inspector):
    assert inspector.meter.total.text() == ""
    assert inspector.meter.note.isVisible()
    inspector.show_use(ContextUse(2_000, 531, 8_192))
    assert inspector.meter.total.text() == "2,531 / 8,192"
    assert [label.text() for label in inspector.meter.figures] == ["2,000", "531", "5,661"]
    assert not inspector.meter.note.isVisible()
    inspector.grab()


def test_every_control_has_a_name(inspector):
    controls = [row.slider or row.number for row in inspector.rows.values()]
    assert all(control.accessibleName() and control.accessibleDescription() for control in controls)
    assert all(row.reset_button.accessibleName() for row in inspector.rows.values())
    assert [field.name for field in FIELDS] == list(inspector.rows)


def test_it_changes_its_language_at_once(inspector):
    use_language("zh_CN")
    inspector.retranslate()
    assert inspector.rows["temperature"].label.text() == "温度"


# --- the status line ------------------------------------------------------------------------------------------------


@pytest.fixture
def status(qtbot, theme):
    status = StatusLine(theme)
    qtbot.addWidget(status)
    status.show()
    return status


@pytest.mark.parametrize(
    ("phase", "words", "tone"),
    [
        (Phase.EMPTY, "no model", "neutral"),
        (Phase.LOADING, "loading", "warn"),
        (Phase.READY, "idle", "ok"),
        (Phase.READING, "reading", "accent"),
        (Phase.WRITING, "writing", "accent"),
        (Phase.FAILED, "stopped", "bad"),
    ],
)
def test_the_status_line_says_what_the_computer_does(status, phase, words, tone):
    status.set_state(EngineState(phase))
    assert (status.pill.text(), status.pill.tone()) == (words, tone)


def test_the_status_line_shows_the_speed_as_measured_and_where_the_model_runs(status):
    assert not status.speed.isVisible()
    status.set_figures(23.44)
    status.set_state(EngineState(Phase.READY, facts=ModelFacts(device="CPU")))
    assert (status.speed.text(), status.device.text()) == ("23.4 tokens/s", "CPU")
    status.set_state(EngineState(Phase.READY, facts=ModelFacts(device="RTX", gpu_layers=20, layers=32)))
    assert status.device.text() == "RTX, 20 of 32 layers"
    status.set_figures(0)
    assert not status.speed.isVisible()
