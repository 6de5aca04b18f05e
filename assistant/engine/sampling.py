"""How tokens are chosen: what a model recommends, what llama.cpp can be given, and the likeliest candidates."""

from __future__ import annotations

import math
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from assistant.engine.protocol import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.engine.llama_context import Logits

_KEYS = {
    "temperature": "temp",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "repeat_penalty": "penalty_repeat",
}
_DEFAULT = Sampling()


def recommended(value: Callable[[str], str]) -> Sampling:
    """Return what a model's file asks for, defaults elsewhere; ``value`` gives its metadata as text by key."""
    found: dict[str, float] = {}
    for name, key in _KEYS.items():
        try:
            number = float(value(f"general.sampling.{key}"))
        except ValueError:  # not there, or no number
            continue
        if math.isfinite(number):
            found[name] = number
    return replace(
        valid(
            replace(
                _DEFAULT,
                temperature=found.get("temperature", _DEFAULT.temperature),
                top_k=int(found.get("top_k", _DEFAULT.top_k)),
                top_p=found.get("top_p", _DEFAULT.top_p),
                min_p=found.get("min_p", _DEFAULT.min_p),
                repeat_penalty=found.get("repeat_penalty", _DEFAULT.repeat_penalty),
            )
        ),
        seed=_DEFAULT.seed,
    )


def valid(sampling: Sampling) -> Sampling:
    """Return ``sampling`` with each value within what llama.cpp takes; where there is no seed one is drawn."""
    return Sampling(
        temperature=_between(sampling.temperature, 0, 100, _DEFAULT.temperature),
        top_k=max(0, min(sampling.top_k, 1 << 30)),
        top_p=_between(sampling.top_p, 0, 1, _DEFAULT.top_p),
        min_p=_between(sampling.min_p, 0, 1, _DEFAULT.min_p),
        repeat_penalty=_between(sampling.repeat_penalty, 0.01, 100, _DEFAULT.repeat_penalty),
        max_tokens=max(0, sampling.max_tokens),
        seed=secrets.randbits(32) if sampling.seed < 0 else sampling.seed & 0xFFFFFFFF,
    )


def _between(number: float, low: float, high: float, otherwise: float) -> float:
    return min(max(float(number), low), high) if math.isfinite(number) else otherwise


def likeliest(logits: Logits, count: int, chosen: int) -> list[tuple[int, float]]:
    """Return the ``count`` likeliest tokens with their natural-logarithm probabilities, likeliest first.

    ``chosen`` follows as the last one when it is not among them.
    """
    top = float(logits.max())
    total = top + math.log(float(np.exp(logits - top).sum()))
    count = min(count, len(logits))
    found = np.argpartition(logits, len(logits) - count)[len(logits) - count :]
    found = found[np.argsort(-logits[found], kind="stable")]
    tokens = [int(token) for token in found]
    if chosen not in tokens:
        tokens.append(chosen)
    return [(token, float(logits[token]) - total) for token in tokens]
