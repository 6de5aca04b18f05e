"""The name of a conversation comes from its first question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chat.title import LONGEST, title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is a quine?", "What is a quine?"),
        ("\n\n  # A *bold* heading\nand more", "A bold heading"),
        ("> quoted   words", "quoted words"),
        ("", ""),
        ("为什么天空是蓝色的?", "为什么天空是蓝色的?"),
    ],
)
def test_the_first_line_that_says_something_is_the_title(question, title):
    assert title_of(question) == title


def test_a_long_question_is_cut_at_a_word():
    title = title_of("Please explain " + "again and " * 20)
    assert title.endswith(("again…", "and…"))
    assert len(title) <= LONGEST


@given(st.text())
def test_any_question_gives_one_short_line(question):
    title = title_of(question)
    assert len(title) <= LONGEST
    assert "\n" not in title
