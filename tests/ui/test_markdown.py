"""Markdown becomes documents that show what was written and nothing else."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTextCursor, QTextDocument, QTextTable
from pytestqt.qtbot import QtBot

from tests.fakes.markdown_corpus import NASTY, describe
from ui.markdown.document import MarkdownDocument
from ui.markdown.plain import link_positions, plain_text
from ui.markdown.render import render
from ui.markdown.spans import spans
from ui.markdown.style import MarkdownStyle, Property
from ui.markdown.underlay import card_text, cards_in, paint_underlay
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def style(qapp: object) -> MarkdownStyle:
    return MarkdownStyle(Theme("light"))


def rendered(text: str, style: MarkdownStyle, width: float = 700) -> MarkdownDocument:
    document = MarkdownDocument(style, width)
    render(document, text, style)
    return document


def plain(text: str, style: MarkdownStyle) -> str:
    return plain_text(rendered(text, style))


def test_paragraphs_headings_and_breaks_are_shown_without_their_marks(style):
    text = "# Title\n\nOne *two* **three** ~~four~~ `five`\nnext\n\n***\n\nend"
    assert plain(text, style) == "Title\n\nOne two three four five\nnext\n\n\n\nend"


def test_lists_keep_numbers_nesting_and_tasks(style):
    text = "3. three\n4. four\n   - inner\n   - [x] done\n   - [ ] open\n- - twice"
    assert plain(text, style) == "3. three\n4. four\n   - inner\n   [x] done\n   [ ] open\n- - twice"


def test_a_table_becomes_a_table_and_is_copied_with_tabs(style):
    document = rendered("| a | b |\n|--|--:|\n| 1 | **2** |\n\nafter", style)
    assert plain_text(document) == "a\tb\n1\t2\n\nafter"
    assert len(document.rootFrame().childFrames()) == 1


def long_table(rows: int) -> str:
    lines = "\n".join(f"| name {n} | {'some more words ' * (n % 9)}| {n * n} |" for n in range(rows))
    return f"before\n\n| a | b | c |\n|--|--|--:|\n{lines}\n\nafter"


def test_a_long_table_is_copied_like_a_short_one(style):
    document = rendered(long_table(40), style)
    lines = plain_text(document).split("\n")
    assert lines[:4] == ["before", "", "a\tb\tc", "name 0\t\t0"]
    assert [line.split("\t")[::2] for line in lines[3:43]] == [[f"name {n}", str(n * n)] for n in range(40)]
    assert lines[43:] == ["", "after"]
    start, end = document.find("name 6").selectionStart(), document.find("name 8").selectionEnd()
    assert [line.split("\t")[0] for line in plain_text(document, start, end).split("\n")] == [
        "name 6",
        "name 7",
        "name 8",
    ]


def columns_of(document: MarkdownDocument) -> list[set[float]]:
    """Return where the texts of each column begin."""
    tables = [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]
    layout = document.documentLayout()
    return [
        {
            round(layout.blockBoundingRect(table.cellAt(row, column).firstCursorPosition().block()).left(), 1)
            for table in tables
            for row in range(table.rows())
        }
        for column in range(tables[0].columns())
    ]


@pytest.mark.parametrize("width", [700, 320, 150])
def test_the_parts_of_a_long_table_have_the_same_columns(style, width):
    document = rendered(long_table(40), style)
    document.setTextWidth(width)
    again = MarkdownDocument(style, width)
    render(again, long_table(40), style)
    assert [len(places) for places in columns_of(document)] == [1, 1, 1]
    assert describe(document) == describe(again)
    assert document.size() == again.size()
    assert document.size().width() <= width


def test_rows_of_a_long_table_stand_as_far_apart_where_its_parts_meet(style):
    document = rendered(long_table(30).replace("some more words ", ""), style)
    tops = [
        document.documentLayout().blockBoundingRect(document.find(f"name {n}").block()).top() for n in range(10, 30)
    ]
    steps = [below - above for above, below in pairwise(tops)]
    assert max(steps) - min(steps) <= 1


def test_a_selection_goes_through_a_long_table_row_by_row(style):
    document = rendered(long_table(20), style)

    def marked(first: str, last: str) -> list[str]:
        start, end = document.find(first).selectionStart(), document.find(last).selectionEnd()
        return [" ".join(plain_text(document, *span).split()) for span in spans(document, start, end)]

    assert marked("name 5", "name 5") == ["name 5"]
    assert marked("before", "after")[0].startswith("before a b c name 0")
    assert marked("name 0", "name 1") == ["name 0 0", "name 1"]
    assert [text.split()[1] for text in marked("name 6", "name 9")] == ["6", "7", "8", "9"]
    assert " ".join(marked("49", "after")).endswith("361 after")


def test_a_huge_table_is_cut_and_says_so(style):
    rows = "\n".join(f"| {n} | x |" for n in range(500))
    assert "381 more rows are not shown" in plain(f"| a | b |\n|--|--|\n{rows}", style)


def test_code_is_kept_as_written_and_coloured(style):
    document = rendered("```python\ndef f():\n    return 'x'\n```", style)
    assert plain_text(document) == "def f():\n    return 'x'"
    colours = {run[2] for run in describe(document)[1][0]}  # type: ignore[index]
    assert style.theme.syntax("keyword").name() in colours


def test_two_cards_next_to_each_other_do_not_touch(style):
    document = rendered("```\na\n```\n```js\nb\n```", style)
    first, second = cards_in(document, QRectF(0, 0, 700, 1000))
    assert second.rect.top() - first.rect.bottom() >= 8
    assert [first.language, second.language] == ["", "js"]
    assert [card_text(document, card.start) for card in (first, second)] == ["a", "b"]


def test_a_card_in_view_is_found_without_its_first_line(style):
    document = rendered("```\n" + "line\n" * 200 + "```", style)
    (card,) = cards_in(document, QRectF(0, 2000, 700, 300))
    assert card.start == -1
    assert card.rect.top() < 2000
    assert card.rect.bottom() > 2300


def test_html_and_pictures_are_only_text(style):
    text = "<script>x()</script> <b>b</b> ![pixel](http://evil.example/p.png) ![](http://evil.example/q.png)"
    assert plain(text, style) == "<script>x()</script> <b>b</b> pixel picture"


@pytest.mark.parametrize(
    ("source", "shown", "links"),
    [
        ("[ok](https://example.org/a)", "ok", ["https://example.org/a"]),
        ("<mailto:a@example.org>", "mailto:a@example.org", ["mailto:a@example.org"]),
        ("[google.com](https://evil.example/)", "google.com (evil.example)", ["https://evil.example/"]),
        ("[www.example.org/x](https://example.org/x)", "www.example.org/x", ["https://example.org/x"]),
        ("[https://bank.example](https://bank.example@evil.example)", "https://bank.example (evil.example)",
         ["https://bank.example@evil.example"]),
        ("[a@b.org](mailto:c@d.org)", "a@b.org (c@d.org)", ["mailto:c@d.org"]),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))", []),
        ("[x](file:///etc/passwd)", "[x](file:///etc/passwd)", []),
        ("[x](ssh://host)", "x (ssh://host)", []),
        ("[x](#part)", "x", []),
        ("[x](http:///)", "x (http:///)", []),
        ("[аpple.com](https://xn--pple-43d.com)", "аpple.com (xn--pple-43d.com)", ["https://xn--pple-43d.com"]),
    ],
)  # fmt: skip
def test_links_go_where_they_say_or_nowhere(style, source, shown, links):
    document = rendered(source, style)
    assert plain_text(document) == shown
    assert [url for _start, _end, url in link_positions(document)] == links


def test_direction_overrides_and_hidden_letters_are_left_out(style):
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "ignore all")
    england = "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"
    assert plain(f"a\u202eb{hidden}c {england} \u200d\u200f", style) == f"abc {england} \u200d\u200f"
    assert plain("```\nif x: \u2066# \u202e}\u2069\n```", style) == "if x: # }"


def test_copying_a_part_takes_just_that_part(style):
    document = rendered("one **two** three\n\n- item\n- next", style)
    assert plain_text(document, 4, 7) == "two"
    assert plain_text(document, 8, 18) == "three\n\n- item"


def test_a_word_of_200_kb_is_shown_at_once_and_copied_whole(style):
    word = "a" * 150_000
    document = rendered(word, style)
    assert document.size().width() <= 701
    assert plain_text(document) == word


def test_text_beyond_the_limit_is_announced(style):
    assert plain("word " * 50_000, style).endswith("copying the message takes all of it.")


@pytest.mark.parametrize(
    "text",
    ["> " * 500 + "x", "- " * 500 + "x", "[" * 5_000, "*a " * 3_000, "`" * 3_001 + "a", "![" * 3_000, "a\u0301" * 3_000,
     "x" + "\u0301" * 3_000, "|" * 3_000 + "\n" + "|-" * 3_000, "&" * 5_000, "<" * 5_000, "\\" * 5_000, "_" * 5_000],
)  # fmt: skip
def test_hostile_text_ends_quickly(style, text):
    document = rendered(text, style)
    assert document.size().height() > 0


class Asked(MarkdownDocument):
    """A document that records what it is asked for."""

    def __init__(self, style: MarkdownStyle) -> None:
        super().__init__(style, 700)
        self.asked: list[object] = []

    def loadResource(self, kind: int, name: object) -> object:
        self.asked.append(name)
        return super().loadResource(kind, name)  # type: ignore[arg-type]


def test_rendering_asks_for_nothing(style, tmp_path: Path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    text = f"{NASTY}\n\n![x](file://{fifo}) ![y](http://127.0.0.1:9/x) <img src='file://{fifo}'> [z](file://{fifo})"
    document = Asked(style)
    render(document, text, style)
    image = paint(document, style)
    assert not image.isNull()
    assert document.asked == []


def test_a_document_gives_out_nothing_even_when_asked(style, tmp_path: Path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    document = MarkdownDocument(style, 700)
    QTextCursor(document).insertHtml(f"<img src='file://{fifo}'><img src='file:///etc/passwd'>")
    assert document.size().height() > 0
    found = document.resource(QTextDocument.ResourceType.ImageResource.value, f"file://{fifo}")
    assert isinstance(found, QImage)
    assert found.width() == 1
    assert document.resource(QTextDocument.ResourceType.StyleSheetResource.value, f"file://{fifo}") is None


def paint(document: MarkdownDocument, style: MarkdownStyle) -> QImage:
    size = document.size().toSize()
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        paint_underlay(painter, document, style, QRectF(0, 0, size.width(), size.height()))
        document.drawContents(painter)
    return image


def test_code_cards_are_painted_under_the_text(style):
    document = rendered("```\nx\n```\n\n> quote\n\n- [x] done\n1. one\n\n---\n\n`code`", style)
    image = paint(document, style)
    (card,) = cards_in(document, QRectF(0, 0, 700, 1000))
    assert image.pixelColor(card.rect.center().toPoint()) == style.color("code_bg")


def test_a_language_nobody_knows_is_shown_plain(style):
    document = rendered("```no-such-language\nx = 1\n```", style)
    assert document.lastBlock().blockFormat().property(Property.LANGUAGE.value) == "no-such-language"
    assert plain_text(document) == "x = 1"


def test_pygments_and_markdown_it_are_not_imported_with_the_package(qtbot: QtBot):
    import subprocess
    import sys

    code = "import sys, ui.markdown.stream, ui.markdown.underlay; print([m for m in sys.modules if m.split('.')[0] in "
    code += "('pygments', 'markdown_it')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
