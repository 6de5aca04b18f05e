"""Starts and ends the window: painted first, then the store, then the model; quit in the other order."""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from assistant.app import Assistant
from assistant.chat.answer import LOOK_EVERY_S
from assistant.errors import AssistantError
from assistant.i18n import _, use_language
from assistant.models import library
from assistant.models.listing import folders_of
from assistant.paths import Paths
from ui.bridge import Bridge
from ui.crash import CrashReporter
from ui.main_window import MainWindow
from ui.notify import Notifier
from ui.quit_signals import QuitSignals
from ui.single_instance import SingleInstance
from ui.theme import fonts, icons
from ui.theme.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.widgets.button import Kind

log = logging.getLogger(__name__)
SAVE_EVERY_MS = round(LOOK_EVERY_S * 1000)
PATIENCE_S = 0.2
"""How long the window stands still for another program that holds the database; then it says so."""
_STORE = "assistant.store.store"
_RENDERER = ("markdown_it", "pygments.lexers", "pygments.token")
"""What showing a conversation needs beside Qt."""
_MARKET = ("assistant.market.opening", "ui.models.page", "ui.welcome.offers")
"""What finding and getting models needs."""


class Application(QObject):
    """One run of the window over an assistant. Main thread only.

    ``start`` shows the window; the rest follows by itself. ``close`` undoes it all and may be called twice.
    """

    _store_imported = Signal()
    _all_imported = Signal()

    def __init__(self, assistant: Assistant) -> None:
        """Open settings, log and engine. Raises FolderUnusable."""
        super().__init__()
        self.assistant = assistant
        self._early = assistant.open(is_window=True)
        settings = assistant.settings
        self._folders = folders_of(settings)
        self.theme = Theme(settings.get("appearance.theme", str), settings.get("appearance.text_size", int))
        self.notifier = Notifier()
        self.bridge = Bridge(assistant.mailbox, assistant.pump, self.notifier)
        self.crashes = CrashReporter()
        self._importer = threading.Thread(target=self._import_rest, name="import-rest")
        self._saver = QTimer(self)
        self._saver.setInterval(SAVE_EVERY_MS)
        self._saver.timeout.connect(self._save)
        self._is_closed = False
        self._can_show = False
        self._store_imported.connect(self._open_store, Qt.ConnectionType.QueuedConnection)
        self._all_imported.connect(self._on_all_imported, Qt.ConnectionType.QueuedConnection)

    def start(self, app: QApplication, *, welcomes: bool = True) -> None:
        """Show the window in the looks of ``app``. Store and model are opened when it is painted.

        Without ``welcomes`` the first start is like any other.
        """
        fonts.load_fonts()
        self.theme.apply(app)
        app.setWindowIcon(icons.app_icon())
        self.crashes.install()
        self.crashes.crashed.connect(self._show_crash)
        self.window = MainWindow(self.theme, self.assistant, self.notifier)
        self.window.painted.connect(self._importer.start, Qt.ConnectionType.QueuedConnection)
        self.window.page.notices.lasting.acted.connect(self._open_store)
        if welcomes:
            self.window.welcoming.begin()
        self.window.show()
        self.notifier.publish(self._early)

    def close(self) -> None:
        """Save the answers, end the model, close the store."""
        if self._is_closed:
            return
        self._is_closed = True
        self._saver.stop()
        if self._importer.ident is not None:
            self._importer.join()
        self.bridge.stop()
        self.assistant.close()
        self.crashes.uninstall()

    def quit(self) -> None:
        """Close every window, what is typed kept, and end the program."""
        QApplication.closeAllWindows()
        QApplication.quit()

    def _import_rest(self) -> None:
        """Import beside the window what takes longer than the window itself: SQLAlchemy, then Markdown and models."""
        importlib.import_module(_STORE)
        self._store_imported.emit()
        for name in (*_RENDERER, *_MARKET):
            importlib.import_module(name)
        library.find_models(self.assistant.paths, self._folders)  # keeps the headers it reads
        self._all_imported.emit()

    def _on_all_imported(self) -> None:
        if self._is_closed:
            return
        self._can_show = True
        self._show_last()
        self.bridge.start()
        self.notifier.perform(self.assistant.open_market)
        self.window.places.fill_welcome()

    def _open_store(self) -> None:
        if self._is_closed or self.assistant.is_store_open:
            return
        try:
            changes = self.assistant.open_store()
        except AssistantError as error:
            log.info("the store cannot be opened: %s", error.kind)
            self.window.page.notices.lasting.show_error(error, action=_("Try again"), can_close=False)
            return
        self.window.page.notices.lasting.hide()
        self.notifier.publish(changes)
        self.window.list_conversations()
        self.bridge.start()
        self._saver.start()
        self._show_last()

    def _show_last(self) -> None:
        """Show the conversation that was changed last, then load the model: both only once, when all is there."""
        if self._can_show and self.assistant.is_store_open and not self._is_closed:
            self.window.conversations.show_last()
            self.notifier.perform(self.assistant.models.use_default)

    def _save(self) -> None:
        if self.assistant.chats.has_unsaved:
            self.notifier.perform(self.assistant.pump)

    def _show_crash(self, report: str) -> None:
        from ui.crash_dialog import CrashDialog

        CrashDialog(self.theme, self.window, report, self.assistant.paths.logs).open()


def run(arguments: Sequence[str], engine_command: Sequence[str] | None = None) -> int:
    """Run the window until it is closed; returns the exit code. A second launch raises the first window instead."""
    app = QApplication(list(arguments))
    app.setApplicationName("Inkstone")
    app.setDesktopFileName("inkstone")
    use_language("system")
    paths = Paths.find()
    try:
        paths.make()
    except AssistantError as error:
        return _refuse(error, app)
    instance = SingleInstance(paths.lock)
    if not instance.acquire():
        return _raise_other(instance)
    application = Application(Assistant(paths, engine_command=engine_command, patience_s=PATIENCE_S))
    signals = QuitSignals()
    try:
        application.start(app)
        instance.raise_requested.connect(application.window.raise_to_front)
        signals.requested.connect(application.quit)
        return app.exec()
    finally:
        application.close()
        signals.stop()
        instance.release()


def _raise_other(instance: SingleInstance) -> int:
    """Bring the window that is open already to the front; returns the exit code."""
    if instance.raise_other():
        return 0
    sys.stderr.write(_("Inkstone is already open, but its window does not answer.") + "\n")
    return 1


def _refuse(error: AssistantError, app: QApplication) -> int:
    """Say why there cannot be a window, in a dialog and in the terminal; returns the exit code."""
    from ui.widgets.dialog import Question

    sys.stderr.write(f"{error.message}\n{error.hint}\n")
    theme = Theme()
    theme.apply(app)
    answers: list[tuple[str, str, Kind]] = [("quit", _("Quit"), "primary")]
    Question(theme, None, "Inkstone", error.message, error.hint, answers=answers, icon_name="circle-alert").ask()
    return 1
