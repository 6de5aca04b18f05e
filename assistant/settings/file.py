"""The settings in use and their TOML file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, overload

from assistant.errors import AssistantError, SettingInvalid, SettingsSetAside, SettingsUnreadable
from assistant.i18n import N_, Sentence
from assistant.safe_file import set_aside, write_safely
from assistant.settings.declarations import SETTINGS, setting
from assistant.settings.kinds import Setting, Value

log = logging.getLogger(__name__)
Document = dict[str, Any]
"""A TOML document as ``tomllib`` reads it: any mixture of its types."""
T = TypeVar("T", bool, int, float, str)


class Settings:
    """Every setting with its value. Main thread only. ``problems`` says what was wrong with the file, if anything.

    The file holds only what differs from the defaults, and whatever else stands in it: keys this program does not
    know are kept.
    """

    def __init__(self, path: Path, document: Document, problems: tuple[AssistantError, ...] = ()) -> None:
        self._path = path
        wrong: list[AssistantError] = []
        self._values = dict(_values_of(document, wrong))
        self.problems = (*problems, *wrong)

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read the settings at ``path``; defaults where there is none.

        Never raises: a file that cannot be understood is renamed to ``<path>.broken-<n>``, a value that is not
        allowed gives way to its default, and ``problems`` tells.
        """
        try:
            return cls(path, _read(path))
        except AssistantError as problem:
            log.warning("the settings could not be read: %s", problem.kind)
            return cls(path, {}, (problem,))

    @property
    def problem(self) -> AssistantError | None:
        """The first of ``problems``, for the one notice at the start."""
        return self.problems[0] if self.problems else None

    @overload
    def get(self, name: str) -> Value: ...
    @overload
    def get(self, name: str, kind: type[T]) -> T: ...
    def get(self, name: str, kind: type[T] | None = None) -> Value:
        """Return the value of a declared setting, or its default; ``None`` where an optional one is unset.

        With ``kind`` the answer is of that type for the type checker too (not for optional settings).
        Raises KeyError for a name nobody declared.
        """
        value = self._values.get(name, setting(name).default)
        if kind is not None and not isinstance(value, kind):
            raise TypeError(f"{name} is no {kind.__name__}")
        return value

    def set(self, name: str, value: object) -> None:
        """Give a setting another value and save it; ``None`` unsets an optional one.

        Raises SettingInvalid, and DiskFull or FolderUnusable when it cannot be saved; then nothing has changed.
        """
        declared = setting(name)
        taken = declared.check(value)
        if taken == self.get(name) and (name in self._values or taken == declared.default):
            return
        self._save(declared, taken)
        self._values[name] = taken

    def reset(self, name: str) -> None:
        """Give a setting its default again and save."""
        self.set(name, setting(name).default)

    def sampling(self) -> dict[str, float]:
        """Return what the person fixed for every model, by the names of ``Sampling``'s fields."""
        chosen = ((name, value) for name, value in self._values.items() if name.startswith("sampling."))
        return {setting(name).key: value for name, value in chosen if isinstance(value, int | float)}

    def _save(self, declared: Setting, value: Value) -> None:
        """Write the file with one value changed; read again first, since another process may have written it."""
        import tomli_w

        try:
            document = _read(self._path)
        except SettingsSetAside as problem:
            self.problems = (*self.problems, problem)
            document = {}
        except SettingsUnreadable as problem:
            log.warning("the settings are written anew: %s", problem.kind)
            document = {}
        _put(document, declared, value)
        write_safely(self._path, tomli_w.dumps(document).encode())


def _put(document: Document, declared: Setting, value: Value) -> None:
    """Put a value into its table; a default is left out."""
    table = document.get(declared.section)
    if not isinstance(table, dict):
        table = document[declared.section] = {}
    if value is None or value == declared.default:
        table.pop(declared.key, None)
    else:
        table[declared.key] = value
    if not table:
        del document[declared.section]


def _read(path: Path) -> Document:
    """Return the document at ``path``, empty when there is none. Raises SettingsSetAside, SettingsUnreadable."""
    import tomllib

    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsUnreadable(path=path, reason=error.strerror or error) from error
    except (ValueError, RecursionError) as error:
        reason = Sentence(N_("it is not valid TOML ({detail})"), {"detail": str(error)[:200]})
        raise SettingsSetAside(path=path, kept=set_aside(path), reason=reason) from error


def _values_of(document: Document, wrong: list[AssistantError]) -> Iterator[tuple[str, Value]]:
    """Yield the allowed values that the document gives; what is wrong with the others is appended to ``wrong``."""
    for declared in SETTINGS:
        table = document.get(declared.section)
        if not isinstance(table, dict) or declared.key not in table:
            continue
        try:
            yield declared.name, declared.check(table[declared.key])
        except SettingInvalid as problem:
            log.warning("the setting %s has a value that is not allowed", declared.name)
            wrong.append(problem)
