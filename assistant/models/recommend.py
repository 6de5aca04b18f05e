"""Which model of the catalog suits this computer, and why, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.i18n import N_, Sentence, language
from assistant.memory import Memory
from assistant.models.catalog import CatalogEntry, catalog
from assistant.models.fit import Accelerator, Fit, Verdict, default_context_length
from assistant.models.speed import Speed, words_per_s

SLOWEST_TOKENS_PER_S = 5.0
"""Slower than this is slower than reading: less than four words a second."""
USUAL_BANDWIDTH = 20e9
"""Bytes a second of a common computer's memory, taken while this one's has not been measured."""
USUAL_GPU_BANDWIDTH = 200e9
EASY_SHARE = 0.6
"""How much of the free main memory a model should take: whoever gets a first one wants to go on using this computer."""
SMALL_BYTES, SMALL_CONTEXT_LENGTH = 4 << 30, 4096
"""With less free memory a model is judged with a shorter context, which it will get there."""
_LARGEST = N_("The largest one that leaves room for other programs in the {available_gb} GB of memory free here.")
_QUICK = N_("The largest one that still writes about {words} words a second here; larger ones are too slow.")
_SMALLEST = N_("The smallest model there is: this computer has only {available_gb} GB of free memory.")


@dataclass(frozen=True)
class Recommendation:
    """A model, what it needs, how fast it should be, and the reason. The speed is a guess unless ``is_measured``.

    ``is_measured`` says that this computer's bandwidth was known, not that the model has run.
    """

    entry: CatalogEntry
    fit: Fit
    speed: Speed
    reason: Sentence
    is_measured: bool

    @property
    def why(self) -> str:
        """The reason in the language in use."""
        return str(self.reason)


def recommended(
    memory: Memory,
    *,
    bandwidth: float = 0.0,
    accelerator: Accelerator | None = None,
    gpu_bandwidth: float = 0.0,
    entries: Sequence[CatalogEntry] | None = None,
) -> Recommendation:
    """Return the largest chat model that leaves much of the memory free and writes no slower than one reads.

    Bandwidths in bytes a second, 0 where not measured; ``accelerator`` only where there is a GPU. When nothing fits,
    the smallest one. ``entries`` replaces the shipped catalog and must have a chat model.
    """
    rows = [entry for entry in (catalog() if entries is None else entries) if entry.is_chat]
    rows.sort(key=lambda entry: (entry.parameters, entry.is_default, entry.size_bytes), reverse=True)
    judged = [_judged(entry, memory, bandwidth, accelerator, gpu_bandwidth) for entry in rows]
    fitting = [one for one in judged if _is_easy(one.fit, memory)]
    quick = [one for one in fitting if one.speed.tokens_per_s >= SLOWEST_TOKENS_PER_S]
    if quick:
        chosen, template = quick[0], _LARGEST if quick[0] is fitting[0] else _QUICK
    else:
        chosen, template = judged[-1], _SMALLEST
    return Recommendation(chosen.entry, chosen.fit, chosen.speed, _sentence(template, chosen), bandwidth > 0)


def ranked(
    best: CatalogEntry, memory: Memory, *, bandwidth: float, accelerator: Accelerator | None
) -> list[CatalogEntry]:
    """Return the shipped catalog in the order to show it: ``best``, then what is of use here, the largest first.

    After it come the chat models that are too big or slower than reading, then those for searching.
    """

    def place(entry: CatalogEntry) -> tuple[bool, bool, bool, int]:
        length = default_context_length(entry.header, memory.available_bytes)  # the one that its card is judged at
        fits = entry.fit(memory, length, accelerator=accelerator).verdict is not Verdict.TOO_BIG
        speed = _judged(entry, memory, bandwidth, accelerator, 0.0).speed
        is_of_use = fits and speed.tokens_per_s >= SLOWEST_TOKENS_PER_S
        return entry is not best, not entry.is_chat, not is_of_use, -entry.parameters

    return sorted(catalog(), key=place)


@dataclass(frozen=True)
class _Judged:
    entry: CatalogEntry
    fit: Fit
    speed: Speed


def _is_easy(fit: Fit, memory: Memory) -> bool:
    """Say whether much of the main memory stays free; what lies in a GPU's memory is in nobody's way."""
    return fit.verdict is Verdict.FITS and fit.total_bytes - fit.gpu_bytes <= memory.available_bytes * EASY_SHARE


def _judged(
    entry: CatalogEntry, memory: Memory, bandwidth: float, accelerator: Accelerator | None, gpu_bandwidth: float
) -> _Judged:
    is_small = memory.available_bytes < SMALL_BYTES
    fit = entry.fit(memory, SMALL_CONTEXT_LENGTH if is_small else 0, accelerator=accelerator)
    expected = entry.speed(
        bandwidth or USUAL_BANDWIDTH,
        gpu_share=fit.gpu_bytes / fit.total_bytes,
        gpu_bandwidth=gpu_bandwidth or USUAL_GPU_BANDWIDTH,
    )
    return _Judged(entry, fit, expected)


def _sentence(template: str, chosen: _Judged) -> Sentence:
    words = words_per_s(chosen.speed.tokens_per_s, is_english=language() == "en")
    values = {"available_gb": f"{chosen.fit.available_bytes / 1e9:.1f}", "words": round(words)}
    return Sentence(template, values)
