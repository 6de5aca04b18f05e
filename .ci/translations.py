"""Bring the catalogues up to date: collect the sentences, merge them into each language, compile.

Run by ``make translations`` after sentences were added or changed; then translate what is empty in the .po files and
run it once more.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python")]


def collect() -> Catalog:
    """Return every sentence of the program, with the files it stands in."""
    catalogue = Catalog(project="Inkstone", charset="utf-8")
    for package in ("assistant", "ui"):
        for file, _line, message, comments, context in extract_from_dir(
            str(ROOT / package), METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            place = f"{package}/{file}".replace("\\", "/")
            catalogue.add(message, locations=[(place, 1)], auto_comments=comments, context=context)
    return catalogue


def read(file: Path, language: str) -> Catalog:
    """Return the catalogue in ``file``, an empty one when there is none yet."""
    if not file.exists():
        return Catalog(locale=language, project="Inkstone", charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """Return the binary form that gettext reads."""
    stream = BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def main() -> int:
    """Update every language; returns how many sentences are still to be translated."""
    template = collect()
    missing = 0
    for folder in sorted(FOLDER.glob("*/LC_MESSAGES")):
        file = folder / "inkstone.po"
        catalogue = read(file, folder.parent.name)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with file.open("wb") as stream:
            write_po(stream, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False)
        file.with_suffix(".mo").write_bytes(compiled(catalogue))
        empty = [message.id for message in catalogue if message.id and not all_filled(message.string)]
        print(f"{folder.parent.name}: {len(catalogue)} sentences, {len(empty)} to translate")
        missing += len(empty)
    return missing


def all_filled(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether a translation is there, every plural form of it."""
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
