"""Links in answers: shown with where they really lead, and opened only after asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from assistant.i18n import _
from ui.widgets.dialog import Question

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.theme.theme import Theme

_SCHEMES = ("http", "https", "mailto")
_MAX_SHOWN = 300


def target_of(address: str) -> QUrl | None:
    """Return the address as a URL when it is one that may be opened, else ``None``."""
    url = QUrl(address.strip(), QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme() not in _SCHEMES:
        return None
    return url if url.host() or url.scheme() == "mailto" else None


def place_words(url: QUrl) -> str:
    """Return the host, or the mail address, a URL leads to; the real name first where letters could imitate others."""
    if url.scheme() == "mailto":
        return url.path()
    shown, real = url.host(), url.host(QUrl.ComponentFormattingOption.FullyEncoded)
    return real if shown == real else _("{real} (shown as {shown})").format(real=real, shown=shown)


def question_for(theme: Theme, parent: QWidget, address: str) -> Question:
    """Return the dialog that asks what to do with a link: ``copy``, ``cancel`` or ``open``; only to cancel if bad."""
    url = target_of(address)
    title = _("Open a link")
    if url is None:
        sentence = _("This link cannot be opened from here.")
        return Question(theme, parent, title, sentence, address[:_MAX_SHOWN], answers=[("cancel", _("OK"), "primary")])
    full = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
    return Question(
        theme,
        parent,
        title,
        _("Open {place} outside of Inkstone?").format(place=place_words(url)),
        full if len(full) <= _MAX_SHOWN else full[:_MAX_SHOWN] + "…",
        answers=[
            ("copy", _("Copy the address"), "normal"),
            ("cancel", _("Cancel"), "normal"),
            ("open", _("Open"), "primary"),
        ],
        icon_name="external-link",
    )


def ask_and_open(theme: Theme, parent: QWidget, address: str, *, asks: bool = True) -> bool:
    """Open a link, after asking when ``asks`` or when it cannot be opened; says whether it was opened."""
    url = target_of(address)
    answer = "open" if url is not None and not asks else question_for(theme, parent, address).ask()
    if url is not None and answer == "copy":
        QGuiApplication.clipboard().setText(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
    return url is not None and answer == "open" and QDesktopServices.openUrl(url)
