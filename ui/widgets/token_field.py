"""Where an access token is pasted."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from assistant.i18n import _

_MOST = 500
"""Characters of a token; they have about forty."""


class TokenField(QLineEdit):
    """Shows no letter of what is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(_MOST)
        self.retranslate()

    def token(self) -> str:
        """Return what is in it, without the blanks and line ends that come along in pasting."""
        return "".join(self.text().split())

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.setPlaceholderText(_("Paste a token"))
        self.setAccessibleName(_("Access token"))
