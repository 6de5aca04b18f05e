"""The line above the models: the title, the field to search in, the downloads, a file of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy

from assistant.i18n import _
from ui.theme.icons import icon
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.escape_field import EscapeField
from ui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from ui.theme.theme import Theme

PAUSE_MS = 400
"""A search begins after a pause of typing as long as this, or at once with Enter."""
_FIELD = 340
_NARROW = 640


class ModelsHeader(QFrame):
    """Says what was typed once it is to be searched.

    Signals: ``searched(str)`` with a text, empty for none; ``sidebar_requested()``, ``add_requested()``,
    ``downloads_toggled(bool)``.
    """

    searched = Signal(str)
    sidebar_requested = Signal()
    add_requested = Signal()
    downloads_toggled = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setFixedHeight(theme.size("header"))
        self._theme = theme
        self._searched = ""
        self._active = 0
        self._is_local = False
        self.sidebar_button = IconButton(theme, "panel-left")
        self.title = ElidedLabel()
        self.title.setProperty("role", "title")
        self.field = EscapeField()
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(500)
        self._glass = self.field.addAction(
            icon(theme, "search", "text_muted", 16), QLineEdit.ActionPosition.LeadingPosition
        )
        self.downloads_button = Button(theme, icon_name="download")
        self.downloads_button.setCheckable(True)
        self.add_button = Button(theme, icon_name="folder")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._lay_out()
        self._pause.timeout.connect(self._search)
        self.field.textEdited.connect(self._on_edited)
        self.field.textChanged.connect(self._on_changed)
        self.field.returnPressed.connect(self._search)
        self.field.given_up.connect(self.clear)
        self.sidebar_button.clicked.connect(self.sidebar_requested)
        self.add_button.clicked.connect(self.add_requested)
        self.downloads_button.toggled.connect(self.downloads_toggled)
        theme.changed.connect(self._draw)
        self.set_sidebar_shown(True)
        self.retranslate()

    def clear(self) -> None:
        """Search for nothing, as Escape does."""
        self.field.clear()
        self._search()

    def set_sidebar_shown(self, is_shown: bool) -> None:
        """Offer to show the sidebar while it is hidden."""
        self.sidebar_button.setVisible(not is_shown)

    def set_local(self, is_local: bool) -> None:
        """Say what is searched: the models on this computer, or all there are."""
        self._is_local = is_local
        here, all_of_them = _("Search the models here"), _("Search models, or paste an address")
        self.field.setPlaceholderText(here if is_local else all_of_them)

    def set_active(self, count: int) -> None:
        """Show how many downloads are on their way."""
        self._active = count
        self._show_words()

    def set_downloads_shown(self, is_shown: bool) -> None:
        """Show whether the list of downloads is open; ``downloads_toggled`` is not emitted."""
        blocked = self.downloads_button.blockSignals(True)
        self.downloads_button.setChecked(is_shown)
        self.downloads_button.blockSignals(blocked)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.title.setText(_("Models"))
        self.set_local(self._is_local)
        self.field.setAccessibleName(_("Search models by words, maker, name or address"))
        self.sidebar_button.setToolTip(_("Show the sidebar"))
        self.add_button.setToolTip(_("Use a model file of your own"))
        self._show_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out words where there is no room."""
        super().resizeEvent(event)
        self._show_words()

    def _show_words(self) -> None:
        is_narrow = self.width() < _NARROW
        count = f"{self._active}" if self._active else ""
        words = _("Downloads") if not is_narrow else ""
        self.downloads_button.setText("  ".join(part for part in (words, count) if part))
        self.downloads_button.setAccessibleName(_("Downloads on their way: {count}").format(count=self._active))
        self.add_button.setText("" if is_narrow else _("Add a file…"))
        self.add_button.setAccessibleName(_("Add a file…"))

    def _on_edited(self) -> None:
        self._pause.start()

    def _on_changed(self, text: str) -> None:
        if not text:  # the button in the field empties it without a key
            self._search()

    def _search(self) -> None:
        self._pause.stop()
        text = " ".join(self.field.text().split())
        if text != self._searched:
            self._searched = text
            self.searched.emit(text)

    def _draw(self) -> None:
        self._glass.setIcon(icon(self._theme, "search", "text_muted", 16))

    def _lay_out(self) -> None:
        self.field.setMaximumWidth(_FIELD)
        self.field.setMinimumWidth(120)
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.title.setMinimumWidth(24)
        row = QHBoxLayout(self)
        row.setContentsMargins(self._theme.px("xl"), 0, self._theme.px("l"), 0)
        row.setSpacing(self._theme.px("s"))
        row.addWidget(self.sidebar_button)
        row.addWidget(self.title, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.field, 3)
        row.addWidget(self.downloads_button)
        row.addWidget(self.add_button)
