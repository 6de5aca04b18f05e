"""Errors about the database and the disk."""

from __future__ import annotations

from assistant.errors.base import AssistantError
from assistant.i18n import N_


class StoreError(AssistantError):
    """Something about the database."""

    kind = "store"


class DatabaseDamaged(StoreError):
    """Values: ``path``, ``reason``."""

    kind = "database_damaged"
    template = N_("The database “{path}” is damaged: {reason}.")
    advice = N_("It was left as it is. Put a backup in its place, or move it away to start with an empty one.")


class DatabaseLocked(StoreError):
    """Values: ``path``."""

    kind = "database_locked"
    template = N_("The database “{path}” is in use by another program.")
    advice = N_("Close the other program and try again.")


class DatabaseReadOnly(StoreError):
    """Values: ``path``."""

    kind = "database_read_only"
    template = N_("The database “{path}” cannot be written.")
    advice = N_("Check the permissions of the file and its folder.")


class DatabaseTooNew(StoreError):
    """Values: ``path``, ``found`` and ``known`` (schema versions)."""

    kind = "database_too_new"
    template = N_("The database “{path}” was written by a newer Inkstone (format {found}; this one knows {known}).")
    advice = N_("Update Inkstone. The database was not changed.")


class DiskFull(StoreError):
    """Values: ``path``."""

    kind = "disk_full"
    template = N_("The disk is full: “{path}” could not be saved.")
    advice = N_("Free some space and try again. What you typed is still here.")


class DiskFailed(StoreError):
    """Values: ``path``."""

    kind = "disk_failed"
    template = N_("The disk failed while “{path}” was read or written.")
    advice = N_("Check that the disk is connected and healthy, and keep a copy of the file elsewhere.")


class ConversationNotFound(StoreError):
    """Values: ``id``."""

    kind = "conversation_not_found"
    template = N_("There is no conversation {id}.")
    advice = N_("“inkstone conversations list” shows all of them.")


class MessageNotFound(StoreError):
    """Values: ``id``."""

    kind = "message_not_found"
    template = N_("There is no message {id}.")
