"""Fixtures of the network and the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.door import SETTINGS, Door
from tests.fakes.hub import FakeHub
from tests.fakes.transfers import Bench
from tests.fakes.web import Handler, Server


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """The network without any settings of this computer's."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return Door()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers that are closed at the end."""
    servers: list[Server] = []

    def start(handle: Handler, **values: bool) -> Server:
        servers.append(Server(handle, **values))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def bench(door: Door, tmp_path: Path) -> Iterator[Bench]:
    """A hub with one file, and transfers of it."""
    with FakeHub() as hub:
        yield Bench(hub, door, tmp_path)


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person with other programs' folders."""
    user = tmp_path / "user"
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(user))
    monkeypatch.delenv("OLLAMA_MODELS")
    return user
