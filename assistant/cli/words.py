"""Numbers and verdicts as the terminal writes them."""

from __future__ import annotations

from assistant.i18n import N_, _
from assistant.models.fit import Verdict

_VERDICTS = {Verdict.FITS: N_("fits"), Verdict.TIGHT: N_("tight"), Verdict.TOO_BIG: N_("too big")}


def size(size_bytes: float) -> str:
    """Return ``98 MB``, ``2.5 GB``."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def count(number: int) -> str:
    """Return ``4.0B``, ``135M``, ``8k``."""
    for unit, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= unit:
            return f"{number / unit:.1f}{letter}" if unit == 10**9 else f"{number // unit}{letter}"
    return str(number)


def verdict(found: Verdict) -> str:
    """Return the verdict in the language in use."""
    return _(_VERDICTS[found])


def duration(seconds: float) -> str:
    """Return ``48 s``, ``3 min``, ``1 h 20 min``."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return _("{seconds} s").format(seconds=round(seconds))
    if minutes < 90:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
