"""The model files on this computer: the starter, those in the models folder, other programs', and those pointed to.

Ids are stable and readable: ``starter``; the path below the models folder without its ending; for other programs'
files the same after the program's name; for added files the name and a few characters of the path's hash.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from assistant.errors import ModelAmbiguous, ModelDiffers, ModelNotFound, ModelUnsupported
from assistant.i18n import N_, Sentence
from assistant.models.download_state import Download
from assistant.models.gguf import Header, read_header, shard_paths
from assistant.models.listing import describe, find_models, is_there
from assistant.models.model_file import ModelFile, Owner, lone_id, stem
from assistant.models.records import Record, all_records, drop, record_of, remember
from assistant.models.remote import Offer, Repository
from assistant.models.speed import Rates
from assistant.paths import Paths

__all__ = [
    "ModelFile",
    "Owner",
    "add",
    "chosen",
    "downloaded",
    "find_models",
    "forget",
    "model_of",
    "newer",
    "relocate",
    "resolve",
    "used",
    "with_id",
]


def resolve(name_or_path: str | Path, paths: Paths, folders: Sequence[Path] = ()) -> ModelFile:
    """Return the model meant by an id, a name, the beginning of one, or a path.

    Raises ModelNotFound, ModelAmbiguous, and the problem of a file that cannot be used.
    """
    wanted = str(name_or_path)
    known = find_models(paths, folders)
    model = _with_id(wanted, known) or _at_path(wanted, known, paths) or _by_name(wanted, known)
    if model is None:
        raise ModelNotFound(name=wanted)
    if model.problem:
        raise model.problem
    return model


def add(path: Path | str, paths: Paths, folders: Sequence[Path] = ()) -> ModelFile:
    """Remember a file outside the models folder, in place, and return it; harmless when it is known already.

    Raises what ``read_header`` raises, ModelUnsupported for a file that is no language model, DiskFull and
    FolderUnusable.
    """
    known = find_models(paths, folders)
    model = _at_path(str(path), known, paths)
    if model is None:
        raise ModelNotFound(name=path)
    if model.problem:
        raise model.problem
    if model not in known:
        remember(_identity(model, replace(record_of(model.path, paths), added_at=datetime.now(UTC))), paths)
        model = _with_id(model.id, find_models(paths, folders)) or model
    return model


def forget(model_id: str, paths: Paths, folders: Sequence[Path] = ()) -> None:
    """Take an added or a missing file off the list; the file itself stays.

    Raises ModelNotFound, DiskFull, FolderUnusable.
    """
    model = _with_id(model_id, find_models(paths, folders))
    is_remembered = model is not None and record_of(model.path, paths) != Record(model.path)
    if model is None or not (model.is_missing or (model.owner is Owner.ADDED and is_remembered)):
        raise ModelNotFound(name=model_id)
    drop([model.path], paths)


def relocate(model_id: str, new_path: Path, paths: Paths, folders: Sequence[Path] = ()) -> ModelFile:
    """Say where a missing model's file is now, and return the model; what was remembered of it goes along.

    Raises ModelNotFound when no such model is missing, what ``read_header`` raises, and ModelDiffers when the file is
    another model: neither of the same size and architecture nor of the same name and architecture.
    """
    missing = _with_id(model_id, find_models(paths, folders))
    if missing is None or not missing.is_missing:
        raise ModelNotFound(name=model_id)
    path = shard_paths(new_path.absolute())[0]
    header = read_header(path)
    record = record_of(missing.path, paths)
    if reason := _difference(record, header):
        raise ModelDiffers(name=missing.name, path=path, reason=Sentence(reason))
    is_same_size = record.size_bytes == header.size_bytes
    known = dict(zip((part.name for part in shard_paths(path)), record.sha256.values(), strict=False))
    moved = replace(record, path=path, id=missing.id, sha256=known if is_same_size else {})
    remember(moved, paths, instead_of=missing.path)
    found = _at_path(str(path), find_models(paths, folders), paths)
    if found is None:
        raise ModelNotFound(name=path)
    return found


def chosen(model: ModelFile, paths: Paths) -> None:
    """Remember where a model lies that is to be used, so that it is known before others' folders are looked through.

    Nothing for what lies in a folder of ours. Raises DiskFull, FolderUnusable.
    """
    if model.owner not in (Owner.OURS, Owner.STARTER):
        remember(_identity(model, record_of(model.path, paths)), paths)


def used(model: ModelFile, rates: Rates, paths: Paths) -> None:
    """Remember that a model ran now and how fast; a speed of 0 was not measured. Raises DiskFull, FolderUnusable."""
    record = record_of(model.path, paths)
    noted = replace(
        record,
        last_used=datetime.now(UTC),
        tokens_per_s=rates.tokens_per_s or record.tokens_per_s,
        prompt_tokens_per_s=rates.prompt_tokens_per_s or record.prompt_tokens_per_s,
    )
    remember(_identity(model, noted), paths)


def downloaded(download: Download, paths: Paths, folders: Sequence[Path] = ()) -> ModelFile:
    """Remember where the files of a download that has come belong to, and return their model.

    When the same file is missing at another place, what was remembered of it goes along.
    Raises ModelNotFound when nothing that can be used lies there, DiskFull, FolderUnusable.
    """
    path = download.path
    model = next((model for model in find_models(paths, folders, with_embedding=True) if model.path == path), None)
    if model is None:
        raise ModelNotFound(name=path)
    projector = next((file for file in download.files if file.name == download.projector), None)
    lost = _lost(download, paths)
    record = replace(
        lost or record_of(path, paths),
        path=path,
        repository=download.repository,
        commit=download.commit,
        file=download.files[0].name,
        files=tuple(file.name for file in download.files if file is not projector),
        projector_file=projector.name if projector else "",
        sha256={download.final_path(file).name: file.sha256 for file in download.files if file.sha256},
        projector=download.final_path(projector) if projector else None,
        added_at=datetime.now(UTC),
    )
    remember(_identity(model, record), paths, instead_of=lost.path if lost else None)
    return replace(model, repository=record.repository, file=record.file, sha256=record.sha256.get(path.name, ""))


def model_of(repository: str, offer: Offer, models: Sequence[ModelFile]) -> ModelFile | None:
    """Return the usable model that an offer of a repository would bring, ``None`` when it is not here."""
    first = offer.files[0]
    usable = [model for model in models if model.problem is None]
    by_checksum = (model for model in usable if first.sha256 and model.sha256 == first.sha256)
    by_name = (model for model in usable if (model.repository, model.file) == (repository, first.name))
    return next(by_checksum, None) or next(by_name, None)


def with_id(model_id: str, models: Sequence[ModelFile]) -> ModelFile:
    """Return the model of a list that has an id, or had it at another place. Raises ModelNotFound."""
    for model in models:
        if model_id in (model.id, *model.aliases):
            return model
    raise ModelNotFound(name=model_id)


def newer(model: ModelFile, repository: Repository) -> Offer | None:
    """Return the offer with another version of the model's file, ``None`` when there is none or it cannot be told."""
    for offer in repository.offers:
        first = offer.files[0]
        if model.repository != repository.name or model.file != first.name:
            continue
        if model.sha256 and first.sha256:
            return offer if model.sha256 != first.sha256 else None
        size = sum(file.size_bytes for file in offer.files)
        return offer if size and size != model.size_bytes else None
    return None


def _lost(download: Download, paths: Paths) -> Record | None:
    """Return what is remembered of a download's file at another place, where it is missing; of one new here only."""
    origin = (download.repository, download.files[0].name)
    known = all_records(paths)
    if any(record.path == download.path for record in known):
        return None
    return next((one for one in known if (one.repository, one.file) == origin and not is_there(one.path)), None)


def _difference(record: Record, header: Header) -> str:
    """Return a clause on why a file is not the remembered one, empty when it is."""
    if record.architecture and record.architecture != header.architecture:
        return N_("it is of another architecture")
    if record.size_bytes == header.size_bytes > 0:
        return ""
    if record.name and record.architecture:
        names = (header.name or stem(header.path), stem(header.path))
        return "" if record.name in names else N_("it has another size and another name")
    return "" if record.path.name == header.path.name else N_("it has another name, and nothing else is remembered")


def _identity(model: ModelFile, record: Record) -> Record:
    """Return the record with what is needed to know the model again when its file is gone."""
    former = dict.fromkeys([*record.former_ids, *([record.id] if record.id else [])])
    former.pop(model.id, None)
    return replace(
        record,
        id=model.id,
        former_ids=tuple(former),
        name=model.name,
        architecture=model.architecture,
        quantization=model.quantization,
        size_bytes=model.size_bytes,
        repository=record.repository or model.repository,
        file=record.file or model.file,
        projector_file=record.projector_file or _projector_file(model),
        sha256=record.sha256 or ({model.path.name: model.sha256} if model.sha256 else {}),
    )


def _projector_file(model: ModelFile) -> str:
    """Return what a model's projector is called in its repository, as far as where it lies says so; else nothing."""
    root = Path(model.path.as_posix().removesuffix(f"/{model.file}"))  # the file itself where it has another name
    if model.projector is None or not model.file or not model.projector.is_relative_to(root):
        return ""
    return model.projector.relative_to(root).as_posix()


def _with_id(wanted: str, known: Sequence[ModelFile]) -> ModelFile | None:
    """Return the model of an id, or one that had this id or would have it as an added file."""
    by_id = (model for model in known if model.id == wanted)
    by_alias = (model for model in known if wanted in (*model.aliases, lone_id(model.path)))
    return next(by_id, None) or next(by_alias, None)


def _at_path(wanted: str, known: Sequence[ModelFile], paths: Paths) -> ModelFile | None:
    """Return the model at a path, listed or not; ``None`` when nothing lies there and it does not look like a path."""
    if "\0" in wanted:
        return None
    home_path = os.path.expanduser(wanted)  # noqa: PTH111 - Path.expanduser raises for an unknown user
    path = shard_paths(Path(home_path).absolute())[0]
    looks_like_path = os.sep in wanted or wanted.lower().endswith(".gguf")
    if not is_there(path) or (path.is_dir() and not looks_like_path):
        return None
    real = os.path.realpath(path)
    for model in known:
        if real in [os.path.realpath(place) for place in (model.path, *model.also_at)]:
            return model
    model_there = describe(path, paths)
    if model_there is None:
        header = read_header(path)
        raise ModelUnsupported(path=path, architecture=header.architecture or header.kind)
    return model_there


def _by_name(wanted: str, known: Sequence[ModelFile]) -> ModelFile | None:
    """Return the one model whose id, file or name is ``wanted``, or begins so. Raises ModelAmbiguous."""
    asked = wanted.casefold()
    named = [(model, [name.casefold() for name in (model.id, stem(model.path), model.name)]) for model in known]
    equal = [model for model, names in named if asked in names]
    begun = [model for model, names in named if any(name.startswith(asked) for name in names)]
    found = equal or (begun if asked else [])
    if len(found) > 1:
        raise ModelAmbiguous(name=wanted, candidates=", ".join(model.id for model in found))
    return found[0] if found else None
