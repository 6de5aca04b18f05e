"""Which model answers and how it is loaded: its settings, steps down that are remembered, speed, files that vanish."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assistant.changes import EngineChanged, LoadSteppedDown, ModelsChanged, Notice
from assistant.engine.engine import Engine
from assistant.engine.protocol import Done, Sampling, Turn
from assistant.engine.state import Phase
from assistant.errors import ModelMissing, ModelNotFound, ModelTooBig
from assistant.mailbox import Mailbox
from assistant.model_choice import Habits, ModelChoice
from assistant.model_notes import is_news, rates_of, wish
from assistant.models.records import LoadSettings, Record, record_of, remember
from assistant.models.speed import Rates
from assistant.settings import Settings
from tests.fakes import big_model, tiny_model
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.scripted_worker import COMMAND

NOW = datetime(2026, 5, 4, tzinfo=UTC)


class Chooser:
    """A choice of models over the scripted worker, and who drains its mailbox."""

    def __init__(self, paths, command=COMMAND):
        self.paths = paths
        self.mailbox = Mailbox()
        self.settings = Settings.load(paths.settings)
        self.engine = Engine(self.mailbox, log_folder=paths.logs, command=command)
        self.models = ModelChoice(paths, self.settings, self.engine)
        self.reports = []
        self.messages = []

    def add(self, name, **overrides):
        """Write a model and return its id."""
        overrides = {"general__name": None, "context_length": 8192, **overrides}
        write_tiny_gguf(self.paths.models / f"{name}.gguf", **overrides)
        return name

    def path(self, name):
        return self.paths.models / f"{name}.gguf"

    def record(self, name):
        return record_of(self.path(name), self.paths)

    def until(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            assert self.mailbox.wait(deadline - time.monotonic()), f"never: {self.engine.state}"
            for event in self.mailbox.drain():
                applied = self.engine.apply(event)
                self.reports += [*applied.changes, *self.models.note(applied)]
                self.messages += applied.messages

    def use(self, name, **options):
        """Use a model and wait until it is ready."""
        self.reports += self.models.use(name, **options)
        self.until(lambda: self.engine.state.phase in (Phase.READY, Phase.FAILED))
        return self.engine.state

    def ask(self, text, **sampling):
        """Ask and return the end of the answer."""
        request = self.models.generate([Turn("user", text)], Sampling(**sampling))
        self.until(lambda: any(message.request == request for message in self.messages if is_end(message)))
        return next(message for message in self.messages if is_end(message) and message.request == request)

    def stepped_down(self):
        return [change for change in self.reports if isinstance(change, LoadSteppedDown)]


def is_end(message):
    return type(message).__name__ in ("Done", "Failed")


@pytest.fixture
def chooser(home):
    chooser = Chooser(home)
    yield chooser
    chooser.engine.close()


# --- settings of a model ----------------------------------------------------------------------------------------------


def test_a_model_is_loaded_as_it_is_set_and_others_as_all_are(chooser):
    one, other = chooser.add("one"), chooser.add("other")
    chooser.settings.set("model.context_length", 3000)
    assert ModelsChanged() in chooser.models.set_habits(one, Habits(LoadSettings(1000, 3, "q8_0")))

    facts = chooser.use(one).facts
    assert (facts.context_length, facts.gpu_layers, facts.cache_type) == (1000, 3, "q8_0")
    facts = chooser.use(other).facts
    assert (facts.context_length, facts.gpu_layers, facts.cache_type) == (3000, -1, "f16")
    assert chooser.models.habits(one).load == LoadSettings(1000, 3, "q8_0")
    assert chooser.models.habits(other).load == LoadSettings()


def test_what_is_set_for_a_model_holds_while_it_is_used(chooser):
    one, other = chooser.add("one"), chooser.add("other")
    assert (chooser.models.sampling, chooser.models.system_prompt) == ({}, "")
    chooser.models.set_habits(one, Habits(sampling={"temperature": 0.3}, system_prompt="Be brief."))
    chooser.use(one)
    assert (chooser.models.sampling, chooser.models.system_prompt) == ({"temperature": 0.3}, "Be brief.")
    chooser.use(other)
    assert (chooser.models.sampling, chooser.models.system_prompt) == ({}, "")


def test_settings_of_no_model_are_refused(chooser):
    with pytest.raises(ModelNotFound):
        chooser.models.habits("nothing")
    with pytest.raises(ModelNotFound):
        chooser.models.set_habits("nothing", Habits(LoadSettings()))
    with pytest.raises(ValueError, match="q9"):
        chooser.models.set_habits(chooser.add("one"), Habits(LoadSettings(cache_type="q9")))


def test_a_file_edited_by_hand_cannot_ask_for_nonsense(home, tmp_path):
    settings = Settings.load(home.settings)
    record = Record(tmp_path, load=LoadSettings(0, -7, "q9"))

    assert vars(wish(settings, record)) == {"context_length": 0, "gpu_layers": -1, "cache_type": "f16"}


# --- steps down -------------------------------------------------------------------------------------------------------


def test_what_was_given_up_is_told_once_and_remembered(chooser):
    name = chooser.add("context2048", block_count=2)
    assert chooser.use(name).facts.context_length == 2048

    (change,) = chooser.stepped_down()
    assert (change.model_id, [step.value for step in change.steps]) == (name, [2048])
    assert change.message == "“context2048” could not be loaded as it is set, but with a context of 2,048 tokens."
    assert change.hint
    assert chooser.record(name).steps == LoadSettings(context_length=2048)

    chooser.reports.clear()
    assert chooser.use(name).steps == ()
    assert chooser.stepped_down() == []
    assert chooser.engine.state.facts.context_length == 2048


def test_it_is_told_once_when_the_worker_has_to_be_started_again(chooser):
    chooser.use(chooser.add("context2048"))
    chooser.ask("crash")
    chooser.ask("hello")

    assert len(chooser.stepped_down()) == 1


def test_layers_of_the_models_own_number_leave_the_graphics_card(chooser):
    name = chooser.add("gpu-layers8", block_count=20)

    assert chooser.use(name).facts.gpu_layers == 5
    assert chooser.record(name).steps == LoadSettings(gpu_layers=5)


def test_another_step_is_added_to_the_ones_before(chooser):
    name = chooser.add("gpu-layers0-context2048-q8")
    remember(Record(chooser.path(name), steps=LoadSettings(gpu_layers=0)), chooser.paths)
    chooser.use(name)

    assert chooser.record(name).steps == LoadSettings(2048, 0, "q8_0")


def test_new_settings_are_tried_whatever_was_given_up_before(chooser):
    name = chooser.add("context4096")
    remember(Record(chooser.path(name), steps=LoadSettings(context_length=2048)), chooser.paths)
    chooser.models.set_habits(name, Habits(LoadSettings(context_length=4096)))

    assert chooser.use(name).facts.context_length == 4096


@pytest.mark.allow_log("list of models cannot be read")
def test_a_folder_that_cannot_be_written_does_not_keep_a_model_from_answering(chooser):
    name = chooser.add("context2048")
    shutil.rmtree(chooser.paths.config)
    chooser.paths.config.touch()
    chooser.use(name, remember=False)

    assert chooser.ask("hello").finish_reason == "stop"
    assert len(chooser.stepped_down()) == 1
    assert chooser.record(name) == Record(chooser.path(name))


def test_a_model_too_big_is_refused_at_once_and_loaded_when_it_is_wanted_anyway(chooser):
    good, big = chooser.add("good"), "big-1"
    big_model.write(chooser.path(big))
    chooser.use(good)

    with pytest.raises(ModelTooBig):
        chooser.models.use(big)
    assert chooser.models.used.id == good
    assert chooser.use(big, anyway=True).phase is Phase.READY
    chooser.reports += chooser.models.restart()
    chooser.until(lambda: chooser.engine.state.phase is Phase.READY)


def test_anyway_is_for_this_time(chooser):
    big = "big-1"
    big_model.write(chooser.path(big))
    chooser.use(big, anyway=True)
    again = ModelChoice(chooser.paths, chooser.settings, chooser.engine)

    changes = again.use_default()
    assert [change.error.kind for change in changes if isinstance(change, Notice)] == ["model_too_big"]


# --- unloading and files that vanish ----------------------------------------------------------------------------------


def test_unloading_frees_the_model_and_the_next_question_loads_the_default_one(chooser):
    chooser.use(chooser.add("one"))
    changes = chooser.models.unload()

    assert isinstance(changes[-1], EngineChanged)
    assert (chooser.engine.state.phase, chooser.models.used, chooser.models.name) == (Phase.EMPTY, None, "")
    assert chooser.ask("hello").finish_reason == "stop"
    assert chooser.models.name == "one"


def test_a_model_deleted_while_it_is_loaded_answers_on_and_is_missing_at_the_restart(chooser):
    chooser.use(chooser.add("one"))
    chooser.path("one").unlink()

    assert chooser.ask("hello").finish_reason == "stop"
    with pytest.raises(ModelMissing, match=r"“one” is not at “.*one\.gguf” any more"):
        chooser.models.restart()
    assert chooser.ask("hello").finish_reason == "stop"
    chooser.ask("crash")
    assert chooser.ask("hello").kind == "ModelMissing"
    assert isinstance(chooser.engine.state.error, ModelMissing)


def test_a_default_model_that_is_gone_gives_way_to_the_starter(chooser):
    chooser.use(chooser.add("one"))
    chooser.ask("hello")
    chooser.path("one").unlink()
    changes = chooser.models.use_default()

    assert [change.error.kind for change in changes if isinstance(change, Notice)] == ["model_missing"]
    assert chooser.models.used.is_starter


@pytest.mark.slow
def test_a_real_model_deleted_while_it_is_loaded_does_no_harm(home):
    chooser = Chooser(home, command=None)
    tiny_model.write(chooser.path("one"))
    assert chooser.use("one").phase is Phase.READY
    chooser.path("one").unlink()

    assert chooser.ask("hello", max_tokens=8).finish_reason in ("length", "stop")
    with pytest.raises(ModelMissing):
        chooser.models.restart()
    chooser.engine.close()


# --- speed ------------------------------------------------------------------------------------------------------------


def test_the_speed_of_an_answer_is_remembered(chooser):
    chooser.use(chooser.add("one"))
    before = datetime.now(UTC)
    chooser.ask("paced 40")

    record = chooser.record("one")
    assert 10 < record.tokens_per_s < 500
    assert record.last_used >= before.replace(microsecond=0)
    assert record.name == "one"
    assert ModelsChanged() in chooser.reports


def test_a_short_answer_tells_no_speed_but_the_use(chooser):
    chooser.use(chooser.add("one"))
    chooser.ask("hello")
    record = chooser.record("one")

    assert (record.tokens_per_s, record.last_used is None) == (0, False)
    chooser.reports.clear()
    chooser.ask("hello")
    assert ModelsChanged() not in chooser.reports


def test_speeds_are_counted_without_what_was_in_the_cache():
    done = Done(1, "stop", 300, 100, 50, 2000.0, 7000.0)

    assert rates_of(done) == Rates(tokens_per_s=10.0, prompt_tokens_per_s=100.0)
    assert rates_of(replace(done, reused_tokens=250, completion_tokens=3)) == Rates()
    assert rates_of(replace(done, prompt_ms=0.0, duration_ms=0.0)) == Rates()


@pytest.mark.parametrize(
    ("rates", "days", "expected"),
    [
        (Rates(10.5, 105), 0, False),
        (Rates(11.5, 100), 0, True),
        (Rates(8.5, 100), 0, True),
        (Rates(10, 115), 0, True),
        (Rates(), 0, False),
        (Rates(), 1, True),
    ],
)
def test_an_answer_is_noted_for_another_speed_or_another_day(tmp_path, rates, days, expected):
    record = Record(tmp_path, last_used=NOW - timedelta(days=days), tokens_per_s=10, prompt_tokens_per_s=100)

    assert is_news(record, rates, NOW) is expected
    assert is_news(Record(tmp_path), Rates(), NOW)
