"""What all errors of the world have in common: a kind, a sentence and a hint."""

from __future__ import annotations

from typing import ClassVar

from assistant.i18n import N_, Sentence


class AssistantError(Exception):
    """The base of all: ``kind`` for programs, ``message`` and ``hint`` for people, rendered when read.

    Values are given by keyword and fill the ``{named}`` fields of both templates.
    """

    kind: ClassVar[str] = "error"
    template: ClassVar[str] = N_("Something went wrong.")
    advice: ClassVar[str] = ""

    def __init__(self, **values: object) -> None:
        super().__init__(values)
        self.values = values

    @property
    def message(self) -> str:
        """What happened, in the language in use."""
        return str(Sentence(self.template, self.values))

    @property
    def hint(self) -> str:
        """What to do about it, in the language in use; empty when there is nothing to say."""
        return str(Sentence(self.advice, self.values))

    def __str__(self) -> str:
        return self.message
