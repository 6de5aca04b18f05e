"""A model file on this computer, as lists show it, and whose it is."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from assistant.errors import AssistantError
from assistant.i18n import N_, _
from assistant.models.gguf import shard_paths
from assistant.models.remote import Kind

STARTER_DESCRIPTION = N_("Very small: good for trying Inkstone out at once, wrong about many things.")


class Owner(Enum):
    """Who put a file where it lies. The value begins the ids of other programs' models."""

    OURS = "inkstone"
    STARTER = "starter"
    ADDED = "added"
    """A person pointed to the file, or to a folder above it."""
    HUGGING_FACE = "huggingface"
    LM_STUDIO = "lmstudio"
    JAN = "jan"
    GPT4ALL = "gpt4all"
    OLLAMA = "ollama"

    @property
    def program(self) -> str:
        """The name of the other program that the file belongs to, empty where there is none."""
        return _PROGRAMS.get(self, "")

    @property
    def words(self) -> str:
        """Whose it is, in the language in use, to fill “belongs to …”."""
        return self.program or (_("a folder outside Inkstone") if self is Owner.ADDED else "Inkstone")


_PROGRAMS = {
    Owner.HUGGING_FACE: "Hugging Face",
    Owner.LM_STUDIO: "LM Studio",
    Owner.JAN: "Jan",
    Owner.GPT4ALL: "GPT4All",
    Owner.OLLAMA: "Ollama",
}


@dataclass(frozen=True)
class ModelFile:
    """One model. ``problem`` says why it cannot be used; then little more than id, name, path and size is known.

    Of a split model ``path`` is the first part and ``size_bytes`` that of all. ``context_length`` is what it was
    trained for, 0 where the file does not say; ``has_template`` is False for models that only continue text.
    ``repository``, ``file`` and ``sha256``: where on the hub it came from and the checksum it had there, empty when
    not known. ``tokens_per_s``: measured here, 0 before it ran. ``projector``: what it needs to see pictures.
    ``is_missing``: it was here, and ``path`` is where. ``also_at``: other programs' copies, left out of the list;
    ``aliases``: further ids that it is found by.
    """

    id: str
    name: str
    path: Path
    size_bytes: int = 0
    quantization: str = ""
    context_length: int = 0
    licence: str = ""
    is_starter: bool = False
    problem: AssistantError | None = None
    architecture: str = ""
    parameters: int = 0
    has_template: bool = False
    owner: Owner = Owner.OURS
    kind: Kind = Kind.CHAT
    repository: str = ""
    file: str = ""
    sha256: str = ""
    last_used: datetime | None = None
    tokens_per_s: float = 0.0
    prompt_tokens_per_s: float = 0.0
    projector: Path | None = None
    is_missing: bool = False
    also_at: tuple[Path, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """A sentence about the model in the user's language; empty when there is nothing to say."""
        return _(STARTER_DESCRIPTION) if self.is_starter else ""

    @property
    def parts(self) -> list[Path]:
        """Every file of the model without its projector, the one that gets loaded first."""
        return shard_paths(self.path)


def stem(path: Path) -> str:
    """Return the file's name without ending and without the number of its part."""
    if len(shard_paths(path)) > 1:
        return path.stem[: -len("-00001-of-00002")]
    return path.stem if path.suffix.lower() == ".gguf" else path.name


def lone_id(path: Path) -> str:
    """Return the id of a file that lies in no folder of ours: its name and a few characters of its path's hash."""
    return f"{stem(path)}-{path_hash(path)}"


def path_hash(path: Path) -> str:
    """Return six characters that tell a path from others."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:6]
