"""When a conversation was last touched, in words: the section it stands in and the time beside its title."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from PySide6.QtCore import QDate, QLocale

from assistant.i18n import N_, _, language


class Section(Enum):
    """The groups of the list, newest first; the value is the sentence above it."""

    TODAY = N_("Today")
    YESTERDAY = N_("Yesterday")
    LAST_DAYS = N_("Last 7 days")
    OLDER = N_("Older")


def section_of(when: datetime, now: datetime) -> Section:
    """Return the section of ``when`` as seen at ``now``; both aware, compared as days in the zone of ``now``."""
    days = (now.date() - when.astimezone(now.tzinfo).date()).days
    if days <= 0:
        return Section.TODAY
    if days == 1:
        return Section.YESTERDAY
    return Section.LAST_DAYS if days <= 7 else Section.OLDER


def time_words(when: datetime, now: datetime) -> str:
    """Return the clock time within the last two days, the weekday within a week, the date before that."""
    local = when.astimezone(now.tzinfo)
    if local.date() >= now.date() - timedelta(days=1):
        return f"{local:%H:%M}"
    locale = QLocale(language())
    day = QDate(local.year, local.month, local.day)
    if section_of(when, now) is Section.LAST_DAYS:
        return locale.toString(day, "dddd")
    # Qt's letters for day, month and year: put them in the order of your language, other words in '…'
    return locale.toString(day, _("d MMM") if local.year == now.year else _("d MMM yyyy"))
