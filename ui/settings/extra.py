"""What can stand below the settings of a section."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class Extra(QWidget):
    """A widget in the language in use."""

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        raise NotImplementedError
