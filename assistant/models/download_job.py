"""A download in the queue, and how fast its bytes come."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant.models.download_state import Download, DownloadState

if TYPE_CHECKING:
    from filelock import FileLock

    from assistant.models.download_run import DownloadEvent, DownloadRun

RATE_WINDOW_S = 5.0


@dataclass(eq=False)
class Job:
    """A download with its run, when there is one, and its lock against other processes. Times in seconds."""

    download: Download
    lock: FileLock
    run: DownloadRun | None = None
    _samples: deque[tuple[float, int]] = field(default_factory=deque)
    """When how many bytes were there, over the last seconds."""

    def begin(self, run: DownloadRun) -> None:
        """Take a run of this download, which begins."""
        self._samples.clear()
        self.run = run
        run.start()

    def take(self, event: DownloadEvent, now: float) -> bool:
        """Take what the run tells on its way; says whether more than the bytes is new.

        What was here before anything came counts for no speed.
        """
        self._sample(event, now)
        is_news = event.state is not self.download.state or event.pinned is not None
        if event.pinned:
            self.download = replace(self.download, commit=event.pinned.commit, files=event.pinned.files)
        self.download = replace(
            self.download,
            state=event.state,
            bytes_done=event.bytes_done,
            attempts=event.attempts,
            error=event.problem,
        )
        return is_news

    def shown(self, now: float) -> Download:
        """Return the download with its speed: bytes of the last seconds over those seconds, stalls included."""
        if self.download.state is not DownloadState.DOWNLOADING or not self._samples:
            return self.download
        first_at, first_bytes = self._samples[0]
        seconds = max(now - first_at, 0.001)
        is_stalled = now - self._samples[-1][0] > RATE_WINDOW_S
        rate = 0.0 if is_stalled else max(0, self.download.bytes_done - first_bytes) / seconds
        return replace(self.download, bytes_per_s=rate)

    def _sample(self, event: DownloadEvent, now: float) -> None:
        if event.state is not DownloadState.DOWNLOADING:
            self._samples.clear()
        self._samples.append((now, event.bytes_done))
        while len(self._samples) > 2 and now - self._samples[0][0] > RATE_WINDOW_S:
            self._samples.popleft()
