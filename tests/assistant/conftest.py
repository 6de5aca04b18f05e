"""Fixtures of the network and the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.models.downloads import DownloadOptions
from tests.fakes.door import SETTINGS, Door
from tests.fakes.download_desk import Desk
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
def desk(hub: FakeHub, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens queues of downloads from a hub, all with one home; they are closed at the end."""
    desks: list[Desk] = []

    def make(**options: Any) -> Desk:
        desks.append(Desk(hub, tmp_path, DownloadOptions(tmp_path / "models", **options)))
        return desks[-1]

    yield make
    for made in desks:
        made.close()


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person with other programs' folders."""
    user = tmp_path / "user"
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(user))
    monkeypatch.delenv("OLLAMA_MODELS")
    return user
