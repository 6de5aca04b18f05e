"""Takes in models that are on this computer already: files, where they lie or copied, and whole folders."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from assistant.i18n import _, ngettext
from assistant.market import Looked
from ui.widgets.dialog import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from assistant.errors import AssistantError
    from ui.models.desk import Desk
    from ui.models.performer import Performer
    from ui.models.source import Intake
    from ui.theme.theme import Theme


class Adding(QObject):
    """Asks ``page``'s person for files and folders.

    Signals: ``added()`` when something came in, ``working(str)`` with what is said while files are copied or a folder
    is searched, empty at the end, ``told(str, str)`` with a sentence on what came of it and a hint.
    """

    added = Signal()
    working = Signal(str)
    told = Signal(str, str)

    def __init__(self, theme: Theme, intake: Intake, desk: Desk, performer: Performer, page: QWidget) -> None:
        super().__init__(page)
        self._theme = theme
        self._intake = intake
        self._desk = desk
        self._performer = performer
        self._page = page
        self._running = 0

    def ask_for_files(self) -> None:
        """Let a person choose files to add."""
        kinds = _("Models ({pattern})").format(pattern="*.gguf")
        names, _kind = QFileDialog.getOpenFileNames(self._page.window(), _("Add a file"), "", kinds)
        if names:
            self.add([Path(name) for name in names])

    def ask_for_folder(self) -> None:
        """Let a person choose a folder to look through, now and from now on."""
        name = QFileDialog.getExistingDirectory(self._page.window(), _("Look for models in a folder"))
        if name:
            self._look_in(Path(name))

    def add(self, paths: Sequence[Path]) -> None:
        """Look through the folders; use the files where they lie, or copy them, as a person says."""
        files = [path for path in paths if not path.is_dir()]
        for folder in [path for path in paths if path not in files]:
            self._look_in(folder)
        if not files:
            return
        answer = self._ask(files)
        for path in files:
            if answer == "copy":
                self._copy(path)
            elif answer == "add" and self._performer.perform(partial(self._intake.add, path)):
                self.added.emit()

    def _ask(self, files: Sequence[Path]) -> str:
        count = len(files)
        sentence = _("Add “{name}”?").format(name=files[0].name)
        if count > 1:
            sentence = ngettext("Add {count} file?", "Add {count} files?", count).format(count=count)
        hint = _(
            "Using a file in place takes no more room on the disk. A copy takes room of its own, and stays when the "
            "original is deleted."
        )
        question = Question(
            self._theme,
            self._page.window(),
            _("Add a file"),
            sentence,
            hint,
            answers=[
                ("cancel", _("Cancel"), "normal"),
                ("copy", _("Make a copy"), "normal"),
                ("add", _("Use in place"), "primary"),
            ],
        )
        answer = question.ask()
        question.deleteLater()
        return answer

    def _copy(self, path: Path) -> None:
        self._begin(_("Copying “{name}” …").format(name=path.name))
        self._desk.wait(self._intake.copy(path), self._on_copied)

    def _on_copied(self, _value: object, error: AssistantError | None) -> None:
        if self._end(error):
            self.added.emit()

    def _look_in(self, folder: Path) -> None:
        self._begin(_("Looking for models in “{path}” …").format(path=folder))
        self._desk.wait(self._intake.look_in(folder), partial(self._on_looked, folder))

    def _on_looked(self, folder: Path, value: object, error: AssistantError | None) -> None:
        if not self._end(error):
            return
        self.added.emit()
        count = value.count if isinstance(value, Looked) else 0
        if not count:
            sentence = _("No models were found in “{path}”.").format(path=folder)
            self.told.emit(sentence, _("Models are files that end in .gguf."))
            return
        sentence = ngettext("{count} file was found in “{path}”.", "{count} files were found in “{path}”.", count)
        self.told.emit(sentence.format(count=count, path=folder), "")

    def _begin(self, words: str) -> None:
        self._running += 1
        self.working.emit(words)

    def _end(self, error: AssistantError | None) -> bool:
        """Say no more that it runs; says whether it came to a good end."""
        self._running -= 1
        if not self._running:
            self.working.emit("")
        if error is not None:
            self._performer.failed.emit(error)
        return error is None
