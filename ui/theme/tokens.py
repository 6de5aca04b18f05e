"""The design tokens of ``resources/theme/tokens.toml``: colours, distances, radii, type and control sizes by name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from ui.theme.assets import asset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Measures:
    """What is the same in light and dark, in device-independent pixels."""

    spacing: Mapping[str, int]
    radius: Mapping[str, int]
    type: Mapping[str, int]
    size: Mapping[str, int]


@dataclass(frozen=True)
class Tokens:
    """Every token of one colour scheme. An unknown name raises KeyError: it is a mistake of ours."""

    is_dark: bool
    measures: Measures
    colors: Mapping[str, str]
    data: tuple[str, ...]
    syntax_colors: Mapping[str, str]
    _made: dict[str, QColor] = field(default_factory=dict, compare=False, repr=False)

    def hex(self, name: str) -> str:
        """Return a colour as ``#RRGGBB``; ``data.0`` and ``syntax.keyword`` name the grouped ones."""
        group, _, inner = name.partition(".")
        if inner:
            return self.data[int(inner)] if group == "data" else self.syntax_colors[inner]
        return self.colors[name]

    def color(self, name: str) -> QColor:
        """Return a colour, a copy that may be changed."""
        if name not in self._made:
            self._made[name] = QColor(self.hex(name))
        return QColor(self._made[name])

    def syntax(self, name: str) -> QColor:
        """Return the colour of a kind of code token: keyword, string, comment, number, function, class, operator."""
        return self.color(f"syntax.{name}")

    def px(self, name: str) -> int:
        """Return a distance of the spacing scale (xs, s, m, l, xl, xxl), or a size by ``size``'s names."""
        measures = self.measures
        return measures.spacing[name] if name in measures.spacing else measures.size[name]

    def radius(self, name: str) -> int:
        """Return a corner radius: small, control, card, composer."""
        return self.measures.radius[name]

    def type_px(self, name: str) -> int:
        """Return the pixel size of a type step: caption, small, body, read, title, h2, h1."""
        return self.measures.type[name]

    def size(self, name: str) -> int:
        """Return the size of a part: control_s, control, control_l, header, sidebar, inspector, reading_column."""
        return self.measures.size[name]


@dataclass(frozen=True)
class Schemes:
    """Both colour schemes."""

    light: Tokens
    dark: Tokens


def load_tokens(path: Path | None = None) -> Schemes:
    """Read the tokens file; blocks for one small read."""
    with (path or asset("theme", "tokens.toml")).open("rb") as file:
        table = tomllib.load(file)
    measures = Measures(table["spacing"], table["radius"], table["type"], table["size"])
    return Schemes(_scheme(table["light"], measures, is_dark=False), _scheme(table["dark"], measures, is_dark=True))


def _scheme(table: Mapping[str, object], measures: Measures, *, is_dark: bool) -> Tokens:
    colors = {name: value for name, value in table.items() if isinstance(value, str)}
    data, syntax = table["data"], table["syntax"]
    assert isinstance(data, list)
    assert isinstance(syntax, dict)
    return Tokens(is_dark, measures, colors, tuple(map(str, data)), {str(k): str(v) for k, v in syntax.items()})
