"""The list that the picker opens: which model answers, why one does not, and ways to other models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QListView, QVBoxLayout, QWidget

from assistant.engine.state import EngineState, Phase
from assistant.errors import ModelTooBig
from assistant.i18n import _
from ui.chat.model_delegate import ROW_HEIGHT, ModelDelegate
from ui.chat.model_rows import ModelRows
from ui.chat.model_words import find_model, phase_sentence
from ui.theme.icons import icon
from ui.widgets.button import Button
from ui.widgets.escape_field import EscapeField
from ui.widgets.labels import plain_label
from ui.widgets.popup import SHADE, Popup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtCore import QObject

    from assistant.models.fit import Verdict
    from assistant.models.model_file import ModelFile
    from ui.theme.theme import Theme

WIDTH = 420
MOST_WITHOUT_SEARCH = 6
MOST_ROWS = 7
"""More scroll."""
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: MOST_ROWS, Qt.Key.Key_PageUp: -MOST_ROWS}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ModelPopup(Popup):
    """Typing filters, the arrow keys move, Enter takes.

    Signals: ``model_chosen(str)`` with an id, ``restart_requested()``, ``forced()`` to load what is too big anyway,
    ``unload_requested()``, ``file_requested()``, ``more_requested()``.
    """

    model_chosen = Signal(str)
    restart_requested = Signal()
    forced = Signal()
    unload_requested = Signal()
    file_requested = Signal()
    more_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.field = EscapeField()
        self._glass = self.field.addAction(icon(theme, "search"), EscapeField.ActionPosition.LeadingPosition)
        self.failure = _Failure(theme)
        self.others = plain_label("", "section")
        self.trying = plain_label("", "muted")
        self.rows = ModelRows(self)
        self.list = QListView()
        self.nothing = plain_label("", "muted")
        self.unload_button = Button(theme, kind="nav", icon_name="eject")
        self.file_button = Button(theme, kind="nav", icon_name="folder-open")
        self.more_button = Button(theme, kind="nav", icon_name="download")
        self._set_up_list()
        self._lay_out()
        self._connect()

    def open_at(self, button: QWidget, state: EngineState, models: Sequence[ModelFile]) -> None:
        """Show ``models`` below a button."""
        current = find_model(state, models)
        self._count = len(models)
        self.field.clear()
        self.field.setVisible(self._count > MOST_WITHOUT_SEARCH)
        self.rows.set_models(models, current.id if current else "")
        self._name()
        self.show_state(state)
        self._mark(self.rows.row_of(current.id) if current else -1)
        self.place_below(button, is_centred=True)
        self.show()
        (self.list if self.field.isHidden() else self.field).setFocus(Qt.FocusReason.PopupFocusReason)

    def show_state(self, state: EngineState) -> None:
        """Say why the model does not run, or what is tried to have it run."""
        self.failure.show_state(state)
        self.rows.set_phase(state.phase)
        self.others.setText(_("Choose another"))
        self.others.setVisible(state.phase is Phase.FAILED)
        self.trying.setText(phase_sentence(state) if state.phase is Phase.LOADING and state.steps else "")
        self.trying.setVisible(bool(self.trying.text()))
        self.unload_button.setVisible(state.phase not in (Phase.EMPTY, Phase.FAILED))
        self._fit()

    def show_verdicts(self, verdicts: Mapping[str, Verdict]) -> None:
        """Say which models will run here."""
        self.rows.set_verdicts(verdicts)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move and take from the field and from the list alike."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in _STEPS:
                self._step(_STEPS[key])
                return True
            if key in _ENTER:
                self._take(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _on_words(self, text: str) -> None:
        self.rows.set_filter(text)
        self._mark(0)
        self._fit()

    def _take(self, index: QModelIndex) -> None:
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.close()
            self.model_chosen.emit(str(index.data(ModelRows.ID)))

    def _step(self, by: int) -> None:
        """Mark the row so many further that can be chosen; at the ends it stays."""
        usable = [row for row in range(self.rows.rowCount()) if self._is_usable(row)]
        if not usable:
            return
        here = self.list.currentIndex().row()
        place = usable.index(here) + by if here in usable else 0
        self._mark(usable[min(max(place, 0), len(usable) - 1)])

    def _mark(self, row: int) -> None:
        """Mark a row, or the first after it that can be chosen."""
        row = next((each for each in range(max(row, 0), self.rows.rowCount()) if self._is_usable(each)), -1)
        self.list.setCurrentIndex(self.rows.index(row) if row >= 0 else QModelIndex())

    def _is_usable(self, row: int) -> bool:
        return bool(self.rows.flags(self.rows.index(row)) & Qt.ItemFlag.ItemIsEnabled)

    def _name(self) -> None:
        self.setAccessibleName(_("Choose a model"))
        self.list.setAccessibleName(_("Models"))
        self.field.setPlaceholderText(_("Search models"))
        self.field.setAccessibleName(_("Search models"))
        self.unload_button.setText(_("Unload the model"))
        self.unload_button.setToolTip(_("Frees the memory; the next question loads it again."))
        self.file_button.setText(_("Open a model file…"))
        self.more_button.setText(_("Get more models…"))
        self._glass.setIcon(icon(self._theme, "search", "text_muted", 16))

    def _fit(self) -> None:
        """Make the list as high as its rows, up to a limit, and the popup as high as what is in it."""
        count = self.rows.rowCount()
        least = MOST_ROWS if not self.field.isHidden() else 0  # while one types it does not jump
        self.list.setFixedHeight(max(min(count, MOST_ROWS), min(least, self._count)) * ROW_HEIGHT)
        self.list.setVisible(count > 0)
        self.nothing.setText(_("No model here is called “{text}”.").format(text=self.field.text()))
        self.nothing.setFixedHeight(self.list.height() or ROW_HEIGHT)
        self.nothing.setVisible(count == 0 and self._count > 0)
        self._resize()

    def _resize(self) -> None:
        """As high as what is in it, sentences that wrap too."""
        layout, width = self.layout(), WIDTH + 2 * SHADE
        assert layout is not None
        layout.activate()
        wraps = layout.hasHeightForWidth()
        self.setFixedSize(width, layout.totalHeightForWidth(width) if wraps else layout.totalSizeHint().height())

    def _set_up_list(self) -> None:
        self._count = 0
        self.list.setModel(self.rows)
        self.list.setItemDelegate(ModelDelegate(self._theme, self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for label in (self.trying, self.others):
            label.setContentsMargins(10, 4, 10, 4)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._on_words)
        self.field.given_up.connect(self.close)
        self.list.clicked.connect(self._take)
        for watched in (self.field, self.list):
            watched.installEventFilter(self)
        for button, signal in (
            (self.unload_button, self.unload_requested),
            (self.file_button, self.file_requested),
            (self.more_button, self.more_requested),
            (self.failure.retry_button, self.restart_requested),
            (self.failure.anyway_button, self.forced),
        ):
            button.clicked.connect(self.close)
            button.clicked.connect(signal)

    def _lay_out(self) -> None:
        rule = QFrame()
        rule.setProperty("role", "rule")
        layout = QVBoxLayout(self)
        edge = SHADE + 8
        layout.setContentsMargins(edge, edge, edge, edge)
        layout.setSpacing(4)
        for part in (self.failure, self.others, self.field, self.trying, self.list, self.nothing):
            layout.addWidget(part)
        layout.addSpacing(2)
        layout.addWidget(rule)
        foot = QVBoxLayout()
        foot.setSpacing(0)
        for button in (self.unload_button, self.file_button, self.more_button):
            foot.addWidget(button)
        layout.addLayout(foot)


class _Failure(QFrame):
    """Why the model does not run, and what can be done: hidden while it does."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self.setProperty("tone", "bad")
        self.sentence = plain_label("", "strong")
        self.hint = plain_label("", "small")
        self.retry_button = Button(theme)
        self.anyway_button = Button(theme)
        row = QHBoxLayout()
        row.setSpacing(theme.px("s"))
        row.addWidget(self.retry_button)
        row.addWidget(self.anyway_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(theme.px("xs"))
        layout.addWidget(self.sentence)
        layout.addWidget(self.hint)
        layout.addSpacing(theme.px("xs"))
        layout.addLayout(row)

    def show_state(self, state: EngineState) -> None:
        """Say what is wrong, if anything is."""
        self.setVisible(state.phase is Phase.FAILED)
        self.sentence.setText(phase_sentence(state))
        self.hint.setText(state.error.hint if state.error else "")
        self.hint.setVisible(bool(self.hint.text()))
        self.retry_button.setText(_("Try again"))
        self.anyway_button.setText(_("Load anyway…"))
        self.anyway_button.setVisible(isinstance(state.error, ModelTooBig))
