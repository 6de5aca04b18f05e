"""Colours for code: lines cut into runs of one syntax class, by pygments, loaded when the first code is shown."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pygments.lexer import Lexer
    from pygments.token import _TokenType

Line = tuple[tuple[str, str], ...]
"""A line's runs: the text and its class (keyword, string, comment, number, function, class, operator), or ""."""

LONGEST_CODE = 12_000
"""Characters; longer code stays in one colour, since lexing takes about 2.6 ms a kB."""
LONGEST_LINE = 600
"""Characters; a longer line is data, and where a lexer's expressions could take for ever."""

_NAMES = """
bash bat c c# c++ clojure cmake console cpp cs csharp css dart diff docker dockerfile elixir erlang fortran go golang
graphql groovy haskell html ini java javascript js json jsx julia kotlin latex less lua make makefile matlab md markdown
nginx nix objective-c objectivec ocaml pascal perl php powershell prolog proto protobuf ps1 py python python3 r rb rs
ruby rust sass scala scheme scss sh shell sql swift tex toml ts tsx typescript vim xml yaml yml zig zsh
"""
_LANGUAGES = frozenset(_NAMES.split())
"""No other name is asked for: an unknown one makes pygments search every installed package."""


@cache
def _lexer(language: str) -> Lexer | None:
    if language not in _LANGUAGES:
        return None
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


@cache
def _syntax_class(token: _TokenType) -> str:
    from pygments.token import Token

    classes = {
        Token.Comment: "comment",
        Token.Keyword: "keyword",
        Token.Literal.String: "string",
        Token.Literal.Number: "number",
        Token.Name.Function: "function",
        Token.Name.Builtin: "function",
        Token.Name.Class: "class",
        Token.Name.Decorator: "class",
        Token.Name.Tag: "keyword",
        Token.Name.Attribute: "function",
        Token.Operator.Word: "keyword",
        Token.Operator: "operator",
        Token.Generic.Inserted: "string",
        Token.Generic.Deleted: "keyword",
    }
    return next((name for parent, name in classes.items() if token in parent), "")  # type: ignore[comparison-overlap]  # a token type is a tuple with an order of its own


def is_known(language: str) -> bool:
    """Tell whether code of ``language`` (as written behind the fence) gets colours."""
    return language.lower() in _LANGUAGES


@lru_cache(128)
def closed_lines(language: str, code: str) -> tuple[Line, ...]:
    """Return the lines of finished ``code``, lexed as a whole. No newline at the end is expected."""
    lexer = _lexer(language.lower()) if _is_reasonable(code) else None
    if lexer is None:
        return tuple(_plain(line) for line in code.split("\n"))
    lines = list(_lines(lexer.get_tokens_unprocessed(f"{code}\n")))
    return tuple(lines[: code.count("\n") + 1])


def _is_reasonable(code: str) -> bool:
    return len(code) <= LONGEST_CODE and all(len(line) <= LONGEST_LINE for line in code.split("\n"))


def _plain(line: str) -> Line:
    return ((line, ""),) if line else ()


def _lines(tokens: Iterable[tuple[int, _TokenType, str]]) -> Iterator[Line]:
    """Cut tokens into lines, joining neighbours of one class; spaces belong to either side."""
    runs: list[tuple[str, str]] = []
    text, kind = "", ""
    for _index, token, value in tokens:
        own = _syntax_class(token)
        for number, part in enumerate(value.split("\n")):
            if number:
                yield _line(runs, text, kind)
                runs, text = [], ""
            if not part:
                continue
            if text and own != kind and not part.isspace():
                runs.append((text, kind))
                text = ""
            if not text or not part.isspace():
                kind = own
            text += part
    yield _line(runs, text, kind)


def _line(runs: list[tuple[str, str]], text: str, kind: str) -> Line:
    return (*runs, (text, kind)) if text else tuple(runs)


class OpenCode:
    """Code that is still being written: every line is lexed once, from where the line before it ended.

    What spans lines in one expression (a comment in C) gets its colour only when the code is closed and lexed as a
    whole; the answer for a given text never depends on the steps in which it came.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._lexer = _lexer(language.lower())
        self._done = ""
        self._stack: list[str] = ["root"]
        self._lines: list[Line] = []

    def lines(self, code: str) -> Sequence[Line]:
        """Return the lines of ``code``, quickly when it begins with the code of the last call."""
        if not code.startswith(self._done):
            self._done, self._stack, self._lines = "", ["root"], []
        head, newline, last = code[len(self._done) :].rpartition("\n")
        if newline:
            for line in head.split("\n"):
                self._lines.append(self._lex(line, self._stack))
                self._done += f"{line}\n"
        return [*self._lines, self._lex(last, list(self._stack))]

    def _lex(self, line: str, stack: list[str]) -> Line:
        if self._lexer is None or len(self._done) > LONGEST_CODE or len(line) > LONGEST_LINE:
            return _plain(line)
        return next(_lines(_resume(self._lexer, f"{line}\n", stack)), ())


def _resume(lexer: Lexer, text: str, stack: list[str]) -> Iterable[tuple[int, _TokenType, str]]:
    """Lex ``text`` from the state in ``stack``, which is left at the state behind it."""
    from pygments.lexer import ExtendedRegexLexer, LexerContext, RegexLexer

    if not isinstance(lexer, RegexLexer) or isinstance(lexer, ExtendedRegexLexer):
        return list(lexer.get_tokens_unprocessed(text))
    context = LexerContext(text, 0, list(stack))
    try:
        # the method needs nothing of its class but the state machine that every RegexLexer has
        tokens = list(ExtendedRegexLexer.get_tokens_unprocessed(lexer, context=context))  # type: ignore[arg-type]
    except TypeError:  # a rule of this lexer takes no context: its lines are read alone
        return list(lexer.get_tokens_unprocessed(text))
    stack[:] = context.stack
    return tokens
