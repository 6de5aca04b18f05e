"""What tests of widgets share."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from ui.theme.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme, worn by the application."""
    theme = Theme("light")
    theme.apply(qapp)
    return theme
