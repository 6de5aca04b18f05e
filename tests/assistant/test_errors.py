"""Errors: every one has a kind of its own, a sentence, and values that fill it in the language in use."""

from __future__ import annotations

import inspect
import re
import string

import pytest

from assistant import errors
from assistant.errors import AssistantError, ContextFull, ModelFileDamaged, ModelNotFound
from assistant.i18n import N_, Sentence

CLASSES = [found for _name, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, AssistantError)]
LEAVES = [found for found in CLASSES if not found.__subclasses__()]


def fields(template: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_its_sentence_is_filled_by_the_values_its_docstring_names(kind):
    named = set(re.findall(r"``(\w+)``", kind.__doc__ or ""))

    assert fields(kind.template) | fields(kind.advice) <= named
    error = kind(**dict.fromkeys(named, "X"))
    assert error.message.endswith(".")
    assert "{" not in error.message + error.hint
    assert str(error) == error.message


def test_every_kind_is_another():
    kinds = [found.kind for found in CLASSES]

    assert len(set(kinds)) == len(kinds)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", kind) for kind in kinds)


def test_the_tree_at_the_top_draws_every_class_below_its_parent():
    parents, drawn = {}, {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ([ │├└─]*)(\w+)", line):
            depth, name = len(match[1]) // 4, match[2]
            parents[depth] = name
            drawn[name] = parents[depth - 1] if depth else None

    expected = {found.__name__: found.__mro__[1].__name__ for found in CLASSES}
    assert drawn == {**expected, "AssistantError": None}


def test_an_error_without_advice_has_no_hint():
    assert AssistantError().hint == ""
    assert AssistantError().message == "Something went wrong."


def test_values_are_kept_for_programs():
    error = ContextFull(prompt_tokens=9000, context_length=8192)

    assert error.values == {"prompt_tokens": 9000, "context_length": 8192}
    assert "9000 tokens" in error.message
    assert "8192" in error.message


def test_a_value_may_be_a_sentence():
    error = ModelFileDamaged(path="x.gguf", reason=Sentence(N_("it ends too early")))

    assert "it ends too early" in error.message


def test_braces_in_values_are_only_text():
    assert "{name}" in ModelNotFound(name="{name}{").message


def test_a_family_is_caught_as_one():
    with pytest.raises(errors.ModelError):
        raise ModelNotFound(name="x")
