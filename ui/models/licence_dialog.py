"""What has to be done before a model whose makers ask for it: accept the licence on its page, enter a token, go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from assistant.i18n import _
from assistant.models.token import TokenPlace
from ui.models.words import title_words
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.dialog import Dialog
from ui.widgets.labels import plain_label
from ui.widgets.message_bar import MessageBar
from ui.widgets.pill import set_style_property
from ui.widgets.token_field import TokenField
from ui.widgets.words import error_words, sentences

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLabel, QWidget

    from assistant.errors import AssistantError
    from ui.models.source import Kept
    from ui.theme.theme import Theme

_WIDTH = 540


class LicenceDialog(Dialog):
    """Three steps; each says what is to be done.

    Signals: ``visit_requested()`` for the page with the licence, ``token_entered(str)``, ``retry_requested()``.
    """

    visit_requested = Signal()
    token_entered = Signal(str)
    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None, repository: str, *, has_token: bool) -> None:
        super().__init__(theme, parent, _("Licence first"))
        self.add_heading(
            _("The makers of {model} ask you to accept their licence").format(model=title_words(repository)),
            _("This is done once, with an account on the hub. Inkstone tells the hub nothing but your token."),
            icon_name="key-round",
        )
        self.visit_button = Button(theme, _("Open the page…"), icon_name="external-link")
        self.field = TokenField()
        self.save_button = Button(theme, _("Save"))
        self.save_button.setEnabled(False)
        self.outcome = plain_label(_("A token is kept already; enter another one only if that is refused."), "muted")
        self.outcome.setVisible(has_token)
        self.warning = MessageBar(theme)
        self.retry_button = Button(theme, _("Try again"), kind="primary")
        self.cancel_button = Button(theme, _("Cancel"))
        self._lay_out()
        self.visit_button.clicked.connect(self.visit_requested)
        self.field.textChanged.connect(self._on_text)
        self.field.returnPressed.connect(self._on_save)
        self.save_button.clicked.connect(self._on_save)
        self.retry_button.clicked.connect(self._on_retry)
        self.cancel_button.clicked.connect(self.reject)
        self.retry_button.setDefault(has_token)

    def show_checking(self) -> None:
        """The token is being checked with the hub."""
        self._show_result(_("Checking the token …"), "muted")
        self.save_button.setEnabled(False)

    def show_kept(self, kept: Kept) -> None:
        """The token was accepted and kept; whoever has no keyring hears what that means."""
        self.field.clear()
        is_in_file = kept.place is TokenPlace.FILE
        where = _("The token is kept in a file.") if is_in_file else _("The token is kept in the system's keyring.")
        self._show_result(sentences(_("The hub knows you as {name}.").format(name=kept.account), where), "muted")
        if is_in_file:
            self.warning.show_message(
                "warn",
                _("There is no keyring on this system."),
                _("The token is kept in a file that only you can read. Programs that run as you can read it, too."),
                can_close=False,
            )
        else:
            self.warning.hide()
        self.retry_button.setDefault(True)
        self.retry_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_error(self, error: AssistantError) -> None:
        """The token was not accepted, or could not be checked."""
        self._show_result(error_words(error), "error")
        self.save_button.setEnabled(bool(self.field.token()))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _show_result(self, words: str, role: str) -> None:
        set_style_property(self.outcome, "role", role)
        self.outcome.setText(words)
        self.outcome.show()
        announce(self, words)

    def _on_text(self) -> None:
        self.save_button.setEnabled(bool(self.field.token()))

    def _on_save(self) -> None:
        token = self.field.token()
        if token and self.save_button.isEnabled():
            self.token_entered.emit(token)

    def _on_retry(self) -> None:
        self.accept()
        self.retry_requested.emit()

    def _lay_out(self) -> None:
        theme = self._theme
        self.body.addSpacing(theme.px("s"))
        self.body.addLayout(
            self._step("1", _("Open the page of the model and accept its terms there."), [self.visit_button])
        )
        words = _("Make an access token on the hub, under Settings → Access Tokens; reading is all it has to allow.")
        self.body.addLayout(self._step("2", words, [self.field, self.save_button], self.outcome))
        self.body.addLayout(self._step("3", _("Then press “Try again” below."), []))
        self.body.addWidget(self.warning)
        self.body.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(self.cancel_button)
        self.foot.addWidget(self.retry_button)
        self.setMinimumWidth(_WIDTH)

    def _step(self, number: str, words: str, controls: list[QWidget], below: QLabel | None = None) -> QHBoxLayout:
        theme = self._theme
        mark = plain_label(number, "pill")
        mark.setProperty("tone", "accent")
        mark.setWordWrap(False)
        column = QVBoxLayout()
        column.setSpacing(theme.px("s"))
        column.addWidget(plain_label(words, ""))
        if controls:
            row = QHBoxLayout()
            row.setSpacing(theme.px("s"))
            for control in controls:
                row.addWidget(control)
            if len(controls) == 1:
                row.addStretch(1)
            column.addLayout(row)
        if below is not None:
            column.addWidget(below)
        line = QHBoxLayout()
        line.setSpacing(theme.px("m"))
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column, 1)
        return line
