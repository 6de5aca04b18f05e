"""The network ledger as tables: every request, the newest first, and what went to and came from each host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QDate, QLocale, QModelIndex, QObject, QPersistentModelIndex, Qt, QTime

from assistant.i18n import N_, _, language
from assistant.network import Purpose
from ui.widgets.words import joined, size_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from assistant.ledger import Entry, HostTotal

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RequestsModel(QAbstractTableModel):
    """A row for each request. New ones come in at the top; the others stay where they are."""

    COLUMNS = (N_("Time"), N_("Host"), N_("What for"), N_("Received"), N_("Sent"), N_("Result"))
    STRETCHED = 1
    FIGURES = (3, 4)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these, the newest first."""
        before, after = self._entries, tuple(entries)
        added = len(after) - len(before)
        if before and added > 0 and after[added] is before[0] and after[-1] is before[-1]:
            self.beginInsertRows(QModelIndex(), 0, added - 1)
            self._entries = after
            self.endInsertRows()
        elif after != before:
            self.beginResetModel()
            self._entries = after
            self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """How many requests there are."""
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index | None = None) -> int:
        """The columns."""
        return 0 if parent is not None and parent.isValid() else len(self.COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The names of the columns."""
        return _header(self.COLUMNS, self.FIGURES, section, orientation, role)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows."""
        if not index.isValid():
            return None
        entry, column = self._entries[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in self.FIGURES else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(entry)
        return _cell(entry, column) if role == Qt.ItemDataRole.DisplayRole else None


class HostsModel(QAbstractTableModel):
    """A row for each host."""

    COLUMNS = (N_("Host"), N_("Requests"), N_("Received"), N_("Sent"))
    STRETCHED = 0
    FIGURES = (1, 2, 3)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._totals: tuple[HostTotal, ...] = ()

    def set_totals(self, totals: Sequence[HostTotal]) -> None:
        """Show these, in their order."""
        if tuple(totals) != self._totals:
            self.beginResetModel()
            self._totals = tuple(totals)
            self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """How many hosts there are."""
        return 0 if parent is not None and parent.isValid() else len(self._totals)

    def columnCount(self, parent: _Index | None = None) -> int:
        """The columns."""
        return 0 if parent is not None and parent.isValid() else len(self.COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The names of the columns."""
        return _header(self.COLUMNS, self.FIGURES, section, orientation, role)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() in self.FIGURES else _LEFT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        total = self._totals[index.row()]
        count = QLocale(language()).toString(total.requests)
        return (total.host, count, bytes_words(total.bytes_received), bytes_words(total.bytes_sent))[index.column()]


def status_words(entry: Entry) -> str:
    """Return how a request ended."""
    if entry.problem:
        return _(entry.problem)
    if not entry.status:
        return _("No answer")
    if entry.status < 300:
        return _("Answered")
    return _("Redirected") if entry.status < 400 else _("Error {status}").format(status=entry.status)


def purpose_words(entry: Entry) -> str:
    """Return what a request was for; one of a later version under its own name."""
    try:
        return str(Purpose(entry.purpose))
    except ValueError:
        return entry.purpose


def bytes_words(count: int) -> str:
    """Return a number of bytes, short even where it is small."""
    return size_words(count) if count >= 1000 else _("{count} B").format(count=count)


def time_words(at: datetime) -> str:
    """Return when a request began: the time of today, the day of others."""
    local = at.astimezone()
    day, time = QDate(local.year, local.month, local.day), QTime(local.hour, local.minute, local.second)
    if day == QDate.currentDate():
        return time.toString("HH:mm:ss")
    return QLocale(language()).toString(day, QLocale.FormatType.ShortFormat) + time.toString(" HH:mm")


def _cell(entry: Entry, column: int) -> str:
    match column:
        case 0:
            return time_words(entry.at)
        case 1:
            return entry.host
        case 2:
            return purpose_words(entry)
        case 3:
            return bytes_words(entry.bytes_received)
        case 4:
            return bytes_words(entry.bytes_sent)
    return status_words(entry)


def _tip(entry: Entry) -> str:
    """Return what has no column."""
    took = _("{seconds} s").format(seconds=QLocale(language()).toString(entry.duration_ms / 1000, "f", 1))
    answer = _("answer {status}").format(status=entry.status) if entry.status else ""
    return joined(entry.host, purpose_words(entry), took, answer, status_words(entry))


def _header(
    columns: Sequence[str], figures: Sequence[int], section: int, orientation: Qt.Orientation, role: int
) -> object:
    if orientation is not Qt.Orientation.Horizontal:
        return None
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return _RIGHT if section in figures else _LEFT
    return _(columns[section]) if role == Qt.ItemDataRole.DisplayRole else None
