"""What is chosen about the network, and what requests are for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assistant.i18n import N_, _


@dataclass(frozen=True)
class NetworkOptions:
    """``proxy``: empty for the system's, ``none``, or the address of one. ``endpoint``: a hub that was set by hand.

    Only to the host of ``endpoint``, and to this computer itself, may a request go without encryption.
    """

    is_offline: bool = False
    proxy: str = ""
    endpoint: str = ""


class Purpose(Enum):
    """What a request is for; ``str`` says it to people."""

    SEARCH = "search"
    DETAILS = "details"
    CARD = "card"
    HEADER = "header"
    DOWNLOAD = "download"
    ACCOUNT = "account"

    def __str__(self) -> str:
        return _(_WORDS[self])


_WORDS = {
    Purpose.SEARCH: N_("Search"),
    Purpose.DETAILS: N_("Details of a model"),
    Purpose.CARD: N_("Description of a model"),
    Purpose.HEADER: N_("Beginning of a model file"),
    Purpose.DOWNLOAD: N_("Download"),
    Purpose.ACCOUNT: N_("Access token"),
}
