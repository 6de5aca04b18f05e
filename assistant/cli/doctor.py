"""``inkstone doctor``: what a bug report needs to say about this computer and this Inkstone."""

from __future__ import annotations

import argparse
import platform
import sys
from dataclasses import asdict
from importlib import metadata

import psutil

from assistant import __version__
from assistant.cli.output import Output
from assistant.engine.probe import probe
from assistant.errors import StoreError
from assistant.i18n import _
from assistant.paths import Paths


def doctor(_options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print versions, devices, memory, paths, the state of the database, and which sandbox holds for models.

    A database that does not exist yet is not made.
    """
    hello = probe()
    memory = psutil.virtual_memory()
    facts: dict[str, object] = {
        "version": __version__,
        "python": platform.python_version(),
        "qt": _version("PySide6"),
        "llama_cpp": _version("llama-cpp-python"),
        "engine": hello.engine if hello else None,
        "system": platform.platform(),
        "devices": [asdict(device) for device in hello.devices] if hello else [],
        "memory": {"total_bytes": memory.total, "available_bytes": memory.available, "cores": psutil.cpu_count(False)},
        "paths": {
            "database": str(paths.database),
            "settings": str(paths.settings),
            "models": str(paths.models),
            "cache": str(paths.cache),
            "logs": str(paths.logs),
        },
        "database": _database(paths),
        "sandbox": list(hello.sandbox) if hello else [],
    }
    output.object("doctor", **facts)
    for name, value in facts.items():
        output.text(f"{name:<10} {_readable(value)}")
    if hello is None:
        output.remark(_("The engine does not start. Install Inkstone again, or see the logs for the reason."))
    elif not hello.sandbox and sys.platform == "linux":
        output.remark(_("This system's kernel offers no sandbox: a model runs in a process of its own, unconfined."))


def _readable(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {item}" for name, item in value.items())
    if isinstance(value, list):
        return "; ".join(_readable(item) for item in value) or "–"
    return "–" if value is None else str(value)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _database(paths: Paths) -> str:
    """Return ``none``, ``ok``, or what is wrong with the database."""
    if not paths.database.exists():
        return "none"
    from assistant.store.check import check

    try:
        return "; ".join(check(paths.database)) or "ok"
    except StoreError as error:
        return error.message
