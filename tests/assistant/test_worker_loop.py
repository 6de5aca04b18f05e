"""The worker's loop hears, obeys, stops and goes on, whatever the model is."""

from __future__ import annotations

import struct

import pytest

from assistant.engine.control import REQUEST
from assistant.engine.protocol import (
    BACKGROUND,
    Cancel,
    Done,
    Failed,
    Generate,
    Loaded,
    LoadProgress,
    NeedsWhole,
    Ping,
    Pong,
    PromptProgress,
    Quit,
    Tokens,
    Turn,
)
from assistant.engine.running import Aborted
from assistant.errors import GenerationFailed
from tests.fakes import scripted_worker
from tests.fakes.worker_talk import Talk, ask, load


def text(talk, request):
    return "".join(event.text for event in talk.of(Tokens, request))


def cancel_by_memory(talk, request):
    """Do what the app does: the number first, then the byte."""
    struct.pack_into("<Q", talk.control._memory, REQUEST, request)
    talk.control.abort()


def test_a_model_loads_with_progress():
    talk = Talk(load())
    talk.run()

    fractions = [event.fraction for event in talk.of(LoadProgress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert talk.of(Loaded)[0].facts.description == "Scripted"


def test_an_answer_streams_and_ends_with_its_counts():
    talk = Talk(load(), ask(2, "one two three"))
    talk.run()

    done = talk.of(Done)[0]
    assert text(talk, 2) == "one two three"
    assert (done.finish_reason, done.prompt_tokens, done.completion_tokens) == ("stop", 4, 3)
    assert 0 < done.prompt_ms <= done.duration_ms


def test_progress_in_the_prompt_begins_with_what_was_reused():
    talk = Talk(load(), ask(2, "prompt 3"), ask(3, "prompt 3"))
    talk.run()

    first, *_, last = talk.of(PromptProgress, 2)
    assert (first.done, first.reused) == (0, 0)
    assert last.done == last.total
    assert talk.of(PromptProgress, 3)[0].done == talk.of(Done, 3)[0].reused_tokens > 0


def test_tokens_that_come_quickly_share_a_frame():
    talk = Talk(load(), ask(2, "long 2000"))
    talk.run()

    frames = talk.of(Tokens, 2)
    assert sum(frame.count for frame in frames) == 2000
    assert len(frames) < 200


def test_candidates_come_one_tuple_a_token():
    talk = Talk(load(), ask(2, "one two", candidates=3))
    talk.run()

    candidates = [tokens for frame in talk.of(Tokens) for tokens in frame.candidates]
    assert [len(token) for token in candidates] == [3, 3]


def test_a_ping_is_answered():
    assert Talk(Ping(1)).run() == [Pong(1)]


def test_a_question_without_a_model_fails():
    talk = Talk(ask(2, "hello"))
    talk.run()

    assert talk.of(Failed)[0].kind == "NoModel"


def test_the_end_of_a_prompt_that_would_fit_is_not_answered_but_asked_for_whole():
    end = Generate(2, (Turn("user", "and then?"),), is_whole=False)
    too_long = Generate(3, (Turn("user", "word " * 9_000),), is_whole=False)
    talk = Talk(load(), end, too_long, ask(4, "hello"))
    talk.run()

    assert [type(event) for event in talk.events if event.request == 2] == [NeedsWhole]
    assert talk.of(Failed, 3)[0].values["prompt_tokens"]["text"] == "more than 9001"
    assert text(talk, 4) == "hello"


@pytest.mark.parametrize(("name", "kind"), [("refused.gguf", "ModelLoadFailed"), ("bug.gguf", "ModelLoadFailed")])
def test_a_model_that_cannot_be_loaded_is_told(name, kind, capsys):
    talk = Talk(load(name=name))
    talk.run()

    assert talk.of(Failed)[0].kind == kind


@pytest.mark.parametrize("script", ["fail", "bug"])
def test_a_failure_in_the_middle_keeps_the_text_and_the_next_answer_works(script, capsys):
    talk = Talk(load(), ask(2, script), ask(3, "hello"))
    talk.run()

    assert text(talk, 2) == "word1 word2 word3"
    assert talk.of(Failed, 2)[0].kind == "GenerationFailed"
    assert talk.of(Done, 3)[0].finish_reason == "stop"


def test_what_llama_cpp_said_last_goes_with_the_failure():
    def refuse(_load, _go_on):
        error = GenerationFailed(reason="x")
        error.add_note("its last words")
        raise error

    talk = Talk(load(), open_model=refuse)
    talk.run()

    assert talk.of(Failed)[0].log == "its last words"


def test_a_cancel_in_a_frame_ends_the_answer_and_keeps_the_text():
    def stop(talk, event):
        if isinstance(event, Tokens):
            talk.say(Cancel(2))

    talk = Talk(load(), ask(2, "endless"), on_event=stop)
    talk.run()

    assert talk.of(Done)[0].finish_reason == "cancelled"
    assert text(talk, 2).startswith("word1")


def test_a_cancel_by_memory_ends_the_answer_at_once():
    def stop(talk, event):
        if isinstance(event, Tokens):
            cancel_by_memory(talk, 2)

    talk = Talk(load(), ask(2, "endless"), on_event=stop)
    talk.run()

    assert talk.of(Done)[0].finish_reason == "cancelled"


def test_a_cancel_in_the_prompt_ends_it():
    def stop(talk, event):
        if isinstance(event, PromptProgress) and event.done:
            cancel_by_memory(talk, 2)

    talk = Talk(load(), ask(2, "prompt 10000"), on_event=stop)
    talk.run()

    assert (talk.of(Done)[0].finish_reason, talk.of(Done)[0].completion_tokens) == ("cancelled", 0)


def test_a_late_cancel_by_memory_hits_no_other_answer():
    def stop(talk, event):
        if isinstance(event, Tokens) and event.request == 3:
            cancel_by_memory(talk, 2)

    talk = Talk(load(), ask(2, "hello"), ask(3, "long 500"), on_event=stop)
    talk.run()

    assert talk.of(Done, 3)[0].finish_reason == "stop"
    assert talk.of(Done, 3)[0].completion_tokens == 500


def test_an_answer_cancelled_before_it_began_never_begins():
    def stop(talk, event):
        if isinstance(event, LoadProgress):
            talk.say(Cancel(2))

    talk = Talk(load(name="slow.gguf"), ask(2, "endless"), on_event=stop)
    talk.run()

    assert talk.of(Done, 2) == [Done(2, "cancelled", 0, 0, 0, 0.0, 0.0)]


def test_an_answer_that_waits_for_another_can_be_cancelled():
    def stop(talk, event):
        if isinstance(event, Tokens) and event.request == 2 and not talk.of(Done):
            talk.say(Cancel(3), ask(4, "hello", sequence=1))
        if isinstance(event, Done) and event.request == 4:
            talk.say(Cancel(2))

    talk = Talk(load(), ask(2, "endless"), ask(3, "endless"), on_event=stop)
    talk.run()

    assert talk.of(Done)[0].request == 3
    assert talk.of(Done, 2)[0].finish_reason == "cancelled"


def test_a_load_can_be_cancelled():
    def stop(talk, event):
        if isinstance(event, LoadProgress):
            cancel_by_memory(talk, 1)

    talk = Talk(load(name="endless.gguf"), on_event=stop)
    talk.run()

    assert talk.of(Done)[0].finish_reason == "cancelled"
    assert not talk.of(Loaded)


def test_quitting_cancels_what_runs():
    def leave(talk, event):
        if isinstance(event, Tokens):
            talk.say(Quit(0))

    talk = Talk(load(), ask(2, "endless"), on_event=leave)

    assert talk.run()[-1].finish_reason == "cancelled"


def test_quitting_ends_a_load():
    def leave(talk, event):
        if isinstance(event, LoadProgress):
            talk.say(Quit(0))

    assert Talk(load(name="endless.gguf"), on_event=leave).run()[-1].finish_reason == "cancelled"


def test_a_person_goes_before_the_background():
    def hurry(talk, event):
        if isinstance(event, Tokens) and event.request == 2 and not talk.of(PromptProgress, 3):
            talk.say(ask(3, "hello"))

    talk = Talk(load(), ask(2, "paced 300", sequence=BACKGROUND), on_event=hurry)
    talk._open.add(3)
    talk.run()

    assert [done.request for done in talk.of(Done)] == [3, 2]
    assert talk.of(Done, 2)[0].completion_tokens == 300


def test_two_answers_in_one_sequence_come_after_each_other():
    talk = Talk(load(), ask(2, "long 50"), ask(3, "long 50"))
    talk.run()

    assert [done.request for done in talk.of(Done)] == [2, 3]
    assert talk.events.index(talk.of(Done, 2)[0]) < talk.events.index(talk.of(PromptProgress, 3)[0])


def test_a_step_given_up_for_nothing_is_taken_again():
    class Nervous(scripted_worker.ScriptedGeneration):
        def write(self):
            if self.written == 1 and not getattr(self, "was_nervous", False):
                self.was_nervous = True
                raise Aborted
            return super().write()

    class Model(scripted_worker.ScriptedModel):
        def generate(self, command, stop):
            return Nervous(self, command, stop)

    talk = Talk(load(), ask(2, "one two three"), open_model=lambda load, _: Model(load))
    talk.run()

    assert text(talk, 2) == "one two three"


def test_another_model_takes_the_place_of_the_first():
    talk = Talk(load(), load(2), ask(3, "hello"))
    talk.run()

    assert [event.request for event in talk.of(Loaded)] == [1, 2]
    assert text(talk, 3) == "hello"


def test_every_step_is_a_sign_of_life():
    talk = Talk(load(), ask(2, "long 10"))
    talk.run()

    assert talk.control._beats > 10
