"""Model cards: what is shown of them, and what is never done for them."""

import pytest
from PySide6.QtCore import Qt, QUrl

from assistant.errors import HubUnreachable
from tests.fakes.model_source import SUGGESTIONS
from tests.fakes.models_window import PageDriver
from ui.models.markdown_view import MarkdownView
from ui.models.readme_dialog import ReadmeDialog
from ui.models.readme_text import readable

QWEN = SUGGESTIONS[0]


# --- the text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("---\nlicense: mit\n---\n# Title\n", "# Title"),
        ("# Title\n---\nno front matter\n---\n", "# Title\n---\nno front matter\n---"),
        ("a <!-- hidden\n\nstill --> b", "a  b"),
        ("a <!-- never ends", "a "),
        ("x<script>alert(1)</script>y<STYLE>p{}</style>z", "xyz"),
        ('<img src="https://x/y.png" alt="A &amp; B">', "A & B"),
        ("<img src=x>", ""),
        ("one<br/>two", "one  \ntwo"),
        ('<a href="https://example.org/a">the <b>page</b></a>', "[the **page**](https://example.org/a)"),
        ('<a href="https://example.org/a"><img alt="Logo"></a>', "[Logo](https://example.org/a)"),
        ("<a name=top></a>text", "text"),
        ('<a href="javascript:f(1)">x</a>', "x"),
        ("<h2 align='center'>Head</h2>", "## Head"),
        ("<b>bold</b> <em>it</em>", "**bold** *it*"),
        ("1 < 2 and <think> stays", "1 < 2 and <think> stays"),
        ("`<b>code</b>` and <b>bold</b>", "`<b>code</b>` and **bold**"),
        ("```html\n<b>code</b>\n```\n<b>x</b>", "```html\n<b>code</b>\n```\n**x**"),
        ("~~~\n```\n<p>\n~~~", "~~~\n```\n<p>\n~~~"),
        ("````\n<p>\n```\n<p>\n````", "````\n<p>\n```\n<p>\n````"),
        ("<https://example.org> and <a@b.example>", "<https://example.org> and <a@b.example>"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_front_matter_and_html_go_and_code_stays(text, shown):
    assert readable(text).strip("\n") == shown.strip("\n")


@pytest.mark.parametrize("piece", ["<!--", "<a ", "<a href='", "`", "<b ", "```", "---\n", "<script", "[x](", "<"])
def test_text_that_wants_to_hold_us_up_does_not(piece):
    assert len(readable(piece * 50_000)) <= 50_000 * len(piece) + 10


# --- the view -------------------------------------------------------------------------------------------------------


@pytest.fixture
def view(qtbot, theme):
    view = MarkdownView(theme)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


def test_markdown_is_rendered_and_nothing_is_fetched(view):
    view.show_text("# Head\n\n![a picture](https://x/y.png) `code`\n\n```py\nx = 1\n```")
    assert view.toPlainText().startswith("Head\na picture code")
    assert view.loadResource(2, QUrl("file:///etc/passwd")) is None
    view.grab()


def test_long_texts_come_bit_by_bit(qtbot, view):
    view.show_text("A line of text that goes on for a while.\n\n" * 1_500)
    assert not view.is_complete
    qtbot.waitUntil(lambda: view.is_complete, timeout=20_000)
    assert view.toPlainText().count("A line of text") == 1_500


def test_a_link_is_told_and_not_followed(qtbot, view):
    view.show_text("[the page](https://example.org/a)")
    with qtbot.waitSignal(view.link_chosen) as signal:
        view.anchorClicked.emit(QUrl("https://example.org/a"))
    assert signal.args == ["https://example.org/a"]
    assert view.toPlainText() == "the page"
    assert "the page" in view.toPlainText()


def test_links_are_reached_by_the_keyboard(qtbot, view):
    view.show_text("text [the page](https://example.org/a) text")
    view.setFocus()
    with qtbot.waitSignal(view.link_chosen) as signal:
        qtbot.keyClick(view, Qt.Key.Key_Tab)
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert signal.args == ["https://example.org/a"]


def test_another_theme_shows_the_same_text(view, theme):
    view.show_text("# Head")
    theme.set_mode("dark")
    assert view.toPlainText() == "Head"


# --- the dialog -----------------------------------------------------------------------------------------------------


@pytest.fixture
def driver(qtbot, theme):
    return PageDriver(qtbot, theme)


@pytest.fixture
def dialog(driver):
    driver.page.requests.read.emit(QWEN.repository)
    dialog = driver.page.window().findChild(ReadmeDialog)
    yield dialog
    dialog.close()


def test_the_model_card_comes_from_the_hub(driver, dialog):
    assert dialog.note.text() == "Asking for the model card …"
    assert driver.source.begun == {1: ("readme", QWEN.repository)}
    driver.source.finish("readme", "---\na: b\n---\n# Qwen")
    assert dialog.view.toPlainText() == "Qwen"
    assert dialog.note.isHidden()


def test_a_card_that_does_not_come_can_be_asked_for_again(driver, dialog):
    driver.source.finish("readme", error=HubUnreachable(host="hub.example", reason="no answer"))
    assert "hub.example" in dialog.note.text()
    driver.click(dialog.retry_button)
    driver.source.finish("readme", "# Qwen")
    assert dialog.view.toPlainText() == "Qwen"


def test_a_repository_without_a_card_says_so(driver, dialog):
    driver.source.finish("readme", "---\na: b\n---\n")
    assert dialog.note.text() == "This repository has no model card."


def test_closing_waits_for_nothing(driver, dialog):
    driver.click(dialog.close_button)
    assert driver.source.dropped == [1]


def test_links_and_the_page_are_opened_only_after_asking(driver, dialog, monkeypatch):
    asked = []
    for place in ("getting", "readme_dialog"):
        monkeypatch.setattr(f"ui.models.{place}.ask_and_open", lambda _theme, _parent, address: asked.append(address))
    driver.source.finish("readme", "[x](https://example.org)")
    dialog.view.link_chosen.emit("https://example.org")
    driver.click(dialog.visit_button)
    assert asked == ["https://example.org", f"https://hub.example/{QWEN.name}"]
