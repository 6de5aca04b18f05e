"""The models to choose from as rows of a list view: all of them, or those that have the words typed above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from assistant.engine.state import Phase
from assistant.i18n import N_, _
from ui.chat.model_words import row_words
from ui.widgets.labels import plain_tip
from ui.widgets.verdicts import VERDICTS
from ui.widgets.words import clauses, error_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant.models.fit import Verdict
    from assistant.models.model_file import ModelFile
    from ui.widgets.pill import Tone

_Index = QModelIndex | QPersistentModelIndex


_IN_USE: tuple[str, Tone] = (N_("In use"), "accent")
_CURRENT: dict[Phase, tuple[str, Tone]] = {
    Phase.LOADING: (N_("Loading"), "warn"),
    Phase.FAILED: (N_("Stopped"), "bad"),
}
"""What the pill of the engine's model says when it is not in use."""


class ModelRows(QAbstractListModel):
    """Rows that can be chosen unless the file has a problem; the second line says which."""

    ID = Qt.ItemDataRole.UserRole + 1
    DETAIL = Qt.ItemDataRole.UserRole + 2
    """The second line."""
    PILL = Qt.ItemDataRole.UserRole + 3
    """Words and tone, ``None`` while nothing is known."""
    IS_CURRENT = Qt.ItemDataRole.UserRole + 4

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[ModelFile, ...] = ()
        self._shown: list[ModelFile] = []
        self._words: list[str] = []
        self._current = ""
        self._phase = Phase.EMPTY
        self._verdicts: Mapping[str, Verdict] = {}

    def set_models(self, models: Sequence[ModelFile], current: str) -> None:
        """Show these; ``current`` is the id of the one in use, empty when there is none."""
        self._models = tuple(models)
        self._current = current
        self._verdicts = {}
        self._fill()

    def set_verdicts(self, verdicts: Mapping[str, Verdict]) -> None:
        """Say which of them will run here, by their ids."""
        self._verdicts = verdicts
        self._refresh()

    def set_phase(self, phase: Phase) -> None:
        """Say what the engine does with the one in use."""
        self._phase = phase
        self._refresh()

    def set_filter(self, text: str) -> None:
        """Show only those that have every one of the words, whatever the case."""
        self._words = text.casefold().split()
        self._fill()

    def row_of(self, model_id: str) -> int:
        """Return where a model stands, -1 when it is not shown."""
        return next((row for row, model in enumerate(self._shown) if model.id == model_id), -1)

    def rowCount(self, parent: _Index | None = None) -> int:
        """How many are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Nothing can be done with a file that has a problem."""
        if not index.isValid() or self._shown[index.row()].problem is not None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a row shows."""
        if not index.isValid():
            return None
        model = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return model.name
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._tip(model))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(model)
            case self.ID:
                return model.id
            case self.DETAIL:
                return row_words(model)
            case self.PILL:
                return self._pill(model)
            case self.IS_CURRENT:
                return model.id == self._current
        return None

    # --- inside -----------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.beginResetModel()
        self._shown = [model for model in self._models if all(word in _searched(model) for word in self._words)]
        self.endResetModel()

    def _refresh(self) -> None:
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    def _pill(self, model: ModelFile) -> tuple[str, Tone] | None:
        if model.is_missing:
            return _("Missing"), "warn"
        if model.problem is not None:
            return None
        if model.id == self._current:
            words, tone = _CURRENT.get(self._phase, _IN_USE)
            return _(words), tone
        verdict = self._verdicts.get(model.id)
        if verdict is None:
            return None
        words, tone = VERDICTS[verdict]
        return _(words), tone

    def _tip(self, model: ModelFile) -> str:
        lines = (model.name, error_words(model.problem), str(model.path))
        return "\n".join(line for line in lines if line)

    def _spoken(self, model: ModelFile) -> str:
        pill = self._pill(model)
        detail = row_words(model)
        return clauses(model.name, detail, pill[0] if pill else "")


def _searched(model: ModelFile) -> str:
    return f"{model.name} {model.quantization} {model.repository} {model.owner.program} {model.path.name}".casefold()
