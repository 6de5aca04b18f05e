"""Sizes and counts as people write them, and words put together as the language in use wants."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale

from assistant.i18n import _, language

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.errors import AssistantError

_FULL_WIDTH = ("。", "！", "？")
"""Ends of sentences that have their space in them."""


def size_words(size_bytes: int) -> str:
    """Return a size as people write it: ``98 MB``, ``2.5 GB``, ``212 GB``."""
    precision = 1 if 1_000_000_000 <= size_bytes < 99_950_000_000 else 0
    return QLocale(language()).formattedDataSize(size_bytes, precision, QLocale.DataSizeFormat.DataSizeSIFormat)


def short_count(tokens: int) -> str:
    """Return a number of tokens as people say it: ``980``, ``2.5k``, ``8k``, ``128k``."""
    if tokens < 1000:
        return str(tokens)
    thousands = tokens / 1024 if tokens % 1024 == 0 else tokens / 1000
    return f"{thousands:.1f}".removesuffix(".0") + "k"


def path_words(path: Path) -> str:
    """Return where something lies as people write it: from ``~`` on when it is below the home, but on Windows."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises without one
    if sys.platform == "win32" or not path.is_relative_to(home):
        return str(path)
    return str("~" / path.relative_to(home))


def joined(*parts: str) -> str:
    """Return what there is of the parts, with dots between."""
    return " · ".join(part for part in parts if part)


def clauses(*parts: str) -> str:
    """Return what there is of the parts, with commas between."""
    return _(", ").join(part for part in parts if part)


def sentences(*parts: str) -> str:
    """Return what there is of the sentences, one after the other."""
    text = ""
    for part in parts:
        space = " " if text and part and not text.endswith(_FULL_WIDTH) else ""
        text += space + part
    return text


def error_words(error: AssistantError | None) -> str:
    """Return what went wrong and what to do about it; nothing when nothing did."""
    return sentences(error.message, error.hint) if error else ""
