"""Whether a model will run here, as a pill says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.i18n import N_
from assistant.models.fit import Verdict

if TYPE_CHECKING:
    from ui.widgets.pill import Tone

VERDICTS: dict[Verdict, tuple[str, Tone]] = {
    Verdict.FITS: (N_("Fits"), "ok"),
    Verdict.TIGHT: (N_("Tight"), "warn"),
    Verdict.TOO_BIG: (N_("Too big"), "bad"),
}
"""Marked words and tone."""
