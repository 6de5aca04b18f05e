"""One run of a download: a thread that brings every file, checks it and moves it to its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, FolderNotWritable, ModelFileDamaged, ModelMissing, NetworkError
from assistant.models.checksum import Stopped, sha256_of
from assistant.models.download_state import Download, DownloadState
from assistant.models.gguf import read_part_header
from assistant.models.patience import wait_after
from assistant.models.space import free_bytes, not_enough
from assistant.models.transfer import Transfer, TransferProgress
from assistant.network import Cutter

if TYPE_CHECKING:
    from assistant.models.remote import RemoteFile
    from assistant.models.transfer import Location
    from assistant.network import Network

Locate = Callable[[str, str, "RemoteFile"], "Location"]
"""Asks the hub where a file's bytes are: repository, commit, file."""
Pin = Callable[[str, Sequence["RemoteFile"]], tuple[str, tuple["RemoteFile", ...]]]
"""Asks the hub for the commit of now, and the sizes and checksums that some files of a repository have in it."""
SPACE_CHECK_BYTES = 64 << 20
"""How much may come between two looks at the free space."""
QUIET_S = 0.1
"""Between two events of progress."""


@dataclass(frozen=True)
class DownloadEvent:
    """News of a run. ``has_ended`` comes once, last: with an error, ``was_stopped``, or neither when all is done.

    ``problem`` is what the run waits out while ``state`` is WAITING. ``pinned``: what the hub said of the files of a
    download that was begun without asking it.
    """

    download: str
    run: int
    state: DownloadState
    bytes_done: int
    attempts: int = 0
    problem: AssistantError | None = None
    has_ended: bool = False
    was_stopped: bool = False
    mistake: BaseException | None = None
    pinned: Download | None = None


class DownloadRun:
    """Brings one download. ``start``, ``stop`` and ``join`` on the main thread; events go to ``post`` from its own."""

    def __init__(
        self,
        number: int,
        download: Download,
        network: Network,
        locate: Locate,
        pin: Pin,
        post: Callable[[DownloadEvent], None],
    ) -> None:
        self.number = number
        self.paths = download.paths
        self._download = download
        self._network = network
        self._locate = locate
        self._pin = pin
        self._post = post
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._cutter = Cutter()
        self._transfer: Transfer | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"download-{download.id}")
        self._brought: set[str] = set()  # what this run has verified: nothing else is moved
        self._before = 0  # bytes of the files that are done
        self._room_checked_at = 0
        self._told_at = -QUIET_S
        self._told = DownloadState.QUEUED

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon, keeping what has come; the last event says ``was_stopped``. Returns at once."""
        self._stopping.set()
        self._woken.set()
        self._cutter.cut()
        with self._lock:
            transfer = self._transfer
        if transfer:
            transfer.stop()

    def hurry(self) -> None:
        """Try again now, if it waits to."""
        self._woken.set()
        with self._lock:
            transfer = self._transfer
        if transfer:
            transfer.hurry()

    def join(self) -> None:
        """Wait for the end of the thread: 300 ms at most after ``stop``."""
        self._thread.join()

    # --- in the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        error, mistake, was_stopped = None, None, False
        try:
            if not self._download.commit:
                self._pin_down()
            for file in self._download.files:
                self._bring(file)
                self._before += file.size_bytes
            self._check_headers()
            self._move()
        except Stopped:
            was_stopped = True
        except AssistantError as problem:
            error = problem
        except BaseException as problem:  # noqa: BLE001 - raised again on the main thread
            mistake = problem
        done = self._download.bytes_on_disk()
        state = DownloadState.FAILED if error or mistake else DownloadState.DONE
        self._post(
            DownloadEvent(
                self._download.id,
                self.number,
                DownloadState.PAUSED if was_stopped else state,
                done,
                problem=error,
                has_ended=True,
                was_stopped=was_stopped,
                mistake=mistake,
            )
        )

    def _pin_down(self) -> None:
        """Learn which bytes are meant: a row of the catalog may know neither commit nor checksum."""
        download, failures = self._download, 0
        while True:
            self._woken.clear()
            self._heed_stop()
            self._tell(DownloadState.RESOLVING, 0, failures)
            try:
                with self._network.under(self._cutter):
                    commit, files = self._pin(download.repository, download.files)
                break
            except NetworkError as problem:
                self._heed_stop()
                failures += 1
                wait_s = wait_after(problem, failures)
                self._tell(DownloadState.WAITING, 0, failures, problem)
                self._woken.wait(wait_s)
        self._download = replace(download, commit=commit, files=files)
        self._check_room()
        event = DownloadEvent(download.id, self.number, DownloadState.RESOLVING, 0, pinned=self._download)
        self._post(event)

    def _bring(self, file: RemoteFile) -> None:
        """Have the verified bytes of ``file`` on the disk, as a part or, after a run that was cut, in place."""
        part = self._download.part_path(file)
        if not part.exists() and self._is_in_place(file):
            return
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderNotWritable(path=part.parent, reason=error.strerror or error) from error
        where = self._download
        with self._lock:
            self._heed_stop()
            transfer = self._transfer = Transfer(
                self._network,
                lambda: self._locate(where.repository, where.commit, file),
                part,
                file,
                on_progress=self._on_progress,
            )
        transfer.run()
        self._brought.add(file.name)

    def _is_in_place(self, file: RemoteFile) -> bool:
        """Say whether the very file lies at its final name already."""
        final = self._download.final_path(file)
        if not file.sha256 or not final.is_file() or final.stat().st_size != file.size_bytes:
            return False
        with suppress(OSError):
            return sha256_of(final, self._on_hashed) == file.sha256
        return False

    def _on_hashed(self, done: int) -> None:
        self._heed_stop()
        self._tell(DownloadState.VERIFYING, done)

    def _on_progress(self, progress: TransferProgress) -> None:
        state = DownloadState(progress.state.value)
        self._tell(state, progress.bytes_done, progress.attempts, progress.problem)
        come = self._before + progress.bytes_done
        if state is DownloadState.DOWNLOADING and come - self._room_checked_at >= SPACE_CHECK_BYTES:
            self._room_checked_at = come
            self._check_room()

    def _check_room(self) -> None:
        left = self._download.bytes_total - self._download.bytes_on_disk()
        with suppress(OSError):
            free = free_bytes(self._download.folder)
            if free < left:
                raise not_enough(self._download.folder, left, free)

    def _tell(self, state: DownloadState, done: int, attempts: int = 0, problem: AssistantError | None = None) -> None:
        """Post progress: each state at once, bytes ten times a second."""
        now = time.monotonic()
        if state is self._told and now - self._told_at < QUIET_S:
            return
        self._told, self._told_at = state, now
        self._post(DownloadEvent(self._download.id, self.number, state, self._before + done, attempts, problem))

    def _check_headers(self) -> None:
        """Read every file's header once more before it may be used: a right checksum makes no model."""
        for file in self._download.files:
            path = self._where(file)
            if not path.name.removesuffix(".part").lower().endswith(".gguf"):
                continue
            try:
                read_part_header(path)
            except ModelFileDamaged as error:
                raise ModelFileDamaged(path=file.name, reason=error.values["reason"]) from error

    def _move(self) -> None:
        """Give the files their names, the first part last: until then nothing is there that could be loaded."""
        self._heed_stop()
        for file in reversed(self._download.files):
            part, final = self._download.part_path(file), self._download.final_path(file)
            try:
                if file.name in self._brought:
                    part.replace(final)
            except OSError as error:
                raise FolderNotWritable(path=final.parent, reason=error.strerror or error) from error
            if not final.is_file():
                raise ModelMissing(name=file.name, path=final)

    def _where(self, file: RemoteFile) -> Path:
        part = self._download.part_path(file)
        return part if part.exists() else self._download.final_path(file)

    def _heed_stop(self) -> None:
        if self._stopping.is_set():
            raise Stopped
