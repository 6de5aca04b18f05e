"""The sampling parameters as they are offered: words, range, steps, and how a value is written."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLocale

from assistant.i18n import N_, _, language

LENGTHS = (0.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0)


@dataclass(frozen=True)
class SamplingField:
    """One parameter. ``values`` are the steps of its slider, empty for a number that is typed."""

    name: str
    label: str
    tip: str
    values: tuple[float, ...] = ()
    decimals: int = 2

    def step_of(self, value: float) -> int:
        """Return the step nearest to ``value``."""
        return min(range(len(self.values)), key=lambda step: abs(self.values[step] - value))

    def words(self, value: float) -> str:
        """Return ``value`` as it is shown."""
        if self.name == "max_tokens":
            if value <= 0:
                return _("no limit")
            return _("{count} tokens").format(count=QLocale(language()).toString(int(value)))
        if self.name == "top_k" and value <= 0:
            return _("off")
        return f"{value:.{self.decimals}f}"


def _steps(first: int, last: int, step: int = 1, divisor: float = 100) -> tuple[float, ...]:
    return tuple(value / divisor for value in range(first, last + 1, step))


FIELDS = (
    SamplingField(
        "temperature",
        N_("Temperature"),
        N_("How daring the choice of words is. 0 always takes the likeliest word."),
        _steps(0, 200, 5),
    ),
    SamplingField(
        "top_p",
        N_("Top-p"),
        N_("Only the likeliest words that together reach this share are considered. 1 considers all."),
        _steps(5, 100),
    ),
    SamplingField(
        "min_p",
        N_("Min-p"),
        N_("Words less likely than this share of the likeliest one are left out. 0 leaves none out."),
        _steps(0, 50),
    ),
    SamplingField(
        "top_k",
        N_("Top-k"),
        N_("Only this many of the likeliest words are considered. 0 considers all."),
        _steps(0, 200, divisor=1),
        0,
    ),
    SamplingField(
        "repeat_penalty",
        N_("Repeat penalty"),
        N_("Makes words that were just used less likely. 1 changes nothing."),
        _steps(100, 200),
    ),
    SamplingField(
        "max_tokens",
        N_("Longest answer"),
        N_("An answer ends after this many tokens; a token is about three quarters of a word."),
        LENGTHS,
        0,
    ),
    SamplingField(
        "seed",
        N_("Seed"),
        N_("The same seed gives the same answer to the same question. Empty draws a new one each time."),
        (),
        0,
    ),
)
