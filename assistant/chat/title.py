"""A name for a conversation, taken from its first question."""

from __future__ import annotations

import re

LONGEST = 60
"""Characters; longer questions are cut at a word and end in an ellipsis."""


def title_of(question: str) -> str:
    """Return the first line of ``question`` that says something, without Markdown marks, at most ``LONGEST`` long."""
    lines = (re.sub(r"^[#>*\-\s]+|[*_`]+", "", line).strip() for line in question.splitlines())
    text = re.sub(r"\s+", " ", next((line for line in lines if line), ""))
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 1]
    head, space, _tail = cut.rpartition(" ")
    return (head if space and len(head) > LONGEST // 2 else cut).rstrip(" ,;:.") + "…"
