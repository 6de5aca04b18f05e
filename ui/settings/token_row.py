"""The access token in the settings: whether one is kept, where, a way to enter one and a way to forget it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.i18n import _
from assistant.market.values import Kept
from assistant.models.token import TokenPlace
from ui.widgets.button import Button
from ui.widgets.labels import plain_label
from ui.widgets.pill import set_style_property
from ui.widgets.token_field import TokenField
from ui.widgets.words import error_words, sentences

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.changes import TaskFinished
    from ui.theme.theme import Theme


class Account(Protocol):
    """Who keeps the token; ``assistant.market.Account`` is one."""

    @property
    def place(self) -> TokenPlace:
        """Where the token in use comes from."""

    @property
    def file(self) -> Path:
        """Where a token lies that no keyring keeps."""

    def save(self, token: str) -> int:
        """Have a token checked and kept: the task brings ``Kept``."""

    def forget(self) -> int:
        """Have the token deleted from this computer."""


class TokenRow(QWidget):
    """Shows what the account says.

    Signal: ``changed()`` when a token was kept or forgotten.
    """

    changed = Signal()

    def __init__(self, theme: Theme, account: Account) -> None:
        super().__init__()
        self._account = account
        self._task = 0
        self._is_forgetting = False
        self._name = ""
        self.label = plain_label("", "strong")
        self.help = plain_label("", "muted")
        self.state = plain_label("", "small")
        self.warning = plain_label("", "error")
        self.field = TokenField()
        self.save_button = Button(theme)
        self.forget_button = Button(theme)
        self.problem = plain_label("", "error")
        self._lay_out(theme)
        self.field.textChanged.connect(self._on_typed)
        self.field.returnPressed.connect(self._save)
        self.save_button.clicked.connect(self._save)
        self.forget_button.clicked.connect(self._forget)
        self.retranslate()

    def finish(self, change: TaskFinished) -> None:
        """A task is over; nothing happens when it is another's."""
        if not self._task or change.task != self._task:
            return
        self._task = 0
        if change.error is not None:
            self._say(error_words(change.error))
        else:
            self._name = change.value.account if isinstance(change.value, Kept) else ""
            self.field.clear()
            self._say("")
            self.changed.emit()
        self.refresh()
        if self._is_forgetting:
            self._is_forgetting = False
            self.field.setFocus()

    def refresh(self) -> None:
        """Show where the token is kept now."""
        place = self._account.place
        is_ours = place in (TokenPlace.KEYRING, TokenPlace.FILE)
        self.state.setText(self._words(place))
        self.warning.setVisible(place is TokenPlace.FILE)
        self.forget_button.setVisible(is_ours)
        for part in (self.field, self.save_button):
            part.setVisible(not is_ours)
        self._on_typed()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.label.setText(_("Access token"))
        self.help.setText(_("Some makers want to know who downloads their models. The hub gives you a token for that."))
        self.field.retranslate()
        self.forget_button.setText(_("Forget"))
        self.forget_button.setAccessibleName(_("Forget the access token"))
        self.warning.setText(_("This computer has no keyring. Other programs of yours could read the file."))
        self.refresh()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _words(self, place: TokenPlace) -> str:
        match place:
            case TokenPlace.KEYRING:
                kept = _("Kept in the keyring of this computer.")
            case TokenPlace.FILE:
                kept = _("Kept in the file “{path}”.").format(path=self._account.file)
            case TokenPlace.ENVIRONMENT:
                kept = _("Taken from the environment (HF_TOKEN).")
            case TokenPlace.NONE:
                return _("None is kept.")
        return sentences(_("The hub knows you as {name}.").format(name=self._name), kept) if self._name else kept

    def _save(self) -> None:
        token = self.field.token()
        if token and not self._task:
            self._say("")
            self._task = self._account.save(token)
            self._on_typed()

    def _forget(self) -> None:
        if not self._task:
            self._say("")
            self._is_forgetting = True
            self._task = self._account.forget()
            self._on_typed()

    def _on_typed(self) -> None:
        is_busy = bool(self._task)
        self.save_button.setText(_("Checking…") if is_busy else _("Check and keep"))
        self.save_button.setEnabled(not is_busy and bool(self.field.token()))
        self.forget_button.setEnabled(not is_busy)

    def _say(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        set_style_property(self.field, "invalid", bool(problem))

    def _lay_out(self, theme: Theme) -> None:
        self.problem.hide()
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self.label, self.help, self.state, self.warning):
            words.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(theme.px("l"))
        top.addLayout(words, 1)
        top.addWidget(self.forget_button)
        entry = QHBoxLayout()
        entry.setSpacing(theme.px("s"))
        entry.addWidget(self.field, 1)
        entry.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px("m"), 0, theme.px("m"))
        layout.setSpacing(theme.px("s"))
        layout.addLayout(top)
        layout.addLayout(entry)
        layout.addWidget(self.problem)
