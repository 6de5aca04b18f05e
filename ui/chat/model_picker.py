"""The button in the middle of the header: which model answers, what it is doing, and the list to choose another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QSizePolicy

from assistant.engine.state import EngineState, Phase
from assistant.i18n import _
from ui.chat.model_popup import ModelPopup
from ui.chat.model_words import DOTS, model_name, phase_sentence, phase_words
from ui.theme.icons import icon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent

    from assistant.models.library import ModelFile
    from ui.theme.theme import Theme

_PAD = 14
_GAP = 8
_DOT = 8
_ICON = 14
_STEP = 16
"""The width grows in these steps, so that counting figures do not make the header tremble."""


class ModelPicker(QAbstractButton):
    """Shows the engine's state; a click opens the list of models.

    Signals: ``opened()`` when the list is shown and wants to know which models will run; ``model_chosen(str)`` with an
    id or a path; ``restart_requested()``; ``forced()`` to load what is too big anyway; ``unload_requested()``;
    ``more_requested()`` for models that are not here.
    """

    opened = Signal()
    model_chosen = Signal(str)
    restart_requested = Signal()
    forced = Signal()
    unload_requested = Signal()
    more_requested = Signal()

    def __init__(self, theme: Theme, models: Callable[[], Sequence[ModelFile]]) -> None:
        """``models`` is asked each time the list opens."""
        super().__init__()
        self._theme = theme
        self._list_models = models
        self.models: Sequence[ModelFile] = ()
        """Those in the list, as they were when it was opened."""
        self._state = EngineState()
        self._model: ModelFile | None = None
        self._popup: ModelPopup | None = None
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self.open_menu)
        theme.changed.connect(self.update)
        self._describe()

    def set_state(self, state: EngineState, model: ModelFile | None) -> None:
        """Show the engine's state; ``model`` is its file when that is known."""
        self._state = state
        self._model = model
        self._describe()
        if self._popup is not None and self._popup.isVisible():
            self._popup.show_state(state)
        self.updateGeometry()
        self.update()

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        self.set_state(self._state, self._model)

    def words(self) -> tuple[str, str]:
        """The name and what stands behind it: what the engine is doing, else the quantization."""
        quantization = self._model.quantization if self._model else ""
        return model_name(self._state, self._model), phase_words(self._state) or quantization

    # --- the list ---------------------------------------------------------------------------------------------------

    @property
    def popup(self) -> ModelPopup:
        """The list; made when it is first asked for."""
        if self._popup is None:
            popup = self._popup = ModelPopup(self._theme, self)
            popup.model_chosen.connect(self.model_chosen)
            popup.restart_requested.connect(self.restart_requested)
            popup.forced.connect(self.forced)
            popup.unload_requested.connect(self.unload_requested)
            popup.more_requested.connect(self.more_requested)
            popup.file_requested.connect(self._ask_for_file)
        return self._popup

    def open_menu(self) -> None:
        """Show the list under the button."""
        self.models = self._list_models()
        self.popup.open_at(self, self._state, self.models)
        self.opened.emit()

    def _ask_for_file(self) -> None:
        kinds = _("Models ({pattern})").format(pattern="*.gguf")
        path, _kind = QFileDialog.getOpenFileName(self.window(), _("Open a model file"), "", kinds)
        if path:
            self.model_chosen.emit(path)

    # --- how it looks -----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Wide enough for name and words."""
        name, words = self.words()
        width = 2 * _PAD + _DOT + _GAP + QFontMetrics(self._font("body", bold=True)).horizontalAdvance(name)
        if words:
            width += _GAP + QFontMetrics(self._font("small")).horizontalAdvance(words)
        width += _GAP + _ICON
        return QSize(math.ceil(width / _STEP) * _STEP, 34)

    def minimumSizeHint(self) -> QSize:
        """A name can be elided down to this."""
        return QSize(150, 34)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, dot, name, words, chevrons."""
        tokens = self._theme.tokens
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(tokens.color("hover" if self.underMouse() else "surface"))
            painter.setPen(QPen(tokens.color("accent" if self.hasFocus() else "border"), 1))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1).toRectF().translated(-0.5, -0.5), 8, 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.color(DOTS[self._state.phase]))
            middle = self.height() // 2
            painter.drawEllipse(QRect(_PAD, middle - _DOT // 2, _DOT, _DOT))
            self._paint_words(painter)
            place = QRect(self.width() - _PAD - _ICON + 3, middle - _ICON // 2, _ICON, _ICON)
            icon(self._theme, "chevrons-up-down", "text_faint", _ICON).paint(painter, place)

    def _paint_words(self, painter: QPainter) -> None:
        tokens = self._theme.tokens
        name, words = self.words()
        bold, small = self._font("body", bold=True), self._font("small")
        words_width = QFontMetrics(small).horizontalAdvance(words) if words else 0
        left = _PAD + _DOT + _GAP
        room = self.width() - left - _PAD - _ICON - _GAP - (words_width + _GAP if words else 0)
        shown = QFontMetrics(bold).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.setFont(bold)
        painter.setPen(tokens.color("text"))
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRect(left, 0, room + 2, self.height()), leading, shown)
        left += QFontMetrics(bold).horizontalAdvance(shown) + _GAP
        painter.setFont(small)
        painter.setPen(tokens.color("bad" if self._state.phase is Phase.FAILED else "text_faint"))
        painter.drawText(QRect(left, 0, words_width + 4, self.height()), leading, words)

    def _font(self, size: str, *, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._theme.tokens.type_px(size))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def _describe(self) -> None:
        name, words = self.words()
        self.setAccessibleName(_("Model: {name}").format(name=name))
        self.setAccessibleDescription(phase_sentence(self._state))
        self.setToolTip(phase_sentence(self._state))
        self.setText(f"{name} {words}")
