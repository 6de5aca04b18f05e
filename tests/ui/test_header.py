"""The header: a title that can be edited, the model and what it is doing, and honest words about both."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from assistant.engine.protocol import ModelFacts
from assistant.engine.state import EngineState, Phase
from assistant.engine.steps import Step, StepKind
from assistant.errors import EngineCrashed, ModelFileDamaged
from assistant.models.library import ModelFile
from assistant.store.rows import Usage
from ui.chat.empty import EXAMPLES, EmptyState
from ui.chat.figures import context_words, rate_of
from ui.chat.header import Header
from ui.chat.model_words import find_model, model_name, phase_sentence, phase_words
from ui.widgets.words import short_count, size_words

STARTER = ModelFile("starter", "Starter (SmolLM2 135M)", Path("/models/a.gguf"), 98_000_000, "Q4_1", is_starter=True)
QWEN = ModelFile("qwen", "Qwen & Sons 4B", Path("/models/b.gguf"), 2_540_000_000, "Q4_K_M")
BROKEN = ModelFile("c", "c", Path("/models/c.gguf"), problem=ModelFileDamaged(path="/models/c.gguf", reason="cut"))
STEPS = (Step(StepKind.FEWER_LAYERS, 12), Step(StepKind.SHORTER_CONTEXT, 4096))
READY = EngineState(Phase.READY, STARTER.path, facts=ModelFacts(context_length=8192))


@pytest.fixture
def header(qtbot, theme):
    header = Header(theme, lambda: [STARTER, QWEN, BROKEN])
    qtbot.addWidget(header)
    header.resize(900, 56)
    header.title.set_title("Lease renewal", can_edit=True)
    header.picker.set_state(READY, STARTER)
    header.show()
    header.activateWindow()
    qtbot.waitUntil(header.isActiveWindow)
    return header


# --- the title ------------------------------------------------------------------------------------------------------


def test_a_click_turns_the_title_into_a_field_and_enter_keeps_it(qtbot, header):
    qtbot.mouseClick(header.title.button, Qt.MouseButton.LeftButton)
    assert header.title.field.selectedText() == "Lease renewal"
    qtbot.keyClicks(header.title.field, "  Rent   2026 ")
    with qtbot.waitSignal(header.title.renamed) as signal, qtbot.waitSignal(header.title.done):
        qtbot.keyClick(header.title.field, Qt.Key.Key_Return)
    assert signal.args == ["Rent 2026"]
    assert not header.title.is_editing()


def test_leaving_the_field_keeps_the_title_too(qtbot, header):
    header.title.edit()
    header.title.field.setText("Rent")
    with qtbot.waitSignal(header.title.renamed):
        header.inspector_button.setFocus(Qt.FocusReason.TabFocusReason)


def test_escape_blank_and_unchanged_titles_rename_nothing(qtbot, header):
    with qtbot.assertNotEmitted(header.title.renamed):
        for text, key in (("x", Qt.Key.Key_Escape), ("  ", Qt.Key.Key_Return), ("Lease renewal", Qt.Key.Key_Return)):
            header.title.edit()
            header.title.field.setText(text)
            qtbot.keyClick(header.title.field, key)
            assert not header.title.is_editing()
    assert header.title.title() == "Lease renewal"


def test_the_title_of_a_conversation_that_does_not_exist_cannot_be_edited(header):
    header.title.set_title("New conversation", can_edit=False)
    header.title.edit()
    assert not header.title.is_editing()


def test_a_long_title_leaves_the_model_its_place(header):
    header.title.set_title("A very long title " * 20, can_edit=True)
    assert header.picker.width() == header.picker.sizeHint().width()
    assert header.title.button.toolTip().startswith("A very long title")
    middle = header.picker.geometry().center().x()
    assert abs(middle - header.width() // 2) < 4


# --- the model ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "words", "sentence"),
    [
        (EngineState(), "", "No model is loaded."),
        (EngineState(Phase.LOADING, STARTER.path), "loading", "The model is being loaded."),
        (EngineState(Phase.LOADING, STARTER.path, 420, 1000), "loading 42 %", "The model is being loaded."),
        (
            EngineState(Phase.LOADING, STARTER.path, 420, 1000, steps=STEPS),
            "trying with a shorter context",
            "It did not load as it is set; now with 12 layers on the graphics card, a context of 4,096 tokens.",
        ),
        (READY, "", "The model is ready."),
        (EngineState(Phase.READING, STARTER.path), "reading", "The model is reading the question: 0 of 0 tokens."),
        (
            EngineState(Phase.READING, STARTER.path, 128, 512),
            "reading 128/512",
            "The model is reading the question: 128 of 512 tokens.",
        ),
        (EngineState(Phase.WRITING, STARTER.path), "writing", "The model is writing."),
        (EngineState(Phase.FAILED, STARTER.path), "stopped", "The model stopped unexpectedly."),
        (
            EngineState(Phase.FAILED, STARTER.path, error=EngineCrashed(reason="out of luck")),
            "stopped",
            "The model stopped unexpectedly: out of luck.",
        ),
    ],
)
def test_every_state_of_the_engine_has_words(header, state, words, sentence):
    header.picker.set_state(state, STARTER)
    assert (phase_words(state), phase_sentence(state)) == (words, sentence)
    assert header.picker.accessibleDescription() == sentence
    header.picker.grab()


def test_a_ready_model_shows_its_quantization(header):
    assert header.picker.words() == ("Starter (SmolLM2 135M)", "Q4_1")
    header.picker.set_state(EngineState(Phase.LOADING, QWEN.path, 1, 2), None)
    assert header.picker.words() == ("b", "loading 50 %")
    header.picker.set_state(EngineState(), None)
    assert header.picker.words() == ("Choose a model", "")


def test_sizes_and_counts_are_written_as_people_do():
    assert [size_words(size) for size in (98_000_000, 2_540_000_000)] == ["98 MB", "2.5 GB"]
    assert [short_count(count) for count in (980, 1_200, 8_192, 131_072)] == ["980", "1.2k", "8k", "128k"]
    assert context_words(1_234, 8_192) == "1.2k of 8k tokens"


def test_a_rate_that_was_not_measured_is_none():
    assert rate_of(Usage()) == 0
    assert rate_of(Usage("stop", 10, 0, 40, 500.0, 2_500.0)) == 20


def test_the_file_of_the_engine_is_found_by_its_path():
    assert find_model(EngineState(Phase.READY, QWEN.path), [STARTER, QWEN]) is QWEN
    assert find_model(EngineState(), [STARTER]) is None
    assert model_name(EngineState(Phase.READY, Path("/x/y.gguf")), None) == "y"


# --- buttons --------------------------------------------------------------------------------------------------------


def test_what_the_sidebar_offers_is_offered_here_while_it_is_hidden(qtbot, header):
    assert not header.sidebar_button.isVisible()
    header.set_sidebar_shown(False)
    for button, signal in (
        (header.sidebar_button, header.sidebar_requested),
        (header.new_button, header.new_requested),
    ):
        with qtbot.waitSignal(signal):
            button.click()


def test_the_inspector_button_follows_and_says_only_what_a_person_did(qtbot, header):
    with qtbot.assertNotEmitted(header.inspector_toggled):
        header.set_inspector_shown(True)
    assert header.inspector_button.isChecked()
    with qtbot.waitSignal(header.inspector_toggled) as signal:
        header.inspector_button.click()
    assert signal.args == [False]


# --- the beginning --------------------------------------------------------------------------------------------------


@pytest.fixture
def empty(qtbot, theme):
    empty = EmptyState(theme)
    qtbot.addWidget(empty)
    empty.resize(900, 600)
    empty.show()
    return empty


def test_the_starter_is_called_what_it_is(empty):
    empty.set_model(READY, STARTER)
    assert empty._about.text() == "Starter (SmolLM2 135M): a very small model; good for trying things out"
    empty.set_model(EngineState(Phase.READY, QWEN.path), QWEN)
    assert "Qwen & Sons 4B" in empty._about.text()
    empty.set_model(EngineState(), None)
    assert "Choose a model" in empty._about.text()


def test_an_example_says_its_whole_text(qtbot, empty):
    with qtbot.waitSignal(empty.example_chosen) as signal:
        empty.chips[1].click()
    assert signal.args == [EXAMPLES[1][2]]


def test_chips_stand_below_each_other_where_it_is_narrow(empty):
    beside = {chip.geometry().top() for chip in empty.chips}
    empty.resize(360, 600)
    QApplication.sendPostedEvents()
    assert (len(beside), len({chip.geometry().top() for chip in empty.chips})) == (1, 3)
