"""Values of a GGUF header, and taking them out with the type one expects: the file decides nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True)
class Skipped:
    """A long list that was passed over; only its length is known."""

    count: int


Value = Union[bool, int, float, str, Skipped, tuple["Value", ...]]  # noqa: UP007 - it names itself
Metadata = Mapping[str, Value]
PerLayer = int | tuple[int, ...]
"""One number for every layer, or one for each; a tuple is never empty."""
MAX_WHOLE = (1 << 63) - 1


def whole(metadata: Metadata, key: str, default: int = 0) -> int:
    """Return a number of at least 0, or ``default`` when there is none."""
    value = metadata.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_WHOLE:
        return default
    return value


def per_layer(metadata: Metadata, key: str, default: int = 0) -> PerLayer:
    """Return a number for all layers, or one for each; ``default`` when there is neither."""
    value = metadata.get(key)
    if isinstance(value, tuple) and value and all(isinstance(item, int) and item >= 0 for item in value):
        return tuple(int(item) for item in value if isinstance(item, int))
    return whole(metadata, key, default)


def text(metadata: Metadata, key: str) -> str:
    """Return a text, empty when there is none."""
    value = metadata.get(key)
    return value if isinstance(value, str) else ""


def number(metadata: Metadata, key: str) -> float | None:
    """Return a finite number, ``None`` when there is none."""
    value = metadata.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e18:
        return None
    return value


def length(metadata: Metadata, key: str) -> int:
    """Return how many values a list has, 0 when there is no list."""
    value = metadata.get(key)
    if isinstance(value, Skipped):
        return value.count
    return len(value) if isinstance(value, tuple) else 0
