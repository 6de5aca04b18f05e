"""Where the access token is kept: a keyring that works, a file for this user alone, the environment."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from assistant.errors import DiskFull, FolderUnusable
from assistant.models.token import FILE_NAME, TokenKeeper, TokenPlace
from assistant.paths import Paths

TOKEN = "hf_secret"


class Chest(KeyringBackend):
    """A keyring in memory. ``error`` is raised by everything, ``is_deaf``: it forgets what it is given."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.error: Exception | None = None
        self.is_deaf = False

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        if self.error:
            raise self.error
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.error:
            raise self.error
        if not self.is_deaf:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.error:
            raise self.error
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]


@pytest.fixture
def chest() -> Iterator[Chest]:
    before = keyring.get_keyring()
    chest = Chest()
    keyring.set_keyring(chest)
    yield chest
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def no_token_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_a_keyring_keeps_the_token_and_no_file_has_it(home: Paths, chest: Chest) -> None:
    assert TokenKeeper(home).set(f" {TOKEN}\n") is TokenPlace.KEYRING
    keeper = TokenKeeper(home)
    assert keeper.get() == TOKEN
    assert keeper.is_in_keyring
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
    assert keeper.get() == TOKEN
    assert not keeper.is_in_keyring
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


def test_a_keyring_that_is_locked_now_may_be_open_later(home: Paths, chest: Chest) -> None:
    TokenKeeper(home).set(TOKEN)
    keeper = TokenKeeper(home)
    chest.error = KeyringLocked()
    assert keeper.get() == ""
    chest.error = None
    assert keeper.get() == TOKEN
    chest.error = KeyringLocked()
    keeper.forget()
    assert (keeper.get(), keeper.place) == ("", TokenPlace.NONE)


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
