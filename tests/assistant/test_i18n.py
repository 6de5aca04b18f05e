"""Sentences: rendered in the language in use when they are shown, with English behind everything."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from assistant import i18n
from assistant.i18n import N_, Sentence, _, ngettext, system_language, use_language

GREETING = N_("Good morning, {name}.")


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Chinese catalogue with one sentence and one plural."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalog = Catalog(locale="zh_CN", domain=i18n.DOMAIN)
    catalog.add("Good morning, {name}.", "早上好，{name}。")
    catalog.add(("{count} file", "{count} files"), ("{count} 个文件",))
    data = io.BytesIO()
    write_mo(data, catalog)
    folder = tmp_path / "translations" / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "inkstone.mo").write_bytes(data.getvalue())
    monkeypatch.setattr(i18n, "files", lambda _package: tmp_path)
    return folder


def test_english_needs_no_catalogue():
    assert use_language("en") == i18n.language() == "en"
    assert _("Anything at all") == "Anything at all"
    assert [ngettext("{count} file", "{count} files", count) for count in (0, 1, 2)] == [
        "{count} files",
        "{count} file",
        "{count} files",
    ]


def test_another_language_takes_effect_at_once_and_for_sentences_made_before(catalogue):
    sentence = Sentence(GREETING, {"name": "Li"})
    assert str(sentence) == "Good morning, Li."

    assert use_language("zh_CN") == "zh_CN"

    assert str(sentence) == "早上好，Li。"
    assert ngettext("{count} file", "{count} files", 1) == "{count} 个文件"
    assert _("Not translated yet") == "Not translated yet"
    use_language("en")
    assert str(sentence) == "Good morning, Li."


def test_an_unknown_language_is_english():
    assert use_language("tlh") == "en"


def test_a_missing_catalogue_leaves_english(tmp_path, monkeypatch):
    monkeypatch.setattr(i18n, "files", lambda _package: tmp_path)

    assert use_language("zh_CN") == "zh_CN"
    assert _("Models") == "Models"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh_CN"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_systems_language_is_taken_from_the_environment(monkeypatch, environment, expected):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert system_language() == expected
    assert use_language("system") == expected


def test_without_an_environment_the_locale_decides(monkeypatch):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(i18n.locale, "getlocale", lambda: ("Chinese (Simplified)_China", "936"))

    assert system_language() == "zh_CN"


def test_a_sentence_without_values_is_left_as_it_is():
    assert str(Sentence("100 {percent} {")) == "100 {percent} {"
    assert str(Sentence("")) == ""


def test_a_sentence_inside_a_sentence_is_rendered_too(catalogue):
    outer = Sentence("Said: {what}", {"what": Sentence(GREETING, {"name": "Li"})})

    use_language("zh_CN")

    assert str(outer) == "Said: 早上好，Li。"
