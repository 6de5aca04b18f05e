"""The messages of a transcript with their rendered documents: made when needed, about 150 kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.store.rows import Message, Role, Status
from ui.chat.message_layout import Place, body_width, place_answer, place_question
from ui.chat.message_note import note_height
from ui.chat.message_words import Strip, strip_of
from ui.markdown.document import MarkdownDocument
from ui.markdown.plain import plain_text
from ui.markdown.render import render, render_plain
from ui.markdown.stream import StreamingRenderer
from ui.markdown.style import MarkdownStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ui.theme.theme import Theme

KEPT = 150
"""Documents kept; enough for several screens either way."""

Problem = Callable[[Message], tuple[str, str] | None]
"""Gives the sentence and the hint for a failed message."""


@dataclass(eq=False)
class Rendered:
    """A message's document, what it shows, and where the message's parts stand in a column of ``column`` pixels."""

    document: MarkdownDocument
    content: str | None = None
    stream: StreamingRenderer | None = None
    place: Place | None = None
    column: int = 0


class Rows:
    """Messages by row. ``column`` is the width they are laid out for."""

    def __init__(self, theme: Theme, problem_of: Problem) -> None:
        self.theme = theme
        self.style = MarkdownStyle(theme)
        self.messages: list[Message] = []
        self.column = 0
        self.progress: dict[int, str] = {}
        self.editor_heights: dict[int, int] = {}
        self._problem_of = problem_of
        self._problems: dict[int, tuple[str, str]] = {}
        self._rows: dict[int, int] = {}
        self._rendered: OrderedDict[int, Rendered] = OrderedDict()

    def __len__(self) -> int:
        return len(self.messages)

    # what there is ----------------------------------------------------------------------------------------------

    def set(self, messages: Sequence[Message]) -> None:
        """Begin anew; documents of messages that stay are kept."""
        self.messages = list(messages)
        self._rows = {message.id: row for row, message in enumerate(self.messages)}
        for known in (self._rendered, self.progress, self._problems, self.editor_heights):
            for message_id in [message_id for message_id in known if message_id not in self._rows]:
                del known[message_id]
        for rendered in self._rendered.values():
            rendered.place = None

    def append(self, message: Message) -> None:
        """Add a message at the end."""
        self._rows[message.id] = len(self.messages)
        self.messages.append(message)

    def row_of(self, message_id: int) -> int | None:
        """Return the row of a message."""
        return self._rows.get(message_id)

    def replace(self, row: int, message: Message) -> None:
        """Show another state of a message."""
        self.messages[row] = message
        if message.status is not Status.STREAMING:
            self.progress.pop(message.id, None)
        self.touch(row)

    def replace_text(self, row: int, text: str) -> None:
        """Give a message that is being written its text so far."""
        self.messages[row] = replace(self.messages[row], content=text, status=Status.STREAMING)
        self.touch(row)

    def touch(self, row: int) -> None:
        """Forget where the parts of a message stand."""
        rendered = self._rendered.get(self.messages[row].id)
        if rendered is not None:
            rendered.place = None

    def set_problem(self, message_id: int, sentence: str, hint: str) -> None:
        """Keep what is said about a failed message, before anything the constructor's callable says."""
        self._problems[message_id] = (sentence, hint)

    def strip(self, row: int) -> Strip | None:
        """Return what is said about how an answer ended."""
        message = self.messages[row]
        return strip_of(message, self._problems.get(message.id) or self._problem_of(message))

    def restyle(self) -> None:
        """Take the theme's new colours and sizes."""
        self.style = MarkdownStyle(self.theme)
        self._rendered.clear()

    # how it is laid out -----------------------------------------------------------------------------------------

    def guesses(self, messages: Iterable[Message]) -> Iterable[int]:
        """Return heights guessed from the length of the texts: rows far away are not worth more."""
        widths = {role: body_width(role, self.column) for role in Role}
        line = self.style.size * 1.21
        per_letter = {role: line / max(20.0, width / (self.style.size * 0.5)) for role, width in widths.items()}
        for message in messages:
            content = message.content
            height = int(len(content) * per_letter[message.role] + content.count("\n") * line * 0.6 + line)
            yield height + (50 if message.role is Role.USER else 90)

    def rendered(self, row: int) -> Rendered:
        """Return the up-to-date document of a message."""
        message = self.messages[row]
        found = self._rendered.get(message.id)
        if found is None:
            found = self._rendered[message.id] = Rendered(MarkdownDocument(self.style))
            self._forget()
        else:
            self._rendered.move_to_end(message.id)
        if found.content != message.content or (found.stream is not None and message.status is not Status.STREAMING):
            self._render(found, message)
        return found

    def is_ready(self, row: int) -> bool:
        """Tell whether a message is rendered and laid out for the column."""
        found = self._rendered.get(self.messages[row].id)
        return found is not None and found.place is not None and found.column == self.column

    def place(self, row: int) -> Place:
        """Return where the parts of a message stand."""
        rendered = self.rendered(row)
        if rendered.place is None or rendered.column != self.column:
            rendered.place = self._place(row, rendered)
            rendered.column = self.column
        return rendered.place

    def plain(self, row: int, start: int = 0, end: int | None = None) -> str:
        """Return the words of a message; far messages are rendered for it and forgotten again."""
        message = self.messages[row]
        found = self._rendered.get(message.id)
        if found is not None and found.content == message.content:
            return plain_text(found.document, start, end)
        aside = Rendered(MarkdownDocument(self.style))
        self._render(aside, message)
        return plain_text(aside.document, start, end)

    # ------------------------------------------------------------------------------------------------------------

    def _render(self, rendered: Rendered, message: Message) -> None:
        rendered.place = None
        if message.role is Role.USER:
            render_plain(rendered.document, message.content, self.style)
        elif message.status is Status.STREAMING:
            rendered.stream = rendered.stream or StreamingRenderer(rendered.document, self.style)
            rendered.stream.update(message.content)
        elif rendered.stream is not None:
            rendered.stream.finish(message.content)
            rendered.stream = None
        else:
            render(rendered.document, message.content, self.style)
        rendered.content = message.content

    def _place(self, row: int, rendered: Rendered) -> Place:
        message, document = self.messages[row], rendered.document
        width = body_width(message.role, self.column)
        if document.textWidth() != width:
            document.setTextWidth(width)
        editor = self.editor_heights.get(message.id, 0)
        height = int(document.size().height() + 0.99) if message.content else 0
        if message.role is Role.USER:
            return place_question(self.column, min(width, int(document.idealWidth()) + 2), height or 20, editor)
        strip = self.strip(row)
        note = note_height(strip, width, self.theme) if strip is not None else 0
        if not height and message.status is not Status.STREAMING:
            height = 1
        return place_answer(self.column, height, note, editor)

    def _forget(self) -> None:
        while len(self._rendered) > KEPT:
            self._rendered.popitem(last=False)
