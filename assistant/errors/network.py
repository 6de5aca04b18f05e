"""Errors between this computer and the hub."""

from __future__ import annotations

from assistant.errors.base import AssistantError
from assistant.i18n import N_


class NetworkError(AssistantError):
    """Something between this computer and the hub."""

    kind = "network"


class NetworkOff(NetworkError):
    """No values."""

    kind = "network_off"
    template = N_("Inkstone is offline: its network switch is off.")
    advice = N_("Switch the network on in the settings under Network.")


class HubUnreachable(NetworkError):
    """Values: ``host``, ``reason`` (a Sentence or the system's words)."""

    kind = "hub_unreachable"
    template = N_("“{host}” cannot be reached: {reason}.")
    advice = N_("Check the connection, or set a mirror or proxy in the settings under Network.")


class HubFailed(NetworkError):
    """Values: ``host``, ``status`` (the HTTP status)."""

    kind = "hub_failed"
    template = N_("“{host}” could not answer (HTTP status {status}).")
    advice = N_("Try again in some minutes.")


class HubUnintelligible(NetworkError):
    """Values: ``host``."""

    kind = "hub_unintelligible"
    template = N_("What answered for “{host}” is not the model hub.")
    advice = N_("A login page of the network may stand in between: open a browser, log in, and try again.")


class ProxyUnusable(NetworkError):
    """Values: ``proxy`` (without its password), ``reason``."""

    kind = "proxy_unusable"
    template = N_("The proxy “{proxy}” cannot be used: {reason}.")
    advice = N_("Check it in the settings under Network.")


class RepositoryNotFound(NetworkError):
    """Values: ``name``."""

    kind = "repository_not_found"
    template = N_("There is no repository “{name}”, or it is private.")
    advice = N_("Check the spelling; a private one needs an access token.")


class RepositoryHasNoModel(NetworkError):
    """Values: ``name``."""

    kind = "repository_has_no_model"
    template = N_("“{name}” has no GGUF file that Inkstone can run.")
    advice = N_("Look for a repository of the same model whose name ends in “GGUF”.")


class RemoteFileNotFound(NetworkError):
    """Values: ``name`` (file or quantization), ``repository``, ``candidates`` (what there is, joined)."""

    kind = "remote_file_not_found"
    template = N_("“{repository}” has no “{name}”.")
    advice = N_("There are: {candidates}.")


class RepositoryGated(NetworkError):
    """Values: ``name``, ``url`` (the page with the licence)."""

    kind = "repository_gated"
    template = N_("The makers of “{name}” ask you to accept their licence first.")
    advice = N_("Accept it at {url}, then enter an access token of your account.")


class TokenRefused(NetworkError):
    """Values: ``host``."""

    kind = "token_refused"
    template = N_("“{host}” does not accept the access token.")
    advice = N_("Make a new one on the site under Settings → Access Tokens, and enter it again.")


class TokenTooNarrow(TokenRefused):
    """Values: ``host``."""

    kind = "token_too_narrow"
    template = N_("The access token does not allow what was asked of “{host}”.")
    advice = N_("Give it the right to read this repository on the site, or enter another one.")


class ReferenceInvalid(NetworkError):
    """Values: ``text`` (what was typed)."""

    kind = "reference_invalid"
    template = N_("“{text}” is not the address of a model.")
    advice = N_("Write “maker/model”, “maker/model:Q4_K_M”, or paste the address of its page.")
