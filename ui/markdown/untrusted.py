"""What text of a model may not do: spoof directions, hide characters, stall the layout, disguise a link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from assistant.i18n import _

LONGEST_TEXT = 200_000
"""Characters of one message that are laid out; the rest is announced and can be copied."""
LONGEST_WORD = 1_000
"""Characters without a chance to break a line; one word of 200 kB takes a second to lay out otherwise."""
BREAK = "\u200b"
SCHEMES = ("http", "https", "mailto")

_NEWLINES = re.compile(r"\r\n?")
# a flag of a region is a black flag, up to six tag letters and a closing tag; any other tag character hides text
_HIDDEN = re.compile(
    "(\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{1,6}\U000e007f)|[\u202d\u202e]|[\U000e0000-\U000e007f]"
)
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LONG_WORD = re.compile(rf"[^\s{BREAK}\u2e80-\uffef]{{{LONGEST_WORD * 2},}}")
_WORD_PART = re.compile(rf"[\s\S]{{{LONGEST_WORD}}}(?=[\s\S])")
_HOST = re.compile(r"^(?:[a-z]+://)?(?:[^\s/@]*@)?((?:[\w-]+\.)+[^\W\d_][\w-]+)(?:[:/?#]|$)", re.IGNORECASE)


def prepare(text: str) -> str:
    """Return the Markdown source that is parsed: one kind of newline, nothing hidden, not longer than the limit."""
    if len(text) > LONGEST_TEXT:
        note = _("The rest of this long text is not shown here; copying the message takes all of it.")
        text = f"{text[:LONGEST_TEXT]}\n\n*{note}*"
    if "\r" in text:
        text = _NEWLINES.sub("\n", text)
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return visible(text)


def visible(text: str) -> str:
    """Return ``text`` without direction overrides and tag characters; joiners, marks and isolates of a script stay."""
    return text if text.isascii() else _HIDDEN.sub(lambda match: match.group(1) or "", text)


def plain_code(text: str) -> str:
    """Return code without any character that reorders what is read."""
    return text if text.isascii() else _DIRECTIONS.sub("", visible(text))


def break_words(text: str) -> str:
    """Return ``text`` with a chance to break in words that are too long to lay out."""
    if len(text) < LONGEST_WORD * 2:
        return text
    return _LONG_WORD.sub(lambda match: _WORD_PART.sub(lambda part: part.group() + BREAK, match.group()), text)


def join_words(text: str) -> str:
    """Undo ``break_words``."""
    if BREAK not in text:
        return text
    *parts, last = text.split(BREAK)
    return "".join(part if _ends_in_long_word(part) else part + BREAK for part in parts) + last


def _ends_in_long_word(part: str) -> bool:
    return len(part) >= LONGEST_WORD and re.search(r"\s", part[-LONGEST_WORD:]) is None


@dataclass(frozen=True)
class Target:
    """Where a link goes: ``url`` is empty when it may not be followed; ``note`` is to be read beside the text."""

    url: str
    note: str = ""


def link_target(href: str, text: str) -> Target:
    """Judge a link by its address and the text it shows.

    Only the web and mail can be followed. A text that looks like another host than the real one gets the real one as
    a note; so does an address of any other kind.
    """
    try:
        parts = urlsplit(href)
        host = (parts.hostname or "").lower()
    except ValueError:
        return Target("", href)
    if parts.scheme not in SCHEMES or (parts.scheme != "mailto" and not host):
        return Target("", href if parts.scheme else "")
    if parts.scheme == "mailto":
        shown = text.strip().lower().removeprefix("mailto:")
        real = parts.path.lower()
        return Target(href, real if "@" in shown and shown != real else "")
    match = _HOST.match(visible(text).strip().lower())
    if match and _bare(match.group(1)) != _bare(host):
        return Target(href, host)
    return Target(href)


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.").rstrip(".")
