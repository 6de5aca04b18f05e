"""Getting and using models: from a click to what the program does, with the questions in between."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.errors import AssistantError, ModelTooBig
from assistant.i18n import _
from assistant.models.fit import Verdict
from ui.models.fit_popup import FitPopup
from ui.models.licensing import Licensing
from ui.models.readme_dialog import ReadmeDialog
from ui.models.words import offer_name, title_words
from ui.widgets.dialog import Question
from ui.widgets.links import ask_and_open
from ui.widgets.too_big import wants_anyway
from ui.widgets.words import size_words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from assistant.models.fit import Fit
    from assistant.models.remote import Offer, Repository
    from ui.models.desk import Desk
    from ui.models.performer import Performer
    from ui.models.requests import Requests
    from ui.models.source import ModelSource
    from ui.theme.theme import Theme


class Getting(QObject):
    """Hears the requests of the page.

    Signals: ``used(str)`` with the id of a model that is loaded now, ``measured(str)`` with a repository whose
    verdicts are exact now.
    """

    used = Signal(str)
    measured = Signal(str)

    def __init__(
        self, theme: Theme, source: ModelSource, desk: Desk, performer: Performer, requests: Requests, page: QWidget
    ) -> None:
        super().__init__(page)
        self._theme = theme
        self._source = source
        self._desk = desk
        self._performer = performer
        self._page = page
        self.popup = FitPopup(theme, page)
        self.licensing = Licensing(theme, source, desk, performer, requests, page)
        requests.get.connect(self.get)
        requests.use.connect(self.use)
        requests.explain.connect(self.explain)
        requests.read.connect(self._read)
        requests.visit.connect(self._on_visit)
        requests.pause.connect(self._on_pause)
        requests.resume.connect(self._on_resume)
        requests.cancel.connect(self._on_cancel)
        requests.move.connect(self._on_move)

    def get(self, repository: Repository, offer: Offer) -> None:
        """Queue the download of an offer; asks before one that is too big for this computer."""
        fit = self._source.outlook(repository, offer).fit
        if fit.verdict is Verdict.TOO_BIG and not self._wants_too_big(repository, offer, fit):
            return
        if repository.is_gated and not self._source.account.has_token:
            self.licensing.ask(repository.name, partial(self._start, repository, offer))
        else:
            self._start(repository, offer)

    def use(self, model_id: str) -> None:
        """Load a model; asks before one that is too big now."""
        library = self._source.library
        try:
            self._performer.attempt(lambda: library.use(model_id))
        except ModelTooBig as error:
            wants = wants_anyway(self._theme, self._page.window(), error)
            if not wants or not self._performer.perform(lambda: library.use(model_id, anyway=True)):
                return
        except AssistantError as error:
            self._performer.failed.emit(error)
            return
        self.used.emit(model_id)

    def explain(self, repository: Repository, offer: Offer, button: QWidget) -> None:
        """Show the numbers behind a verdict, and have them made exact."""
        name = f"{title_words(repository.name)} {offer.id}"
        self.popup.open_at(button, name, partial(self._source.outlook, repository, offer))
        if not self._source.outlook(repository, offer).is_exact:
            self._desk.wait(self._source.measure(repository, offer), partial(self._on_measured, repository.name))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _start(self, repository: Repository, offer: Offer) -> None:
        self._performer.perform(lambda: self._source.downloads.start(repository, offer))

    def _read(self, repository: Repository) -> None:
        """Show the model card."""
        dialog = ReadmeDialog(self._theme, self._page.window(), repository.name)
        ask = partial(self._ask_for_readme, dialog, repository)
        dialog.retry_requested.connect(ask)
        dialog.visit_requested.connect(partial(self._on_visit, repository.name))
        dialog.finished.connect(dialog.deleteLater)
        ask()
        dialog.open()

    def _ask_for_readme(self, dialog: ReadmeDialog, repository: Repository) -> None:
        dialog.show_waiting()
        task = self._desk.wait(self._source.readme(repository), partial(self._on_readme, dialog))
        dialog.finished.connect(lambda _result: self._desk.leave(task))

    def _on_readme(self, dialog: ReadmeDialog, value: object, error: AssistantError | None) -> None:
        if error is not None:
            dialog.show_error(error)
        else:
            dialog.show_text(str(value))

    def _on_measured(self, repository: str, _value: object, _error: AssistantError | None) -> None:
        self.measured.emit(repository)
        self.popup.refresh()

    def _wants_too_big(self, repository: Repository, offer: Offer, fit: Fit) -> bool:
        question = Question(
            self._theme,
            self._page.window(),
            _("Too big for this computer"),
            _("{model} needs about {needed} of memory; {free} are free now.").format(
                model=f"{title_words(repository.name)} {offer_name(offer.size_bytes, offer.id)}",
                needed=size_words(fit.total_bytes),
                free=size_words(fit.available_bytes),
            ),
            _("It will be very slow here, or not load at all. A smaller quantization or a smaller model runs better."),
            answers=[("get", _("Get anyway"), "normal"), ("cancel", _("Cancel"), "primary")],
            icon_name="triangle-alert",
        )
        return question.ask() == "get"

    def _on_visit(self, repository: str) -> None:
        ask_and_open(self._theme, self._page.window(), self._source.page_address(repository))

    def _on_pause(self, download_id: str) -> None:
        self._performer.perform(lambda: self._source.downloads.pause(download_id))

    def _on_resume(self, download_id: str) -> None:
        self._performer.perform(lambda: self._source.downloads.resume(download_id))

    def _on_cancel(self, download_id: str) -> None:
        self._performer.perform(lambda: self._source.downloads.cancel(download_id))

    def _on_move(self, download_id: str, place: int) -> None:
        self._performer.perform(lambda: self._source.downloads.move(download_id, place))
