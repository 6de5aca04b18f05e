"""Carries out what a person wants of the model that answers, and says what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.changes import Notice
from assistant.errors import AssistantError, ModelTooBig
from ui.widgets.too_big import wants_anyway

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from assistant.app import Assistant
    from assistant.changes import Change, LoadSteppedDown, TaskFinished
    from ui.chat.model_picker import ModelPicker
    from ui.chat.notices import Notices
    from ui.notify import Notifier
    from ui.theme.theme import Theme


class ModelDesk(QObject):
    """Stands between the picker, the notices and the assistant.

    Signal: ``done()`` when something was tried, whatever came of it.
    """

    done = Signal()

    def __init__(
        self,
        theme: Theme,
        page: QWidget,
        assistant: Assistant,
        notifier: Notifier,
        picker: ModelPicker,
        notices: Notices,
    ) -> None:
        super().__init__(page)
        self._theme = theme
        self._page = page
        self._assistant = assistant
        self._notifier = notifier
        self._picker = picker
        self._notices = notices
        self._judging = 0
        picker.opened.connect(self._judge)
        picker.model_chosen.connect(self.use)
        picker.restart_requested.connect(self.restart)
        picker.forced.connect(self._force)
        picker.unload_requested.connect(self._unload)
        notices.restart_requested.connect(self.restart)
        notices.choice_requested.connect(picker.open_menu)
        notifier.load_stepped_down.connect(self._on_stepped_down)
        notifier.task_finished.connect(self._on_task)

    def use(self, name_or_path: str) -> bool:
        """Load a model; asks before one that is too big. Says whether it is being loaded."""
        use = self._assistant.models.use
        return self._do(lambda: use(name_or_path), lambda: use(name_or_path, anyway=True))

    def restart(self) -> None:
        """Load the model in use again."""
        self._do(self._assistant.models.restart, self._use_anyway)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _do(self, action: Callable[[], list[Change]], anyway: Callable[[], list[Change]]) -> bool:
        try:
            try:
                self._notifier.publish(action())
            except ModelTooBig as error:
                if not wants_anyway(self._theme, self._page.window(), error):
                    return False
                self._notifier.publish(anyway())
        except AssistantError as error:
            self._notifier.publish([Notice(error)])
            return False
        finally:
            self.done.emit()
        return True

    def _force(self) -> None:
        error = self._assistant.engine.state.error
        if isinstance(error, ModelTooBig) and wants_anyway(self._theme, self._page.window(), error):
            self._notifier.perform(self._use_anyway)
        self.done.emit()

    def _use_anyway(self) -> list[Change]:
        used = self._assistant.models.used
        return self._assistant.models.use(str(used.path), anyway=True) if used else []

    def _unload(self) -> None:
        self._notifier.perform(self._assistant.models.unload)
        self.done.emit()

    def _judge(self) -> None:
        """Have the models of the list judged beside the window; the pills come when that is done."""
        if self._assistant.is_market_open:
            self._judging = self._assistant.market.judge.verdicts(self._picker.models)

    def _on_task(self, change: TaskFinished) -> None:
        if change.task == self._judging and isinstance(change.value, dict):
            self._picker.popup.show_verdicts(change.value)

    def _on_stepped_down(self, change: LoadSteppedDown) -> None:
        self._notices.show_news(change.message, change.hint)
