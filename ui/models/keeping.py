"""Keeping models: details, checking, deleting, finding again, adding files of one's own; with the questions asked."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from assistant.errors import AssistantError, ModelNotOurs
from assistant.i18n import _
from assistant.models.deletion import Gone
from assistant.models.header import Header
from assistant.models.model_file import Owner
from assistant.models.remote import Offer, Repository
from ui.models.details_dialog import DetailsDialog
from ui.models.habits_dialog import HabitsDialog
from ui.models.installed_card import Wish
from ui.widgets.announce import announce
from ui.widgets.dialog import Question
from ui.widgets.reveal import reveal
from ui.widgets.words import error_words, size_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from assistant.model_choice import Habits
    from ui.models.desk import Desk
    from ui.models.performer import Performer
    from ui.models.requests import Requests
    from ui.models.source import Installed, ModelSource
    from ui.theme.theme import Theme
    from ui.widgets.button import Kind


class Keeping(QObject):
    """Does what the cards of the models here ask for.

    Signals: ``noted()`` when ``states`` are different, ``told(str)`` with what became of a model that is gone.
    """

    noted = Signal()
    told = Signal(str)

    def __init__(
        self, theme: Theme, source: ModelSource, desk: Desk, performer: Performer, requests: Requests, page: QWidget
    ) -> None:
        super().__init__(page)
        self._theme = theme
        self._source = source
        self._desk = desk
        self._performer = performer
        self._requests = requests
        self._page = page
        self.states: dict[str, str] = {}
        """What is being done with a model, or what came of it, by its id."""
        self._acts: dict[Wish, Callable[[Installed], None]] = {
            Wish.DETAILS: self._show_details,
            Wish.DEFAULT: self._set_default,
            Wish.REVEAL: self._reveal,
            Wish.VERIFY: self._verify,
            Wish.READ: self._read,
            Wish.NEWER: self._look_for_newer,
            Wish.HABITS: self._set_habits,
            Wish.DELETE: self._delete,
            Wish.LOCATE: self._locate,
            Wish.AGAIN: self._download_again,
            Wish.FORGET: self._forget,
            Wish.LEAVE: self._leave_folder,
        }

    def do(self, wish: Wish, model_id: str) -> None:
        """Do what a card asked for."""
        if wish is Wish.USE:
            self._requests.use.emit(model_id)
            return
        installed = next((each for each in self._source.library.all() if each.id == model_id), None)
        if installed is not None:
            self._acts[wish](installed)

    # --- one model --------------------------------------------------------------------------------------------------

    def _show_details(self, installed: Installed) -> None:
        dialog = DetailsDialog(self._theme, self._page.window(), installed)
        task = self._desk.wait(self._source.library.facts(installed.id), partial(self._on_facts, dialog))
        dialog.finished.connect(lambda _result: self._desk.leave(task))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_facts(self, dialog: DetailsDialog, value: object, error: AssistantError | None) -> None:
        if isinstance(value, Header):
            dialog.show_header(value)
        elif error is not None:
            dialog.show_error(error)

    def _set_habits(self, installed: Installed) -> None:
        try:
            habits = self._source.library.habits(installed.id)
        except AssistantError as error:
            self._performer.failed.emit(error)
            return
        common = self._source.library.common_sampling
        dialog = HabitsDialog(self._theme, self._page.window(), installed, habits, common)
        dialog.saved.connect(partial(self._keep_habits, installed))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _keep_habits(self, installed: Installed, habits: Habits, loads_again: bool) -> None:
        library = self._source.library
        if self._performer.perform(lambda: library.set_habits(installed.id, habits)) and loads_again:
            self._requests.use.emit(installed.id)

    def _set_default(self, installed: Installed) -> None:
        self._performer.perform(lambda: self._source.library.set_default(installed.id))

    def _reveal(self, installed: Installed) -> None:
        reveal(installed.model.path)

    def _verify(self, installed: Installed) -> None:
        self._note(installed.id, _("Checking every byte …"))
        self._desk.wait(self._source.library.verify(installed.id), partial(self._on_verified, installed.id))

    def _on_verified(self, model_id: str, value: object, error: AssistantError | None) -> None:
        if error is not None:
            self._note(model_id, error_words(error))
        elif value:
            self._note(model_id, _("Every byte is as it should be."))
        else:
            self._note(model_id, _("The file is sound; there is no checksum to compare it with."))

    def _read(self, installed: Installed) -> None:
        self._requests.read.emit(Repository(installed.model.repository))

    def _look_for_newer(self, installed: Installed) -> None:
        self._note(installed.id, _("Looking for a newer file …"))
        task = self._source.library.newer(installed.id)
        self._desk.wait(task, partial(self._on_newer, installed.id, installed.model.name))

    def _on_newer(self, model_id: str, name: str, value: object, error: AssistantError | None) -> None:
        if error is not None:
            self._note(model_id, error_words(error))
            return
        match value:
            case (Repository() as repository, Offer() as offer):
                self._note(model_id, _("There is another file of this model on the hub."))
                self._offer_newer(name, repository, offer)
            case _:
                self._note(model_id, _("This is the file that is on the hub."))

    def _offer_newer(self, name: str, repository: Repository, offer: Offer) -> None:
        answer = self._ask(
            _("A newer file"),
            _("Get the newer file of {model}?").format(model=name),
            _("{size} will be downloaded. The file you have stays until the new one is here and verified.").format(
                size=size_words(offer.size_bytes)
            ),
            [("cancel", _("Not now"), "normal"), ("get", _("Get"), "primary")],
        )
        if answer == "get":
            self._requests.get.emit(repository, offer)

    def _locate(self, installed: Installed) -> None:
        kinds = _("Models ({pattern})").format(pattern="*.gguf")
        title = _("Where is {model} now?").format(model=installed.model.name)
        name, _kind = QFileDialog.getOpenFileName(self._page.window(), title, "", kinds)
        if name:
            self._performer.perform(lambda: self._source.library.locate(installed.id, Path(name)))

    def _download_again(self, installed: Installed) -> None:
        self._performer.perform(lambda: self._source.library.download_again(installed.id))

    def _forget(self, installed: Installed) -> None:
        self._performer.perform(lambda: self._source.library.forget(installed.id))

    def _leave_folder(self, installed: Installed) -> None:
        """Ask, since every model of the folder goes off the list."""
        folder = installed.chosen_folder
        assert folder is not None
        answer = self._ask(
            _("A folder of models"),
            _("Stop looking in “{path}”?").format(path=folder),
            _("All models in it go off the list. Their files stay as they are, and you can choose the folder again."),
            [("cancel", _("Cancel"), "normal"), ("leave", _("Stop looking"), "primary")],
        )
        if answer == "leave":
            self._performer.perform(partial(self._source.intake.stop_looking_in, folder))

    def _delete(self, installed: Installed) -> None:
        """Ask once, and for what is not ours again with all that it means."""
        model = installed.model
        answer = self._ask(
            _("Delete a model"),
            _("Delete “{model}”?").format(model=model.name),
            _(
                "The file ({size}) goes to the trash, or is deleted where there is none. Your conversations stay."
            ).format(size=size_words(model.size_bytes)),
            [("cancel", _("Cancel"), "normal"), ("delete", _("Delete"), "danger")],
        )
        if answer != "delete":
            return
        try:
            self._begin_deleting(installed)
        except ModelNotOurs:
            self._delete_foreign(installed)
        except AssistantError as error:
            self._performer.failed.emit(error)

    def _begin_deleting(self, installed: Installed, *, confirm_foreign: bool = False) -> None:
        task, changes = self._source.library.delete(installed.id, confirm_foreign=confirm_foreign)
        self._performer.perform(lambda: changes)
        self._note(installed.id, _("Deleting …"))
        self._desk.wait(task, partial(self._on_deleted, installed))

    def _on_deleted(self, installed: Installed, value: object, error: AssistantError | None) -> None:
        self.states.pop(installed.id, None)
        self.noted.emit()
        if error is not None:
            self._performer.failed.emit(error)
        elif isinstance(value, Gone):
            self.told.emit(value.sentence(installed.model.name))

    def _delete_foreign(self, installed: Installed) -> None:
        model = installed.model
        is_added = model.owner is Owner.ADDED and installed.chosen_folder is None
        answers: list[tuple[str, str, Kind]] = [("cancel", _("Cancel"), "primary")]
        if is_added:
            answers.insert(0, ("forget", _("Take off the list"), "normal"))
        answers.insert(0, ("delete", _("Delete the file all the same"), "danger"))
        answer = self._ask(
            _("Not a file of Inkstone"),
            _("This file belongs to {owner}.").format(owner=model.owner.words),
            _("Deleting it removes “{path}” from this computer, for other programs as well.").format(path=model.path),
            answers,
        )
        if answer == "forget":
            self._forget(installed)
        elif answer == "delete":
            try:
                self._begin_deleting(installed, confirm_foreign=True)
            except AssistantError as error:
                self._performer.failed.emit(error)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _note(self, model_id: str, words: str) -> None:
        self.states[model_id] = words
        announce(self._page, words)
        self.noted.emit()

    def _ask(self, title: str, sentence: str, hint: str, answers: Sequence[tuple[str, str, Kind]]) -> str:
        question = Question(self._theme, self._page.window(), title, sentence, hint, answers=answers)
        answer = question.ask()
        question.deleteLater()
        return answer
