"""Sizes and counts as people write them."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from assistant.i18n import language


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
