"""The queue of downloads: some at a time, in an order a person can change, each surviving the end of the program."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from assistant.changes import Change, DownloadDone, DownloadProgressed, DownloadsChanged, ModelsChanged, Notice
from assistant.errors import AssistantError, DownloadExists, DownloadNotFound, FolderNotWritable, NetworkOff
from assistant.models.deletion import remove_empty
from assistant.models.download_run import DownloadEvent, DownloadRun, Locate, Pin
from assistant.models.download_state import Download, DownloadState, Records
from assistant.models.offers import safe_name
from assistant.models.space import check_format, check_room, check_writable, is_same_disk

if TYPE_CHECKING:
    from assistant.mailbox import Mailbox
    from assistant.models.remote import Offer, Repository
    from assistant.network import Network

log = logging.getLogger(__name__)
RATE_WINDOW_S = 5.0


@dataclass(frozen=True)
class DownloadOptions:
    """What the settings say. ``folder`` is that of all models; ``goes_on`` after a start without being asked."""

    folder: Path
    parallel: int = 2
    goes_on: bool = True


@dataclass
class _Job:
    """A download in the queue, with its run when there is one and its lock against other processes."""

    download: Download
    lock: FileLock
    run: DownloadRun | None = None
    was_last_shown: DownloadState | None = None
    samples: deque[tuple[float, int]] = field(default_factory=deque)
    """When how many bytes were there, over the last seconds."""


class Downloads:
    """Every download there is. Main thread only; the bytes come in a thread each and tell the mailbox.

    ``arrived`` is called with a finished download and returns the model's id in the library. ``clock`` in seconds.
    """

    def __init__(
        self,
        records_folder: Path,
        options: Callable[[], DownloadOptions],
        network: Network,
        locate: Locate,
        mailbox: Mailbox,
        *,
        pin: Pin,
        arrived: Callable[[Download], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = Records(records_folder)
        self._folder = records_folder
        self._options = options
        self._network = network
        self._locate = locate
        self._pin = pin
        self._mailbox = mailbox
        self._arrived = arrived
        self._clock = clock
        self._jobs: list[_Job] = []
        self._former: list[DownloadRun] = []
        self._last_run = 0
        self._is_closed = False

    # --- what there is ----------------------------------------------------------------------------------------------

    def all(self) -> list[Download]:
        """Return every download in the order of the queue, with the speed of now."""
        return [self._current(job) for job in self._jobs]

    def get(self, download_id: str) -> Download:
        """Return one download. Raises DownloadNotFound."""
        return self._current(self._job(download_id))

    def of_repository(self, name: str) -> list[Download]:
        """Return the downloads of one repository."""
        return [self._current(job) for job in self._jobs if job.download.repository == name]

    @property
    def folder(self) -> Path:
        """Where new models are put."""
        return self._options().folder

    @property
    def is_active(self) -> bool:
        """Whether bytes are coming or would be: what a person should know before the program ends."""
        return any(job.download.state.is_running or job.download.state is DownloadState.QUEUED for job in self._jobs)

    # --- what a person does -----------------------------------------------------------------------------------------

    def open(self) -> list[Change]:
        """Take up what former runs of the program left, but not what another process is at.

        It goes on by itself or stands paused, as the options say.
        """
        waiting = DownloadState.QUEUED if self._options().goes_on else DownloadState.PAUSED
        for download in self._records.all():
            lock = self._lock(download.id)
            if lock is None:
                continue
            if download.state is DownloadState.DONE:
                self._drop_record(download.id, lock)
                continue
            state = waiting if download.state.is_running or download.state is DownloadState.QUEUED else download.state
            self._jobs.append(_Job(replace(download, state=state, bytes_done=download.bytes_on_disk()), lock))
        return [*self._schedule(), DownloadsChanged()] if self._jobs else []

    def start(self, repository: Repository, offer: Offer) -> list[Change]:
        """Queue an offer. One that was begun and left goes on where it was.

        Of a repository without a commit the hub is asked what it has now, before anything comes.
        Raises DownloadExists, NameRefused, NotEnoughSpace, FileTooBigForDisk, FolderNotWritable, DiskFull.
        """
        folder = self._options().folder.joinpath(*safe_name(repository.name).split("/"))
        for file in offer.everything:
            safe_name(file.name)
        download = Download(
            id=_id_of(repository.name, offer.id),
            repository=repository.name,
            commit=repository.commit,
            offer=offer.id,
            files=offer.everything,
            folder=folder,
            projector=offer.projector.name if offer.projector else "",
            licence=repository.licence,
        )
        self._refuse_twice(download)
        check_writable(folder)
        check_format(folder, [(file.name, file.size_bytes) for file in download.files])
        download = replace(download, bytes_done=download.bytes_on_disk())
        check_room(folder, download.bytes_left + self._queued_on_disk(folder))
        lock = self._lock(download.id)
        if lock is None:
            raise DownloadExists(name=download.title)
        job = _Job(download, lock)
        try:
            self._records.save(download, len(self._jobs))
        except AssistantError:
            lock.release()
            raise
        self._jobs = [known for known in self._jobs if known.download.id != download.id]
        self._jobs.append(job)
        return [*self._schedule(), DownloadsChanged()]

    def pause(self, download_id: str) -> list[Change]:
        """Stop it and keep what has come; nothing when it does not run or wait."""
        job = self._job(download_id)
        if not (job.download.state.is_running or job.download.state is DownloadState.QUEUED):
            return []
        self._retire(job)
        return [*self._put(job, state=DownloadState.PAUSED, error=None), *self._schedule(), DownloadsChanged()]

    def resume(self, download_id: str) -> list[Change]:
        """Queue a paused or failed one again, have a waiting one try now; nothing for any other."""
        job = self._job(download_id)
        if job.run and job.download.state is DownloadState.WAITING:
            job.run.hurry()
        if job.download.state not in (DownloadState.PAUSED, DownloadState.FAILED):
            return []
        changes = self._put(job, state=DownloadState.QUEUED, error=None, attempts=0)
        return [*changes, *self._schedule(), DownloadsChanged()]

    def cancel(self, download_id: str) -> list[Change]:
        """End it and delete what has come of it; of a finished one only the entry goes."""
        job = self._job(download_id)
        self._jobs.remove(job)
        run, self_done = job.run, job.download.state is DownloadState.DONE
        self._retire(job)
        if run:
            run.join()  # 300 ms at most: nothing may write where things are being deleted
        if not self_done:
            for file in job.download.files:
                with suppress(OSError):
                    job.download.part_path(file).unlink(missing_ok=True)
            remove_empty(job.download.folder, [self._options().folder])
        self._drop_record(download_id, job.lock)
        return [*self._schedule(), DownloadsChanged()]

    def retry(self, download_id: str) -> list[Change]:
        """The same as ``resume``."""
        return self.resume(download_id)

    def move(self, download_id: str, place: int) -> list[Change]:
        """Put it at ``place`` in the queue, 0 is the first; what runs goes on running."""
        job = self._job(download_id)
        self._jobs.remove(job)
        self._jobs.insert(max(0, place), job)
        changes: list[Change] = []
        for other in self._jobs:
            changes += self._save(other)
        return [*changes, DownloadsChanged()]

    def clear(self) -> list[Change]:
        """Take the finished ones off the list."""
        finished = [job for job in self._jobs if job.download.state.is_over]
        for job in finished:
            self._jobs.remove(job)
            self._drop_record(job.download.id, job.lock)
        return [DownloadsChanged()] if finished else []

    def heed_network(self, *, is_offline: bool) -> list[Change]:
        """The network switch was turned: what it stopped goes on again when it is on."""
        if is_offline:
            for job in self._jobs:
                if job.run:
                    job.run.hurry()  # to find the door shut
            return []
        stopped = [job for job in self._jobs if isinstance(job.download.error, NetworkOff)]
        changes: list[Change] = []
        for job in stopped:
            changes += self._put(job, state=DownloadState.QUEUED, error=None)
        return [*changes, *self._schedule(), DownloadsChanged()] if stopped else []

    # --- what happens -----------------------------------------------------------------------------------------------

    def apply(self, event: DownloadEvent) -> list[Change]:
        """Take an event out of the mailbox. What a former run still says is dropped."""
        if event.has_ended:
            self._former = [run for run in self._former if run.number != event.run]
        job = next((job for job in self._jobs if job.run and job.run.number == event.run), None)
        if event.mistake:
            if job:
                job.run = None
                job.download = replace(job.download, state=DownloadState.FAILED)
            raise event.mistake
        if job is None or self._is_closed:
            return []
        self._sample(job, event)
        if not event.has_ended:
            return self._progress(job, event)
        assert job.run
        job.run.join()
        job.run = None
        return self._end(job, event)

    def close(self) -> None:
        """Stop every run and wait for it, a second at most; they go on at the next start."""
        self._is_closed = True
        runs = [*self._former, *(job.run for job in self._jobs if job.run)]
        for run in runs:
            run.stop()
        for run in runs:
            run.join()
        for job in self._jobs:
            job.lock.release()
        self._former.clear()
        self._jobs.clear()

    def _progress(self, job: _Job, event: DownloadEvent) -> list[Change]:
        is_other_state = event.state is not job.download.state or event.pinned is not None
        if event.pinned:
            job.download = replace(job.download, commit=event.pinned.commit, files=event.pinned.files)
        job.download = replace(
            job.download,
            state=event.state,
            bytes_done=event.bytes_done,
            attempts=event.attempts,
            error=event.problem,
        )
        if not is_other_state:
            return [DownloadProgressed(job.download.id)]
        return [*self._save(job), DownloadsChanged()]

    def _end(self, job: _Job, event: DownloadEvent) -> list[Change]:
        if event.was_stopped:
            return [*self._schedule(), DownloadsChanged()]
        error, model_id = event.problem, ""
        if error is None:
            try:
                model_id = self._arrived(replace(job.download, bytes_done=job.download.bytes_total))
            except AssistantError as problem:
                error = problem
        state = DownloadState.FAILED if error else DownloadState.DONE
        if isinstance(error, NetworkOff):
            state = DownloadState.PAUSED
        changes = self._put(job, state=state, error=error, bytes_done=event.bytes_done)
        if state is DownloadState.DONE:
            changes += [ModelsChanged(), DownloadDone(job.download.id, model_id)]
        return [*changes, *self._schedule(), DownloadsChanged()]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _schedule(self) -> list[Change]:
        """Start as many as may run, the first of the queue first."""
        changes: list[Change] = []
        running = sum(job.download.state.is_running for job in self._jobs)
        for job in self._jobs:
            if running >= self._options().parallel or self._is_closed:
                break
            if job.download.state is not DownloadState.QUEUED:
                continue
            running += 1
            self._last_run += 1
            job.samples.clear()
            changes += self._put(job, state=DownloadState.RESOLVING)
            job.run = DownloadRun(
                self._last_run, job.download, self._network, self._locate, self._pin, self._mailbox.post
            )
            self._wait_for_former(job.download.id)
            job.run.start()
        return changes

    def _wait_for_former(self, download_id: str) -> None:
        """Let a run that was stopped come to its end before another one writes to the same files."""
        for run in self._former:
            if run.download_id == download_id:
                run.join()

    def _retire(self, job: _Job) -> None:
        if job.run:
            job.run.stop()
            self._former.append(job.run)
            job.run = None

    def _put(self, job: _Job, **values: object) -> list[Change]:
        """Change a download and keep it; a disk that takes no record is told, the download goes on."""
        job.download = replace(job.download, **values)  # type: ignore[arg-type]
        return self._save(job)

    def _save(self, job: _Job) -> list[Change]:
        try:
            self._records.save(job.download, self._jobs.index(job))
        except AssistantError as error:
            return [Notice(error)]
        return []

    def _sample(self, job: _Job, event: DownloadEvent) -> None:
        """Note how much is here; what was here before anything came counts for no speed."""
        now = self._clock()
        if event.state is not DownloadState.DOWNLOADING:
            job.samples.clear()
        job.samples.append((now, event.bytes_done))
        while len(job.samples) > 2 and now - job.samples[0][0] > RATE_WINDOW_S:
            job.samples.popleft()

    def _current(self, job: _Job) -> Download:
        """Return the download with its speed: bytes of the last seconds over those seconds, stalls included."""
        if job.download.state is not DownloadState.DOWNLOADING or not job.samples:
            return job.download
        now = self._clock()
        first_at, first_bytes = job.samples[0]
        seconds = max(now - first_at, 0.001)
        is_stalled = now - job.samples[-1][0] > RATE_WINDOW_S
        rate = 0.0 if is_stalled else max(0, job.download.bytes_done - first_bytes) / seconds
        return replace(job.download, bytes_per_s=rate)

    def _job(self, download_id: str) -> _Job:
        for job in self._jobs:
            if job.download.id == download_id:
                return job
        raise DownloadNotFound(id=download_id)

    def _refuse_twice(self, download: Download) -> None:
        known = next((job.download for job in self._jobs if job.download.id == download.id), None)
        if known and not known.state.is_over:
            raise DownloadExists(name=download.title)

    def _queued_on_disk(self, folder: Path) -> int:
        """Return what is still to come to the disk of ``folder`` of all that is queued."""
        downloads = [job.download for job in self._jobs if not job.download.state.is_over]
        return sum(queued.bytes_left for queued in downloads if is_same_disk(queued.folder, folder))

    def _lock(self, download_id: str) -> FileLock | None:
        """Return the lock of a download, held; ``None`` when another process has it. Raises FolderNotWritable."""
        mine = next((job.lock for job in self._jobs if job.download.id == download_id), None)
        if mine:
            return mine
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / f"{download_id}.lock", blocking=False, thread_local=False)
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise FolderNotWritable(path=self._folder, reason=error.strerror or error) from error
        return lock

    def _drop_record(self, download_id: str, lock: FileLock) -> None:
        with suppress(OSError):
            self._records.remove(download_id)
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)


def _id_of(repository: str, offer: str) -> str:
    """Return the same short name for the same choice, so that it is found again."""
    return hashlib.sha256(f"{repository}\0{offer}".encode()).hexdigest()[:12]
