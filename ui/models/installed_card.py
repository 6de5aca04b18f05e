"""A model on this computer as a card: what it is, where it lies, when it was used, and what can be done with it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from assistant.i18n import _
from assistant.models.model_file import Owner
from ui.models.flow import FlowRow
from ui.models.titled_card import TitledCard
from ui.models.words import KINDS, history_words, model_words
from ui.theme.icons import icon
from ui.widgets.button import Button
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import plain_label
from ui.widgets.menu import Menu
from ui.widgets.words import error_words, path_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from ui.models.source import Installed
    from ui.theme.theme import Theme
    from ui.widgets.pill import Tone


class Wish(Enum):
    """What a person can want of a model that is here, or was."""

    USE = "use"
    DETAILS = "details"
    DEFAULT = "default"
    REVEAL = "reveal"
    VERIFY = "verify"
    READ = "read"
    NEWER = "newer"
    HABITS = "habits"
    DELETE = "delete"
    LOCATE = "locate"
    AGAIN = "again"
    FORGET = "forget"
    LEAVE = "leave_folder"


class InstalledCard(TitledCard):
    """Shows a model; ``others`` gives those that could be used in its place.

    Signal: ``wanted(Wish, str)`` with the id of the model that is meant.
    """

    wanted = Signal(object, str)

    def __init__(self, theme: Theme, installed: Installed, others: Callable[[], Sequence[Installed]]) -> None:
        super().__init__(theme, installed.model.kind)
        self._others = others
        self.history = ElidedLabel()
        self.history.setProperty("role", "muted")
        self.place = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.place.setProperty("role", "caption")
        self.problem = plain_label("", "error")
        self.state = plain_label("", "muted")
        self.buttons: dict[Wish, Button] = {}
        self.other_button = Button(theme)
        self._foot = QHBoxLayout()
        self._ways = FlowRow()
        self._lay_out()
        self.menu_button.clicked.connect(self.open_menu)
        self.other_button.clicked.connect(self.open_others)
        self.show_model(installed)

    def show_model(self, installed: Installed, state: str = "") -> None:
        """Show a model as it stands; ``state`` says what is being done with it, or what came of that."""
        self.installed = installed
        model = installed.model
        self.show_head(model.name, model_words(model), self._wanted_pills())
        self.history.setText(history_words(model))
        is_starter = model.owner is Owner.STARTER
        self.place.setText(_("Comes with Inkstone") if is_starter else path_words(model.path))
        self.problem.setText(error_words(model.problem))
        self.problem.setVisible(model.problem is not None)
        self.state.setText(state)
        self.state.setVisible(bool(state))
        self._show_buttons()

    def stops(self) -> list[QWidget]:
        """Return where the keyboard stops, in order."""
        return [self.menu_button, *self.buttons.values(), self.other_button]

    # --- menus ------------------------------------------------------------------------------------------------------

    def open_menu(self) -> None:
        """Show what else can be done."""
        menu = Menu(self)
        menu.setAccessibleName(self.installed.model.name)
        for wish, icon_name, words in self._entries():
            if wish in (Wish.DELETE, Wish.FORGET, Wish.LEAVE):
                menu.addSeparator()
            action = menu.addAction(icon(self._theme, icon_name), words)
            action.setData(wish)
            action.triggered.connect(self._on_action)
        menu.open_below(self.menu_button)

    def open_others(self) -> None:
        """Show the models that could be used in place of this one."""
        menu = Menu(self)
        menu.setAccessibleName(self.other_button.text())
        for other in self._others():
            action = menu.addAction(other.model.name.replace("&", "&&"))
            action.setData(other.id)
            action.triggered.connect(self._on_other)
        menu.open_below(self.other_button)

    def _entries(self) -> list[tuple[Wish, str, str]]:
        """Return what the menu offers: wish, icon, words."""
        model = self.installed.model
        if model.is_missing:
            return [(Wish.FORGET, "x", _("Take off the list"))]
        entries = [(Wish.DETAILS, "info", _("Details…"))]
        if model.problem is None:
            entries.append((Wish.HABITS, "sliders-horizontal", _("Settings of this model…")))
        if model.problem is None and not self.installed.is_default:
            entries.append((Wish.DEFAULT, "check", _("Use at every start")))
        entries.append((Wish.REVEAL, "folder-open", _("Show in its folder")))
        entries.append((Wish.VERIFY, "shield-check", _("Verify again")))
        if model.repository:
            entries.append((Wish.READ, "file-text", _("Read the model card")))
            entries.append((Wish.NEWER, "refresh-cw", _("Look for a newer file")))
        if self.installed.chosen_folder is not None:
            entries.append((Wish.LEAVE, "x", _("Stop looking in its folder…")))
        if model.owner is not Owner.STARTER:
            entries.append((Wish.DELETE, "trash-2", _("Delete…")))
        return entries

    def _on_action(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.wanted.emit(action.data(), self.installed.id)

    def _on_other(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.wanted.emit(Wish.USE, str(action.data()))

    def _on_button(self) -> None:
        wish = next((wish for wish, button in self.buttons.items() if button is self.sender()), None)
        if wish is not None:
            self.wanted.emit(wish, self.installed.id)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _wanted_pills(self) -> list[tuple[str, Tone]]:
        model = self.installed.model
        wanted: list[tuple[str, Tone]] = []
        if self.installed.is_used:
            wanted.append((_("In use"), "accent"))
        if self.installed.is_default:
            wanted.append((_("At every start"), "neutral"))
        if KINDS[model.kind][0]:
            wanted.append((_(KINDS[model.kind][0]), "info"))
        if model.is_missing:
            wanted.append((_("Missing"), "bad"))
        elif model.problem is not None:
            wanted.append((_("Cannot be used"), "bad"))
        if model.owner.program:
            wanted.append((model.owner.program, "neutral"))
        return wanted

    def _show_buttons(self) -> None:
        model = self.installed.model
        can_download = model.is_missing and bool(model.repository)
        self.buttons[Wish.USE].setVisible(model.problem is None and not self.installed.is_used)
        self.buttons[Wish.LOCATE].setVisible(model.is_missing)
        self.buttons[Wish.AGAIN].setVisible(can_download)
        for wish, words in (
            (Wish.USE, _("Use")),
            (Wish.LOCATE, _("Locate…")),
            (Wish.AGAIN, _("Download again")),
        ):
            self.buttons[wish].setText(words)
            self.buttons[wish].setAccessibleName(f"{words}: {model.name}")
        self._ways.setVisible(model.is_missing)
        self.other_button.setText(_("Use another"))
        self.other_button.setAccessibleName(_("Use another model in place of {model}").format(model=model.name))
        self.other_button.setVisible(model.is_missing and bool(self._others()))

    def _lay_out(self) -> None:
        theme = self._theme
        self._foot.setSpacing(theme.px("s"))
        for wish in (Wish.USE, Wish.LOCATE, Wish.AGAIN):
            button = self.buttons[wish] = Button(theme, kind="normal" if wish is Wish.AGAIN else "primary")
            button.setMinimumWidth(80)
            button.clicked.connect(self._on_button)
        foot = QVBoxLayout()
        foot.setSpacing(2)
        foot.addWidget(self.history)
        foot.addWidget(self.place)
        self._foot.addLayout(foot, 1)
        self._foot.addWidget(self.buttons[Wish.USE], 0, Qt.AlignmentFlag.AlignBottom)
        for button in (self.buttons[Wish.LOCATE], self.buttons[Wish.AGAIN], self.other_button):
            self._ways.add(button)
        column = QVBoxLayout(self)
        edge = theme.px("l")
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(theme.px("s"))
        column.addLayout(self.head)
        column.addWidget(self.problem)
        column.addWidget(self.state)
        column.addStretch(1)
        column.addLayout(self._foot)
        column.addWidget(self._ways)
