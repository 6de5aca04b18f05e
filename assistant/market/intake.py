"""How models that are on this computer already come into the library: a file, a copy, a folder, another program's."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.changes import ModelsChanged
from assistant.errors import FolderUnreadable
from assistant.models import library
from assistant.models.discover import Budget
from assistant.models.elsewhere import elsewhere
from assistant.models.import_copy import import_copy
from assistant.models.listing import folders_of
from assistant.models.records import add_folder, remove_folder

if TYPE_CHECKING:
    from assistant.changes import Change
    from assistant.models.discover import Found
    from assistant.paths import Paths
    from assistant.settings import Settings
    from assistant.tasks import Tasks


MOST_ENTRIES = 1_000_000
MOST_SECONDS = 30.0
"""Nobody waits for a search beside the window, so it may take its time."""


@dataclass(frozen=True)
class Looked:
    """What was found when ``folder`` was looked through, that of other places too."""

    folder: Path
    found: tuple[Found, ...]

    @property
    def count(self) -> int:
        """How many models lie in the folder."""
        return sum(one.path.is_relative_to(self.folder) for one in self.found)


class Intake:
    """Takes in what lies on this computer. Main thread only; what searches or copies is a task.

    ``stopping`` has what copies give up.
    """

    def __init__(self, paths: Paths, settings: Settings, tasks: Tasks, stopping: threading.Event) -> None:
        self._paths = paths
        self._settings = settings
        self._tasks = tasks
        self._stopping = stopping
        self._looking = False

    def add(self, path: Path) -> list[Change]:
        """Use a file where it lies.

        Raises what ``read_header`` raises, ModelUnsupported, DiskFull, FolderUnusable.
        """
        library.add(path, self._paths, folders_of(self._settings))
        return [ModelsChanged()]

    def copy(self, path: Path) -> int:
        """Copy a file into the models folder: the task brings the path of the copy."""
        paths, folders, stop = self._paths, folders_of(self._settings), self._stopping
        return self._tasks.start(lambda: import_copy(path, paths, folders, stop=stop), "copy")

    def look_in(self, folder: Path) -> int:
        """Look for models in a folder, now and from now on: the task brings ``Looked``.

        The task's errors: FolderUnreadable, DiskFull, FolderUnusable.
        """
        places, budget = elsewhere(self._paths), self._patient()

        def look() -> Looked:
            try:
                next(folder.iterdir(), None)
            except OSError as error:
                raise FolderUnreadable(path=folder, reason=error.strerror or error) from error
            return Looked(folder, places.look(folder, budget=budget))

        def ended(looked: Looked) -> list[Change]:
            add_folder(folder, self._paths)
            places.keep(looked.found)
            return [ModelsChanged()]

        return self._tasks.start(look, "look", ended=ended)

    def look_around(self) -> None:
        """Have it looked for what others have put on this computer meanwhile; what is new is reported as changed."""
        if self._looking:
            return
        self._looking = True
        places = elsewhere(self._paths)

        def ended(found: tuple[Found, ...]) -> list[Change]:
            self._looking = False
            return [ModelsChanged()] if places.keep(found) else []

        budget = self._patient()
        self._tasks.forget(self._tasks.start(lambda: places.look(budget=budget), "look", ended=ended))

    def stop_looking_in(self, folder: Path) -> list[Change]:
        """Take a chosen folder with its models off the list; the files stay. Raises DiskFull, FolderUnusable."""
        remove_folder(folder, self._paths)
        places = elsewhere(self._paths)
        places.keep(tuple(one for one in places.found() if not one.path.is_relative_to(folder)))
        return [ModelsChanged()]

    def _patient(self) -> Budget:
        return Budget(MOST_ENTRIES, MOST_SECONDS, stop=self._stopping)
