"""What a person wants, said by any widget of the page and heard by the page."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Requests(QObject):
    """One for a page; its widgets emit, the page connects.

    Signals: ``get(Repository, Offer)``; ``use(str)`` with a model's id; ``explain(Repository, Offer, QWidget)`` for the
    numbers behind a verdict, to be shown at the widget; ``open_files(str)`` and ``close_files(str)`` with a
    repository's name; ``read(Repository)`` for its model card; ``visit(str)`` for its page in a browser;
    ``accept_licence(str)``. With a download's id: ``pause(str)``, ``resume(str)``, ``cancel(str)`` and
    ``move(str, int)``.
    """

    get = Signal(object, object)
    use = Signal(str)
    explain = Signal(object, object, object)
    open_files = Signal(str)
    close_files = Signal(str)
    read = Signal(object)
    visit = Signal(str)
    accept_licence = Signal(str)
    pause = Signal(str)
    resume = Signal(str)
    cancel = Signal(str)
    move = Signal(str, int)
