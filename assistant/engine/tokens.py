"""From turns to token ids, always the same ids for the same past, so that the KV cache can be used again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.engine.template import Part

if TYPE_CHECKING:
    from assistant.engine.llama_model import Vocabulary
    from assistant.engine.protocol import Turn
    from assistant.engine.template import ChatTemplate

_REMEMBERED = 1 << 18
"""How many ids of answers are remembered, a megabyte or so."""


@dataclass(frozen=True)
class Prompt:
    """Ids to evaluate. From ``answer`` on they are the answer's own beginning, ``answer_text``."""

    ids: list[int]
    answer: int
    answer_text: str


class Tokenizer:
    """Turns into ids. What the model wrote keeps the ids it was written with: text alone may be split otherwise."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._written: OrderedDict[str, Sequence[int]] = OrderedDict()
        self._written_size = 0
        begin = vocabulary.tokenize("a", special=False)
        self.adds_space = bool(begin) and vocabulary.piece(begin[0]).startswith(b" ")
        """Whether this vocabulary puts a space before every text, as SentencePiece does."""
        self._anchor = vocabulary.tokenize("\n", special=False)

    def remember(self, text: str, ids: Sequence[int]) -> None:
        """Have ``text`` become ``ids`` whenever it is somebody's whole message."""
        if not text or not ids:
            return
        self._written_size += len(ids) - len(self._written.pop(text, ()))
        self._written[text] = tuple(ids)
        while self._written_size > _REMEMBERED and len(self._written) > 1:
            self._written_size -= len(self._written.popitem(last=False)[1])

    def encode(self, template: ChatTemplate, turns: Sequence[Turn]) -> Prompt:
        """Return the prompt for ``turns``. Raises TemplateError."""
        parts = template.render(turns)
        opened = parts.pop().text if parts and parts[-1].is_open else ""
        ids: list[int] = []
        for stretch in self._stretches(parts):
            written = self._written.get(stretch.text) if stretch.is_said else None
            ids += written or self._ids(stretch.text, special=not stretch.is_said, is_first=not ids)
        if self._vocabulary.adds_bos and ids[:1] != [self._vocabulary.bos]:
            ids.insert(0, self._vocabulary.bos)
        answer = len(ids)
        if opened:
            ids += self._written.get(opened) or self._ids(opened, special=False, is_first=False)
        return Prompt(ids, answer, opened)

    def special_names(self, text: str) -> list[str]:
        """Return the names of control tokens that stand in ``text``."""
        ids = set(self._vocabulary.tokenize(text, special=True)) - set(self._vocabulary.tokenize(text, special=False))
        return [self._vocabulary.name(token) for token in ids if self._vocabulary.name(token) in text]

    def _stretches(self, parts: Sequence[Part]) -> list[Part]:
        """Return ``parts`` with those joined that are best tokenized as one text.

        Nothing is lost where no name of a control token was said, and words are split as the model learnt them.
        """
        result: list[Part] = []
        plain: list[str] = []
        for part in [*parts, None]:
            if part and not (part.is_said and (part.text in self._written or self._has_names(part.text))):
                plain.append(part.text)
                continue
            if plain:
                result.append(Part("".join(plain)))
                plain.clear()
            if part:
                result.append(part)
        return result

    def _has_names(self, text: str) -> bool:
        return self._vocabulary.tokenize(text, special=True) != self._vocabulary.tokenize(text, special=False)

    def _ids(self, text: str, *, special: bool, is_first: bool) -> list[int]:
        """Tokenize; without the space that some vocabularies add, unless this is the beginning of the prompt."""
        if self.adds_space and not is_first:
            ids = self._vocabulary.tokenize("\n" + text, special=special)
            if ids[: len(self._anchor)] == self._anchor:
                return ids[len(self._anchor) :]
        return self._vocabulary.tokenize(text, special=special)
