"""The queue of downloads: some at a time, in an order a person can change, each surviving the end of the program."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.changes import Change, DownloadDone, DownloadProgressed, DownloadsChanged, ModelsChanged, Notice
from assistant.errors import AssistantError, DownloadExists, DownloadNotFound, NetworkOff
from assistant.models.deletion import remove_empty
from assistant.models.download_job import Job
from assistant.models.download_records import Records
from assistant.models.download_run import DownloadEvent, DownloadRun, Locate, Pin
from assistant.models.download_state import Download, DownloadState
from assistant.models.offers import safe_name
from assistant.models.space import check_format, check_room, check_writable, is_same_disk

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.mailbox import Mailbox
    from assistant.models.remote import Offer, Repository
    from assistant.network import Network


@dataclass(frozen=True)
class DownloadOptions:
    """What the settings say. ``folder`` is that of all models; ``goes_on`` after a start without being asked."""

    folder: Path
    parallel: int = 2
    goes_on: bool = True


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
        self._options = options
        self._network = network
        self._locate = locate
        self._pin = pin
        self._mailbox = mailbox
        self._arrived = arrived
        self._clock = clock
        self._jobs: list[Job] = []
        self._former: list[DownloadRun] = []
        self._last_run = 0
        self._is_closed = False

    # --- what there is ----------------------------------------------------------------------------------------------

    def all(self) -> list[Download]:
        """Return every download in the order of the queue, with the speed of now."""
        return [job.shown(self._clock()) for job in self._jobs]

    def get(self, download_id: str) -> Download:
        """Return one download. Raises DownloadNotFound."""
        return self._job(download_id).shown(self._clock())

    def of_repository(self, name: str) -> list[Download]:
        """Return the downloads of one repository."""
        return [job.shown(self._clock()) for job in self._jobs if job.download.repository == name]

    @property
    def folder(self) -> Path:
        """Where new models are put."""
        return self._options().folder

    # --- what a person does -----------------------------------------------------------------------------------------

    def open(self) -> list[Change]:
        """Take up what former runs of the program left, but not what another process is at.

        It goes on by itself or stands paused, as the options say; what a person paused stays so.
        """
        for download in self._records.all():
            lock = self._records.claim(download.id)
            if lock is None:
                continue
            if download.state is DownloadState.DONE:
                self._records.drop(download.id, lock)
                continue
            if _is_on_its_way(download) or isinstance(download.error, NetworkOff):
                state = DownloadState.QUEUED if self._options().goes_on else DownloadState.PAUSED
                download = replace(download, state=state, error=None)
            self._jobs.append(Job(replace(download, bytes_done=download.bytes_on_disk()), lock))
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
        former = self._find(download.id)
        lock = former.lock if former else self._records.claim(download.id)
        if lock is None:
            raise DownloadExists(name=download.title)
        try:
            self._records.save(download, len(self._jobs))
        except AssistantError:
            if not former:
                lock.release()
            raise
        self._jobs = [known for known in self._jobs if known is not former]
        self._jobs.append(Job(download, lock))
        return [*self._schedule(), DownloadsChanged()]

    def pause(self, download_id: str) -> list[Change]:
        """Stop it and keep what has come; nothing when it does not run or wait."""
        job = self._job(download_id)
        if not _is_on_its_way(job.download):
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
        """End it and delete what has come of it; of a finished one only the entry goes.

        What another download brings as well, like a projector, stays.
        """
        job = self._job(download_id)
        self._jobs.remove(job)
        self._retire(job)
        if job.download.state is not DownloadState.DONE:
            self._delete_parts(job.download)
        self._records.drop(download_id, job.lock)
        return [*self._schedule(), DownloadsChanged()]

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
        finished = [job for job in self._jobs if job.download.state is DownloadState.DONE]
        for job in finished:
            self._jobs.remove(job)
            self._records.drop(job.download.id, job.lock)
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
        job = next((job for job in self._jobs if job.run and job.run.number == event.run), None)
        if event.has_ended:
            self._forget_run(event.run)
        if event.mistake:
            if job:
                self._put(job, state=DownloadState.FAILED)
            if not self._is_closed:
                self._schedule()
            raise event.mistake
        if self._is_closed:
            return []
        if job is None:  # its files are free now for another that waits
            return [*self._schedule(), DownloadsChanged()] if event.has_ended else []
        is_news = job.take(event, self._clock())
        if event.has_ended:
            return self._end(job, event)
        return [*self._save(job), DownloadsChanged()] if is_news else [DownloadProgressed(job.download.id)]

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

    def _end(self, job: Job, event: DownloadEvent) -> list[Change]:
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
        """Start as many as may run, the first of the queue first; two that share a file one after the other."""
        changes: list[Change] = []
        running = [job.run for job in self._jobs if job.run]
        taken = {path for run in (*running, *self._former) for path in run.paths}
        left = self._options().parallel - len(running)
        for job in self._jobs:
            if left <= 0 or self._is_closed:
                break
            if job.download.state is not DownloadState.QUEUED or job.download.paths & taken:
                continue
            left -= 1
            taken |= job.download.paths
            self._last_run += 1
            changes += self._put(job, state=DownloadState.RESOLVING)
            job.begin(
                DownloadRun(self._last_run, job.download, self._network, self._locate, self._pin, self._mailbox.post)
            )
        return changes

    def _forget_run(self, number: int) -> None:
        """Wait for the thread of a run that has told its end."""
        for run in self._former:
            if run.number == number:
                run.join()
        self._former = [run for run in self._former if run.number != number]
        for job in self._jobs:
            if job.run and job.run.number == number:
                job.run.join()
                job.run = None

    def _delete_parts(self, download: Download) -> None:
        others = {path for job in self._jobs for path in job.download.paths}
        for run in self._former:
            if run.paths & download.paths:
                run.join()  # 300 ms at most: nothing may write where things are being deleted
        for file in download.files:
            if download.final_path(file) not in others:
                with suppress(OSError):
                    download.part_path(file).unlink(missing_ok=True)
        remove_empty(download.folder, [self._options().folder])

    def _retire(self, job: Job) -> None:
        if job.run:
            job.run.stop()
            self._former.append(job.run)
            job.run = None

    def _put(self, job: Job, **values: object) -> list[Change]:
        """Change a download and keep it; a disk that takes no record is told, the download goes on."""
        job.download = replace(job.download, **values)  # type: ignore[arg-type]
        return self._save(job)

    def _save(self, job: Job) -> list[Change]:
        try:
            self._records.save(job.download, self._jobs.index(job))
        except AssistantError as error:
            return [Notice(error)]
        return []

    def _find(self, download_id: str) -> Job | None:
        return next((job for job in self._jobs if job.download.id == download_id), None)

    def _job(self, download_id: str) -> Job:
        job = self._find(download_id)
        if job is None:
            raise DownloadNotFound(id=download_id)
        return job

    def _refuse_twice(self, download: Download) -> None:
        known = self._find(download.id)
        if known and known.download.state is not DownloadState.DONE:
            raise DownloadExists(name=download.title)

    def _queued_on_disk(self, folder: Path) -> int:
        """Return what is still to come to the disk of ``folder`` of all that is queued."""
        downloads = [job.download for job in self._jobs if job.download.state is not DownloadState.DONE]
        return sum(queued.bytes_left for queued in downloads if is_same_disk(queued.folder, folder))


def _is_on_its_way(download: Download) -> bool:
    return download.state.is_running or download.state is DownloadState.QUEUED


def _id_of(repository: str, offer: str) -> str:
    """Return the same short name for the same choice, so that it is found again."""
    return hashlib.sha256(f"{repository}\0{offer}".encode()).hexdigest()[:12]
