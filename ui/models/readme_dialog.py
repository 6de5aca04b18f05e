"""The model card of a repository, to read in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from assistant.i18n import _
from ui.models.markdown_view import MarkdownView
from ui.models.readme_text import readable
from ui.models.words import title_words
from ui.widgets.button import Button
from ui.widgets.dialog import Dialog
from ui.widgets.labels import plain_label
from ui.widgets.links import ask_and_open
from ui.widgets.words import error_words

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from ui.theme.theme import Theme

_WIDTH, _HEIGHT = 820, 760


class ReadmeDialog(Dialog):
    """Waits for the text, shows it, or says why it did not come.

    Signals: ``retry_requested()``, ``visit_requested()`` for the repository's page.
    """

    retry_requested = Signal()
    visit_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None, repository: str) -> None:
        super().__init__(theme, parent, _("Model card of {model}").format(model=title_words(repository)))
        self.note = plain_label("", "muted")
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.retry_button = Button(theme, _("Try again"))
        self.view = MarkdownView(theme)
        self.view.setAccessibleName(self.windowTitle())
        self.visit_button = Button(theme, _("Open its page in the browser…"), kind="ghost", icon_name="external-link")
        self.close_button = Button(theme, _("Close"), kind="primary")
        self.body.setContentsMargins(theme.px("xl"), theme.px("m"), theme.px("s"), 0)
        self.body.addWidget(self.note, 1)
        self.body.addWidget(self.retry_button, 0, Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.view, 1)
        self.foot.addWidget(self.visit_button)
        self.foot.addStretch(1)
        self.foot.addWidget(self.close_button)
        self.resize(_WIDTH, _HEIGHT)
        self.retry_button.clicked.connect(self.retry_requested)
        self.visit_button.clicked.connect(self.visit_requested)
        self.close_button.clicked.connect(self.accept)
        self.view.link_chosen.connect(self._on_link)
        self.show_waiting()

    def show_waiting(self) -> None:
        """The text has been asked for."""
        self._show(note=_("Asking for the model card …"))

    def show_text(self, text: str) -> None:
        """Show a README as it came."""
        shown = readable(text)
        if not shown.strip():
            self._show(note=_("This repository has no model card."))
            return
        self.view.show_text(shown)
        self._show()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_error(self, error: AssistantError) -> None:
        """Say why it did not come."""
        self._show(note=error_words(error), can_retry=True)

    def _show(self, *, note: str = "", can_retry: bool = False) -> None:
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.retry_button.setVisible(can_retry)
        self.view.setVisible(not note)

    def _on_link(self, address: str) -> None:
        ask_and_open(self._theme, self, address)
