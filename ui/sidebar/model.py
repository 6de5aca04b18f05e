"""The conversations as rows of a list view, a heading above each section."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from assistant.i18n import _, ngettext
from ui.sidebar.dates import Section, section_of, time_words
from ui.widgets.labels import plain_tip
from ui.widgets.words import clauses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant.store.rows import Conversation

_Index = QModelIndex | QPersistentModelIndex


class Activity(Enum):
    """What the dot of a row says."""

    NONE = 0
    ANSWERING = 1
    UNREAD = 2


@dataclass(frozen=True)
class _Row:
    """A heading (no conversation) or a conversation."""

    section: Section
    conversation: Conversation | None = None

    @property
    def key(self) -> object:
        return self.conversation.id if self.conversation else self.section


class ConversationListModel(QAbstractListModel):
    """Headings and conversations, newest first; headings cannot be chosen.

    Signal: ``rename_requested(int, str)`` when a title was edited in the list; the model itself changes nothing.
    """

    ID = Qt.ItemDataRole.UserRole + 1
    """The conversation's id; ``None`` for a heading."""
    DETAIL = Qt.ItemDataRole.UserRole + 2
    """The second line."""
    ACTIVITY = Qt.ItemDataRole.UserRole + 3
    """An ``Activity``."""

    rename_requested = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._conversations: dict[int, Conversation] = {}
        self._rows: list[_Row] = []
        self._filter = ""
        self._answering: set[int] = set()
        self._unread: set[int] = set()

    # --- what is shown ----------------------------------------------------------------------------------------------

    def set_conversations(self, conversations: Iterable[Conversation]) -> None:
        """Show exactly these."""
        self._conversations = {conversation.id: conversation for conversation in conversations}
        self.beginResetModel()
        self._rows = self._wanted_rows()
        self.endResetModel()

    def put(self, conversation: Conversation) -> None:
        """Add a conversation or show its new state, at its place."""
        self._conversations[conversation.id] = conversation
        self._follow()

    def remove(self, conversation_id: int) -> None:
        """Take a conversation off the list; nothing happens when it is not there."""
        self._conversations.pop(conversation_id, None)
        self._follow()

    def set_filter(self, words: str) -> None:
        """Show only titles that contain every one of ``words``, whatever the case."""
        self._filter = words.casefold().strip()
        self._follow()

    def refresh(self) -> None:
        """Sort into sections again: the day may have changed, or the language."""
        self._follow()
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def set_answering(self, conversation_id: int, is_answering: bool) -> None:
        """Show whether an answer is being written there."""
        self._mark(self._answering, conversation_id, is_answering)

    def set_unread(self, conversation_id: int, is_unread: bool) -> None:
        """Show whether an answer ended there that was not seen."""
        self._mark(self._unread, conversation_id, is_unread)

    # --- asking -----------------------------------------------------------------------------------------------------

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        """Return the index of a conversation; an invalid one when it is not shown."""
        for number, row in enumerate(self._rows):
            if row.conversation is not None and row.conversation.id == conversation_id:
                return self.index(number)
        return QModelIndex()

    def shown_ids(self) -> list[int]:
        """Return the ids of the conversations as listed, top first."""
        return [row.conversation.id for row in self._rows if row.conversation]

    def listed_ids(self) -> list[int]:
        """Return the ids of all conversations, newest first, filtered away or not."""
        return [conversation.id for conversation in self._newest_first()]

    def count(self) -> int:
        """How many conversations there are, shown or filtered away."""
        return len(self._conversations)

    # --- Qt's questions ---------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        """Rows, headings included."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """A heading can only be read."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self._rows[index.row()].conversation is None:
            return Qt.ItemFlag.ItemNeverHasChildren
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Title or heading, and what the roles above say."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if row.conversation is None:
            return _(row.section.value) if role == Qt.ItemDataRole.DisplayRole else None
        return self._conversation_data(row.conversation, role)

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another title; the list shows it when it has been saved."""
        row = self._rows[index.row()]
        title = " ".join(str(value).split())
        if row.conversation is None or role != Qt.ItemDataRole.EditRole or not title:
            return False
        if title != row.conversation.title:
            self.rename_requested.emit(row.conversation.id, title)
        return True

    # --- inside -----------------------------------------------------------------------------------------------------

    def _conversation_data(self, conversation: Conversation, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title_of(conversation)
            case Qt.ItemDataRole.EditRole:
                return conversation.title
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(title_of(conversation))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(conversation)
            case self.ID:
                return conversation.id
            case self.DETAIL:
                return _detail(conversation)
            case self.ACTIVITY:
                return self._activity(conversation.id)
        return None

    def _activity(self, conversation_id: int) -> Activity:
        if conversation_id in self._answering:
            return Activity.ANSWERING
        return Activity.UNREAD if conversation_id in self._unread else Activity.NONE

    def _spoken(self, conversation: Conversation) -> str:
        words = [title_of(conversation), _detail(conversation)]
        match self._activity(conversation.id):
            case Activity.ANSWERING:
                words.append(_("answering"))
            case Activity.UNREAD:
                words.append(_("new answer"))
        return clauses(*words)

    def _mark(self, marked: set[int], conversation_id: int, is_marked: bool) -> None:
        if is_marked == (conversation_id in marked):
            return
        (marked.add if is_marked else marked.discard)(conversation_id)
        index = self.index_of(conversation_id)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def _matches(self, conversation: Conversation) -> bool:
        title = title_of(conversation).casefold()
        return all(word in title for word in self._filter.split())

    def _newest_first(self) -> list[Conversation]:
        return sorted(self._conversations.values(), key=lambda one: (one.updated_at, one.id), reverse=True)

    def _wanted_rows(self) -> list[_Row]:
        now = datetime.now(UTC).astimezone()
        rows: list[_Row] = []
        for conversation in filter(self._matches, self._newest_first()):
            section = section_of(conversation.updated_at, now)
            if not rows or rows[-1].section is not section:
                rows.append(_Row(section))
            rows.append(_Row(section, conversation))
        return rows

    def _follow(self) -> None:
        """Turn the rows into the wanted ones by the fewest removals, moves and insertions, so that the choice stays."""
        wanted = self._wanted_rows()
        keys = {row.key for row in wanted}
        for number in range(len(self._rows) - 1, -1, -1):
            if self._rows[number].key not in keys:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()
        known = {row.key for row in self._rows}
        for number, row in enumerate(wanted):
            if row.key not in known:
                self.beginInsertRows(QModelIndex(), number, number)
                self._rows.insert(number, row)
                self.endInsertRows()
            elif self._rows[number].key != row.key:
                self._move(row, number)
            self._replace(number, row)

    def _move(self, row: _Row, to: int) -> None:
        current = next(number for number in range(to, len(self._rows)) if self._rows[number].key == row.key)
        self.beginMoveRows(QModelIndex(), current, current, QModelIndex(), to)
        self._rows.insert(to, self._rows.pop(current))
        self.endMoveRows()

    def _replace(self, number: int, row: _Row) -> None:
        if self._rows[number] != row:
            self._rows[number] = row
            self.dataChanged.emit(self.index(number), self.index(number))


def title_of(conversation: Conversation) -> str:
    """Return the title in one line, or words for one without."""
    return " ".join(conversation.title.split()) or _("Untitled conversation")


def _detail(conversation: Conversation) -> str:
    count = conversation.messages
    words = ngettext("{count} message", "{count} messages", count).format(count=count)
    return f"{words} · {time_words(conversation.updated_at, datetime.now(UTC).astimezone())}"
