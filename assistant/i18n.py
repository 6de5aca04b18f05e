"""Sentences in the user's language: gettext catalogues shared by the core, the terminal and the window.

Source sentences are English. ``_`` translates at once, ``N_`` only marks a constant for extraction, and a
``Sentence`` carries a marked template with its values so that it is rendered in the language chosen when it is shown.
"""

from __future__ import annotations

import gettext
import locale
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files

DOMAIN = "inkstone"
LANGUAGES = ("en", "zh_CN")
"""Every language with a complete catalogue; English needs none."""


class _Catalogue:
    """The translations in use. One for the process; replaced whole, so any thread may read it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.language = "en"
        self.translations: gettext.NullTranslations = gettext.NullTranslations()


_current = _Catalogue()


def N_(text: str) -> str:  # noqa: N802 - the name gettext tools know
    """Return ``text`` unchanged, marked for extraction; translate it later with ``_``."""
    return text


def _(text: str) -> str:
    """Return ``text`` in the language in use, or ``text`` itself where there is no translation."""
    return _current.translations.gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of a sentence that goes with ``count``, in the language in use."""
    return _current.translations.ngettext(singular, plural, count)


def language() -> str:
    """Return the code of the language in use, one of ``LANGUAGES``."""
    return _current.language


def system_language() -> str:
    """Return the supported language nearest to the system's, ``en`` when there is none."""
    names = [os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    named = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    return "zh_CN" if named.lower().startswith(("zh", "chinese")) else "en"


def use_language(code: str) -> str:
    """Use the catalogue of ``code`` (one of ``LANGUAGES``, or ``system``) from now on; returns the code taken.

    An unknown code means English. Blocks for the reading of one small file.
    """
    chosen = system_language() if code == "system" else code
    if chosen not in LANGUAGES:
        chosen = "en"
    translations: gettext.NullTranslations = gettext.NullTranslations()
    if chosen != "en":
        with as_file(files("resources") / "translations") as folder:
            translations = gettext.translation(DOMAIN, folder, [chosen], fallback=True)
    with _current.lock:
        _current.translations = translations
        _current.language = chosen
    return chosen


@dataclass(frozen=True)
class Sentence:
    """A marked template and the values of its ``{named}`` fields; ``str()`` renders it in the language in use."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        text = _(self.template) if self.template else ""
        return text.format_map(self.values) if self.values else text
