"""What a person can choose in a repository: its files put together into offers, on three shelves, one recommended.

Split files are one offer, a vision model has its projector with it, and what is no model (importance matrices,
vocabularies, adapters, drafts) or could not be saved safely is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.errors import NameRefused, RemoteFileNotFound
from assistant.models.remote import Group, Offer, Reference, RemoteFile, Repository
from assistant.models.tensor_types import label_in_name

MAX_PART_BYTES = 255 - len(".part")
"""What file systems take for one part of a path, with room for our own ending."""
MAX_NAME_BYTES = 1000
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = set('\\:*?"<>|')
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_SPLIT = re.compile(r"^(.*?)-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"ggml-vocab|vocab-only|vocab\.gguf$|(?<![a-z0-9])(lora|adapter|control-?vectors?)(?!.*merge|[a-z0-9])"
)
_BESIDE_MODELS = re.compile(r"(?<![a-z0-9])(imatrix|drafts?|drafter|eagle\d?|speculator)(?![a-z0-9])")
"""Words in the names of what only serves other models; of models too, where there is nothing else."""
_NOT_FOR_US = re.compile(r"q4_0_\d_\d|iq\d_k")
"""Packings that llama.cpp has dropped, or that only a fork of it knows."""
_PROJECTORS = ("F16", "BF16", "Q8_0", "F32")
_BITS_WANTED = (4, 5, 6, 8, 3, 16, 2, 32, 1, 0)
_SORTS_WANTED = ("K_M", "K_XL", "K_L", "K_S", "K", "MXFP4_MOE", "MXFP4", "XS", "NL", "0", "1")


def safe_name(name: str) -> str:
    """Return ``name`` when it can be joined to a folder on every system and stays inside it.

    Raises NameRefused for ``..``, absolute names, drives, shares, reserved Windows names, characters that some file
    system forbids or that cannot be seen, and parts too long.
    """
    if not name or not _is_short(name, MAX_NAME_BYTES) or not all(map(_is_safe_part, name.split("/"))):
        raise NameRefused(name=name[:300])
    return name


def _is_safe_part(part: str) -> bool:
    return (
        part.strip(". ") != ""
        and part[-1] not in ". "
        and part[0] != " "
        and not _FORBIDDEN.intersection(part)
        and not any(unicodedata.category(character) in _INVISIBLE for character in part)
        and not _RESERVED.fullmatch(part)
        and _is_short(part, MAX_PART_BYTES)
    )


def _is_short(name: str, most_bytes: int) -> bool:
    return len(name) <= most_bytes and len(name.encode("utf-8", "surrogatepass")) <= most_bytes


def offers(files: Iterable[RemoteFile]) -> tuple[Offer, ...]:
    """Return the choices among a repository's files, the smallest first; none when it has no model."""
    candidates = [file for file in {file.name: file for file in files}.values() if _is_candidate(file.name)]
    projectors = [file for file in candidates if "mmproj" in file.name.lower()]
    models = _models([file for file in candidates if file not in projectors])
    proper = [model for model in models if not _BESIDE_MODELS.search(_plain(model.stem))]
    models = proper or [model for model in models if model.label]
    made = [
        Offer(
            id=name,
            quantization=model.label,
            group=_group(model.label),
            files=model.files,
            projector=_projector(model, projectors),
        )
        for name, model in zip(_ids(models), models, strict=True)
    ]
    made.sort(key=lambda offer: (offer.size_bytes, offer.id))
    if not made:
        return ()
    best = min(made, key=_rank)
    return tuple(replace(offer, is_recommended=offer is best) for offer in made)


def choose(repository: Repository, reference: Reference) -> Offer:
    """Return the offer that ``reference`` means: the one of its file or quantization, else the recommended one.

    Raises RemoteFileNotFound with what there is.
    """
    wanted = (reference.file or reference.quantization).lower()
    for offer in repository.offers:
        names = [offer.id, offer.quantization] if not reference.file else [file.name for file in offer.files]
        if wanted in [name.lower() for name in names] or (not wanted and offer.is_recommended):
            return offer
    there = ", ".join(offer.id for offer in repository.offers)
    raise RemoteFileNotFound(
        name=reference.file or reference.quantization, repository=repository.name, candidates=there
    )


@dataclass(frozen=True)
class _Model:
    """One or all parts of a model file. ``stem`` is the name without the ending and the number of the part."""

    stem: str
    label: str
    files: tuple[RemoteFile, ...]


def _is_candidate(name: str) -> bool:
    plain = _plain(name)
    if not plain.endswith(".gguf") or _NO_MODEL.search(plain) or _NOT_FOR_US.search(name.lower()):
        return False
    try:
        safe_name(name)
    except NameRefused:
        return False
    return True


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _models(files: Sequence[RemoteFile]) -> list[_Model]:
    """Put the parts of split models together; leave out those that lack a part."""
    whole: list[_Model] = []
    split: dict[tuple[str, int], dict[int, RemoteFile]] = {}
    for file in files:
        match = _SPLIT.match(file.name)
        if match is None:
            stem = file.name[: -len(".gguf")]
            whole.append(_Model(stem, _label(stem), (file,)))
        else:
            split.setdefault((match[1], int(match[3])), {})[int(match[2])] = file
    for (stem, count), parts in split.items():
        if sorted(parts) == list(range(1, count + 1)):
            whole.append(_Model(stem, _label(stem), tuple(parts[number] for number in range(1, count + 1))))
    return whole


def _label(stem: str) -> str:
    """Return the quantization a name speaks of, its folder's where the file's own says nothing."""
    return label_in_name(re.sub("fp(16|32)", r"f\1", stem, flags=re.IGNORECASE))


def _ids(models: Sequence[_Model]) -> list[str]:
    """Return the label where it is the only one, else the name of the file, with its folders if need be."""
    labels = Counter(model.label for model in models)
    stems = Counter(model.stem.rpartition("/")[2] for model in models)
    ids = []
    for model in models:
        short = model.stem.rpartition("/")[2]
        ids.append(model.label if model.label and labels[model.label] == 1 else short if stems[short] == 1 else "")
    if len(set(ids)) < len(ids):
        ids = [known or model.files[0].name for known, model in zip(ids, models, strict=True)]
    return ids if len(set(ids)) == len(ids) else [model.files[0].name for model in models]


def _bits(label: str) -> int:
    digits = re.search(r"\d+", label)
    return int(digits.group()) if digits else 0


def _group(label: str) -> Group:
    bits = _bits(label)
    if 0 < bits <= 3:
        return Group.SMALL
    return Group.LARGE if bits >= 6 else Group.BALANCED


def _rank(offer: Offer) -> tuple[int, int, bool, int]:
    """Return how far a quantization is from the best for most people, Q4_K_M."""
    label = offer.quantization
    sort = next((place for place, end in enumerate(_SORTS_WANTED) if label.endswith(end)), len(_SORTS_WANTED))
    bits = _BITS_WANTED.index(_bits(label)) if _bits(label) in _BITS_WANTED else len(_BITS_WANTED)
    return bits, sort, label.startswith("UD-"), offer.size_bytes


def _projector(model: _Model, projectors: Sequence[RemoteFile]) -> RemoteFile | None:
    """Return the projector whose name has most in common with the model's, of the type that all programs read."""
    own = _words(model.stem)
    return min(projectors, key=lambda file: (-len(own & _words(file.name)), _worth(file), file.name), default=None)


def _words(name: str) -> set[str]:
    return {word for word in re.split("[^a-z0-9]+", name.lower()) if not label_in_name(word)}


def _worth(file: RemoteFile) -> int:
    label = _label(file.name)
    return _PROJECTORS.index(label) if label in _PROJECTORS else len(_PROJECTORS)
