"""What can stand below the settings of a section."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtWidgets import QWidget


class Extra(QWidget):
    """A widget in the language in use."""

    @abstractmethod
    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
