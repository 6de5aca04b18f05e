from __future__ import annotations

import re
from itertools import product
from time import process_time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.theme.assets import asset
from ui.theme.fonts import code_font, interface_font, load_fonts
from ui.theme.stylesheet import render_stylesheet, template
from ui.theme.theme import TEXT_SIZES, Theme
from ui.theme.tokens import Tokens, load_tokens

SCHEMES = load_tokens()
PAIRS = [
    *product(("text", "text_muted", "text_faint", "accent_text"), ("bg", "surface", "raised", "sunken", "code_bg")),
    *product(("text", "text_muted", "accent_text"), ("bubble",)),
    *[("text", ground) for ground in ("hover", "press", "accent_soft", "selection")],
    *[("text_muted", ground) for ground in ("hover", "press", "accent_soft")],
    *[(tone, ground) for tone in ("ok", "warn", "bad", "info") for ground in (f"{tone}_soft", "surface", "bg")],
    *[(words, f"{tone}_soft") for tone in ("ok", "warn", "bad", "info") for words in ("text", "text_muted")],
    ("accent_text", "accent_soft"),
    ("on_accent", "accent"),
    *[(f"syntax.{kind}", "code_bg") for kind in SCHEMES.light.syntax_colors],
]


def luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [SCHEMES.light, SCHEMES.dark], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), PAIRS, ids=lambda name: str(name))
def test_words_can_be_read_on_their_ground(tokens: Tokens, words: str, ground: str) -> None:
    assert contrast(tokens.color(words), tokens.color(ground)) >= 4.5


@pytest.mark.parametrize("tokens", [SCHEMES.light, SCHEMES.dark], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface", "raised", "sunken"])
def test_the_focus_ring_stands_out(tokens: Tokens, ground: str) -> None:
    assert contrast(tokens.color("accent"), tokens.color(ground)) >= 3


def test_both_schemes_have_the_same_tokens() -> None:
    assert SCHEMES.light.colors.keys() == SCHEMES.dark.colors.keys()
    assert SCHEMES.light.syntax_colors.keys() == SCHEMES.dark.syntax_colors.keys()
    assert len(SCHEMES.light.data) == len(SCHEMES.dark.data)


def test_a_token_is_found_by_its_name() -> None:
    tokens = SCHEMES.light
    assert tokens.hex("accent") == "#5550D6"
    assert tokens.color("data.1") == QColor("#2A9D8F")
    assert tokens.syntax("string") == QColor("#2F7D3B")
    assert (tokens.px("m"), tokens.px("header"), tokens.size("sidebar")) == (12, 56, 264)
    assert (tokens.radius("card"), tokens.type_px("body")) == (12, 13)
    with pytest.raises(KeyError):
        tokens.color("mauve")


def test_a_color_may_be_changed_by_who_asked_for_it() -> None:
    SCHEMES.light.color("accent").setAlpha(3)
    assert SCHEMES.light.color("accent").alpha() == 255


@pytest.mark.parametrize("tokens", [SCHEMES.light, SCHEMES.dark], ids=["light", "dark"])
def test_every_place_of_the_style_sheet_is_filled(tokens: Tokens) -> None:
    sheet = render_stylesheet(tokens, 17)
    assert "@" not in sheet
    assert "font-size: 17px" in sheet
    for path in re.findall(r'url\("([^"]+)"\)', sheet):
        assert asset(path).is_file(), path


def test_type_is_set_in_pixels_only() -> None:
    assert not re.search(r"\d(pt|em)\b", template())


def test_the_shipped_typefaces_are_in_use(qapp: QApplication) -> None:
    assert all(number >= 0 for number in load_fonts())
    assert QFontInfo(interface_font(13)).family() == "Inter"
    assert QFontInfo(interface_font(13, QFont.Weight.DemiBold)).styleName() in ("SemiBold", "Semi Bold")
    assert QFontInfo(code_font(13)).family() == "JetBrains Mono"
    assert interface_font(13).pixelSize() == 13


def test_the_choice_of_light_and_dark_is_heard(qtbot: QtBot) -> None:
    theme = Theme("light")
    assert not theme.is_dark
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert (theme.mode, theme.is_dark, theme.hex("bg")) == ("dark", True, "#17171A")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("dark")


def test_an_unknown_mode_follows_the_system(qapp: QApplication) -> None:
    theme = Theme("sepia")
    assert theme.mode == "system"
    assert theme.is_dark is (QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark)


def test_the_system_is_followed_only_when_asked(qtbot: QtBot) -> None:
    follows, stays = Theme("system"), Theme("light")
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(Qt.ColorScheme.Dark)
    try:
        is_dark = hints.colorScheme() is Qt.ColorScheme.Dark
        hints.colorSchemeChanged.emit(hints.colorScheme())
        assert follows.is_dark is is_dark
        assert not stays.is_dark
    finally:
        hints.unsetColorScheme()


def test_the_size_of_reading_text_stays_within_reason(qtbot: QtBot) -> None:
    theme = Theme("light")
    assert theme.text_size == 15
    with qtbot.waitSignal(theme.changed):
        theme.set_text_size(18)
    theme.set_text_size(500)
    assert theme.text_size == TEXT_SIZES[1]
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_text_size(501)


def test_the_application_wears_the_theme(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme("light")
    theme.apply(qapp)
    page = QWidget()
    qtbot.addWidget(page)
    row = QVBoxLayout(page)
    words, button = QLabel("words"), QPushButton("do")
    words.setProperty("role", "muted")
    button.setProperty("kind", "primary")
    row.addWidget(words)
    row.addWidget(button)
    page.show()
    theme.set_mode("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window) == theme.color("bg")
    assert words.palette().color(QPalette.ColorRole.WindowText) == theme.color("text_muted")
    middle = button.grab().toImage().pixelColor(8, button.height() // 2)
    assert middle == theme.color("accent")
    theme.set_mode("light")
    assert words.palette().color(QPalette.ColorRole.WindowText) == theme.color("text_muted")


def test_a_full_window_changes_its_clothes_in_a_blink(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme("light")
    theme.apply(qapp)
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    for number in range(300):
        column.addWidget((QLabel, QPushButton, QLineEdit)[number % 3]())
    page.show()
    before = process_time()
    theme.set_mode("dark")
    qapp.sendPostedEvents()
    assert process_time() - before < 0.25
