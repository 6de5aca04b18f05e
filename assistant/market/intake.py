"""How models that are on this computer already come into the library: a file, a copy, a folder, another program's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.changes import ModelsChanged
from assistant.errors import FolderUnreadable
from assistant.models import library
from assistant.models.discover import Budget
from assistant.models.elsewhere import elsewhere
from assistant.models.import_copy import import_copy
from assistant.models.listing import folders_of, read_ahead
from assistant.models.records import add_folder, chosen_folders, remove_folder

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
        self._is_looking = False

    @property
    def has_looked(self) -> bool:
        """Whether it has been looked for what others have put here; before, there may be more than is listed."""
        return elsewhere(self._paths).is_known

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
        places, look_through = elsewhere(self._paths), self._looking_through(folder)

        def look() -> Looked:
            try:
                next(folder.iterdir(), None)
            except OSError as error:
                raise FolderUnreadable(path=folder, reason=error.strerror or error) from error
            return Looked(folder, look_through())

        def ended(looked: Looked) -> list[Change]:
            add_folder(folder, self._paths)
            places.keep(looked.found)
            return [ModelsChanged()]

        return self._tasks.start(look, "look", ended=ended)

    def look_around(self) -> None:
        """Have it looked for what others have put on this computer meanwhile; what is new is reported as changed."""
        if self._is_looking:
            return
        self._is_looking = True
        chosen = chosen_folders(self._paths)

        def ended(found: tuple[Found, ...]) -> list[Change]:
            self._is_looking = False
            if chosen_folders(self._paths) != chosen:  # what was found is not what is to be looked through now
                self.look_around()
                return []
            return [ModelsChanged()] if elsewhere(self._paths).keep(found) else []

        self._tasks.forget(self._tasks.start(self._looking_through(), "look", ended=ended))

    def stop_looking_in(self, folder: Path) -> list[Change]:
        """Take a chosen folder with its models off the list; the files stay. Raises DiskFull, FolderUnusable."""
        remove_folder(folder, self._paths)
        places = elsewhere(self._paths)
        if places.is_known:
            places.keep(tuple(one for one in places.found() if not one.path.is_relative_to(folder)))
        return [ModelsChanged()]

    def _looking_through(self, *more: Path) -> Callable[[], tuple[Found, ...]]:
        """Return what looks everywhere, in a thread, and reads what lists show of the models that it finds."""
        paths, folders, stop = self._paths, folders_of(self._settings), self._stopping

        def look() -> tuple[Found, ...]:
            found = elsewhere(paths).look(*more, budget=Budget(MOST_ENTRIES, MOST_SECONDS, stop=stop))
            read_ahead(found, paths, folders, stop)
            return found

        return look
