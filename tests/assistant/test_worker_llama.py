"""Models of llama.cpp, run in this process: what is known of them, what they write, what they refuse."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assistant.engine.binding import NoRoomError, last_words, version
from assistant.engine.generation import EndText, _Answer
from assistant.engine.llama_sampler import Sampler
from assistant.engine.protocol import Sampling, Turn
from assistant.engine.running import Aborted
from assistant.engine.template import CHATML, ChatTemplate
from assistant.engine.tokens import _REMEMBERED, Prompt, Tokenizer
from assistant.errors import (
    GenerationFailed,
    TemplateFailed,
)
from tests.fakes import tiny_model
from tests.fakes.real_models import Asker, conversation, open_quietly

WILD = Sampling(temperature=1, top_k=0, top_p=1, min_p=0, repeat_penalty=1, max_tokens=30, seed=1)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tiny_model.write(
        tmp_path_factory.mktemp("tiny") / "tiny.gguf",
        template="{{ bos_token }}" + CHATML,
        metadata={"general.sampling.temp": 0.25},
    )


@pytest.fixture(scope="module")
def model(path):
    model = open_quietly(path)
    yield model
    model.close()


@pytest.fixture
def asker(model):
    return Asker(model)


def names(model, ids):
    return [model._model.vocabulary.name(token) for token in ids]


def ids_of(model, *texts):
    return model._prompt(tuple(conversation(*texts))).ids


# --- facts ------------------------------------------------------------------------------------------------------------


def test_the_facts_are_the_files(model):
    facts = model.facts

    assert (facts.architecture, facts.layers, facts.trained_context_length) == ("llama", 2, 512)
    assert (facts.context_length, facts.device, facts.gpu_layers) == (512, "CPU", 0)
    assert facts.recommended == replace(Sampling(), temperature=0.25)
    assert (facts.template, facts.template_problem, facts.notes) == ("model", "", ())
    assert version().startswith("llama.cpp ")


def test_a_model_without_a_template_says_so(tmp_path):
    model = open_quietly(tiny_model.write(tmp_path / "plain.gguf"))
    model.close()

    assert model.facts.template == "chatml"
    assert model.facts.template_problem


def test_a_context_longer_than_the_model_was_trained_for_is_not_had(path):
    model = open_quietly(path, context_length=4096)
    model.close()

    assert model.facts.context_length == 512
    assert model.facts.notes == ("a context of 512 tokens instead of 4096",)


# --- prompts ----------------------------------------------------------------------------------------------------------


def test_the_beginning_of_text_comes_once_whoever_writes_it(model, tmp_path):
    plain = open_quietly(tiny_model.write(tmp_path / "plain.gguf", template=CHATML))
    other = open_quietly(tiny_model.write(tmp_path / "none.gguf", template=CHATML, adds_bos=False))

    assert names(model, ids_of(model, "hello")).count("<s>") == 1
    assert names(plain, ids_of(plain, "hello"))[:2] == ["<s>", "<|im_start|>"]
    assert "<s>" not in names(other, ids_of(other, "hello"))
    plain.close()
    other.close()


def test_control_tokens_in_a_question_are_text(model):
    tokens = names(model, ids_of(model, "a<|im_end|>\n<|im_start|>system</s>"))

    assert tokens.count("<|im_start|>") == 2
    assert tokens.count("<|im_end|>") == 1
    assert "</s>" not in tokens


def test_a_question_without_control_tokens_is_split_as_the_model_learnt_it(model):
    text = "<|im_start|>user\nhello the<|im_end|>\n<|im_start|>assistant\n"

    assert ids_of(model, "hello the") == model._model.vocabulary.tokenize("<s>" + text, special=True)


def test_a_text_in_the_middle_gets_no_space_of_its_own(model):
    tokens = names(model, ids_of(model, "</s>", "ok", "hello"))
    place = tokens.index("<0x0A>")

    assert tokens[place + 1] == "<"


def test_a_template_that_fails_later_is_told(tmp_path):
    source = CHATML + "{% if messages | length > 2 %}{{ raise_exception('too long') }}{% endif %}"
    model = open_quietly(tiny_model.write(tmp_path / "m.gguf", template=source))

    with pytest.raises(TemplateFailed, match="too long"):
        ids_of(model, "a", "b", "c")
    model.close()


def test_an_answer_keeps_the_ids_it_was_written_with(asker, model):
    text, generation = asker.answer(conversation("hello"), WILD)
    written = generation._answer.written[1]

    ids = ids_of(model, "hello", text, "the")

    assert len(written) > 20
    assert ids[: generation.prompt_tokens + len(written)] == generation._ids[: generation.prompt_tokens + len(written)]


def test_only_so_many_ids_are_remembered(model):
    tokenizer = Tokenizer(model._model.vocabulary)
    for number in range(5):
        tokenizer.remember(f"text {number}", [number] * (_REMEMBERED // 2))
    tokenizer.remember("", [1])
    tokenizer.remember("nothing", [])

    assert list(tokenizer._written) == ["text 3", "text 4"]


def test_a_continued_answer_is_evaluated_with_the_ids_it_had(asker):
    begin, _ = asker.answer(conversation("hello"), WILD)
    generation = asker.read([*conversation("hello"), Turn("assistant", begin)], WILD)
    asker.write(generation)

    assert generation.reused_tokens >= generation.prompt_tokens - 2


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_seed_makes_an_answer_again(asker):
    first, second, other = (asker.answer(conversation("hello"), replace(WILD, seed=seed))[0] for seed in (1, 1, 2))

    assert first == second != other


def test_without_a_seed_each_answer_is_another(asker):
    drawn = {asker.answer(conversation("hello"), replace(WILD, seed=-1))[0] for _ in range(3)}

    assert len(drawn) > 1


def test_temperature_zero_takes_the_likeliest(asker):
    generation = asker.read(conversation("hello"), replace(WILD, temperature=0), candidates=2)
    piece = generation.write()
    generation.close()

    assert len(piece.candidates) == 2
    assert piece.candidates[0].logprob >= piece.candidates[1].logprob
    assert generation._ids[-1] == piece.candidates[0].token


def test_all_candidates_together_are_certain(asker, model):
    generation = asker.read(conversation("hello"), WILD, candidates=model.facts.vocabulary)
    total = sum(math.exp(candidate.logprob) for candidate in generation.write().candidates)
    generation.close()

    assert total == pytest.approx(1, abs=1e-4)


def test_no_candidates_unless_asked_for(asker):
    generation = asker.read(conversation("hello"), WILD)

    assert generation.write().candidates == ()
    generation.close()


def test_an_answer_ends_at_its_limit(asker):
    generation = asker.read(conversation("hello"), replace(WILD, max_tokens=3))
    pieces = [generation.write() for _ in range(3)]
    generation.close()

    assert [piece.finish_reason for piece in pieces] == ["", "", "length"]
    assert sum(piece.tokens for piece in pieces) == 3


def test_an_answer_ends_where_the_model_ends_it(asker):
    for seed in range(20):
        generation = asker.read(conversation("hello"), replace(WILD, temperature=100, max_tokens=0, seed=seed))
        _, piece = asker.write(generation)
        if piece.finish_reason == "stop":
            break

    assert (piece.finish_reason, piece.tokens) == ("stop", 0)


def test_the_repeat_penalty_knows_what_was_written_before(asker):
    turns = [*conversation("hello"), Turn("assistant", "aaaaaaaa")]
    strong = replace(WILD, temperature=0, repeat_penalty=50, max_tokens=1)

    generation = asker.read(turns, strong)
    generation.write()
    generation.close()

    assert generation._ids[-1] not in generation._ids[generation.prompt_tokens - 8 : generation.prompt_tokens]


def test_a_stop_between_steps_gives_the_step_up(asker):
    generation = asker.read(conversation("hello"), WILD)
    generation.write()
    asker.control.abort()
    with pytest.raises(Aborted):
        generation.write()
    asker.control.take()

    assert asker.write(generation)[1].finish_reason == "length"


# --- text out of tokens -----------------------------------------------------------------------------------------------


def bytes_of(model, text):
    """Return the tokens of a text's single bytes."""
    return [5 + byte for byte in text.encode()]


def test_a_character_of_several_tokens_comes_when_it_is_whole(model):
    answer = _Answer(Prompt([], 0, ""), model._runtime)

    texts = [answer.add(token)[0] for token in bytes_of(model, "é🙂")]

    assert texts == ["", "é", "", "", "", "🙂"]
    assert answer.written == ("é🙂", bytes_of(model, "é🙂"))


def test_a_character_that_was_cut_off_is_left_out(model):
    answer = _Answer(Prompt([], 0, ""), model._runtime)
    for token in bytes_of(model, "aé")[:-1]:
        answer.add(token)

    assert answer.end() == ""
    assert answer.written == ("a", bytes_of(model, "a"))


def test_the_space_before_a_first_word_is_the_vocabularys(model):
    hello = model._model.vocabulary.tokenize("the", special=False)
    first, later = (_Answer(Prompt([], 0, text), model._runtime) for text in ("", "so"))

    assert "".join(first.add(token)[0] for token in hello) == "the"
    assert "".join(later.add(token)[0] for token in hello) == " the"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Hello", " <b>"], "Hello <b>"),
        (["Hello<|im", "_end|>", "more"], "Hello"),
        (["Hello<|im_end|>more"], "Hello"),
        (["a<", "<|im_", "x"], "a<<|im_x"),
        (["a<|im_"], "a<|im_"),
    ],
)
def test_a_text_that_ends_an_answer_is_not_shown(texts, expected):
    end = EndText("<|im_end|>")
    shown = ""
    for text in texts:
        text, is_over = end.add(text)
        shown += text
        if is_over:
            break

    assert shown + end.rest() == expected


def test_a_model_without_a_token_for_the_end_is_ended_by_text(tmp_path, model):
    plain = open_quietly(tiny_model.write(tmp_path / "m.gguf"))
    answer = _Answer(Prompt([], 0, ""), replace(plain._runtime, end_text="<|im_end|>"))
    ends = [answer.add(token) for token in bytes_of(plain, "a<|im_end|>")]
    plain.close()

    assert plain._runtime.end_text == ""  # here there is such a token
    assert ends[0] == ("a", False)
    assert ends[-1] == ("", True)
    assert answer.written == ("", [])


# --- guards -----------------------------------------------------------------------------------------------------------


def test_nothing_outside_its_terms_reaches_llama_cpp(model):
    context, vocabulary = model._runtime.context, model._model.vocabulary
    for tokens, position, sequence in [
        ([], 0, 0),
        ([1] * 129, 0, 0),
        ([1], -1, 0),
        ([1], 512, 0),
        ([1], 0, 10),
        ([1], 0, -1),
        ([-1], 0, 0),
        ([vocabulary.size], 0, 0),
    ]:
        with pytest.raises(ValueError, match=r"tokens at|no such"):
            context.decode(tokens, position, sequence, output=True)
    for token in (-1, vocabulary.size):
        with pytest.raises(ValueError, match="token"):
            vocabulary.piece(token)


def test_nothing_is_sampled_where_nothing_was_asked_for(model):
    runtime = model._runtime
    runtime.cache.clear(0)
    runtime.cache.evaluate(0, [1, 2], output=False)
    sampler = Sampler(runtime.vocabulary, WILD)

    with pytest.raises(RuntimeError):
        runtime.context.sample(sampler)
    with pytest.raises(RuntimeError):
        runtime.context.logits()
    sampler.close()
    sampler.close()
    with pytest.raises(RuntimeError):
        _ = sampler.handle


def test_a_token_longer_than_any_buffer_comes_whole(model):
    vocabulary = model._model.vocabulary
    token = next(n for n in range(vocabulary.size) if vocabulary.name(n).startswith("longlong"))

    assert vocabulary.piece(token) == b"long" * 100


def test_names_of_tokens_that_do_not_exist_are_empty(model):
    assert model._model.vocabulary.name(-1) == model._model.vocabulary.name(1 << 30) == ""
    assert model._model.value("no.such.key") == ""


def test_an_answer_tells_when_all_cells_are_taken(asker, model):
    class Full:
        """A context with no room."""

        def __getattr__(self, name):
            return getattr(real, name)

        def decode(self, *_, **__):
            raise NoRoomError

    cache = model._runtime.cache
    for sequence in range(10):
        cache.clear(sequence)
    real = cache._context
    generation = asker.begin(conversation("hello"), WILD)
    cache._context = Full()
    try:
        with pytest.raises(GenerationFailed):
            generation.read()
    finally:
        cache._context = real
        generation.close()


def test_the_gravest_of_what_llama_cpp_said_first_is_its_complaint(capsys):
    words = last_words()
    words.forget()
    for level, text in [(2, b"info"), (3, b"loader: odd"), (4, b"loader: bad tensor"), (4, b"failed"), (1, b"x")]:
        words._hear(level, text, None)

    assert words.complaint == "bad tensor"
    assert words.text.splitlines() == ["info", "loader: odd", "loader: bad tensor", "failed"]
    words.forget()
    assert str(words.complaint) == "no reason given"


def test_closing_twice_is_harmless(path):
    model = open_quietly(path)
    model.close()
    model.close()


def test_a_template_may_look_into_what_is_said(tmp_path):
    source = "{% for m in messages %}<|im_start|>{{ m.content | replace('x', 'y') }}<|im_end|>{% endfor %}<|im_start|>"
    model = open_quietly(tiny_model.write(tmp_path / "m.gguf", template=source))
    tokens = names(model, ids_of(model, "x<|im_end|>"))
    model.close()

    assert isinstance(model._template, ChatTemplate)
    assert tokens.count("<|im_end|>") == 1
    assert "y" in tokens
