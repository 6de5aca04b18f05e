"""What huggingface_hub raises, said as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from huggingface_hub import errors

from assistant.errors import (
    AssistantError,
    HubFailed,
    HubUnintelligible,
    HubUnreachable,
    NetworkOff,
    ReferenceInvalid,
    RemoteFileNotFound,
    RepositoryGated,
    RepositoryNotFound,
    TokenRefused,
    TokenTooNarrow,
)
from assistant.i18n import Sentence
from assistant.models.hub.transport import MISSHAPEN, Call
from assistant.network.address import host_of
from assistant.network.reasons import LOST, NO_ADDRESS


@dataclass(frozen=True)
class Question:
    """What was asked, for the errors' values. ``name`` and ``revision`` of a repository, ``file`` in it."""

    endpoint: str
    name: str = ""
    revision: str = ""
    file: str = ""
    has_token: bool = False

    @property
    def host(self) -> str:
        """Who was asked, for people."""
        return host_of(self.endpoint) or self.endpoint


@contextmanager
def translated(question: Question) -> Iterator[None]:
    """Raise our error for each that huggingface_hub or httpx2 raises inside; ours pass through."""
    try:
        yield
    except AssistantError:
        raise
    except errors.HFValidationError as error:
        raise ReferenceInvalid(text=question.name) from error
    except errors.OfflineModeIsEnabled as error:
        raise NetworkOff() from error
    except errors.HfHubHTTPError as error:
        raise _refusal(error, question) from error
    except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
        raise HubUnreachable(host=question.host, reason=Sentence(NO_ADDRESS)) from error
    except (httpx2.TooManyRedirects, httpx2.DecodingError) as error:
        raise HubUnintelligible(host=question.host) from error
    except httpx2.HTTPError as error:
        raise HubUnreachable(host=question.host, reason=Sentence(LOST)) from error


@contextmanager
def shaped(question: Question, call: Call) -> Iterator[None]:
    """Raise HubUnintelligible for an answer that is not what a hub sends.

    Only around what the library does, and looks at the shape of what it returns: from our own code the same is a
    mistake, be it in the transport that the library calls.
    """
    try:
        yield
    except (errors.HFValidationError, errors.HfHubHTTPError):  # ValueErrors too, some of them
        raise
    except MISSHAPEN as error:
        if error is call.mistake:
            raise
        raise HubUnintelligible(host=question.host) from error


def _refusal(error: errors.HfHubHTTPError, question: Question) -> AssistantError:
    """Return what a status from 400 on means. A good token is never answered by 401: it would be 403 or 404."""
    status = error.response.status_code
    if status == 401 and question.has_token:
        return TokenRefused(host=question.host)
    if isinstance(error, errors.GatedRepoError):
        return RepositoryGated(name=question.name, url=f"{question.endpoint}/{question.name}")
    if isinstance(error, errors.RevisionNotFoundError):
        return RepositoryNotFound(name=f"{question.name}@{question.revision}")
    if isinstance(error, errors.RemoteEntryNotFoundError):
        return RemoteFileNotFound(name=question.file, repository=question.name, candidates="–")
    if status == 403 and question.has_token:  # a token of narrow rights
        return TokenTooNarrow(host=question.host)
    if question.name and (isinstance(error, errors.DisabledRepoError) or status in (401, 403, 404, 410)):
        return RepositoryNotFound(name=question.name)
    return HubFailed(host=question.host, status=status, wait_s=0.0)
