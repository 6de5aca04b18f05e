"""A transcript for tests, with messages to show in it."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assistant.store.rows import Message, Role, Status
from ui.chat.message_row import MessageRow
from ui.chat.transcript import Transcript
from ui.theme.theme import Theme

WHEN = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


def message(number: int, content: str | None = None, status: Status = Status.COMPLETE, **more: object) -> Message:
    """Return message ``number`` of a conversation: questions are odd, answers even."""
    role = Role.USER if number % 2 else Role.ASSISTANT
    text = f"message {number}" if content is None else content
    return Message(number, 1, number - 1 or None, role, text, status, WHEN, "Starter", **more)  # type: ignore[arg-type]


def conversation(count: int, content: str = "word " * 60) -> list[Message]:
    """Return ``count`` messages with the same text."""
    return [message(number, content) for number in range(1, count + 1)]


def make_transcript(qtbot: QtBot, width: int = 900, height: int = 700) -> Transcript:
    """Return a transcript that is shown, in the light theme; every failure is the same crash."""
    theme = Theme("light")
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    transcript = Transcript(theme, problem_of=lambda _message: ("It crashed.", "Try again."))
    qtbot.addWidget(transcript)
    transcript.resize(width, height)
    transcript.show()
    qtbot.waitExposed(transcript)
    return transcript


def settle(qtbot: QtBot, transcript: Transcript) -> None:
    """Wait until nothing is left to prepare."""
    qtbot.waitUntil(lambda: not transcript._idle.isActive())


def view_of(transcript: Transcript, number: int) -> MessageRow:
    """Return the row that shows message ``number``."""
    row = transcript.rows.row_of(number)
    assert row is not None
    view = transcript.view(row)
    assert view is not None
    return view


def words_of(transcript: Transcript, number: int) -> str:
    """Return what is read in message ``number``."""
    row = transcript.rows.row_of(number)
    assert row is not None
    return transcript.rows.plain(row)


def point_at(transcript: Transcript, number: int, position: int) -> QPoint:
    """Return the point of the viewport where a position of a message's text stands."""
    view = view_of(transcript, number)
    row = transcript.rows.row_of(number)
    assert row is not None
    document = transcript.rows.rendered(row).document
    block = document.findBlock(position)
    line = block.layout().lineForTextPosition(position - block.position())
    x = line.cursorToX(position - block.position())
    assert isinstance(x, tuple)
    corner = document.documentLayout().blockBoundingRect(block).topLeft().toPoint()
    body = transcript.rows.place(row).body.topLeft()
    return view.pos() + body + corner + QPoint(round(x[0]), round(line.y() + line.height() / 2))
