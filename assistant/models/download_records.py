"""The small records of downloads that outlive the program, each held by one process at a time."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import FolderNotWritable, NetworkOff
from assistant.models.download_state import Download, DownloadState
from assistant.models.remote import RemoteFile
from assistant.safe_file import write_safely

log = logging.getLogger(__name__)
RECORD_VERSION = 1


class Records:
    """The folder of download records: one small JSON file each, replaced whole at every change of state.

    Beside it lies its lock, held by the process whose download it is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, download_id: str) -> Path:
        """Return where the record of a download lies."""
        return self._folder / f"{download_id}.json"

    def claim(self, download_id: str) -> FileLock | None:
        """Return the lock of a download, held; ``None`` when another process has it. Raises FolderNotWritable."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / f"{download_id}.lock", blocking=False, thread_local=False)
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise FolderNotWritable(path=self._folder, reason=error.strerror or error) from error
        return lock

    def save(self, download: Download, place: int) -> None:
        """Write a record; ``place`` is where it stands in the queue. Raises DiskFull, FolderUnusable.

        Of errors only that of the network switch is kept: what it stopped goes on when it is on again.
        """
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
            "by_network_switch": isinstance(download.error, NetworkOff),
            "added_at": download.added_at.isoformat(),
            "files": [
                {"name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256} for file in download.files
            ],
        }
        write_safely(self.path(download.id), json.dumps(document, ensure_ascii=False, indent=1).encode())

    def drop(self, download_id: str, lock: FileLock) -> None:
        """Delete a record, if there is one, and let go of it."""
        with suppress(OSError):
            self.path(download_id).unlink(missing_ok=True)
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)

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
        error=NetworkOff() if document.get("by_network_switch") else None,
    )
