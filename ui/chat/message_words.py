"""What is said about a message beside its text: who, when, how much, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QLocale, QTime

from assistant.i18n import _, language, ngettext
from assistant.store.rows import Message, Role, Status
from ui.chat.figures import rate_of
from ui.widgets.words import joined


@dataclass(frozen=True)
class Strip:
    """What is said under an answer. ``tone``: warn, bad or info; ``actions`` of continue, again, retry."""

    tone: str
    sentence: str
    hint: str = ""
    actions: tuple[str, ...] = ()


def strip_of(message: Message, problem: tuple[str, str] | None) -> Strip | None:
    """Return what has to be said about how an answer ended, ``None`` when it ended well."""
    if message.role is Role.USER:
        return None
    match message.status:
        case Status.FAILED:
            sentence, hint = problem or (_("The answer failed."), "")
            return Strip("bad", sentence, hint, ("continue", "retry") if message.content else ("retry",))
        case Status.INTERRUPTED:
            actions = ("continue", "again") if message.content else ("again",)
            return Strip("warn", _("This answer was cut off when Inkstone closed."), "", actions)
        case Status.STOPPED:
            return Strip("info", _("Stopped."), "", ("continue",) if message.content else ("again",))
    if message.usage.finish_reason == "length":
        return Strip("info", _("The answer reached its length limit."), "", ("continue",))
    if message.usage.finish_reason == "context":
        hint = _("Start a new conversation, or set a longer context length in the settings.")
        return Strip("warn", _("The model's context is full."), hint)
    return None


def figures_of(message: Message) -> str:
    """Return tokens, speed and time of an answer as measured; empty when nothing was."""
    usage = message.usage
    if message.role is Role.USER or not usage.completion_tokens:
        return ""
    locale = QLocale(language())
    count = usage.completion_tokens
    parts = [ngettext("{n} token", "{n} tokens", count).format(n=locale.toString(count))]
    if rate := rate_of(usage):
        parts.append(_("{rate} tokens/s").format(rate=locale.toString(rate, "f", 1)))
    parts.append(_("{seconds} s").format(seconds=locale.toString(usage.duration_ms / 1000, "f", 1)))
    return joined(*parts)


def name_of(message: Message) -> str:
    """Return who speaks."""
    if message.role is Role.USER:
        return _("You")
    return message.model.partition(" (")[0] or _("Assistant")


def time_of(message: Message) -> str:
    """Return when a message was written, where the person is: the time of day, before today with its day."""
    when, now = message.created_at.astimezone(), datetime.now().astimezone()
    if when.date() == now.date():
        return when.strftime("%H:%M")
    form = _("d MMM, HH:mm") if when.year == now.year else _("d MMM yyyy, HH:mm")
    return QLocale(language()).toString(
        QDateTime(QDate(when.year, when.month, when.day), QTime(when.hour, when.minute)), form
    )
