"""Turns the one style sheet template and the tokens into Qt's palette and style sheet."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPalette

from ui.theme.assets import asset
from ui.theme.fonts import CODE_FAMILIES

if TYPE_CHECKING:
    from ui.theme.tokens import Tokens

_PLACE = re.compile(r"@([a-z]+(?:[._][a-z0-9_]+)*)@")
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


@cache
def template() -> str:
    """Return the template, without its comments; blocks for one small read the first time."""
    return _COMMENT.sub("", asset("theme", "inkstone.qss").read_text(encoding="utf-8"))


def render_stylesheet(tokens: Tokens, text_size: int) -> str:
    """Fill every ``@name@`` of the template.

    ``@accent@`` is a colour; ``@px.s@``, ``@radius.card@``, ``@type.body@`` and ``@size.control@`` are numbers without
    a unit; ``@text_size@`` is the size of reading text, ``@code_families@`` the typefaces of code, ``@pictures@`` a
    folder. An unknown name raises KeyError.
    """
    measures = tokens.measures
    scales = {"px": measures.spacing, "radius": measures.radius, "type": measures.type, "size": measures.size}
    words = {
        "text_size": str(text_size),
        "code_families": ", ".join(f'"{name}"' for name in CODE_FAMILIES),
        "pictures": asset("theme").as_posix(),
    }

    def value(match: re.Match[str]) -> str:
        name = match[1]
        scale, _, step = name.partition(".")
        if scale in scales:
            return str(scales[scale][step])
        return words.get(name) or tokens.hex(name)

    return _PLACE.sub(value, template())


def make_palette(tokens: Tokens) -> QPalette:
    """Return the palette for all that is drawn without the style sheet: Qt's own dialogs, text cursors, selections."""
    palette = QPalette()
    role = QPalette.ColorRole
    for place, name in {
        role.Window: "bg",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "sunken",
        role.Text: "text",
        role.PlaceholderText: "text_faint",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "on_accent",
        role.Highlight: "selection",
        role.HighlightedText: "text",
        role.Accent: "accent",
        role.Link: "accent_text",
        role.LinkVisited: "accent_text",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Light: "raised",
        role.Midlight: "hover",
        role.Mid: "border",
        role.Dark: "border_strong",
    }.items():
        palette.setColor(place, tokens.color(name))
    palette.setColor(role.Shadow, QColor(0, 0, 0, 60))
    for place in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, place, tokens.color("text_disabled"))
    return palette
