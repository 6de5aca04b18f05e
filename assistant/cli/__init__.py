"""The same abilities from a terminal. Nothing here, and nothing it imports, needs Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant import i18n
from assistant.cli.output import Output
from assistant.errors import AssistantError
from assistant.paths import Paths

if TYPE_CHECKING:
    import argparse

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes."""

Command = Callable[["argparse.Namespace", Paths, Output], None]


def main(words: Sequence[str]) -> int:
    """Run the command that ``words`` ask for; returns the exit code. A usage error ends the process with 2."""
    from assistant.cli.arguments import parser, usage_problem

    i18n.use_language("system")
    grammar = parser()
    options = grammar.parse_args(list(words))
    if problem := usage_problem(options):
        grammar.error(problem)
    output = Output(is_json=options.json or _is_logged(options))
    try:
        _command(options)(options, Paths.find(), output)
    except AssistantError as error:
        output.error(error)
        return FAILED
    except KeyboardInterrupt:
        output.clear_progress()
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has gone; keep the interpreter from complaining about it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return DONE


def _is_logged(options: argparse.Namespace) -> bool:
    """Say whether nobody watches a download: where there is no terminal for its bar, it is told in JSON lines."""
    is_download = options.command == "models" and options.action == "download"
    return is_download and not (sys.stdout.isatty() or sys.stderr.isatty())


def _command(options: argparse.Namespace) -> Command:
    """Return the function for the command; each lives in a module that is imported only when it is asked for."""
    if options.command == "chat":
        from assistant.cli.chat import chat

        return chat
    if options.command == "doctor":
        from assistant.cli.doctor import doctor

        return doctor
    if options.command == "models":
        return _model_command(options.action)
    from assistant.cli import listings

    return {"list": listings.list_conversations, "show": listings.show_conversation}[options.action]


def _model_command(action: str) -> Command:
    from assistant.cli import model_files, models

    return {
        "list": models.list_models,
        "catalog": models.list_catalog,
        "search": models.search_models,
        "info": models.show_info,
        "fit": models.show_fit,
        "download": model_files.download_model,
        "verify": model_files.verify_model,
        "import": model_files.import_model,
        "remove": model_files.remove_model,
        "use": model_files.use_model,
    }[action]
