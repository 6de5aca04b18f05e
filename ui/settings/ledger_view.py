"""What went over the network: every request and the sums by host, live while it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from assistant.i18n import _, ngettext
from ui.settings.ledger_table import HostsModel, RequestsModel, bytes_words
from ui.widgets.button import Button
from ui.widgets.labels import plain_label
from ui.widgets.segmented import Segmented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from assistant.ledger import Entry, HostTotal
    from ui.theme.theme import Theme

PAUSE_MS = 500
"""So long after a change the table is made anew, at the soonest."""
ROW_HEIGHT = 30
_ROWS = 9
_WIDTHS = {"Time": 76, "What for": 164, "Received": 80, "Sent": 72, "Result": 104, "Requests": 88}


class Records(Protocol):
    """Where the rows come from; ``assistant.ledger.Ledger`` is one."""

    def entries(self) -> Sequence[Entry]:
        """Return every request, the newest first."""

    def totals(self) -> Sequence[HostTotal]:
        """Return the sums by host."""

    def clear(self) -> None:
        """Forget everything."""


class LedgerView(QWidget):
    """Shows the ledger it is given."""

    def __init__(self, theme: Theme, ledger: Records) -> None:
        super().__init__()
        self._ledger = ledger
        self.heading = plain_label("", "title")
        self.about = plain_label("", "muted")
        self.choice = Segmented(theme, self._choices())
        self.clear_button = Button(theme, kind="ghost", icon_name="trash-2")
        self.requests = RequestsModel(self)
        self.hosts = HostsModel(self)
        self.requests_table = _table(self.requests)
        self.hosts_table = _table(self.hosts)
        self.hosts_table.hide()
        self.sum = plain_label("", "faint")
        self.nothing = plain_label("", "muted")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self._lay_out(theme)
        self.choice.chosen.connect(self._on_chosen)
        self.clear_button.clicked.connect(self._on_clear)
        self.retranslate()

    def follow(self) -> None:
        """Something was added: show it soon."""
        if self.isVisible() and not self._pause.isActive():
            self._pause.start()

    def refresh(self) -> None:
        """Show what is there now."""
        entries, totals = self._ledger.entries(), self._ledger.totals()
        self.requests.set_entries(entries)
        self.hosts.set_totals(totals)
        self.nothing.setVisible(not entries)
        self.clear_button.setEnabled(bool(entries))
        count = ngettext("{count} request", "{count} requests", len(entries)).format(count=len(entries))
        received = bytes_words(sum(total.bytes_received for total in totals))
        sent = bytes_words(sum(total.bytes_sent for total in totals))
        words = _("{requests}, {received} received, {sent} sent").format(requests=count, received=received, sent=sent)
        self.sum.setText(words if entries else "")
        self._show_table()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.heading.setText(_("What went over the network"))
        self.about.setText(
            _("Every request of Inkstone, kept on this computer alone. What was searched for is not written down.")
        )
        self.choice.set_words(self._choices(), _("What to show"))
        self.clear_button.setText(_("Clear"))
        self.clear_button.setAccessibleName(_("Clear the list of requests"))
        self.nothing.setText(_("Nothing yet."))
        for table, name in ((self.requests_table, _("Requests")), (self.hosts_table, _("Hosts"))):
            table.setAccessibleName(name)
            table.horizontalHeader().viewport().update()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came meanwhile."""
        super().showEvent(event)
        self.refresh()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _on_chosen(self, _choice: str) -> None:
        self._show_table()

    def _show_table(self) -> None:
        is_any, by_host = bool(self.requests.rowCount()), self.choice.value() == "hosts"
        self.requests_table.setVisible(is_any and not by_host)
        self.hosts_table.setVisible(is_any and by_host)
        for table in (self.requests_table, self.hosts_table):
            rows = min(table.model().rowCount(), _ROWS)
            table.setFixedHeight(table.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + 2)

    def _on_clear(self) -> None:
        self._ledger.clear()
        self.refresh()

    def _choices(self) -> list[tuple[str, str]]:
        return [("requests", _("Requests")), ("hosts", _("By host"))]

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.addWidget(self.choice)
        head.addStretch(1)
        head.addWidget(self.clear_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px("m"), 0, 0)
        layout.setSpacing(theme.px("s"))
        layout.addWidget(self.heading)
        layout.addWidget(self.about)
        layout.addLayout(head)
        for part in (self.nothing, self.requests_table, self.hosts_table, self.sum):
            layout.addWidget(part)


def _table(model: RequestsModel | HostsModel) -> QTableView:
    """Return a quiet table; its rows have one height, so that thousands cost nothing."""
    table = QTableView()
    table.setProperty("role", "records")
    table.setModel(model)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(False)
    header.setMinimumSectionSize(40)
    for column, name in enumerate(model.COLUMNS):
        if column != model.STRETCHED:
            table.setColumnWidth(column, _WIDTHS[name])
    header.setSectionResizeMode(model.STRETCHED, QHeaderView.ResizeMode.Stretch)
    return table
