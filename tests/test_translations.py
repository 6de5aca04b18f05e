"""Every sentence can be translated and is: nothing visible is written past gettext, no catalogue lags behind."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from assistant.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [*sorted((ROOT / "assistant").rglob("*.py")), *sorted((ROOT / "ui").rglob("*.py"))]
SHOWN_BY = {
    *("setText", "setWindowTitle", "setToolTip", "setPlaceholderText", "setAccessibleName", "setAccessibleDescription"),
    *("setTitle", "setStatusTip", "setLabelText", "addItem", "addAction", "addMenu", "addTab", "setHtml"),
    *("QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QAction", "QGroupBox", "QMenu"),
}
"""Calls whose text arguments a person reads."""
SHOWN_IN_THE_TERMINAL = {"remark", "text", "progress"}
"""The same in ``assistant/cli``; elsewhere these names mean other things."""


def translations():
    spec = importlib.util.spec_from_file_location("translations", ROOT / ".ci" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def says_something(text):
    return re.search(r"[^\W\d_]{2,}", text) is not None


def untranslatable(tree, shown_by=frozenset(SHOWN_BY)):
    """Yield the literal texts given to calls that show them, f-strings included."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in shown_by:
            continue
        for argument in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "text")]:
            parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
            for part in parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and says_something(part.value):
                    yield node.lineno, part.value


NAMES = {"Inkstone", "MiB", "GiB", "GB", "MB", "English", "简体中文", "px"}
"""Names and units that are the same in every language."""


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_visible_text_is_written_past_gettext(source):
    shown_by = SHOWN_BY | SHOWN_IN_THE_TERMINAL if "cli" in source.parts else SHOWN_BY
    found = [
        (line, text)
        for line, text in untranslatable(ast.parse(source.read_text(encoding="utf-8")), shown_by)
        if not set(re.findall(r"[^\W\d_]{2,}", text)) <= NAMES
    ]
    assert found == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_the_catalogue_has_every_sentence_and_no_other(language):
    module = translations()
    catalogue = module.read(module.FOLDER / language / "LC_MESSAGES" / "inkstone.po", language)
    wanted = {message.id for message in module.collect() if message.id}
    translated = {message.id for message in catalogue if message.id and module.all_filled(message.string)}
    assert wanted - translated == set()
    assert translated - wanted == set()


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_translations_keep_the_places_of_the_values(language):
    module = translations()
    catalogue = module.read(module.FOLDER / language / "LC_MESSAGES" / "inkstone.po", language)
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings:
            assert fields(string) == fields(ids[-1]), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_the_compiled_catalogue_is_the_readable_one(language):
    module = translations()
    file = module.FOLDER / language / "LC_MESSAGES" / "inkstone.po"
    assert file.with_suffix(".mo").read_bytes() == module.compiled(module.read(file, language))


def fields(text):
    return sorted(re.findall(r"\{(\w*)", text))


def test_a_text_past_gettext_would_be_found():
    tree = ast.parse('label.setText("Hello there")\nQLabel(f"{n} words")\nlabel.setText(_("Fine"))\nlabel.setText("…")')
    assert [text for _line, text in untranslatable(tree)] == ["Hello there", " words"]
