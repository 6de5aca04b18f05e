"""A text that grows looks at every moment as if it had been rendered as a whole."""

from __future__ import annotations

import random
import time
from importlib import import_module

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes.markdown_corpus import DEFINED, NASTY, describe
from ui.markdown import boundary, tables
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


HEAD = "| a | b |\n|--|--:|\n"
TABLE_BITS = [
    "| 1 | 2 |\n", "| 1 | 2 |\n", "| long words in this one | `3` |\n", "| 1 |\n", "one\n", "\n", "```\n", "``", "-",
    "- x\n", "> ", "> q\n", ">\n", "> a | b\n> --|--\n", "# h\n", "    ", " ", "--|--\n", "***\n", "\\|", "|", "[a]",
    "**", "<b>\n", "日本 ", HEAD, f"\n{HEAD}",
]  # fmt: skip


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
@example(["```a|b\n", "--|--\n", "c"], random.Random(1))
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


def check_growing_table(bits: list[str], steps: random.Random, style: MarkdownStyle) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "PART_ROWS", 2)
        patch.setattr(tables, "MOST_ROWS", 6)
        check_growth([HEAD, *bits], steps, style)


@settings(max_examples=50)
@example(["| 1 | 2 |\n", "``", "`\n", "x"], random.Random(1))
@example(["\n", "> a\n", ">\n", "> b\n", ">\n", "> - c\n", ">\n", "> d"], random.Random(1))
@given(st.lists(st.sampled_from(TABLE_BITS), max_size=20), st.randoms(use_true_random=False))
def test_a_growing_table_equals_the_whole_rendering(style, bits, steps):
    check_growing_table(bits, steps, style)


@pytest.mark.long
@settings(max_examples=3_000)
@given(st.lists(st.sampled_from(TABLE_BITS + BITS), max_size=40), st.randoms(use_true_random=False))
def test_a_growing_table_equals_the_whole_rendering_in_3_000_rounds(style, bits, steps):
    check_growing_table([bit for bit in bits if bit != "[a]"], steps, style)


def test_every_prefix_of_a_long_table_equals_the_whole_rendering(style):
    rows = "".join(f"| {n} | {'word ' * (n % 7)}`c{n}` | {n * n} |\n" for n in range(130))
    text = f"Before\n\n| n | words | square |\n|--|:-:|--:|\n{rows}\nafter"
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    for end in range(40, len(text) + 1, 7):
        renderer.update(text[:end])
        if end % 101 == 0:
            assert describe(document) == whole(text[:end], style), text[:end][-40:]
    renderer.finish(text)
    assert describe(document) == whole(text, style)
    assert "11 more rows are not shown" in plain_text(document)


def test_full_parts_of_an_open_table_are_left_alone(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    text = "| a | b |\n|--|--|\n" + "".join(f"| row {n} | some words |\n" for n in range(10, 80))
    renderer.update(text)
    document.size()
    changes: list[int] = []
    document.contentsChange.connect(lambda position, _removed, _added: changes.append(position))
    renderer.update(text + "| row 80 | more wo")
    assert min(changes) >= document.find("row 70").position()


def test_a_growing_table_leaves_no_formats_behind(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    text = "| a | b |\n|--|--|\n" + "".join(f"| row {n} | some words |\n" for n in range(40))
    for end in range(len(text)):
        renderer.update(text[:end])
    assert len(document.allFormats()) < 100


def test_a_table_goes_on_after_a_new_width_and_in_a_new_document(style):
    text = "| a | b |\n|--|--|\n" + "".join(f"| row {n} | {'some words ' * (n % 9)} |\n" for n in range(40))
    first, second = MarkdownDocument(style, 300), MarkdownDocument(style)
    for document in (first, second):
        renderer = StreamingRenderer(document, style)
        for end in (600, 603, 900):
            renderer.update(text[:end])
        document.setTextWidth(700)
        for end in (903, 1_200, len(text)):
            renderer.update(text[:end])
            assert describe(document) == whole(text[:end], style)


def test_blocks_of_an_open_quote_are_left_alone(style):
    document = MarkdownDocument(style, 700)
    renderer = StreamingRenderer(document, style)
    text = "".join(f"> paragraph {n}\n>\n" for n in range(50))
    renderer.update(text)
    document.size()
    changes: list[int] = []
    document.contentsChange.connect(lambda position, _removed, _added: changes.append(position))
    renderer.update(text + "> more **words**")
    assert min(changes) >= document.findBlockByNumber(48).position() - 1


def test_a_table_with_more_empty_cells_than_the_parser_takes_ends_where_it_ends(style, monkeypatch):
    monkeypatch.setattr(import_module("markdown_it.rules_block.table"), "MAX_AUTOCOMPLETED_CELLS", 100)
    monkeypatch.setattr(boundary, "MOST_CELLS", 100)
    check_growth([HEAD, "|\n" * 60, "| 1 | 2 |\n", "\nend"], random.Random(1), style)


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
