"""Markdown source into markdown-it tokens: CommonMark, tables and strikethrough; HTML stays text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

References = dict[str, dict[str, object]]
"""Link definitions by label, each with ``href`` and the ``map`` of its lines."""

DEEPEST_NESTING = 40
MOST_BRACKETS = 500
"""In one paragraph; a model that loops writes thousands."""


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 40 ms: on the way to the first message, not to the first window

    options = {"html": False, "linkify": False, "maxNesting": DEEPEST_NESTING}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.inline.ruler.before("link", "too_many_brackets", _too_many_brackets)
    return parser


def _too_many_brackets(state: StateInline, silent: bool) -> bool:
    """Take brackets as text where there are hundreds: looking for the end of each takes time by their square."""
    if state.src[state.pos] not in "[!" or state.src.count("[") < MOST_BRACKETS:
        return False
    if not silent:
        state.pending += state.src[state.pos]
    state.pos += 1
    return True


def parse(source: str, known: Mapping[str, dict[str, object]] | None = None) -> tuple[Sequence[Token], References]:
    """Return the tokens of ``source`` and the link definitions in it, added to those already ``known``."""
    references: References = dict(known or {})
    tokens = _parser().parse(source, {"references": references})
    return tokens, references
