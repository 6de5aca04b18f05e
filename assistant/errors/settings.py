"""Errors about settings and about Inkstone's own folders."""

from __future__ import annotations

from assistant.errors.base import AssistantError
from assistant.i18n import N_


class SettingInvalid(AssistantError):
    """Values: ``name`` (for people), ``value``, ``allowed`` (a Sentence or text), ``setting`` (as declared)."""

    kind = "setting_invalid"
    template = N_("“{value}” cannot be used for {name}: {allowed}.")


class SettingsSetAside(AssistantError):
    """Values: ``path``, ``kept`` (where the broken file lies now), ``reason``."""

    kind = "settings_set_aside"
    template = N_("The settings in “{path}” could not be understood: {reason}.")
    advice = N_("The file was kept as “{kept}”; Inkstone goes on with the default settings.")


class SettingsUnreadable(AssistantError):
    """Values: ``path``, ``reason``."""

    kind = "settings_unreadable"
    template = N_("The settings in “{path}” cannot be read: {reason}.")
    advice = N_("Inkstone goes on with the default settings. Check the permissions of the file.")


class FolderUnusable(AssistantError):
    """Values: ``path``, ``reason``."""

    kind = "folder_unusable"
    template = N_("Inkstone's folder “{path}” cannot be used: {reason}.")
    advice = N_("Check its permissions, or set INKSTONE_HOME to another folder.")


class TokenNotKept(AssistantError):
    """No values."""

    kind = "token_not_kept"
    template = N_("The system's keyring did not take the access token.")
    advice = N_("Unlock the keyring, then enter the token again.")


class TokenNotForgotten(AssistantError):
    """No values."""

    kind = "token_not_forgotten"
    template = N_("The system's keyring did not give up the access token; it is still kept there.")
    advice = N_("Unlock the keyring and try again, or revoke the token on the site that issued it.")
