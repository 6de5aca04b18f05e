"""An assistant for the length of one command."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from assistant.app import Assistant
from assistant.changes import Notice
from assistant.cli.output import Output
from assistant.paths import Paths


@contextmanager
def opened(paths: Paths, output: Output, *, is_saved: bool = True) -> Iterator[Assistant]:
    """Give an open assistant, database included, and close it afterwards.

    With ``is_saved`` False the database lies in a temporary folder that is removed. Raises what ``open`` and
    ``open_store`` raise; what is only noticed is told on stderr.
    """
    with ExitStack() as stack:
        database: Path | None = None
        if not is_saved:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="inkstone-"))
            database = Path(folder) / "inkstone.db"
        assistant = Assistant(paths, database=database)
        changes = assistant.open()
        stack.callback(assistant.close)
        changes += assistant.open_store()
        for change in changes:
            if isinstance(change, Notice):
                output.remark(change.error.message)
        yield assistant
