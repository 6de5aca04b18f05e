"""The models on this computer, and what a person does with their files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.changes import Change, ModelsChanged, SettingChanged
from assistant.errors import ModelMissing
from assistant.market.values import Installed
from assistant.models import library
from assistant.models.deletion import plan_deletion
from assistant.models.gguf import read_header, shard_paths
from assistant.models.listing import folders_of
from assistant.models.model_file import ModelFile, Owner
from assistant.models.records import chosen_folders, drop, record_of
from assistant.models.remote import Group, Offer, RemoteFile, Repository
from assistant.models.verification import verify

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from assistant.engine.protocol import Sampling
    from assistant.model_choice import Habits, ModelChoice
    from assistant.models.downloads import Downloads
    from assistant.models.hub import Hub
    from assistant.paths import Paths
    from assistant.settings import Settings
    from assistant.tasks import Tasks


class Shelf:
    """Every model file that is known. Main thread only; what reads or moves whole files is a task.

    ``stopping`` has those that read give up.
    """

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        choice: ModelChoice,
        downloads: Downloads,
        hub: Hub,
        tasks: Tasks,
        common_sampling: Callable[[], Sampling],
        stopping: threading.Event,
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._choice = choice
        self._downloads = downloads
        self._hub = hub
        self._tasks = tasks
        self._common_sampling = common_sampling
        self._stopping = stopping

    # --- what is here -----------------------------------------------------------------------------------------------

    def all(self) -> list[Installed]:
        """Return every model, missing ones too."""
        default = self._settings.get("model.default", str)
        return [self._installed(model, default) for model in self._choice.all()]

    # --- what a person does -----------------------------------------------------------------------------------------

    def use(self, model_id: str, *, anyway: bool = False) -> list[Change]:
        """Load a model and remember it; ``anyway`` although it is too big. Raises ModelError."""
        return self._choice.use(model_id, anyway=anyway)

    def set_default(self, model_id: str) -> list[Change]:
        """Load this model at the next start. Raises ModelNotFound, DiskFull, FolderUnusable."""
        return [*self._choice.set_default(self._get(model_id)), ModelsChanged()]

    def habits(self, model_id: str) -> Habits:
        """Return what is set for this model in particular. Raises ModelNotFound."""
        return self._choice.habits(model_id)

    def set_habits(self, model_id: str, wanted: Habits) -> list[Change]:
        """Set it; how it is loaded holds from the next time on. Raises ModelNotFound, DiskFull, FolderUnusable."""
        return self._choice.set_habits(model_id, wanted)

    @property
    def common_sampling(self) -> Sampling:
        """What a model samples with that has nothing set for it."""
        return self._common_sampling()

    def delete(self, model_id: str, *, confirm_foreign: bool = False) -> tuple[int, list[Change]]:
        """Have a model deleted: the task, which brings ``Gone``, and what is different at once.

        The one in use is unloaded first. Raises ModelNotFound, StarterStays, and ModelNotOurs unless confirmed. The
        task's errors: ModelNotDeleted, DiskFull, FolderUnusable.
        """
        model = self._get(model_id)
        deletion = plan_deletion(model, self._paths, self._folders, confirm_foreign=confirm_foreign)
        is_used = self._choice.used is not None and self._choice.used.path == model.path
        changes = self._choice.unload() if is_used else []
        return self._tasks.start(deletion.run, "delete", ended=lambda _gone: self._deleted(model)), changes

    def forget(self, model_id: str) -> list[Change]:
        """Take an added or missing model off the list; a file that is there stays. Raises ModelNotFound."""
        library.forget(model_id, self._paths, self._folders)
        return [ModelsChanged()]

    def locate(self, model_id: str, path: Path) -> list[Change]:
        """Say where a missing file is now. Raises ModelDiffers and what ``read_header`` raises."""
        library.relocate(model_id, path, self._paths, self._folders)
        return [ModelsChanged()]

    def download_again(self, model_id: str) -> list[Change]:
        """Queue the download of a missing model, as it is on the hub now.

        Raises ModelMissing when nobody knows where it came from, and as ``Downloads.start``.
        """
        model = self._get(model_id)
        record = record_of(model.path, self._paths)
        if not (record.repository and record.file):
            raise ModelMissing(name=model.name, path=model.path)
        names = record.files or [part.as_posix() for part in shard_paths(Path(record.file))]
        projector = RemoteFile(record.projector_file) if record.projector_file else None
        files = tuple(RemoteFile(name) for name in names)
        offer = Offer(model.quantization or model.name, model.quantization, Group.BALANCED, files, projector)
        # without a commit the hub is asked for it, and for sizes and checksums
        return self._downloads.start(Repository(record.repository, licence=model.licence, offers=(offer,)), offer)

    # --- what takes time --------------------------------------------------------------------------------------------

    def facts(self, model_id: str) -> int:
        """Ask for what the file says of itself: the task brings a ``Header``."""
        path = self._get(model_id).path
        return self._tasks.start(lambda: read_header(path), "facts")

    def verify(self, model_id: str) -> int:
        """Check every byte: True when they match the checksum, False when none is known but the file is sound."""
        model, paths, stop = self._get(model_id), self._paths, self._stopping
        return self._tasks.start(lambda: verify(model, paths, stop=stop), "verify")

    def newer(self, model_id: str) -> int:
        """Ask the hub for another version of a model's file: (repository, offer), or nothing when there is none."""
        model, hub = self._get(model_id), self._hub

        def ask() -> tuple[Repository, Offer] | None:
            repository = hub.repository(model.repository)
            offer = library.newer(model, repository)
            return (repository, offer) if offer else None

        return self._tasks.start(ask, "newer")

    # --- inside -----------------------------------------------------------------------------------------------------

    @property
    def _folders(self) -> list[Path]:
        return folders_of(self._settings)

    def _get(self, model_id: str) -> ModelFile:
        return library.with_id(model_id, self._choice.all())

    def _deleted(self, model: ModelFile) -> list[Change]:
        """Forget what is remembered of a model whose files are gone."""
        drop([model.path], self._paths)
        if self._settings.get("model.default", str) != model.id:
            return [ModelsChanged()]
        self._settings.reset("model.default")
        return [SettingChanged("model.default"), ModelsChanged()]

    def _installed(self, model: ModelFile, default: str) -> Installed:
        used = self._choice.used
        return Installed(
            model=model,
            owner="" if model.owner in (Owner.OURS, Owner.ADDED, Owner.STARTER) else model.owner.words,
            repository=model.repository,
            sha256=model.sha256,
            last_used=model.last_used,
            tokens_per_s=model.tokens_per_s,
            is_missing=model.is_missing,
            is_used=used is not None and used.path == model.path,
            is_default=model.id == default if default else model.is_starter,
            chosen_folder=self._chosen_folder(model),
        )

    def _chosen_folder(self, model: ModelFile) -> Path | None:
        if model.owner is not Owner.ADDED:
            return None
        return next((folder for folder in chosen_folders(self._paths) if model.path.is_relative_to(folder)), None)
