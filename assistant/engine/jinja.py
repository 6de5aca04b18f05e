"""Runs the program that a model's chat template is: Jinja, as Hugging Face writes it, without harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn, TypeVar

from jinja2 import TemplateError as JinjaError
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assistant.engine.limits import LimitError, bounded
from assistant.engine.reasons import Reason

if TYPE_CHECKING:
    from jinja2.parser import Parser
    from jinja2.runtime import Context

    from assistant.i18n import Sentence

_T = TypeVar("_T")
_SECONDS = 2.0
_MEMORY_BYTES = 512 << 20
_MAX_CHARACTERS = 32 << 20


class TemplateError(Exception):
    """A template that cannot be read, raised, or took too much; ``reason`` says which, in its words or ours."""

    def __init__(self, reason: Sentence | str) -> None:
        super().__init__(reason)
        self.reason = reason


class _RefusedError(JinjaError):
    """Something that only a bomb needs."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


class TemplateLimitError(TemplateError):
    """The same for one that took too much: not worth another try."""


class _Environment(ImmutableSandboxedEnvironment):
    """Besides what it keeps out anyway: products and powers as large as only a bomb needs."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Multiply, within limits."""
        for times, many in ((left, right), (right, left)):
            if isinstance(times, int) and isinstance(many, Sequence) and times * len(many) > _MAX_CHARACTERS:
                raise _RefusedError(Reason.TOO_LONG())
        if operator == "**" and not (_is_within(left, 1 << 20) and _is_within(right, 64)):
            raise _RefusedError(Reason.TOO_LARGE())
        return super().call_binop(context, operator, left, right)


def _is_within(number: object, bound: int) -> bool:
    return isinstance(number, int | float) and abs(number) <= bound


class _Generation(Extension):
    """``{% generation %}``: marks what a model was trained on; here its contents and nothing else."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Return what stands between the marks."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body, lineno=line)


class JinjaTemplate:
    """A compiled template. Everything it does, compiling included, is bounded; main thread only.

    Raises TemplateError for one that cannot be compiled.
    """

    def __init__(self, source: str) -> None:
        environment = _Environment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _Generation]
        )
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _raise
        environment.globals["strftime_now"] = _strftime_now
        self._template = _guarded(lambda: environment.from_string(source))

    def render(self, messages: Sequence[Mapping[str, str]], values: Mapping[str, object]) -> str:
        """Return the text for ``messages``. Raises TemplateError."""
        return _guarded(lambda: self._write({"messages": [dict(message) for message in messages], **values}))

    def _write(self, values: Mapping[str, object]) -> str:
        parts: list[str] = []
        size = 0
        for part in self._template.generate(**values):
            parts.append(part)
            size += len(part)
            if size > _MAX_CHARACTERS:
                raise _RefusedError(Reason.TOO_LONG())
        return "".join(parts)


def _guarded(work: Callable[[], _T]) -> _T:
    """Do ``work`` of the template's. It is a program: what it can raise is anything."""
    try:
        with bounded(_SECONDS, _MEMORY_BYTES):
            return work()
    except MemoryError as error:
        raise TemplateLimitError(Reason.TOO_MUCH_MEMORY()) from error
    except RecursionError as error:
        raise TemplateError(Reason.CALLS_ITSELF()) from error
    except LimitError as error:
        raise TemplateLimitError(Reason.SLOWER_THAN(seconds=round(_SECONDS))) from error
    except _RefusedError as error:
        raise TemplateError(error.reason) from error
    except Exception as error:
        raise TemplateError(str(error)[:200] or type(error).__name__) from error


def _to_json(
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise(message: object) -> NoReturn:
    raise JinjaError(str(message))


def _strftime_now(form: str) -> str:
    return datetime.now().astimezone().strftime(form)
