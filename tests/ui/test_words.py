"""Words and sentences put together as the language in use wants."""

import pytest

from assistant.errors import ModelFileDamaged, NetworkOff
from assistant.i18n import use_language
from ui.widgets.words import clauses, error_words, joined, sentences


@pytest.mark.parametrize("put", [joined, clauses, sentences])
def test_what_is_empty_leaves_no_trace(put):
    assert put("", "one", "") == "one"
    assert put("", "") == ""


def test_sentences_have_a_space_between_them():
    assert sentences("It is here.", "", "Use it.") == "It is here. Use it."


def test_after_a_full_width_mark_there_is_no_space():
    assert sentences("下载好了。", "现在就用！", "Really?", "好。") == "下载好了。现在就用！Really? 好。"


def test_clauses_are_parted_as_the_language_does_it():
    assert clauses("8 cores", "AVX2") == "8 cores, AVX2"
    use_language("zh_CN")
    assert clauses("8 核", "AVX2") == "8 核、AVX2"


def test_an_error_says_what_to_do_as_well():
    error = ModelFileDamaged(path="/m.gguf", reason="it ends early")
    assert error_words(error) == f"{error.message} {error.hint}"
    assert error_words(None) == ""


def test_an_error_in_chinese_has_no_gap():
    use_language("zh_CN")
    assert "。" in error_words(NetworkOff())
    assert "。 " not in error_words(NetworkOff())
