"""The words of the command line."""

from __future__ import annotations

import argparse

from assistant import __version__
from assistant.i18n import _
from assistant.models.remote import Sort


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; ``command`` and, where there is one, ``action`` name what was asked for."""
    top = argparse.ArgumentParser(
        prog="inkstone",
        description=_("A private chat and writing assistant. Without a command the window opens."),
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"inkstone {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar=_("COMMAND"))
    _chat(commands)
    _conversations(commands)
    _models(commands)
    doctor = commands.add_parser("doctor", help=_("versions, devices, memory, paths and a database check"))
    _json(doctor)
    return top


def usage_problem(options: argparse.Namespace) -> str | None:
    """Return what is wrong with words that are right one by one, ``None`` when nothing is."""
    if options.command == "models" and options.action == "catalog" and options.output and not options.refresh:
        return _("--output goes with --refresh")
    if options.command != "chat":
        return None
    if options.no_save and options.conversation is not None:
        return _("--no-save cannot go on with a saved conversation")
    if options.text is not None and not options.text.strip():
        return _("the question is empty")
    return None


Commands = argparse._SubParsersAction


def _chat(commands: Commands[argparse.ArgumentParser]) -> None:
    chat = commands.add_parser("chat", help=_("ask a question, or chat when none is given"))
    chat.add_argument("text", nargs="?", metavar="TEXT", help=_("the question; “-” reads it from standard input"))
    chat.add_argument("--model", metavar="ID|PATH", help=_("the model that answers"))
    chat.add_argument("--anyway", action="store_true", help=_("load the model although it is too big"))
    chat.add_argument("--conversation", type=int, metavar="ID", help=_("go on with a saved conversation"))
    chat.add_argument("--system", metavar="TEXT", help=_("the system prompt"))
    chat.add_argument("--seed", type=_Whole(-1), help=_("for answers that can be repeated"))
    chat.add_argument("--temperature", type=_Number(0, 5), help=_("0 always takes the likeliest word"))
    chat.add_argument("--max-tokens", type=_Whole(1), help=_("the longest answer"))
    chat.add_argument("--no-save", action="store_true", help=_("keep nothing of this conversation"))
    _json(chat)


def _conversations(commands: Commands[argparse.ArgumentParser]) -> None:
    conversations = commands.add_parser("conversations", help=_("list and show saved conversations"))
    actions = conversations.add_subparsers(dest="action", required=True, metavar=_("ACTION"))
    _json(actions.add_parser("list", help=_("all conversations, newest first")))
    show = actions.add_parser("show", help=_("the messages of one conversation"))
    show.add_argument("id", type=int, metavar="ID")
    show.add_argument("--branch", action="store_true", help=_("only the versions that the window shows"))
    _json(show)


def _models(commands: Commands[argparse.ArgumentParser]) -> None:
    models = commands.add_parser("models", help=_("find, judge, download and keep models"))
    actions = models.add_subparsers(dest="action", required=True, metavar=_("ACTION"))
    _json(actions.add_parser("list", help=_("all models on this computer")))
    catalog = actions.add_parser("catalog", help=_("models worth having; needs no network"))
    catalog.add_argument("--refresh", action="store_true", help=_("compare the catalog with the hub"))
    catalog.add_argument("--output", metavar="FILE", help=_("where to write the refreshed catalog"))
    _json(catalog)
    search = actions.add_parser("search", help=_("look for models on the hub"))
    search.add_argument("words", nargs="+", metavar="WORDS")
    search.add_argument("--sort", choices=[sort.value for sort in Sort], default=Sort.TRENDING.value)
    search.add_argument("--limit", type=_Whole(1), default=20, help=_("how many at most"))
    _json(search)
    _model_action(actions, "info", _("what is known of a model or a repository"), "ID|PATH|REPO")
    fit = _model_action(actions, "fit", _("whether a model would run here, with the numbers"), "ID|PATH|REPO")
    fit.add_argument("--context", type=_Whole(256), metavar="N", help=_("the context length in tokens"))
    _model_action(actions, "download", _("bring a model here"), "REPO[:QUANT|/FILE]")
    _model_action(actions, "verify", _("compare a model with its checksum"), "ID")
    remove = _model_action(actions, "remove", _("move a model to the trash"), "ID")
    remove.add_argument("--force", action="store_true", help=_("even if the file belongs to another program"))
    _model_action(actions, "use", _("load a model at the next start"), "ID")
    brought = actions.add_parser("import", help=_("use a model file of this computer"))
    brought.add_argument("path", metavar="PATH")
    brought.add_argument("--copy", action="store_true", help=_("copy it into the models folder"))
    _json(brought)


def _model_action(
    actions: Commands[argparse.ArgumentParser], name: str, help_text: str, metavar: str
) -> argparse.ArgumentParser:
    """Add a command about one model."""
    action = actions.add_parser(name, help=help_text)
    action.add_argument("name", metavar=metavar)
    _json(action)
    return action


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help=_("one JSON object a line on standard output"))


class _Number:
    """A number from ``low`` to ``high``, for argparse."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __call__(self, text: str) -> float:
        value = float(text)
        if not self.low <= value <= self.high:
            raise argparse.ArgumentTypeError(
                _("{value} is not between {low} and {high}").format(value=text, low=self.low, high=self.high)
            )
        return value


class _Whole:
    """A whole number from ``low`` on, for argparse."""

    def __init__(self, low: int) -> None:
        self.low = low

    def __call__(self, text: str) -> int:
        value = int(text)
        if value < self.low:
            raise argparse.ArgumentTypeError(_("{value} is less than {low}").format(value=text, low=self.low))
        return value
