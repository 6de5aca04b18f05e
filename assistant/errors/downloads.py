"""Errors about bringing a file here."""

from __future__ import annotations

from assistant.errors.base import AssistantError
from assistant.i18n import N_


class DownloadError(AssistantError):
    """Something about bringing a file here."""

    kind = "download"


class DownloadExists(DownloadError):
    """Values: ``name``."""

    kind = "download_exists"
    template = N_("“{name}” is being downloaded or is already here.")


class DownloadNotFound(DownloadError):
    """Values: ``id``."""

    kind = "download_not_found"
    template = N_("There is no download {id}.")


class NotEnoughSpace(DownloadError):
    """Values: ``path``, ``needed_gb`` and ``free_gb`` (numbers with one decimal)."""

    kind = "not_enough_space"
    template = N_("“{path}” has {free_gb} GB free, but {needed_gb} GB are needed.")
    advice = N_("Free some space, or choose another folder for models in the settings. What has come is kept.")


class FileTooBigForDisk(DownloadError):
    """Values: ``path``, ``name``."""

    kind = "file_too_big_for_disk"
    template = N_("The disk of “{path}” takes no file larger than 4 GB, and “{name}” is.")
    advice = N_("Choose a folder on another disk for models in the settings, or a smaller quantization.")


class FolderNotWritable(DownloadError):
    """Values: ``path``, ``reason`` (the system's words)."""

    kind = "folder_not_writable"
    template = N_("Models cannot be saved in “{path}”: {reason}.")
    advice = N_("Check its permissions, or choose another folder for models in the settings.")


class NameRefused(DownloadError):
    """Values: ``name``."""

    kind = "name_refused"
    template = N_("The repository names a file “{name}” that cannot be saved safely.")
    advice = N_("Choose another repository of this model.")


class FileChanged(DownloadError):
    """Values: ``name``."""

    kind = "file_changed"
    template = N_("“{name}” was replaced on the server while it was being downloaded.")
    advice = N_("Start it again to get the new file.")


class ChecksumWrong(DownloadError):
    """Values: ``name``."""

    kind = "checksum_wrong"
    template = N_("“{name}” came twice and does not match its checksum: the file on the server is not what it says.")
    advice = N_("It was not kept. Try again later, or choose another repository of this model.")
