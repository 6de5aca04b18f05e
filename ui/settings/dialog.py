"""The settings dialog: a page for each section, made from the declarations; what is chosen holds at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from assistant.errors import AssistantError
from assistant.i18n import _, language
from assistant.settings import SECTIONS, Section, Value, setting, settings_of
from ui.settings.row import SettingRow
from ui.theme.icons import icon
from ui.widgets.labels import plain_label
from ui.widgets.words import error_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QLabel

    from ui.settings.extra import Extra
    from ui.theme.theme import Theme

_ICONS = {
    "appearance": "palette",
    "chat": "message-square",
    "sampling": "sliders-horizontal",
    "model": "cpu",
    "network": "globe",
}
_SIZE = QSize(920, 660)
_SIDE = 204
_COLUMN = 652
MOST_QUOTED = 60
"""Characters of a refused value that are said again."""


class Values(Protocol):
    """Where the values come from; ``assistant.settings.Settings`` is one."""

    def get(self, name: str) -> Value:
        """Return the value in use."""


class SettingsDialog(QDialog):
    """Every setting that is shown, by section.

    ``apply`` is called with a setting's name and the value a person chose; the AssistantError it raises is shown in
    place. ``known`` gives values and words for text settings that are better chosen than typed, ``extras`` by section
    a widget to stand below the settings.
    """

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        values: Values,
        apply: Callable[[str, Value], object],
        known: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        extras: Mapping[str, Extra] | None = None,
    ) -> None:
        super().__init__(parent)
        self.extras = extras or {}
        self._theme = theme
        self._values = values
        self._apply = apply
        self._sections = tuple(section for section in SECTIONS if section.is_shown)
        self._titles: dict[str, QLabel] = {}
        self.rows: dict[str, SettingRow] = {}
        self.list = QListWidget()
        self.pages = QStackedWidget()
        self._heading = plain_label("", "title")
        self._lay_out()
        for section in self._sections:
            self._add_section(section, known or {})
        self.list.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.list.setCurrentRow(0)
        self.finished.connect(self._on_finished)
        theme.changed.connect(self._draw)
        self.retranslate()
        self._draw()
        self.resize(_SIZE)

    def show_section(self, section: str) -> None:
        """Go to a section by its id."""
        self.list.setCurrentRow([shown.id for shown in self._sections].index(section))

    def show_value(self, name: str) -> None:
        """Read a setting again, as after a change from elsewhere; one that is not shown is nothing to do."""
        if name in self.rows:
            self.rows[name].show_value(self._values.get(name))

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self._language = language()
        self.setWindowTitle(_("Settings"))
        self._heading.setText(_("Settings"))
        self.list.setAccessibleName(_("Sections"))
        for index, section in enumerate(self._sections):
            item = self.list.item(index)
            item.setText(_(section.label))
            self._titles[section.id].setText(_(section.label))
        for name, row in self.rows.items():
            row.retranslate()
            row.show_value(self._values.get(name))
        for extra in self.extras.values():
            extra.retranslate()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the list of sections."""
        super().showEvent(event)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what the person does ---------------------------------------------------------------------------------------

    def _on_edited(self, name: str, value: object) -> None:
        row = self.rows[name]
        try:
            self._apply(name, setting(name).check(value))
        except AssistantError as error:
            row.show_error(_sentence(error))
            return
        row.show_value(self._values.get(name))
        if language() != self._language:
            self.retranslate()

    def _on_reset(self, name: str) -> None:
        self._on_edited(name, setting(name).default)

    def _on_finished(self, _result: int) -> None:
        """Take what was still being typed."""
        for row in self.rows.values():
            row.control.finish()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _add_section(self, section: Section, known: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        self.list.addItem(QListWidgetItem())
        column = QWidget()
        column.setObjectName("scrolled")
        column.setMaximumWidth(_COLUMN)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, self._theme.px("xl"))
        layout.setSpacing(0)
        title = self._titles[section.id] = plain_label("", "h2")
        layout.addWidget(title)
        layout.addSpacing(self._theme.px("s"))
        for index, declared in enumerate(settings_of(section.id)):
            if index:
                layout.addWidget(_rule())
            row = self.rows[declared.name] = SettingRow(self._theme, declared, known.get(declared.name, ()))
            row.edited.connect(self._on_edited)
            row.reset_requested.connect(self._on_reset)
            layout.addWidget(row)
        if section.id in self.extras:
            layout.addWidget(self.extras[section.id])
        layout.addStretch(1)
        self.pages.addWidget(self._scrolled(column))

    def _scrolled(self, column: QWidget) -> QScrollArea:
        inside = QWidget()
        inside.setObjectName("scrolled")
        row = QHBoxLayout(inside)
        edge = self._theme.px("xxl")
        row.setContentsMargins(edge, self._theme.px("xl"), edge, 0)
        row.addWidget(column)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _draw(self) -> None:
        for index, section in enumerate(self._sections):
            self.list.item(index).setIcon(
                icon(self._theme, _ICONS.get(section.id, "settings"), "text_muted", 16, gap=4)
            )

    def _lay_out(self) -> None:
        side = QWidget()
        side.setObjectName("dialogSide")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(_SIDE)
        edge = self._theme.px("m")
        column = QVBoxLayout(side)
        column.setContentsMargins(edge, self._theme.px("xl"), edge, edge)
        column.setSpacing(self._theme.px("m"))
        title = QHBoxLayout()
        title.setContentsMargins(self._theme.px("s"), 0, 0, 0)
        title.addWidget(self._heading)
        column.addLayout(title)
        column.addWidget(self.list, 1)
        self.list.setProperty("role", "sections")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setIconSize(QSize(20, 16))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(side)
        layout.addWidget(self.pages, 1)


def _sentence(error: AssistantError) -> str:
    """Return what is wrong and what to do, quoting no more of a value than can be read."""
    value = str(error.values.get("value", ""))
    if len(value) > MOST_QUOTED:
        error = type(error)(**{**error.values, "value": f"{value[:MOST_QUOTED]}…"})
    return error_words(error)


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("role", "rule")
    return line
