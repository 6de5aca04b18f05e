"""A download as it stands, and the small record of it that outlives the program."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from assistant.errors import AssistantError
from assistant.models.remote import RemoteFile
from assistant.safe_file import write_safely

log = logging.getLogger(__name__)
RECORD_VERSION = 1
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
    CANCELLED = "cancelled"

    @property
    def is_running(self) -> bool:
        """A thread is at it."""
        return self in _RUNNING

    @property
    def is_over(self) -> bool:
        """Nothing more will come of it by itself or by a person, but for a failed one's retry."""
        return self in (DownloadState.DONE, DownloadState.CANCELLED)


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


class Records:
    """The folder of download records: one small JSON file each, replaced whole at every change of state."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, download_id: str) -> Path:
        """Return where the record of a download lies."""
        return self._folder / f"{download_id}.json"

    def save(self, download: Download, place: int) -> None:
        """Write a record; ``place`` is where it stands in the queue. Raises DiskFull, FolderUnusable."""
        self._folder.mkdir(parents=True, exist_ok=True)
        document = {
            "version": RECORD_VERSION,
            "place": place,
            "repository": download.repository,
            "commit": download.commit,
            "offer": download.offer,
            "projector": download.projector,
            "licence": download.licence,
            "folder": str(download.folder),
            "state": download.state.value,
            "added_at": download.added_at.isoformat(),
            "files": [
                {"name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256} for file in download.files
            ],
        }
        write_safely(self.path(download.id), json.dumps(document, ensure_ascii=False, indent=1).encode())

    def remove(self, download_id: str) -> None:
        """Delete a record; nothing when there is none."""
        self.path(download_id).unlink(missing_ok=True)

    def load(self, download_id: str) -> Download | None:
        """Return the download of a record, ``None`` where there is none that can be understood."""
        found = self._read(self.path(download_id))
        return found[1] if found else None

    def all(self) -> list[Download]:
        """Return every download that can be understood, in the order of the queue. Others are left and logged."""
        found = [self._read(path) for path in sorted(self._folder.glob("*.json"))]
        placed = sorted((pair for pair in found if pair), key=lambda pair: pair[0])
        return [download for _place, download in placed]

    def _read(self, path: Path) -> tuple[int, Download] | None:
        try:
            document = json.loads(path.read_bytes())
            return int(document["place"]), _from_document(path.stem, document)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            log.warning("the record of a download was not understood: %s", type(error).__name__)
            return None


def _from_document(download_id: str, document: Mapping[str, object]) -> Download:
    """Return the download that a record tells of. Raises KeyError, TypeError, ValueError for anything else."""
    rows = document["files"]
    if not isinstance(rows, list) or not rows:
        raise ValueError("no files")
    files = tuple(RemoteFile(str(row["name"]), int(row["size_bytes"]), str(row["sha256"])) for row in rows)
    folder = Path(str(document["folder"]))
    if not folder.is_absolute():
        raise ValueError("folder")
    return Download(
        id=download_id,
        repository=str(document["repository"]),
        commit=str(document["commit"]),
        offer=str(document["offer"]),
        files=files,
        folder=folder,
        state=DownloadState(document["state"]),
        projector=str(document.get("projector", "")),
        licence=str(document.get("licence", "")),
        added_at=datetime.fromisoformat(str(document["added_at"])),
    )
