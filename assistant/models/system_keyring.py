"""The system's keyring, which may ask the person for a password, hang, or refuse, and is a plug-in besides.

So each question to it has a thread of its own that nobody has to wait for, and whatever it raises is no answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext, suppress
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from assistant.network.cutter import Cuttable

T = TypeVar("T")
SERVICE = "Inkstone"
PATIENCE_S = 60.0
"""How long somebody may look for a password before things go on without the keyring."""
Cutting = Callable[["Cuttable"], AbstractContextManager[object]]
"""Has a wait end when whoever waits is wanted back; ``Network.cutting`` is one."""

log = logging.getLogger(__name__)


class Given(Enum):
    """What has become of something that the keyring was given."""

    KEPT = "kept"
    NOT_TAKEN = "not taken"
    UNSURE = "unsure"
    """It is not to be relied on, and may lie there all the same."""


class Keyring:
    """One entry of the keyring, that of ``user``. Any thread but the main one. The secret is in no log."""

    def __init__(self, user: str, cutting: Cutting = nullcontext, patience_s: float = PATIENCE_S) -> None:
        self._user = user
        self._cutting = cutting
        self._patience_s = patience_s

    def ask(self) -> Question[str | None]:
        """Ask for what is kept: ``None`` when nothing is, or it is not given. Returns at once."""
        return self._begin("give", self._get, None)

    def give(self, secret: str) -> Given:
        """Have ``secret`` kept, and see whether it is. Blocks as long as the keyring does, within bounds."""
        return self._begin("take", lambda: self._put(secret), Given.NOT_TAKEN).wait(Given.UNSURE)

    def remove(self) -> bool:
        """Have nothing kept any more; False when something is, or it cannot be told. Blocks as ``give``."""
        return self._begin("delete", self._delete, False).wait(False)

    def _begin(self, verb: str, call: Callable[[], T], refused: T) -> Question[T]:
        def ask() -> T:
            try:
                return call()
            except Exception as error:  # noqa: BLE001 - keyrings are plug-ins and raise what they like
                log.info("The keyring did not %s the access token: %s", verb, type(error).__name__)
                return refused

        return Question(ask, self._cutting, self._patience_s)

    def _get(self) -> str | None:
        import keyring

        return keyring.get_password(SERVICE, self._user)

    def _put(self, secret: str) -> Given:
        import keyring

        backend = keyring.get_keyring()
        if backend.priority < 1:  # none at all, or a plain file of its own
            return Given.NOT_TAKEN
        backend.set_password(SERVICE, self._user, secret)
        with suppress(Exception):  # it is not kept, whatever the reason
            if backend.get_password(SERVICE, self._user) == secret:
                return Given.KEPT
        with suppress(Exception):
            if self._delete():
                return Given.NOT_TAKEN
        return Given.UNSURE

    def _delete(self) -> bool:
        import keyring
        from keyring.errors import PasswordDeleteError

        with suppress(PasswordDeleteError):  # many raise it when there is nothing to delete
            keyring.delete_password(SERVICE, self._user)
        return keyring.get_password(SERVICE, self._user) is None


class Question(Generic[T]):
    """A question to the keyring, asked at once. Its answer counts whenever it comes; nobody waits for it for ever."""

    def __init__(self, ask: Callable[[], T], cutting: Cutting, patience_s: float) -> None:
        self._cutting = cutting
        self._until = time.monotonic() + patience_s
        self._answer: Future[T] = Future()
        # a daemon: a keyring that never answers must not hold the program
        threading.Thread(target=lambda: self._answer.set_result(ask()), name="keyring", daemon=True).start()

    def wait(self, otherwise: T) -> T:
        """Return the answer, or ``otherwise`` when time is up or the wait is cut; that can be asked again later."""
        if not self._answer.done():
            wait = _Wait()
            self._answer.add_done_callback(wait.end)
            with self._cutting(wait):
                wait.until(self._until)
        return self._answer.result() if self._answer.done() else otherwise


class _Wait:
    """One thread's wait."""

    def __init__(self) -> None:
        self._is_over = threading.Event()

    def cut(self) -> None:
        """End it at once, from any thread."""
        self._is_over.set()

    def end(self, _answer: object) -> None:
        """The answer has come."""
        self._is_over.set()

    def until(self, moment: float) -> None:
        """Wait for either, or for a moment of the clock."""
        self._is_over.wait(max(0.0, moment - time.monotonic()))
