"""The access token for the hub: kept by the system's keyring where there is one, else in a file for this user alone."""

from __future__ import annotations

import json
import os
import threading
from contextlib import nullcontext
from enum import Enum
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, FolderUnusable, TokenNotForgotten, TokenNotKept
from assistant.models.system_keyring import PATIENCE_S, Cutting, Given, Keyring, Question
from assistant.safe_file import write_safely

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.paths import Paths

FILE_NAME = "hub-token.json"
_MOST_BYTES = 10_000
_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


class TokenPlace(Enum):
    """Where the token in use comes from."""

    NONE = "none"
    ENVIRONMENT = "environment"
    """``HF_TOKEN``, where none was entered here."""
    KEYRING = "keyring"
    FILE = "file"
    """Readable by this user, and by every program of theirs: worth a warning."""


class TokenKeeper:
    """Keeps one token. Any thread, but a keyring may ask the person for its password: ``place`` alone is at once.

    A keyring is asked only for what was put there: nobody who has no token is ever asked for a password. One that does
    not give it is asked no more before another token is saved. The token is in no log and in no error.
    """

    def __init__(self, paths: Paths, cutting: Cutting = nullcontext, *, patience_s: float = PATIENCE_S) -> None:
        """``cutting`` ends the wait for a keyring, ``patience_s`` bounds it."""
        self._path = paths.config / FILE_NAME
        self._keyring = Keyring(str(paths.config.absolute()), cutting, patience_s)
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._known: str | None = None
        self._question: Question[str | None] | None = None

    def get(self) -> str:
        """Return the token entered here, else that of the environment, else empty. May block at the first time."""
        with self._lock:
            if self._known is None and self._question is None:
                self._look()
            token, question = self._known, self._question
        return (question.wait(None) if question else token) or _of_environment()

    def set(self, token: str) -> TokenPlace:
        """Keep ``token`` (empty: none any more) and return where. Blocks.

        Raises DiskFull, FolderUnusable; TokenNotKept when a keyring does not say whether it has it; as ``forget``.
        """
        token = token.strip()
        if not token:
            self.forget()
            return self.place
        with self._writing:
            given = self._keyring.give(token)
            if given is Given.NOT_TAKEN:
                if self.place is TokenPlace.KEYRING:
                    self._keyring.remove()  # an older one
                self._write({"place": TokenPlace.FILE.value, "token": token})
            else:
                self._mark()
            self._remember(token if given is not Given.UNSURE else "")
        if given is Given.UNSURE:
            raise TokenNotKept
        return self.place

    def forget(self) -> None:
        """Keep none any more. Blocks. Raises FolderUnusable and TokenNotForgotten; then it is kept as before."""
        with self._writing:
            if self.place is TokenPlace.KEYRING and not self._keyring.remove():
                raise TokenNotForgotten
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                raise FolderUnusable(path=self._path.parent, reason=error.strerror or error) from error
            self._remember("")

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

    def _look(self) -> None:
        said = self._said()
        if said.get("place") == TokenPlace.KEYRING.value:
            self._question = self._keyring.ask()
        else:
            self._known = said.get("token", "")

    def _mark(self) -> None:
        """Note that the keyring has it; what cannot be noted must not stay there, since nobody would find it again."""
        try:
            self._write({"place": TokenPlace.KEYRING.value})
        except AssistantError:
            self._keyring.remove()
            raise

    def _remember(self, token: str) -> None:
        with self._lock:
            self._known, self._question = token, None

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
