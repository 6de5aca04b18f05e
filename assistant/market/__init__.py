"""Where models come from, as one counter: what there is, whether it would run here, what is on its way and on the disk.

Joins the rooms ``models``, ``network`` and ``engine``; the window's models page and the terminal stand in front of it.
"""

from assistant.market.account import Account
from assistant.market.intake import Intake, Looked
from assistant.market.judging import Judge
from assistant.market.market import Market
from assistant.market.shelf import Shelf
from assistant.market.values import Computer, Installed, Kept, Listing, Outlook

__all__ = [
    "Account",
    "Computer",
    "Installed",
    "Intake",
    "Judge",
    "Kept",
    "Listing",
    "Looked",
    "Market",
    "Outlook",
    "Shelf",
]
