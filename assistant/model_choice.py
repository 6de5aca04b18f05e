"""Which model answers: the files on this computer, the one in use, and the engine that runs it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant import model_notes
from assistant.changes import Change, LoadSteppedDown, ModelsChanged, Notice, SettingChanged
from assistant.engine.engine import Applied, Engine
from assistant.engine.hardware import is_gpu_build
from assistant.engine.protocol import Done, Failed, NeedsWhole, Sampling, Turn
from assistant.engine.state import Phase
from assistant.engine.steps import Step
from assistant.errors import AssistantError, ModelError, ModelMissing, NoModel
from assistant.memory import memory
from assistant.models import library, records
from assistant.models.fit import CACHE_BYTES, DEFAULT_CONTEXT_LENGTH, check_memory, estimate
from assistant.models.gguf import Header, read_header
from assistant.models.library import ModelFile
from assistant.models.listing import folders_of
from assistant.models.records import LoadSettings, record_of
from assistant.paths import Paths
from assistant.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Habits:
    """What a person set for one model: how it is loaded, what it samples with, what it is told. Empty: as all are."""

    load: LoadSettings = field(default_factory=LoadSettings)
    sampling: Mapping[str, float] = field(default_factory=dict)
    system_prompt: str = ""


class ModelChoice:
    """Joins the library of model files to the engine. Main thread only.

    It is also what writes answers for the chats: a request made before any model was asked for loads the default one.
    Whoever gives the engine its events gives what comes of them to ``note``.
    """

    def __init__(self, paths: Paths, settings: Settings, engine: Engine) -> None:
        self._paths = paths
        self._settings = settings
        self._engine = engine
        self._used: ModelFile | None = None
        self._is_forced = False
        self._answers: dict[int, ModelFile] = {}  # by which model a request is answered
        self._told: tuple[Step, ...] = ()

    @property
    def used(self) -> ModelFile | None:
        """The model that is loaded or being loaded."""
        return self._used

    @property
    def name(self) -> str:
        """What answers are signed with; empty without a model."""
        return self._used.name if self._used else ""

    @property
    def context_length(self) -> int:
        """How many tokens the model can see; while none is loaded, how many one is asked for."""
        facts = self._engine.state.facts
        wished = facts.context_length if facts else self._settings.get("model.context_length", int)
        return wished or DEFAULT_CONTEXT_LENGTH

    def all(self) -> list[ModelFile]:
        """Every known model file, the starter first. Reads a header of each that is new: not for hot paths."""
        return library.find_models(self._paths, self._folders)

    # --- loading ----------------------------------------------------------------------------------------------------

    def use(self, name_or_path: str, *, remember: bool = True, anyway: bool = False) -> list[Change]:
        """Load a model by id, name or path, and make it the default when ``remember``.

        Raises ModelError when it is not there, no model, damaged, or too big for this computer's memory; the model in
        use goes on then. With ``anyway`` one too big is loaded all the same, this time.
        """
        model = library.resolve(name_or_path, self._paths, self._folders)
        header = self._check(model, anyway=anyway)
        changes: list[Change] = []
        if remember:
            if not any(known.path == model.path for known in self.all()):
                model = library.add(model.path, self._paths, self._folders)
                changes.append(ModelsChanged())
            changes += self.set_default(model)
        self._load(model, header, anyway=anyway)
        return [*changes, *self._engine.take_changes()]

    def set_default(self, model: ModelFile) -> list[Change]:
        """Load this model at the next start. Raises DiskFull, FolderUnusable."""
        library.chosen(model, self._paths)
        self._settings.set("model.default", model.id)
        return [SettingChanged("model.default")]

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
        """Load the model in use again, after a crash or with other settings. Raises as ``use``."""
        if self._used is None:
            return self.use_default()
        self._load(self._used, self._check(self._used, anyway=self._is_forced), anyway=self._is_forced)
        return self._engine.take_changes()

    def unload(self) -> list[Change]:
        """Free the memory. Answers under way end; the next question loads the default model."""
        self._used = None
        self._engine.unload()
        return self._engine.take_changes()

    # --- what is set for one model --------------------------------------------------------------------------------

    @property
    def sampling(self) -> Mapping[str, float]:
        """What a person set for the model in use, by the names of ``Sampling``'s fields; empty when nothing."""
        return record_of(self._used.path, self._paths).sampling if self._used else {}

    @property
    def system_prompt(self) -> str:
        """The system prompt set for the model in use, empty when none is."""
        return record_of(self._used.path, self._paths).system_prompt if self._used else ""

    def habits(self, model_id: str) -> Habits:
        """Return what is set for this model in particular. Raises ModelNotFound."""
        record = record_of(library.with_id(model_id, self.all()).path, self._paths)
        return Habits(record.load, record.sampling, record.system_prompt)

    def set_habits(self, model_id: str, wanted: Habits) -> list[Change]:
        """Run this model so from now on, and load it so from the next time on.

        With other load settings, what was given up to load it before is forgotten. Raises ModelNotFound, DiskFull,
        FolderUnusable.
        """
        if wanted.load.cache_type not in (None, *CACHE_BYTES):
            raise ValueError(wanted.load.cache_type)
        record = record_of(library.with_id(model_id, self.all()).path, self._paths)
        steps = record.steps if wanted.load == record.load else LoadSettings()
        kept = replace(
            record, load=wanted.load, steps=steps, sampling=wanted.sampling, system_prompt=wanted.system_prompt
        )
        records.remember(kept, self._paths)
        return [ModelsChanged()]

    # --- answering --------------------------------------------------------------------------------------------------

    def generate(self, turns: Sequence[Turn], sampling: Sampling, *, is_whole: bool = True) -> int:
        """Queue an answer; returns the request. ``is_whole`` as in ``protocol.Generate``. Raises NoModel."""
        if self._engine.state.phase is Phase.EMPTY:
            self.use_default()
        if self._used is None:
            raise NoModel
        request = self._engine.generate(turns, sampling, is_whole=is_whole)
        self._answers[request] = self._used
        return request

    def cancel(self, request: int) -> None:
        """End a request soon."""
        self._engine.cancel(request)

    def note(self, applied: Applied) -> list[Change]:
        """Remember what an event says of a model: how fast it answers, and with what it could be loaded at all."""
        changes: list[Change] = []
        for message in applied.messages:
            model = self._answers.get(message.request)
            if isinstance(message, Done) and model:
                changes += self._note_answer(model, message)
            if isinstance(message, Done | Failed | NeedsWhole):
                self._answers.pop(message.request, None)
        return [*changes, *self._note_steps()]

    def _note_answer(self, model: ModelFile, done: Done) -> list[Change]:
        rates = model_notes.rates_of(done)
        if not model_notes.is_news(record_of(model.path, self._paths), rates):
            return []
        try:
            library.used(model, rates, self._paths)
        except AssistantError as error:
            log.info("the speed of a model is not kept: %s", error.kind)
            return []
        return [ModelsChanged()]

    def _note_steps(self) -> list[Change]:
        """Tell, and remember, with what the model was loaded in the end."""
        state = self._engine.state
        if self._used is None or state.phase is not Phase.READY or state.steps == self._told:
            return []
        self._told = state.steps
        record = record_of(self._used.path, self._paths)
        try:
            records.remember(replace(record, steps=model_notes.with_steps(record.steps, state.steps)), self._paths)
        except AssistantError as error:
            log.info("how a model can be loaded is not kept: %s", error.kind)
        return [LoadSteppedDown(self._used.id, self._used.name, state.steps), ModelsChanged()]

    # --- the files --------------------------------------------------------------------------------------------------

    @property
    def _folders(self) -> list[Path]:
        return folders_of(self._settings)

    def _use_first(self) -> list[Change]:
        for model in self.all():
            if model.problem is None:
                header = None
                with suppress(ModelError):
                    header = read_header(model.path)
                self._load(model, header)
                return self._engine.take_changes()
        return []

    def _check(self, model: ModelFile, *, anyway: bool) -> Header:
        """Refuse now what the worker would refuse too, when the model in use would be gone already."""
        if not model.path.is_file():
            raise ModelMissing(name=model.name, path=model.path)
        header = read_header(model.path)
        if not anyway and not is_gpu_build() and estimate(header).total_bytes > memory().available_bytes:
            check_memory(header)
        return header

    def _load(self, model: ModelFile, header: Header | None, *, anyway: bool = False) -> None:
        self._used, self._is_forced, self._told = model, anyway, ()
        wish = model_notes.wish(self._settings, record_of(model.path, self._paths))
        self._engine.load(
            model.path,
            context_length=wish.context_length,
            gpu_layers=wish.gpu_layers,
            cache_type=wish.cache_type,
            is_forced=anyway,
            layers=header.layers if header else 0,
            trained_context=header.context_length if header else 0,
        )
