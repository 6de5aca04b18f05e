"""The settings as the window has them: keeps what is chosen, shows what that changes, and opens their dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.errors import AssistantError
from assistant.i18n import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from assistant.app import Assistant
    from ui.notify import Notifier
    from ui.settings.extra import Extra
    from ui.theme.theme import Theme

SMALLEST_TEXT, NORMAL_TEXT, LARGEST_TEXT = 13, 15, 22


class WindowSettings(QObject):
    """Stands between the window, the theme and what is kept.

    Signals: ``refused(AssistantError)`` when one could not be kept, ``language_changed()``, ``offline_changed(bool)``,
    ``first_steps_requested()``.
    """

    refused = Signal(object)
    language_changed = Signal()
    offline_changed = Signal(bool)
    first_steps_requested = Signal()

    def __init__(self, theme: Theme, assistant: Assistant, notifier: Notifier, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._assistant = assistant
        self._notifier = notifier
        self._window = window
        notifier.setting_changed.connect(self._on_changed)

    def apply(self, name: str, value: object) -> None:
        """Keep a setting. Raises AssistantError when it is not allowed, or cannot be kept."""
        self._notifier.publish(self._assistant.set(name, value))

    def keep(self, name: str, value: object) -> None:
        """Keep a setting; a disk that is full is told in the window, not thrown."""
        try:
            self.apply(name, value)
        except AssistantError as error:
            self.refused.emit(error)

    def open(self, section: str = "") -> None:
        """Show the settings dialog, at a section if one is named."""
        from ui.settings.dialog import SettingsDialog
        from ui.settings.first_steps import FirstSteps
        from ui.settings.network import NetworkExtra

        assistant = self._assistant
        models = [("", _("The starter model")), *((model.id, model.name) for model in assistant.models.all())]
        first_steps = FirstSteps(self._theme)
        extras: dict[str, Extra] = {"model": first_steps}
        if assistant.is_market_open:
            extras["network"] = NetworkExtra(self._theme, assistant.ledger, assistant.market.account, self._notifier)
        dialog = SettingsDialog(
            self._theme, self._window, assistant.settings, self.apply, {"model.default": models}, extras
        )
        self._notifier.setting_changed.connect(dialog.show_value)
        first_steps.requested.connect(dialog.accept)
        if section:
            dialog.show_section(section)
        dialog.exec()
        if first_steps.is_requested:
            self.first_steps_requested.emit()
        dialog.deleteLater()

    # --- the size of what is read -----------------------------------------------------------------------------------

    def set_text_size(self, pixels: int) -> None:
        """Set the size of what is read, within its range."""
        self.keep("appearance.text_size", min(LARGEST_TEXT, max(SMALLEST_TEXT, pixels)))

    def enlarge_text(self) -> None:
        """Make what is read one pixel larger."""
        self.set_text_size(self._theme.text_size + 1)

    def shrink_text(self) -> None:
        """Make what is read one pixel smaller."""
        self.set_text_size(self._theme.text_size - 1)

    def reset_text(self) -> None:
        """Give what is read its usual size."""
        self.set_text_size(NORMAL_TEXT)

    # --- what changed -----------------------------------------------------------------------------------------------

    def _on_changed(self, name: str) -> None:
        settings = self._assistant.settings
        if name == "appearance.theme":
            self._theme.set_mode(settings.get(name, str))
        elif name == "appearance.text_size":
            self._theme.set_text_size(settings.get(name, int))
        elif name == "appearance.language":
            self.language_changed.emit()
        elif name == "network.offline":
            self.offline_changed.emit(settings.get(name, bool))
