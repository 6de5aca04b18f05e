"""Where the access token is kept: a keyring that works, a file for this user alone, the environment."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from assistant.errors import DiskFull, FolderUnusable, TokenNotForgotten, TokenNotKept
from assistant.ledger import Ledger
from assistant.models.token import FILE_NAME, TokenKeeper, TokenPlace
from assistant.network import Cutter, Network, NetworkOptions
from assistant.paths import Paths

TOKEN = "hf_secret"


class Chest(KeyringBackend):
    """A keyring in memory.

    ``error`` is raised by everything, ``is_deaf``: it forgets what it is given, ``is_garbling``: it gives back another
    thing. ``hang`` lets every question wait for a person who is not there.
    """

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.error: Exception | None = None
        self.is_deaf = False
        self.is_garbling = False
        self.is_asked = threading.Event()
        self._is_free = threading.Event()
        self._is_free.set()

    def hang(self) -> None:
        self._is_free.clear()
        self.is_asked.clear()

    def release(self) -> None:
        self._is_free.set()

    def _answer(self) -> None:
        self.is_asked.set()
        self._is_free.wait()
        if self.error:
            raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self._answer()
        return "something else" if self.is_garbling else self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        if not self.is_deaf:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]


@pytest.fixture
def chest() -> Iterator[Chest]:
    before = keyring.get_keyring()
    chest = Chest()
    keyring.set_keyring(chest)
    yield chest
    chest.release()
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def no_token_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_a_keyring_keeps_the_token_and_no_file_has_it(home: Paths, chest: Chest) -> None:
    assert TokenKeeper(home).set(f" {TOKEN}\n") is TokenPlace.KEYRING
    keeper = TokenKeeper(home)
    assert (keeper.get(), keeper.place) == (TOKEN, TokenPlace.KEYRING)
    assert TOKEN not in (home.config / FILE_NAME).read_text()
    keeper.forget()
    assert (keeper.get(), keeper.place, chest.kept) == ("", TokenPlace.NONE, {})
    assert TokenKeeper(home).get() == ""


def test_no_keyring_is_asked_for_what_was_never_put_there(home: Paths, chest: Chest) -> None:
    keeper = TokenKeeper(home)
    assert (keeper.get(), keeper.place) == ("", TokenPlace.NONE)
    keeper.forget()
    assert chest.asked == 0


def test_a_keyring_is_asked_once(home: Paths, chest: Chest) -> None:
    TokenKeeper(home).set(TOKEN)
    keeper, before = TokenKeeper(home), chest.asked
    assert [keeper.get() for _time in range(3)] == [TOKEN] * 3
    assert chest.asked == before + 1


def test_another_home_has_another_token(home: Paths, chest: Chest, monkeypatch: pytest.MonkeyPatch) -> None:
    TokenKeeper(home).set(TOKEN)
    monkeypatch.setenv("INKSTONE_HOME", str(home.data / "other"))
    other = Paths.find()
    other.make()
    TokenKeeper(other).set("hf_other")
    assert TokenKeeper(home).get() == TOKEN


@pytest.mark.parametrize("name", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"])
def test_without_a_keyring_a_file_for_this_user_alone_keeps_it(home: Paths, chest: Chest, name: str) -> None:
    keyring.set_keyring(keyring.core.load_keyring(name))
    assert TokenKeeper(home).set(TOKEN) is TokenPlace.FILE
    keeper = TokenKeeper(home)
    assert (keeper.get(), keeper.place) == (TOKEN, TokenPlace.FILE)
    if sys.platform != "win32":
        assert stat.S_IMODE((home.config / FILE_NAME).stat().st_mode) == 0o600
    keeper.set("")
    assert (keeper.get(), keeper.place) == ("", TokenPlace.NONE)
    assert not (home.config / FILE_NAME).exists()


@pytest.mark.parametrize("error", [KeyringLocked(), RuntimeError("no bus"), OSError(), None])
def test_a_keyring_that_fails_or_forgets_is_no_keyring(home: Paths, chest: Chest, error: Exception | None) -> None:
    chest.error, chest.is_deaf = error, True
    assert TokenKeeper(home).set(TOKEN) is TokenPlace.FILE
    assert TokenKeeper(home).get() == TOKEN


def test_a_keyring_that_is_a_plain_file_itself_is_not_used(home: Paths, chest: Chest) -> None:
    chest.priority = 0.5
    assert TokenKeeper(home).set(TOKEN) is TokenPlace.FILE
    assert chest.kept == {}


def test_a_keyring_that_gives_nothing_is_asked_no_more_before_a_token_is_saved(home: Paths, chest: Chest) -> None:
    TokenKeeper(home).set(TOKEN)
    keeper = TokenKeeper(home)
    chest.error, chest.asked = KeyringLocked(), 0
    assert [keeper.get() for _time in range(3)] == [""] * 3
    assert chest.asked == 1
    chest.error = None
    assert keeper.get() == ""
    keeper.set("hf_new")
    assert keeper.get() == "hf_new"
    assert TokenKeeper(home).get() == "hf_new"


def test_what_the_keyring_keeps_all_the_same_is_not_said_to_be_forgotten(home: Paths, chest: Chest) -> None:
    keeper = TokenKeeper(home)
    keeper.set(TOKEN)
    chest.error = KeyringLocked()
    with pytest.raises(TokenNotForgotten):
        keeper.forget()
    assert (keeper.get(), keeper.place) == (TOKEN, TokenPlace.KEYRING)
    chest.error = None
    keeper.forget()
    assert (keeper.get(), keeper.place, chest.kept) == ("", TokenPlace.NONE, {})


def test_what_is_gone_from_the_keyring_can_be_forgotten(home: Paths, chest: Chest) -> None:
    TokenKeeper(home).set(TOKEN)
    chest.kept.clear()
    keeper = TokenKeeper(home)
    keeper.forget()
    assert keeper.place is TokenPlace.NONE


def test_a_keyring_that_gives_back_something_else_keeps_no_token(home: Paths, chest: Chest) -> None:
    chest.is_garbling = True
    keeper = TokenKeeper(home)
    with pytest.raises(TokenNotKept):  # it gives something back even now, so nobody knows what it has
        keeper.set(TOKEN)
    assert chest.kept == {}
    assert (keeper.get(), keeper.place) == ("", TokenPlace.KEYRING)
    assert TOKEN not in (home.config / FILE_NAME).read_text()


def test_a_token_that_cannot_be_noted_does_not_stay_in_the_keyring(home: Paths, chest: Chest) -> None:
    home.config.rmdir()
    with pytest.raises((FolderUnusable, DiskFull)):
        TokenKeeper(home).set(TOKEN)
    assert chest.kept == {}


# --- a keyring that waits for a person ---


def test_a_keyring_that_hangs_is_waited_for_once_and_its_answer_counts_when_it_comes(home: Paths, chest: Chest) -> None:
    TokenKeeper(home).set(TOKEN)
    keeper = TokenKeeper(home, patience_s=0.05)
    chest.hang()
    chest.asked = 0
    assert [keeper.get() for _time in range(3)] == [""] * 3
    assert chest.asked == 1
    chest.release()
    while not keeper.get():
        pass
    assert (keeper.get(), chest.asked) == (TOKEN, 1)


@pytest.mark.parametrize(
    "act", [TokenKeeper.get, TokenKeeper.forget, lambda keeper: keeper.set("hf_new")], ids=["get", "forget", "set"]
)
def test_whoever_waits_for_a_keyring_can_be_had_back(home: Paths, chest: Chest, act: Callable[..., object]) -> None:
    TokenKeeper(home).set(TOKEN)
    network = Network(Ledger(None), NetworkOptions)
    keeper, ended = TokenKeeper(home, network.cutting), []
    chest.hang()

    def wait() -> None:
        with suppress(TokenNotForgotten, TokenNotKept):
            act(keeper)
        ended.append(keeper.place)

    thread = threading.Thread(target=wait)
    thread.start()
    assert chest.is_asked.wait(10)
    assert ended == []
    network.close()
    thread.join(10)
    assert ended == [TokenPlace.KEYRING]
    assert TOKEN not in (home.config / FILE_NAME).read_text()


def test_one_download_that_is_cancelled_does_not_wait_for_the_keyring(home: Paths, chest: Chest) -> None:
    TokenKeeper(home).set(TOKEN)
    network, cutter, got = Network(Ledger(None), NetworkOptions), Cutter(), []
    keeper = TokenKeeper(home, network.cutting)
    chest.hang()

    def locate() -> None:
        with network.under(cutter):
            got.append(keeper.get())

    threads = [threading.Thread(target=locate), threading.Thread(target=lambda: got.append(keeper.get()))]
    for thread in threads:
        thread.start()
    assert chest.is_asked.wait(10)
    cutter.cut()
    threads[0].join(10)
    assert got == [""]
    chest.release()
    threads[1].join(10)
    assert got == ["", TOKEN]
    network.close()


def test_a_token_that_a_keyring_hangs_on_lies_in_no_file(home: Paths, chest: Chest) -> None:
    keeper = TokenKeeper(home, patience_s=0.05)
    chest.hang()
    with pytest.raises(TokenNotKept):
        keeper.set(TOKEN)
    assert TOKEN not in (home.config / FILE_NAME).read_text()
    assert keeper.get() == ""
    chest.release()
    while not TokenKeeper(home).get():  # the person has opened it in the end
        pass
    assert TokenKeeper(home).place is TokenPlace.KEYRING


def test_the_environment_is_heeded_where_nothing_was_entered(
    home: Paths, chest: Chest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", " hf_environment ")
    keeper = TokenKeeper(home)
    assert (keeper.get(), keeper.place) == ("hf_environment", TokenPlace.ENVIRONMENT)
    keeper.set(TOKEN)
    assert (keeper.get(), keeper.place) == (TOKEN, TokenPlace.KEYRING)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 9000, b'{"place": 3, "token": ""}'])
def test_a_damaged_file_is_no_token(home: Paths, chest: Chest, content: bytes) -> None:
    (home.config / FILE_NAME).write_bytes(content)
    keeper = TokenKeeper(home)
    assert (keeper.get(), keeper.place) == ("", TokenPlace.NONE)
    keeper.set(TOKEN)
    assert TokenKeeper(home).get() == TOKEN


def test_a_folder_that_is_gone_is_said(home: Paths, chest: Chest) -> None:
    home.config.rmdir()
    with pytest.raises((FolderUnusable, DiskFull)):
        TokenKeeper(home).set(TOKEN)


def test_the_token_is_in_no_log(home: Paths, chest: Chest, caplog: pytest.LogCaptureFixture) -> None:
    chest.error = RuntimeError(f"cannot keep {TOKEN}")
    with caplog.at_level(logging.DEBUG):
        keeper = TokenKeeper(home)
        keeper.set(TOKEN)
        keeper.get()
        keeper.forget()
    assert "The keyring did not take the access token: RuntimeError" in caplog.text
    assert TOKEN not in caplog.text + repr(keeper)


def test_keyring_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, assistant.models.token; print('keyring' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
