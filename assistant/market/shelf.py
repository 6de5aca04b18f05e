"""The models on this computer, and what a person does with their files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.changes import Change, ModelsChanged, SettingChanged
from assistant.errors import ModelMissing, ModelNotFound
from assistant.market.values import Installed
from assistant.models import library
from assistant.models.deletion import delete
from assistant.models.gguf import read_header
from assistant.models.import_copy import import_copy
from assistant.models.model_file import ModelFile, Owner
from assistant.models.records import add_folder, record_of
from assistant.models.remote import Group, Offer, RemoteFile, Repository
from assistant.models.verification import verify

if TYPE_CHECKING:
    from assistant.engine.protocol import Sampling
    from assistant.model_choice import Habits, ModelChoice
    from assistant.models.downloads import Downloads
    from assistant.models.hub import Hub
    from assistant.paths import Paths
    from assistant.settings import Settings
    from assistant.tasks import Tasks


class Shelf:
    """Every model file that is known. Main thread only; what reads whole files is a task.

    ``folders`` are those for models beside the usual one, the first one takes new files.
    """

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        choice: ModelChoice,
        downloads: Downloads,
        hub: Hub,
        tasks: Tasks,
        folders: Callable[[], Sequence[Path]],
        common_sampling: Callable[[], Sampling],
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._choice = choice
        self._downloads = downloads
        self._hub = hub
        self._tasks = tasks
        self._folders = folders
        self._common_sampling = common_sampling
        self._stopping = threading.Event()

    # --- what is here -----------------------------------------------------------------------------------------------

    def all(self) -> list[Installed]:
        """Return every model, missing ones too."""
        default = self._settings.get("model.default", str)
        return [self._installed(model, default) for model in self._choice.all()]

    def get(self, model_id: str) -> ModelFile:
        """Return one model. Raises ModelNotFound."""
        for model in self._choice.all():
            if model_id in (model.id, *model.aliases):
                return model
        raise ModelNotFound(name=model_id)

    def id_of(self, repository: str, offer: Offer) -> str:
        """Return the id of the model that an offer would bring, empty when it is not here."""
        model = library.model_of(repository, offer, self._choice.all())
        return model.id if model else ""

    def arrived(self, path: Path, repository: Repository, projector: Path | None) -> ModelFile:
        """Take a finished download onto the shelf. Raises as ``library.downloaded``."""
        (offer,) = repository.offers
        return library.downloaded(
            path,
            self._paths,
            self._folders(),
            repository=repository.name,
            commit=repository.commit,
            file=offer.files[0].name,
            sha256={Path(file.name).name: file.sha256 for file in offer.everything if file.sha256},
            projector=projector,
        )

    # --- what a person does -----------------------------------------------------------------------------------------

    def use(self, model_id: str, *, anyway: bool = False) -> list[Change]:
        """Load a model and remember it; ``anyway`` although it is too big. Raises ModelError."""
        return self._choice.use(model_id, anyway=anyway)

    def set_default(self, model_id: str) -> list[Change]:
        """Load this model at the next start. Raises ModelNotFound, DiskFull, FolderUnusable."""
        self._settings.set("model.default", self.get(model_id).id)
        return [SettingChanged("model.default"), ModelsChanged()]

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

    def delete(self, model_id: str, *, confirm_foreign: bool = False) -> list[Change]:
        """Move a model to the trash; the one in use is unloaded first. Raises ModelNotOurs unless confirmed."""
        model = self.get(model_id)
        changes: list[Change] = []
        is_used = self._choice.used is not None and self._choice.used.path == model.path
        if is_used and (model.owner is Owner.OURS or confirm_foreign):
            changes += self._choice.unload()
        delete(model, self._paths, self._folders(), confirm_foreign=confirm_foreign)
        if self._settings.get("model.default", str) == model.id:
            self._settings.reset("model.default")
            changes.append(SettingChanged("model.default"))
        return [*changes, ModelsChanged()]

    def forget(self, model_id: str) -> list[Change]:
        """Take an added or missing model off the list; a file that is there stays. Raises ModelNotFound."""
        library.forget(model_id, self._paths, self._folders())
        return [ModelsChanged()]

    def locate(self, model_id: str, path: Path) -> list[Change]:
        """Say where a missing file is now. Raises ModelDiffers and what ``read_header`` raises."""
        library.relocate(model_id, path, self._paths, self._folders())
        return [ModelsChanged()]

    def download_again(self, model_id: str) -> list[Change]:
        """Queue the download of a missing model. Raises ModelMissing when nobody knows where it came from."""
        model = self.get(model_id)
        record = record_of(model.path, self._paths)
        if not (record.repository and record.file):
            raise ModelMissing(name=model.name, path=model.path)
        others = {name: sha256 for name, sha256 in record.sha256.items() if name != Path(record.file).name}
        projector = record.projector.name if record.projector else ""
        folder = record.file.rpartition("/")[0]
        first = RemoteFile(
            record.file, 0 if others else record.size_bytes, record.sha256.get(Path(record.file).name, "")
        )
        rest = [
            RemoteFile(f"{folder}/{name}".lstrip("/"), 0, sha256)
            for name, sha256 in sorted(others.items())
            if name != projector
        ]
        seeing = RemoteFile(projector, 0, others.get(projector, "")) if projector else None
        offer = Offer(model.quantization or model.name, model.quantization, Group.BALANCED, (first, *rest), seeing)
        repository = Repository(record.repository, record.commit, licence=model.licence, offers=(offer,))
        return self._downloads.start(repository, offer)

    def add(self, path: Path) -> list[Change]:
        """Use a file where it lies. Raises what ``read_header`` raises, and ModelUnsupported."""
        library.add(path, self._paths, self._folders())
        return [ModelsChanged()]

    def add_folder(self, folder: Path) -> list[Change]:
        """Look for models in a folder from now on. Raises DiskFull, FolderUnusable."""
        add_folder(folder, self._paths)
        return [ModelsChanged()]

    # --- what takes time --------------------------------------------------------------------------------------------

    def facts(self, model_id: str) -> int:
        """Ask for what the file says of itself: the task brings a ``Header``."""
        path = self.get(model_id).path
        return self._tasks.start(lambda: read_header(path), "facts")

    def verify(self, model_id: str) -> int:
        """Check every byte: True when they match the checksum, False when none is known but the file is sound."""
        model, paths, stop = self.get(model_id), self._paths, self._stopping
        return self._tasks.start(lambda: verify(model, paths, stop=stop), "verify")

    def copy(self, path: Path) -> int:
        """Copy a file into the models folder: the task brings the path of the copy."""
        paths, folders, stop = self._paths, list(self._folders()), self._stopping
        return self._tasks.start(lambda: import_copy(path, paths, folders, stop=stop), "copy")

    def newer(self, model_id: str) -> int:
        """Ask the hub for another version of a model's file: (repository, offer), or nothing when there is none."""
        model, hub = self.get(model_id), self._hub

        def ask() -> tuple[Repository, Offer] | None:
            repository = hub.repository(model.repository)
            offer = library.newer(model, repository)
            return (repository, offer) if offer else None

        return self._tasks.start(ask, "newer")

    def close(self) -> None:
        """Have what reads whole files give up."""
        self._stopping.set()

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
        )
