"""The access token for the hub: kept by the system's keyring where there is one, else in a file for this user alone."""

from __future__ import annotations

import json
import logging
import os
import threading
from enum import Enum
from typing import TYPE_CHECKING

from assistant.errors import FolderUnusable
from assistant.safe_file import write_safely

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.paths import Paths

SERVICE = "Inkstone"
FILE_NAME = "hub-token.json"
_MOST_BYTES = 10_000
_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")

log = logging.getLogger(__name__)


class TokenPlace(Enum):
    """Where the token in use comes from."""

    NONE = "none"
    ENVIRONMENT = "environment"
    """``HF_TOKEN``, where none was entered here."""
    KEYRING = "keyring"
    FILE = "file"
    """Readable by this user, and by every program of theirs: worth a warning."""


class TokenKeeper:
    """Keeps one token. Any thread; a keyring may ask the person for its password, so not the main thread.

    A keyring is asked only for what was put there: nobody who has no token is ever asked for a password. The token is
    in no log and in no error.
    """

    def __init__(self, paths: Paths) -> None:
        self._path = paths.config / FILE_NAME
        self._user = str(paths.config.absolute())
        self._lock = threading.Lock()
        self._known: str | None = None

    def get(self) -> str:
        """Return the token entered here, else that of the environment, else empty. Blocks at the first time."""
        with self._lock:
            if self._known is None:
                self._known = self._read()
            return self._known or _of_environment()

    def set(self, token: str) -> TokenPlace:
        """Keep ``token`` (empty: none any more) and return where. Raises DiskFull, FolderUnusable."""
        token = token.strip()
        with self._lock:
            if not token:
                self._forget()
            elif _put(self._user, token):
                self._write({"place": TokenPlace.KEYRING.value})
            else:
                self._forget()  # an older one in the keyring
                self._write({"place": TokenPlace.FILE.value, "token": token})
            self._known = token
        return self.place

    def forget(self) -> None:
        """Keep none any more. Raises FolderUnusable when its file cannot be deleted."""
        with self._lock:
            self._forget()
            self._known = ""

    @property
    def file(self) -> Path:
        """Where a token lies that no keyring keeps."""
        return self._path

    @property
    def place(self) -> TokenPlace:
        """Where the token in use is kept. Asks no keyring."""
        said = self._said()
        if said.get("place") == TokenPlace.KEYRING.value:
            return TokenPlace.KEYRING
        if said.get("token"):
            return TokenPlace.FILE
        return TokenPlace.ENVIRONMENT if _of_environment() else TokenPlace.NONE

    @property
    def is_in_keyring(self) -> bool:
        """The system keeps it, not a file of ours."""
        return self.place is TokenPlace.KEYRING

    def _read(self) -> str | None:
        """Return the token, empty when there is none; None when the keyring does not give it now."""
        said = self._said()
        if said.get("place") == TokenPlace.KEYRING.value:
            return _ask(self._user)
        return said.get("token", "")

    def _forget(self) -> None:
        if self._said().get("place") == TokenPlace.KEYRING.value:
            _take_away(self._user)
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise FolderUnusable(path=self._path.parent, reason=error.strerror or error) from error

    def _said(self) -> dict[str, str]:
        """Return what the file says; nothing when it is missing or damaged."""
        try:
            with self._path.open("rb") as file:
                said = json.loads(file.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}

    def _write(self, said: dict[str, str]) -> None:
        write_safely(self._path, json.dumps(said).encode())


def _of_environment() -> str:
    return next((token for name in _VARIABLES if (token := os.environ.get(name, "").strip())), "")


def _put(user: str, token: str) -> bool:
    """Give the token to the keyring and see whether it is there; False without one that deserves the name."""
    try:
        import keyring

        backend = keyring.get_keyring()
        if backend.priority < 1:  # none at all, or a plain file of its own
            return False
        backend.set_password(SERVICE, user, token)
        return backend.get_password(SERVICE, user) == token
    except Exception as error:  # noqa: BLE001 - keyrings are plug-ins and raise what they like
        log.info("The keyring did not take the access token: %s", type(error).__name__)
        return False


def _ask(user: str) -> str | None:
    try:
        import keyring

        return keyring.get_password(SERVICE, user)
    except Exception as error:  # noqa: BLE001 - keyrings are plug-ins and raise what they like
        log.info("The keyring did not give the access token: %s", type(error).__name__)
        return None


def _take_away(user: str) -> None:
    try:
        import keyring

        keyring.delete_password(SERVICE, user)
    except Exception as error:  # noqa: BLE001 - keyrings are plug-ins and raise what they like
        log.info("The keyring did not delete the access token: %s", type(error).__name__)
