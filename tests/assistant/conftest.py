"""Fixtures of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.fakes.door import SETTINGS, Door
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
