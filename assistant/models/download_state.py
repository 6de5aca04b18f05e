"""A download as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from assistant.errors import AssistantError
from assistant.models.remote import RemoteFile

PART_SUFFIX = ".part"


class DownloadState(Enum):
    """Where a download is; the value is stable, it stands in the records and under ``--json``."""

    QUEUED = "queued"
    RESOLVING = "resolving"
    """Asking the hub where the bytes are."""
    DOWNLOADING = "downloading"
    WAITING = "waiting"
    """Nothing comes: the next try is in some seconds."""
    PAUSED = "paused"
    VERIFYING = "verifying"
    """All bytes are here and are compared with the checksum."""
    DONE = "done"
    FAILED = "failed"

    @property
    def is_running(self) -> bool:
        """A thread is at it."""
        return self in _RUNNING


_RUNNING = (DownloadState.RESOLVING, DownloadState.DOWNLOADING, DownloadState.WAITING, DownloadState.VERIFYING)


@dataclass(frozen=True)
class Download:
    """A model on its way: one file, the parts of a split one, and a projector, all in ``folder``.

    Sizes in bytes; ``bytes_per_s`` over the last five seconds, 0 when nothing comes; ``seconds_left`` ``None`` when it
    cannot be told. ``error`` says why it failed or was paused, or what it is waiting out.
    """

    id: str
    repository: str
    commit: str
    offer: str
    files: tuple[RemoteFile, ...]
    folder: Path
    state: DownloadState = DownloadState.QUEUED
    projector: str = ""
    """The name of the projector among ``files``."""
    licence: str = ""
    added_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    bytes_done: int = 0
    bytes_per_s: float = 0.0
    attempts: int = 0
    error: AssistantError | None = field(default=None, compare=False)

    @property
    def title(self) -> str:
        """The repository without its maker, and what was chosen of it."""
        return f"{self.repository.rpartition('/')[2]} {self.offer}".strip()

    @property
    def bytes_total(self) -> int:
        """What has to come in all."""
        return sum(file.size_bytes for file in self.files)

    @property
    def bytes_left(self) -> int:
        """What is still to come."""
        return max(0, self.bytes_total - self.bytes_done)

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at the speed of now."""
        return self.bytes_left / self.bytes_per_s if self.bytes_per_s > 0 else None

    @property
    def path(self) -> Path:
        """Where the file that gets loaded will lie: the first one."""
        return self.final_path(self.files[0])

    def final_path(self, file: RemoteFile) -> Path:
        """Return where a file lies when all is done. Folders of the repository are kept."""
        return self.folder.joinpath(*file.name.split("/"))

    def part_path(self, file: RemoteFile) -> Path:
        """Return where a file lies until then."""
        final = self.final_path(file)
        return final.with_name(final.name + PART_SUFFIX)

    @property
    def paths(self) -> frozenset[Path]:
        """Where all its files will lie. Two choices of one repository may share a projector."""
        return frozenset(self.final_path(file) for file in self.files)

    def bytes_on_disk(self) -> int:
        """Return what is here of all files, whole or in part. A file of another size is an older one."""
        return sum(self._have(file) for file in self.files)

    def _have(self, file: RemoteFile) -> int:
        part = _size_of(self.part_path(file))
        if part >= 0:
            return min(file.size_bytes, part)
        return file.size_bytes if _size_of(self.final_path(file)) == file.size_bytes else 0


def _size_of(path: Path) -> int:
    """Return the bytes of a file, -1 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
