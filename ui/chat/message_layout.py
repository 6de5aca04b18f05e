"""Where the parts of a message stand in its row: picture, head, text, note, buttons. Plain sums, no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

from assistant.store.rows import Role
from ui.markdown.style import PLAIN_LINE_GAP

MARK = 28
HEAD = 32
NARROW = 440
"""Below this column width the text stands under the mark, not beside it."""
_TEXT_LEFT = MARK + 14
_WIDEST = 0.76
_PAD_X, _PAD_Y = 16, 11
_WAITING = 24
_NOTE_GAP = 8
FOOT = 28
_QUESTION_GAP = 28
"""Under a question; its buttons appear there."""
_ANSWER_GAP = 16
EDIT_WIDEST = 0.9


@dataclass(frozen=True)
class Place:
    """Rectangles in the row's coordinates; ``bubble`` is null for an answer, ``note`` where there is none."""

    height: int
    body: QRect
    bubble: QRect
    note: QRect
    foot: QRect
    editor: QRect


def text_left(column: int) -> int:
    """Return where an answer's text begins."""
    return _TEXT_LEFT if column >= NARROW else 0


def body_width(role: Role, column: int) -> int:
    """Return how wide a message's text may be in a column of ``column`` pixels."""
    if role is Role.USER:
        share = _WIDEST if column >= NARROW else EDIT_WIDEST
        return max(40, int(column * share) - 2 * _PAD_X)
    return max(40, column - text_left(column))


def editor_width(role: Role, column: int) -> int:
    """Return how wide the field is in which a message is edited."""
    return max(120, int(column * EDIT_WIDEST)) if role is Role.USER else body_width(role, column)


def place_question(column: int, text_width: int, text_height: int, editor_height: int = 0) -> Place:
    """Return the places of a question, or of its editor when that has a height."""
    if editor_height:
        width = editor_width(Role.USER, column)
        editor = QRect(column - width, 0, width, editor_height)
        return Place(editor_height + _QUESTION_GAP, QRect(), QRect(), QRect(), QRect(), editor)
    body = QRect(column - _PAD_X - text_width, _PAD_Y, text_width, text_height)
    bubble = body.adjusted(-_PAD_X, -_PAD_Y, _PAD_X, _PAD_Y - PLAIN_LINE_GAP)  # which stands below the last line too
    foot = QRect(0, bubble.bottom() + 1, column, FOOT)
    return Place(bubble.height() + _QUESTION_GAP, body, bubble, QRect(), foot, QRect())


def place_answer(column: int, text_height: int, note_height: int, editor_height: int = 0) -> Place:
    """Return the places of an answer; ``text_height`` 0 leaves room for the words shown while there is no text."""
    left = text_left(column)
    width = column - left
    if editor_height:
        editor = QRect(left, HEAD, width, editor_height)
        return Place(HEAD + editor_height + _ANSWER_GAP, QRect(), QRect(), QRect(), QRect(), editor)
    body = QRect(left, HEAD, width, text_height or _WAITING)
    bottom = body.bottom() + 1
    note = QRect()
    if note_height:
        note = QRect(left, bottom + _NOTE_GAP, width, note_height)
        bottom = note.bottom() + 1
    foot = QRect(left, bottom + 4, width, FOOT)
    return Place(foot.bottom() + 1 + _ANSWER_GAP, body, QRect(), note, foot, QRect())
