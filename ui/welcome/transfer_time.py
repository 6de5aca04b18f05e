"""How long a download would take, going by the last one that was large enough to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.i18n import _, ngettext
from assistant.network import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant.ledger import Entry

LEAST_BYTES = 5_000_000
"""A smaller one says more of the beginning than of the speed."""
_MINUTE, _HOUR = 60, 3600


def bytes_per_s(entries: Iterable[Entry]) -> float:
    """Return the speed of the newest large download, 0 when there was none."""
    for entry in entries:
        is_large = entry.bytes_received >= LEAST_BYTES and entry.duration_ms > 0
        if entry.purpose == Purpose.DOWNLOAD.value and is_large:
            return entry.bytes_received * 1000 / entry.duration_ms
    return 0.0


def time_words(size_bytes: int, speed: float) -> str:
    """Return how long so many bytes take at a speed; nothing when that is not known."""
    if speed <= 0:
        return ""
    seconds = size_bytes / speed
    if seconds < _MINUTE:
        return _("less than a minute")
    if seconds < _HOUR:
        minutes = round(seconds / _MINUTE)
        return ngettext("about {count} minute", "about {count} minutes", minutes).format(count=minutes)
    hours = round(seconds / _HOUR)
    return ngettext("about {count} hour", "about {count} hours", hours).format(count=hours)
