"""Models, offers and downloads in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale

from assistant.i18n import N_, _, language, ngettext
from assistant.models.download_state import DownloadState
from assistant.models.fit import Verdict
from assistant.models.remote import Group, Kind
from assistant.models.speed import words_per_s
from ui.widgets.words import joined, short_count, size_words

if TYPE_CHECKING:
    from datetime import datetime

    from assistant.models.download_state import Download
    from assistant.models.model_file import ModelFile
    from ui.models.source import Listing, Outlook

VERDICT_SENTENCES = {
    Verdict.FITS: N_("Runs well beside other programs."),
    Verdict.TIGHT: N_("Runs, but other programs will have to give way."),
    Verdict.TOO_BIG: N_("Needs more memory than this computer can give."),
}
GROUPS = {
    Group.SMALL: (N_("Small"), N_("quicker, less exact")),
    Group.BALANCED: (N_("Balanced"), N_("the best choice for most")),
    Group.LARGE: (N_("Large"), N_("closest to the original")),
}
"""A shelf of quantizations and what it is good for."""
KINDS: dict[Kind, tuple[str, str]] = {
    Kind.CHAT: ("", "box"),
    Kind.VISION: (N_("Vision"), "eye"),
    Kind.EMBEDDING: (N_("Embedding"), "layers"),
}
"""The pill of a kind, none for the common one, and its icon."""
_LICENCES = {
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "gemma": "Gemma",
    "llama3.1": "Llama 3.1",
    "llama3.2": "Llama 3.2",
    "llama3.3": "Llama 3.3",
    "cc-by-nc-4.0": "CC BY-NC 4.0",
    "bsd-3-clause": "BSD 3-Clause",
}
_HOUR, _MINUTE = 3600, 60
_SUFFIX = re.compile(r"[-_.]gguf$", re.IGNORECASE)
"""Every repository here has it; it says nothing to people."""


def title_words(repository: str) -> str:
    """Return what a model is called: as in the catalog, else the repository without its maker and its last word."""
    from assistant.models.catalog import catalog  # nobody needs it before there is a model to name

    known = next((entry.name for entry in catalog() if entry.repository == repository), "")
    return known or _SUFFIX.sub("", repository.rpartition("/")[2])


def download_title(download: Download) -> str:
    """Return what is being downloaded."""
    return f"{title_words(download.repository)} {download.offer}"


def licence_words(licence: str) -> str:
    """Return a licence by the name people know."""
    return _LICENCES.get(licence.casefold(), licence)


def parameter_words(parameters: int) -> str:
    """Return how large a model is: ``4.0 B parameters``, ``135 M parameters``; nothing when it is not known."""
    if not parameters:
        return ""
    if parameters < 999_500_000:
        return _("{count} M parameters").format(count=max(1, round(parameters / 1e6)))
    billions = parameters / 1e9
    count = QLocale(language()).toString(billions, "f", 1 if billions < 9.95 else 0)
    return _("{count} B parameters").format(count=count)


def context_words(context_length: int) -> str:
    """Return how much a model can see; nothing when it is not known."""
    return _("{count} context").format(count=short_count(context_length)) if context_length else ""


def count_words(count: int) -> str:
    """Return a large number in short: ``980``, ``12.3k``, ``1.2M``."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return QLocale(language()).toString(count / size, "f", 1 if count < 100 * size else 0) + letter
    return str(count)


def date_words(when: datetime) -> str:
    """Return a day."""
    local = when.astimezone()
    # Qt's letters for day, month and year: put them in the order of your language, other words in '…'
    return QLocale(language()).toString(QDate(local.year, local.month, local.day), _("d MMM yyyy"))


def about_words(listing: Listing) -> str:
    """Return maker, licence, size and context of a listing."""
    repository = listing.repository
    return joined(
        listing.maker or repository.maker,
        licence_words(repository.licence),
        parameter_words(repository.parameters),
        context_words(repository.context_length),
    )


def fame_words(listing: Listing) -> str:
    """Return date, downloads and likes, as far as the hub told them."""
    repository = listing.repository
    day = _("Updated {day}").format(day=date_words(repository.modified)) if repository.modified else ""
    downloads = likes = ""
    if repository.downloads:
        downloads = ngettext("{count} download", "{count} downloads", repository.downloads)
    if repository.likes:
        likes = ngettext("{count} like", "{count} likes", repository.likes)
    return joined(
        day,
        downloads.format(count=count_words(repository.downloads)),
        likes.format(count=count_words(repository.likes)),
    )


def model_words(model: ModelFile) -> str:
    """Return quantization, sizes, context and licence of a model that is here."""
    return joined(
        model.quantization,
        size_words(model.size_bytes) if model.size_bytes else "",
        parameter_words(model.parameters),
        context_words(model.context_length),
        licence_words(model.licence),
    )


def history_words(model: ModelFile) -> str:
    """Return when a model was used last, and how fast it was."""
    used = _("Last used {day}").format(day=date_words(model.last_used)) if model.last_used else _("Never used here")
    return joined(used, pace_words(model.tokens_per_s, is_measured=True))


def pace_words(tokens_per_s: float, *, is_measured: bool) -> str:
    """Return a speed in words a second; nothing when it is not known."""
    pace = words_per_s(tokens_per_s, is_english=language() == "en")
    if pace <= 0:
        return ""
    if pace < 0.75:
        seconds = max(2, round(1 / pace))
        return _("about {seconds} seconds a word").format(seconds=seconds)
    count = max(1, round(pace))
    if is_measured:
        return ngettext("{count} word a second", "{count} words a second", count).format(count=count)
    return ngettext("about {count} word a second", "about {count} words a second", count).format(count=count)


def outlook_pace(outlook: Outlook) -> str:
    """Return the expected or measured speed of an offer."""
    return pace_words(outlook.tokens_per_s, is_measured=outlook.is_measured)


def left_words(seconds: float | None) -> str:
    """Return how long something will still take; nothing when that cannot be told."""
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return _("{seconds} s left").format(seconds=max(1, round(seconds)))
    if seconds < _HOUR:
        return _("{minutes} min left").format(minutes=round(seconds / _MINUTE))
    hours, rest = divmod(round(seconds / _MINUTE), 60)
    return _("{hours} h {minutes} min left").format(hours=hours, minutes=rest)


def exact_size_words(size_bytes: int) -> str:
    """Return a size with two digits behind the point, for figures that grow before one's eyes."""
    precision = 2 if size_bytes >= 1_000_000_000 else 0
    return QLocale(language()).formattedDataSize(size_bytes, precision, QLocale.DataSizeFormat.DataSizeSIFormat)


def amount_words(download: Download) -> str:
    """Return how much of a download is here."""
    return _("{done} of {total}").format(
        done=exact_size_words(download.bytes_done), total=exact_size_words(download.bytes_total)
    )


def speed_words(bytes_per_s: float) -> str:
    """Return the speed of a download; nothing while nothing comes."""
    if bytes_per_s < 1:
        return ""
    precision = 1 if bytes_per_s >= 1_000_000 else 0
    size = QLocale(language()).formattedDataSize(round(bytes_per_s), precision, QLocale.DataSizeFormat.DataSizeSIFormat)
    return _("{size}/s").format(size=size)


def state_words(download: Download) -> str:
    """Return what a download is doing, in a few words."""
    match download.state:
        case DownloadState.DOWNLOADING:
            return joined(speed_words(download.bytes_per_s), left_words(download.seconds_left)) or _("Downloading")
        case DownloadState.WAITING:
            again = _("Waiting for the network")
            return joined(again, _("try {count}").format(count=download.attempts)) if download.attempts > 1 else again
        case state:
            return _(_STATES[state])


_STATES = {
    DownloadState.QUEUED: N_("Waiting for its turn"),
    DownloadState.RESOLVING: N_("Looking for the file"),
    DownloadState.PAUSED: N_("Paused"),
    DownloadState.VERIFYING: N_("Checking every byte"),
    DownloadState.DONE: N_("Ready"),
    DownloadState.FAILED: N_("Failed"),
}


def offer_name(size_bytes: int, quantization: str) -> str:
    """Return an offer for screen readers: its label and its size."""
    return joined(quantization, size_words(size_bytes))
