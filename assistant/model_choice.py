"""Which model answers: the files on this computer, the one in use, and the engine that runs it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from assistant.changes import Change, ModelsChanged, Notice, SettingChanged
from assistant.engine.engine import Engine
from assistant.engine.hardware import is_gpu_build
from assistant.engine.protocol import Sampling, Turn
from assistant.engine.state import Phase
from assistant.errors import AssistantError, ModelNotFound, NoModel
from assistant.models import library
from assistant.models.fit import DEFAULT_CONTEXT_LENGTH, check_memory
from assistant.models.gguf import read_header
from assistant.models.library import ModelFile
from assistant.models.memory import memory
from assistant.paths import Paths
from assistant.settings import Settings

log = logging.getLogger(__name__)


class ModelChoice:
    """Joins the library of model files to the engine. Main thread only.

    It is also what writes answers for the chats: a request made before any model was asked for loads the default one.
    """

    def __init__(self, paths: Paths, settings: Settings, engine: Engine) -> None:
        self._paths = paths
        self._settings = settings
        self._engine = engine
        self._used: ModelFile | None = None

    @property
    def used(self) -> ModelFile | None:
        """The model that is loaded or being loaded."""
        return self._used

    @property
    def name(self) -> str:
        """What answers are signed with; empty without a model."""
        return self._used.name if self._used else ""

    def all(self) -> list[ModelFile]:
        """Every known model file, the starter first. Reads a header each: not for hot paths."""
        return library.find_models(self._paths)

    def use(self, name_or_path: str, *, remember: bool = True) -> list[Change]:
        """Load a model by id, name or path, and make it the default when ``remember``.

        Raises ModelError when it is not there, no model, damaged, or too big for this computer's memory; the model in
        use goes on then.
        """
        model = library.resolve(name_or_path, self._paths)
        self._check(model)
        changes: list[Change] = []
        if remember:
            if not any(known.path == model.path for known in self.all()):
                model = library.add(model.path, self._paths)
                changes.append(ModelsChanged())
            self._settings.set("model.default", model.id)
            changes.append(SettingChanged("model.default"))
        self._load(model)
        return [*changes, *self._engine.take_changes()]

    def use_default(self) -> list[Change]:
        """Load the default model, or the starter when that is gone (a ``Notice`` says so)."""
        wanted = self._settings.get("model.default", str)
        if not wanted:
            return self._use_first()
        try:
            return self.use(wanted, remember=False)
        except AssistantError as error:
            log.info("the default model cannot be used: %s", error.kind)
            return [Notice(error), *self._use_first()]

    def restart(self) -> list[Change]:
        """Load the model in use again, after a crash or with other settings."""
        if self._used is None:
            return self.use_default()
        self._check(self._used)
        self._load(self._used)
        return self._engine.take_changes()

    @property
    def context_length(self) -> int:
        """How many tokens the model can see; while none is loaded, how many one is asked for."""
        facts = self._engine.state.facts
        wished = facts.context_length if facts else self._settings.get("model.context_length", int)
        return wished or DEFAULT_CONTEXT_LENGTH

    def generate(self, turns: Sequence[Turn], sampling: Sampling, *, is_whole: bool = True) -> int:
        """Queue an answer; returns the request. ``is_whole`` as in ``protocol.Generate``. Raises NoModel."""
        if self._engine.state.phase is Phase.EMPTY:
            self.use_default()
        if self._used is None:
            raise NoModel
        return self._engine.generate(turns, sampling, is_whole=is_whole)

    def cancel(self, request: int) -> None:
        """End a request soon."""
        self._engine.cancel(request)

    def _use_first(self) -> list[Change]:
        for model in self.all():
            if model.problem is None:
                self._load(model)
                return self._engine.take_changes()
        return []

    def _check(self, model: ModelFile) -> None:
        if not Path(model.path).is_file():
            raise ModelNotFound(name=model.path)
        header = read_header(model.path)
        if header.tensor_bytes > memory().total_bytes and not is_gpu_build():
            check_memory(header)  # the worker would refuse it too, but the model in use would be gone by then

    def _load(self, model: ModelFile) -> None:
        self._used = model
        self._engine.load(
            model.path,
            context_length=self._settings.get("model.context_length", int),
            gpu_layers=self._settings.get("model.gpu_layers", int),
        )
