"""What a declaration of a setting says, and what values it allows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from assistant.errors import SettingInvalid
from assistant.i18n import N_, Sentence

Value = bool | int | float | str | None
"""What a setting can hold; ``None`` only where it is optional."""
MAX_TEXT = 100_000
"""Characters of the longest text a setting takes."""
FOLLOW_MODEL = N_("Follow the model")
"""What an unset optional setting means, as the dialog says it."""


class Kind(Enum):
    """The type of a setting's value; the dialog chooses the control by it."""

    FLAG = "flag"
    WHOLE = "whole"
    """An integer."""
    NUMBER = "number"
    """A float; integers are taken too."""
    CHOICE = "choice"
    """One of ``Setting.choices``, a str."""
    TEXT = "text"
    LONG_TEXT = "long_text"
    """Text of several lines."""
    FOLDER = "folder"
    """The path of a folder as text; empty for the usual one."""

    @property
    def is_text(self) -> bool:
        """Whether its values are any text."""
        return self in (Kind.TEXT, Kind.LONG_TEXT, Kind.FOLDER)


class Effect(Enum):
    """When another value is heard; the value is the sentence for it, marked."""

    NOW = ""
    NEXT_LOAD = N_("Takes effect when a model is loaded next.")
    NEXT_START = N_("Takes effect at the next start.")


@dataclass(frozen=True)
class Setting:
    """One setting. ``label``, ``help``, ``unit`` and the choices' labels are marked English; show them with ``_``.

    ``name`` is ``section.key``. ``minimum`` and ``maximum`` are inclusive; ``special`` is one more value that is
    allowed, with the word to show for it (0 = automatic). An optional setting may be ``None``, shown as
    ``FOLLOW_MODEL``.
    """

    name: str
    kind: Kind
    default: Value
    label: str = ""
    help: str = ""
    unit: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    step: float = 1
    special: tuple[int, str] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    takes_effect: Effect = Effect.NOW

    @property
    def section(self) -> str:
        """The part of the name before the dot: a table of the file, a page of the dialog."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """The part of the name after the dot."""
        return self.name.partition(".")[2]

    @property
    def is_optional(self) -> bool:
        """``None`` is allowed, and is the default."""
        return self.default is None

    def check(self, value: object) -> Value:
        """Return ``value`` as this setting keeps it (a float for a number). Raises SettingInvalid."""
        taken = self._taken(value)
        if taken is None and not (value is None and self.is_optional):
            name = Sentence(self.label) if self.label else self.name
            raise SettingInvalid(setting=self.name, name=name, value=value, allowed=self.allowed())
        return taken

    def allowed(self) -> Sentence:
        """What values it takes, as a clause for people."""
        if self.kind is Kind.FLAG:
            return Sentence(N_("it is either on or off"))
        if self.kind is Kind.CHOICE:
            return Sentence(N_("it is one of {choices}"), {"choices": ", ".join(self.choices)})
        if self.kind.is_text:
            return Sentence(N_("it is a text of at most {maximum} characters"), {"maximum": MAX_TEXT})
        values = {"minimum": f"{self.minimum:g}", "maximum": f"{self.maximum:.0f}"}
        if self.kind is Kind.NUMBER:
            return Sentence(N_("it is a number from {minimum} to {maximum}"), values)
        if self.special is not None:
            with_special = {**values, "special": self.special[0]}
            return Sentence(N_("it is a whole number from {minimum} to {maximum}, or {special}"), with_special)
        return Sentence(N_("it is a whole number from {minimum} to {maximum}"), values)

    def _taken(self, value: object) -> Value:
        """Return the value to keep, or None when it is not allowed."""
        if self.kind is Kind.FLAG:
            return value if isinstance(value, bool) else None
        if isinstance(value, str):
            return self._taken_text(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return self._taken_number(value)

    def _taken_text(self, value: str) -> str | None:
        if self.kind is Kind.CHOICE:
            return value if value in self.choices else None
        return value if self.kind.is_text and len(value) <= MAX_TEXT else None

    def _taken_number(self, value: float) -> int | float | None:
        if self.kind not in (Kind.WHOLE, Kind.NUMBER):
            return None
        is_special = self.special is not None and value == self.special[0]
        if not (is_special or self.minimum <= value <= self.maximum):
            return None
        if self.kind is Kind.NUMBER:
            return float(value)
        return value if isinstance(value, int) else None


def flag(name: str, default: bool, label: str = "", help: str = "") -> Setting:
    """Declare something that is on or off."""
    return Setting(name, Kind.FLAG, default, label, help)


def choice(name: str, default: str, choices: Mapping[str, str], label: str, help: str = "") -> Setting:
    """Declare one of several values, each with its marked label."""
    return Setting(name, Kind.CHOICE, default, label, help, choices=choices)


def text(name: str, default: str = "", label: str = "", help: str = "", *, is_long: bool = False) -> Setting:
    """Declare a text, of several lines when ``is_long``."""
    return Setting(name, Kind.LONG_TEXT if is_long else Kind.TEXT, default, label, help)


def folder(name: str, label: str, help: str) -> Setting:
    """Declare the path of a folder; empty, the default, is the usual one."""
    return Setting(name, Kind.FOLDER, "", label, help)


def whole(
    name: str,
    default: int | None,
    minimum: int,
    maximum: int,
    label: str = "",
    help: str = "",
    *,
    step: int = 1,
    unit: str = "",
    special: tuple[int, str] | None = None,
    takes_effect: Effect = Effect.NOW,
) -> Setting:
    """Declare an integer; default ``None`` makes it optional."""
    return Setting(name, Kind.WHOLE, default, label, help, unit, minimum, maximum, step, special, {}, takes_effect)


def number(
    name: str, default: float | None, minimum: float, maximum: float, step: float, label: str = "", help: str = ""
) -> Setting:
    """Declare a float; default ``None`` makes it optional."""
    return Setting(name, Kind.NUMBER, default, label, help, "", minimum, maximum, step)
