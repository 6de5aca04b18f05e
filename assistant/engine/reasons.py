"""Reasons in words of ours, as clauses of an error's sentence: told in the language of whoever reads it.

They go through the pipe and into the database as template and values. What is listed here is all that is taken for a
template there; a worker gone wild, or a later program, has nothing but its text to offer.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from assistant.i18n import N_, Sentence

_JSON = (str, int, float, bool, type(None))
_TEMPLATE, _VALUES, _TEXT = "template", "values", "text"
_MOST_LEVELS = 3


class Reason(Enum):
    """Every clause; call one with its values to have it as a ``Sentence``."""

    NOT_GIVEN = N_("no reason given")
    NO_ROOM = N_("all memory for this context is in use")
    DECODE_FAILED = N_("llama.cpp could not compute (code {code}): {why}")
    NO_OUTPUT = N_("llama.cpp computed nothing to choose a word from")
    NO_STATE = N_("the state of the conversation cannot be kept")
    NO_SAMPLING = N_("the settings for choosing words cannot be used")
    TOO_MANY_TOKENS = N_("{size} bytes of text became more than {count} tokens")
    NOT_READ = N_("the conversation cannot be read")
    MORE_THAN = N_("more than {count}")
    # chat templates
    TOO_LONG = N_("it writes a text that is too long")
    TOO_LARGE = N_("it computes with a number that is too large")
    TOO_MUCH_MEMORY = N_("it needs too much memory")
    SLOWER_THAN = N_("it takes more than {seconds} seconds")
    CALLS_ITSELF = N_("it calls itself without end")
    NO_TEMPLATE = N_("the model has none")
    LEAVES_OUT_QUESTION = N_("it leaves out the question")
    LEAVES_OUT_SYSTEM = N_("it leaves out the system prompt")
    NOTHING_TO_RENDER = N_("there is nothing to put into it")
    # how a process ended
    CANNOT_START = N_("it cannot be started: {why}")
    NOT_UNDERSTOOD = N_("it said what nobody understands: {what}")
    ENDED = N_("its process ended by itself")
    ENDED_WITH = N_("its process ended with code {code}")
    KILLED = N_("it was killed, perhaps because memory ran out")
    SEGMENTATION_FAULT = N_("it touched memory that is not its own (segmentation fault)")
    ACCESS_VIOLATION = N_("it touched memory that is not its own (access violation)")
    BUS_ERROR = N_("its model file could no longer be read (bus error)")
    FILE_GONE = N_("its model file could no longer be read")
    NO_INSTRUCTION = N_("this processor lacks an instruction that it needs")
    IMPOSSIBLE_CALCULATION = N_("it made an impossible calculation")
    ENDED_BY_ANOTHER = N_("another program ended it")
    INTERRUPTED = N_("it was interrupted")
    GAVE_UP = N_("llama.cpp gave up")
    SIGNAL = N_("signal {number} ended it")
    NO_MEMORY = N_("memory ran out")
    STACK_OVERFLOW = N_("its stack overflowed")
    NO_LIBRARY = N_("a library that it needs is missing")
    QUOTING = N_("{what} (“{line}”)")

    def __call__(self, **values: object) -> Sentence:
        """Return the clause with its values."""
        return Sentence(self.value, values)


def to_plain(value: object) -> object:
    """Return ``value`` as JSON holds it: a sentence as its template, its values and, for others, its text."""
    if isinstance(value, Sentence):
        return {_TEMPLATE: value.template, _VALUES: to_plain_values(value.values), _TEXT: str(value)}
    return value if isinstance(value, _JSON) else str(value)


def to_plain_values(values: Mapping[str, object]) -> dict[str, object]:
    """Return all of ``values`` as JSON holds them."""
    return {name: to_plain(value) for name, value in values.items()}


def from_plain_values(values: Mapping[str, Any], level: int = 0) -> dict[str, object]:  # Any: whatever JSON holds
    """Return the values of ``to_plain_values``; of a sentence that is not listed here only its text."""
    return {name: _from_plain(value, level) for name, value in values.items()}


def _from_plain(value: Any, level: int) -> object:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(value, dict):
        return value
    try:
        if level < _MOST_LEVELS:
            reason, values = Reason(value[_TEMPLATE]), from_plain_values(value[_VALUES], level + 1)
            reason.value.format_map(values)  # a field may lack its value
            return reason(**values)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        pass  # nothing that we said
    return str(value.get(_TEXT, value))
