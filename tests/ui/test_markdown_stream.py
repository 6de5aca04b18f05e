"""A text that grows looks at every moment as if it had been rendered as a whole."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes.markdown_corpus import DEFINED, NASTY, describe
from ui.markdown.document import MarkdownDocument
from ui.markdown.highlight import OpenCode, closed_lines, is_known
from ui.markdown.plain import plain_text
from ui.markdown.render import render
from ui.markdown.stream import StreamingRenderer
from ui.markdown.style import MarkdownStyle
from ui.theme.theme import Theme

BITS = [
    "- ", "* ", "+ ", "1. ", "2) ", "> ", "```", "~~~", "```py\n", "\n", "\n", "\n\n", "    ", "  ", "# ", "---", "===",
    "| a | b |", "|--|--|", "a", "b", "*", "**", "_", "`", "[x] ", "[a]", "(http://e.x)", "\t", "text words ", "日本",
    "<b>", "\\", "!", "\r\n", "$x$", "~~", '"""', "'", "/*", "*/", "--", "|", ":-", "\u202e", "\u2028", "\x0b", "\xa0",
    "\ufeff", "\x00", "#",
]  # fmt: skip


@pytest.fixture(scope="module")
def style(qapp: object) -> MarkdownStyle:
    return MarkdownStyle(Theme("light"))


def whole(text: str, style: MarkdownStyle) -> list[object]:
    document = MarkdownDocument(style, 700)
    render(document, text, style)
    return describe(document)


def test_every_prefix_of_a_nasty_text_equals_the_whole_rendering(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    for end in range(1, len(NASTY) + 1):
        renderer.update(NASTY[:end])
        if end % 7 == 0 or end > len(NASTY) - 20:
            assert describe(document) == whole(NASTY[:end], style), NASTY[:end][-40:]


def check_growth(bits: list[str], steps: random.Random, style: MarkdownStyle) -> None:
    text = "".join(bits)
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    end = 0
    while end < len(text):
        end += steps.randrange(1, 5)
        renderer.update(text[:end])
        assert describe(document) == whole(text[:end], style), text[:end]


@settings(max_examples=300)
@example(["~~~", "|--|--|", "\n\n", "~~~"], random.Random(1))
@example(["a\n", "\xa0", "\n", "b"], random.Random(1))
@example(["- a\n", "- b | c\n", "--|--\n", "- d\n"], random.Random(1))
@given(st.lists(st.sampled_from(BITS), max_size=30), st.randoms(use_true_random=False))
def test_growing_text_equals_the_whole_rendering(style, bits, steps):
    check_growth(bits, steps, style)


@pytest.mark.long
@settings(max_examples=10_000)
@given(st.lists(st.one_of(st.sampled_from(BITS), st.text(max_size=3)), max_size=40), st.randoms(use_true_random=False))
def test_growing_text_equals_the_whole_rendering_in_10_000_rounds(style, bits, steps):
    text = "".join(bits).replace("]:", "]")
    check_growth([text], steps, style)


@pytest.mark.long
@settings(max_examples=10_000)
@given(st.text())
def test_any_text_is_rendered_within_50_ms(style, text):
    took = []
    for _again in range(2):  # the first text in a script also loads the font that has it
        document = MarkdownDocument(style, 700)
        started = time.process_time()
        render(document, text, style)
        document.size()
        took.append(time.process_time() - started)
    assert min(took) < 0.05


def test_definitions_that_come_late_take_effect_at_the_end(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    for end in range(1, len(DEFINED) + 1):
        renderer.update(DEFINED[:end])
    renderer.finish(DEFINED)
    assert describe(document) == whole(DEFINED, style)
    renderer.finish(DEFINED)
    assert describe(document) == whole(DEFINED, style)


def test_a_text_that_is_replaced_is_shown_anew(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    renderer.update("one\n\ntwo\n\n| a |\n|--|\n| b |\n\nthree")
    renderer.update("other\n\n- x")
    assert describe(document) == whole("other\n\n- x", style)
    renderer.update("")
    assert plain_text(document) == ""


def test_settled_blocks_are_left_alone(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    text = "".join(f"paragraph {n}\n\n" for n in range(50))
    renderer.update(text)
    document.size()
    changes: list[int] = []
    document.contentsChange.connect(lambda position, _removed, _added: changes.append(position))
    renderer.update(text + "more **words**")
    assert min(changes) >= document.findBlockByNumber(48).position() - 1


def test_an_open_fence_gets_its_lines_appended(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    text = "```python\n" + "".join(f"x{n} = {n}\n" for n in range(400))
    renderer.update(text)
    document.size()
    changes: list[int] = []
    document.contentsChange.connect(lambda position, _removed, _added: changes.append(position))
    renderer.update(text + "y = 1\nz = 2")
    assert min(changes) >= document.findBlockByNumber(398).position() - 1
    assert describe(document) == whole(text + "y = 1\nz = 2", style)


def test_an_open_fence_is_lexed_the_same_in_any_steps():
    code = 'def f():\n    """doc\n    more"""\n    return 1\n'
    steps, once = OpenCode("python"), OpenCode("python")
    for end in range(len(code) + 1):
        lines = steps.lines(code[:end])
    assert lines == once.lines(code)
    assert ("    more", "string") in [run for line in lines for run in line] or '    more"""' in str(lines)


@pytest.mark.parametrize("language", ["json", "html", "php", "c", "rust", "yaml", "console", "make", "nothing", ""])
def test_open_code_of_any_language_keeps_its_text(language):
    code = '{"a": [1, true]}\n<?php echo 1; ?>\n\tx: y # z\n$ ls'
    for lines in (OpenCode(language).lines(code), closed_lines(language, code)):
        assert "\n".join("".join(text for text, _kind in line) for line in lines) == code


def test_long_code_stays_in_one_colour():
    assert {kind for line in closed_lines("python", "x = 1\n" * 5_000) for _text, kind in line} == {""}
    assert is_known("Python")
