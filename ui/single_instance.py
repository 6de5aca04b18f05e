"""One window for one home folder: the second launch raises the first and goes away."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_MS = 3000
"""How long the second launch waits for the first to answer."""
_GREETING = b"raise"
_ANSWER = b"raised"
_MAX_REQUEST_BYTES = 1024


class SingleInstance(QObject):
    """Holds the home's window lock and listens for later launches.

    Signal: ``raise_requested()`` when another launch asks this window to come to the front.
    """

    raise_requested = Signal()

    def __init__(self, lock: Path, parent: QObject | None = None) -> None:
        """Take no lock yet; ``lock`` is the file that stands for the home."""
        super().__init__(parent)
        self._lock = QLockFile(str(lock))
        self._lock.setStaleLockTime(0)
        self._name = "inkstone-" + hashlib.sha256(os.fsencode(lock.absolute())).hexdigest()[:16]
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def acquire(self) -> bool:
        """Become the one window of this home; ``False`` when another one holds it."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def raise_other(self) -> bool:
        """Ask the window that holds the lock to come to the front; blocks until it answers, or says ``False``."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(PATIENCE_MS):
            return False
        token = os.environ.get("XDG_ACTIVATION_TOKEN", "").encode()
        socket.write(_GREETING + b" " + token + b"\n")
        answered = socket.waitForReadyRead(PATIENCE_MS) and bytes(socket.readAll().data()).strip() == _ANSWER
        socket.disconnectFromServer()
        return bool(answered)

    def release(self) -> None:
        """Stop listening and let another launch have the lock."""
        self._server.close()
        self._lock.unlock()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._on_request)
            socket.disconnected.connect(socket.deleteLater)
            if socket.canReadLine():
                self._answer(socket)

    def _on_request(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._answer(socket)

    def _answer(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MAX_REQUEST_BYTES:
                socket.abort()
            return
        greeting, _space, token = bytes(socket.readLine().data()).strip().partition(b" ")
        if greeting != _GREETING:
            socket.abort()
            return
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token.decode(
                "utf-8", "replace"
            )  # Wayland lets only its holder come up
        socket.write(_ANSWER + b"\n")
        socket.flush()
        self.raise_requested.emit()
