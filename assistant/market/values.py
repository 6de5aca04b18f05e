"""What the counter hands out: values only, sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant.models.fit import Fit
from assistant.models.model_file import ModelFile
from assistant.models.recommend import SLOWEST_TOKENS_PER_S
from assistant.models.remote import Repository
from assistant.models.token import TokenPlace


@dataclass(frozen=True)
class Computer:
    """What there is to run models with. 0 and empty: not known, or not there.

    ``model_bytes`` is what the loaded model takes of the memory, ``models_bytes`` what our models take of the disk of
    ``folder``. ``most_parameters`` is about the largest model that can be run here.
    """

    memory_bytes: int
    available_bytes: int
    cores: int
    folder: Path
    features: str = ""
    gpu: str = ""
    gpu_bytes: int = 0
    disk_free_bytes: int = 0
    models_bytes: int = 0
    model_bytes: int = 0
    most_parameters: int = 0


@dataclass(frozen=True)
class Listing:
    """A repository as it is listed. What we recommend has a sentence saying for whom, in the language in use.

    ``is_suggested``: it stands in the catalog, so that its repository has details without asking the hub.
    """

    repository: Repository
    title: str = ""
    maker: str = ""
    for_whom: str = ""
    is_recommended: bool = False
    is_suggested: bool = False

    @property
    def name(self) -> str:
        """The repository's name, which tells listings apart."""
        return self.repository.name


@dataclass(frozen=True)
class Outlook:
    """How an offer would do here at a context length.

    ``is_exact`` is False while only the size of the files is known. ``tokens_per_s`` 0 is unknown; ``is_measured``: it
    ran here that fast. ``longest`` is the context length the model was trained for, 0 when not known.
    """

    fit: Fit
    is_exact: bool = True
    tokens_per_s: float = 0.0
    is_measured: bool = False
    longest: int = 0

    @property
    def is_slow(self) -> bool:
        """Whether it would write slower than one reads; False when nothing is known."""
        return 0 < self.tokens_per_s < SLOWEST_TOKENS_PER_S


@dataclass(frozen=True)
class Kept:
    """A token that was saved: the name of its account, and where it is kept."""

    account: str
    place: TokenPlace


@dataclass(frozen=True)
class Installed:
    """A model on this computer. ``owner`` is the program its file belongs to, empty for ours and for added files."""

    model: ModelFile
    owner: str = ""
    repository: str = ""
    sha256: str = ""
    last_used: datetime | None = None
    tokens_per_s: float = 0.0
    is_missing: bool = False
    is_used: bool = False
    is_default: bool = False
    chosen_folder: Path | None = None
    """The folder that a person had looked through and that the file lies in."""

    @property
    def id(self) -> str:
        """The id in the library."""
        return self.model.id
