"""The list of models on this computer, put together from the folders, other programs' places and what is remembered.

Of a file that is there twice the first place wins: ours, then other programs', then what was pointed to.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import ModelError, ModelMissing
from assistant.models import starter
from assistant.models.discover import Budget, Found, gguf_files
from assistant.models.elsewhere import elsewhere
from assistant.models.facts import Facts, FactsCache, facts_cache
from assistant.models.model_file import ModelFile, Owner, lone_id, path_hash, stem
from assistant.models.records import Record, all_records
from assistant.models.remote import Kind
from assistant.paths import Paths

if TYPE_CHECKING:
    from assistant.settings import Settings

OUR_SECONDS = 20.0
"""How long a search of our own folders may take; they may lie on a slow disk."""
_PROJECTOR_ORDER = ("f16", "bf16", "q8_0", "f32")


def find_models(
    paths: Paths,
    folders: Sequence[Path] = (),
    *,
    found: Iterable[Found] | None = None,
    with_embedding: bool = False,
) -> list[ModelFile]:
    """Return every known model: the starter, then all others by name.

    ``folders``: folders for models beside the usual one. ``found``: other programs' models, unless those of
    ``elsewhere`` are meant. ``with_embedding``: those for searching, too. Never raises: a file that cannot be used is
    listed with its ``problem``, one that is gone as missing. Projectors, adapters and further parts of split models
    are left out. Reads a header of each file that is new or has changed.
    """
    cache = facts_cache(paths)
    records = {record.path: record for record in all_records(paths)}
    others = elsewhere(paths).found() if found is None else found
    listing = _Listing(cache, records, {paths.models, *folders}, with_embedding)
    for candidate in _candidates(paths, folders, others):
        listing.add(candidate)
    listing.add_remembered(our_folders(paths, folders))
    models = listing.models()
    cache.save(listing.seen)
    return sorted(models, key=lambda model: (not model.is_starter, model.name.casefold(), model.id))


def read_ahead(found: Iterable[Found], paths: Paths, folders: Sequence[Path], stop: threading.Event) -> None:
    """Read now, in a thread, what ``find_models`` would have to read of ``found`` on the main thread.

    Some ten milliseconds a header; ``stop`` ends it.
    """
    cache, found = facts_cache(paths), tuple(found)
    for one in found:
        if stop.is_set():
            return
        with suppress(ModelError):
            cache.of(one.path)
    find_models(paths, folders, found=found)  # compares those of one size, too, and writes it all down


def our_folders(paths: Paths, folders: Sequence[Path] = ()) -> list[Path]:
    """Return the folders whose files are ours: the first one takes new files."""
    return list(dict.fromkeys([*folders, paths.models]))


def folders_of(settings: Settings) -> list[Path]:
    """Return the folder for models that is set, for ``folders`` of the functions here; none where the usual one is."""
    folder = settings.get("model.folder", str).strip()
    # Path.expanduser raises for an unknown user
    return [Path(os.path.expanduser(folder)).absolute()] if folder else []  # noqa: PTH111


def describe(path: Path, paths: Paths, *, with_embedding: bool = False) -> ModelFile | None:
    """Return the model in a file that is not listed, ``None`` when it is not for chatting."""
    cache = facts_cache(paths)
    listing = _Listing(cache, {}, set(), with_embedding)
    listing.add(Found(lone_id(path), path, Owner.ADDED))
    model = next(iter(listing.models()), None)
    cache.save(listing.seen)
    return model


def _candidates(paths: Paths, folders: Sequence[Path], others: Iterable[Found]) -> Iterator[Found]:
    """Yield every file that may be a model; of split ones the first part."""
    if path := starter.starter_path():
        yield Found(starter.ID, path, Owner.STARTER, starter.NAME)
    for folder in our_folders(paths, folders):
        for path in gguf_files(folder, Budget(seconds=OUR_SECONDS)):
            yield _ours(path, folder)
    yield from others


def _ours(path: Path, folder: Path) -> Found:
    """Return a file of ours; downloads lie in a folder for the maker and one for the repository."""
    model_id = path.relative_to(folder).with_name(stem(path)).as_posix()
    if model_id == starter.ID:
        model_id = lone_id(path)
    parts = path.relative_to(folder).as_posix().split("/", 2)
    is_of_hub = len(parts) == 3
    repository, file = ("/".join(parts[:2]), parts[2]) if is_of_hub else ("", "")
    return Found(model_id, path, Owner.OURS, repository=repository, file=file)


@dataclass
class _Listing:
    """Models as they are found, in order, each file once."""

    cache: FactsCache
    records: Mapping[Path, Record]
    plain_folders: set[Path]
    """Folders in which a projector belongs to nobody in particular."""
    with_embedding: bool
    seen: set[Path] = field(default_factory=set)
    _models: dict[str, ModelFile] = field(default_factory=dict)
    _passed: set[str] = field(default_factory=set)
    """Real paths of what is no model to list."""
    _projectors: dict[Path, list[Path]] = field(default_factory=lambda: defaultdict(list))
    _ids: set[str] = field(default_factory=set)

    def add(self, found: Found) -> None:
        """List a file, unless it is listed, is no model, or belongs to others and is gone."""
        real = os.path.realpath(found.path)
        self.seen.add(found.path)
        if listed := self._models.get(real):
            if found.id not in (listed.id, *listed.aliases):
                self._models[real] = replace(listed, aliases=(*listed.aliases, found.id))
            return
        if real in self._passed:
            return
        model = self._described(found)
        if model is None:
            self._passed.add(real)
            return
        if model.id in self._ids:
            model = replace(model, id=f"{model.id}-{path_hash(found.path)}")
        self._ids.add(model.id)
        self._models[real] = model

    def add_remembered(self, ours: Sequence[Path]) -> None:
        """List what is remembered and was found nowhere: files pointed to, and those that are gone."""
        for record in self.records.values():
            if record.path in self.seen or record.id == starter.ID:
                continue
            if is_there(record.path):
                is_blob = record.path.suffix.lower() != ".gguf"  # others name it by a checksum
                name = record.name if is_blob else ""
                self.add(Found(record.id or lone_id(record.path), record.path, Owner.ADDED, name))
            else:
                self._add_missing(record, ours)

    def models(self) -> list[ModelFile]:
        """Return the models with their projectors, without other programs' copies of files that are listed."""
        kept: list[ModelFile] = []
        marks = self._marks()
        places: dict[str, int] = {}
        for model in self._models.values():
            mark = marks.get(model.path, "")
            twin = places.get(mark) if mark and model.owner.program else None
            if twin is None:
                places.setdefault(mark, len(kept))
                kept.append(self._with_projector(model))
            else:
                first = kept[twin]
                names = (*first.aliases, model.id, *model.aliases)
                kept[twin] = replace(first, also_at=(*first.also_at, model.path), aliases=names)
        return kept

    def _marks(self) -> dict[Path, str]:
        """Return a fingerprint of each model that has another program's of the same size beside it."""
        by_size: dict[int, list[ModelFile]] = defaultdict(list)
        for model in self._models.values():
            if model.problem is None and model.size_bytes:
                by_size[model.size_bytes].append(model)
        alike = [group for group in by_size.values() if len(group) > 1 and any(one.owner.program for one in group)]
        return {model.path: self.cache.fingerprint(model.path) for group in alike for model in group}

    def _described(self, found: Found) -> ModelFile | None:
        record = self.records.get(found.path, Record(found.path))
        plain = ModelFile(
            id=found.id,
            name=found.name or stem(found.path),
            path=found.path,
            is_starter=found.owner is Owner.STARTER,
            owner=found.owner,
            repository=record.repository or found.repository,
            file=record.file or found.file,
            sha256=record.sha256.get(found.path.name) or found.sha256,
            last_used=record.last_used,
            tokens_per_s=record.tokens_per_s,
            prompt_tokens_per_s=record.prompt_tokens_per_s,
            projector=next((path for path in (record.projector, found.projector) if path and is_there(path)), None),
            aliases=tuple(name for name in (record.id, *record.former_ids) if name and name != found.id),
        )
        try:
            facts = self.cache.of(found.path)
        except ModelError as problem:
            if found.owner.program and not is_there(found.path):
                return None
            return replace(plain, size_bytes=size_of(found.path), problem=problem)
        if facts.kind == "mmproj":
            self._projectors[found.path.parent].append(found.path)
        return _with_facts(plain, facts, found.name) if self._is_listed(facts) else None

    def _is_listed(self, facts: Facts) -> bool:
        return facts.is_language_model or (facts.is_embedding and self.with_embedding)

    def _with_projector(self, model: ModelFile) -> ModelFile:
        """Add the projector that lies beside a model, and say that it can see then."""
        beside = self._projectors.get(model.path.parent, [])
        if model.projector is None and beside and model.path.parent not in self.plain_folders:
            model = replace(model, projector=min(beside, key=_projector_rank))
        sees = model.projector is not None and model.kind is Kind.CHAT
        return replace(model, kind=Kind.VISION) if sees else model

    def _add_missing(self, record: Record, ours: Sequence[Path]) -> None:
        is_ours = any(record.path.is_relative_to(folder) for folder in ours)
        name = record.name or stem(record.path)
        model_id = record.id or lone_id(record.path)
        if model_id in self._ids:
            return
        self._ids.add(model_id)
        self._models[os.path.realpath(record.path)] = ModelFile(
            id=model_id,
            name=name,
            path=record.path,
            size_bytes=record.size_bytes,
            quantization=record.quantization,
            architecture=record.architecture,
            owner=Owner.OURS if is_ours else Owner.ADDED,
            problem=ModelMissing(name=name, path=record.path),
            repository=record.repository,
            file=record.file,
            sha256=record.sha256.get(record.path.name, ""),
            last_used=record.last_used,
            tokens_per_s=record.tokens_per_s,
            prompt_tokens_per_s=record.prompt_tokens_per_s,
            is_missing=True,
            aliases=record.former_ids,
        )


def _with_facts(model: ModelFile, facts: Facts, name: str) -> ModelFile:
    """Return the model with what its header says; ``name`` is a name above the header's."""
    return replace(
        model,
        name=name or facts.name or model.name,
        size_bytes=facts.size_bytes,
        quantization=facts.quantization,
        context_length=facts.context_length,
        licence=facts.licence,
        architecture=facts.architecture,
        parameters=facts.parameters,
        has_template=facts.has_template,
        kind=Kind.EMBEDDING if facts.is_embedding else Kind.CHAT,
    )


def _projector_rank(path: Path) -> tuple[int, str]:
    """Order projectors: the one that most models are tested with first."""
    name = path.name.lower()
    ranks = [rank for rank, label in enumerate(_PROJECTOR_ORDER) if f"-{label}." in name or f".{label}." in name]
    return (ranks[0] if ranks else len(_PROJECTOR_ORDER), name)


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 for what cannot be asked."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def is_there(path: Path) -> bool:
    """Say whether something lies at a path, a folder that may not be entered counting as nothing."""
    try:
        return path.exists()
    except OSError:
        return False
