"""Asks before a model is loaded that is too big for the memory that is free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.i18n import _
from ui.widgets.dialog import Question

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from assistant.errors import ModelTooBig
    from ui.theme.theme import Theme


def wants_anyway(theme: Theme, parent: QWidget, error: ModelTooBig) -> bool:
    """Show the numbers; says whether it is to be loaded all the same."""
    question = Question(
        theme,
        parent,
        _("Too big for this computer"),
        error.message,
        error.hint,
        answers=[("load", _("Load anyway"), "normal"), ("cancel", _("Cancel"), "primary")],
        icon_name="triangle-alert",
    )
    return question.ask() == "load"
