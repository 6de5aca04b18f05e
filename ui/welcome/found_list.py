"""The models that other programs have on this computer, ready to be used where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from assistant.i18n import _, ngettext
from assistant.models.model_file import Owner
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import plain_label
from ui.widgets.pill import Pill
from ui.widgets.words import joined, size_words

if TYPE_CHECKING:
    from assistant.market import Market
    from assistant.market.values import Installed
    from ui.models.requests import Requests
    from ui.theme.theme import Theme

MOST_AT_FIRST = 3
"""More are shown when asked for."""
_NOT_FOUND = (Owner.STARTER,)


class FoundList(QFrame):
    """Shows what the library knows, but for the starter; says what is wanted through ``requests``."""

    def __init__(self, theme: Theme, market: Market, requests: Requests) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._theme = theme
        self._market = market
        self._requests = requests
        self._found: list[Installed] = []
        self._shows_all = False
        self.rows: dict[str, FoundRow] = {}
        self.nothing = plain_label("", "muted")
        self.more_button = Button(theme, kind="link")
        self._column = QVBoxLayout()
        self._lay_out()
        self.more_button.clicked.connect(self._show_all)

    def refresh(self) -> None:
        """Show what is here now."""
        self._found = [each for each in self._market.library.all() if _is_offered(each)]
        shown = self._found if self._shows_all else self._found[:MOST_AT_FIRST]
        wanted = {each.id: each for each in shown}
        for gone in [key for key in self.rows if key not in wanted]:
            row = self.rows.pop(gone)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, (key, each) in enumerate(wanted.items()):
            if key not in self.rows:
                self.rows[key] = FoundRow(self._theme, self._requests)
                self._column.insertWidget(place, self.rows[key])
            self.rows[key].show_model(each)
        self._show_rest(len(self._found) - len(shown))

    def _show_rest(self, hidden: int) -> None:
        self.nothing.setText(
            _("Nothing of Hugging Face, LM Studio, Jan, GPT4All or Ollama. Models in other folders can be used too.")
        )
        self.nothing.setVisible(not self._found and self._market.intake.has_looked)
        self.more_button.setText(ngettext("Show {count} more", "Show {count} more", hidden).format(count=hidden))
        self.more_button.setVisible(hidden > 0)

    def _show_all(self) -> None:
        self._shows_all = True
        before = len(self.rows)
        self.refresh()
        list(self.rows.values())[before].use_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        theme = self._theme
        self.nothing.setContentsMargins(theme.px("xs"), theme.px("s"), theme.px("xs"), theme.px("s"))
        self._column.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px("m"), theme.px("s"), theme.px("m"), theme.px("s"))
        layout.setSpacing(0)
        layout.addLayout(self._column)
        layout.addWidget(self.nothing)
        layout.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)


class FoundRow(QFrame):
    """One model: name, size, whose it is, a button."""

    def __init__(self, theme: Theme, requests: Requests) -> None:
        super().__init__()
        self._requests = requests
        self._id = ""
        self.name = ElidedLabel()
        self.name.setProperty("role", "strong")
        self.detail = ElidedLabel()
        self.detail.setProperty("role", "muted")
        self.owner = Pill()
        self.use_button = Button(theme)
        self.in_use = Pill(tone="accent")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.name)
        words.addWidget(self.detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px("xs"), 6, theme.px("xs"), 6)
        row.setSpacing(theme.px("m"))
        row.addLayout(words, 1)
        for part in (self.owner, self.use_button, self.in_use):
            row.addWidget(part)
        self.use_button.clicked.connect(self._on_use)

    def show_model(self, installed: Installed) -> None:
        """Show a model as it stands."""
        model = installed.model
        self._id = model.id
        self.name.setText(model.name)
        self.detail.setText(joined(model.quantization, size_words(model.size_bytes)))
        self.owner.setText(installed.owner)
        self.owner.setVisible(bool(installed.owner))
        self.owner.setToolTip(str(model.path))
        self.use_button.setText(_("Use"))
        self.use_button.setAccessibleName(_("Use {model}").format(model=model.name))
        self.use_button.setVisible(not installed.is_used)
        self.in_use.setText(_("In use"))
        self.in_use.setVisible(installed.is_used)
        self.setAccessibleName(joined(model.name, self.detail.text(), installed.owner))

    def _on_use(self) -> None:
        self._requests.use.emit(self._id)


def _is_offered(installed: Installed) -> bool:
    """Say whether a model is worth showing to somebody new: it can be used, and is not the starter."""
    return installed.model.owner not in _NOT_FOUND and installed.model.problem is None
