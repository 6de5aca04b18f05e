"""What stands below the settings of the network: the access token, and the ledger of what went over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout

from ui.settings.extra import Extra
from ui.settings.ledger_view import LedgerView
from ui.settings.token_row import TokenRow

if TYPE_CHECKING:
    from ui.notify import Notifier
    from ui.settings.ledger_view import Records
    from ui.settings.token_row import Account
    from ui.theme.theme import Theme


class NetworkExtra(Extra):
    """Follows what happens as long as it is there."""

    def __init__(self, theme: Theme, ledger: Records, account: Account, notifier: Notifier) -> None:
        super().__init__()
        self.token = TokenRow(theme, account)
        self.ledger = LedgerView(theme, ledger)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.token, self.ledger):
            rule = QFrame()
            rule.setProperty("role", "rule")
            layout.addWidget(rule)
            layout.addWidget(part)
        notifier.ledger_changed.connect(self.ledger.follow)
        notifier.task_finished.connect(self.token.finish)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.token.retranslate()
        self.ledger.retranslate()
