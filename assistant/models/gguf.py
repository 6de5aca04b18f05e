"""The reader of GGUF model files: their header, bounded in every number, in milliseconds, without any library.

llama.cpp aborts the process on some damaged headers, so nothing of it touches a file in the window's process; this
reader is also the first line of defence before a file goes to the worker. A file that passes has every byte its tensor
table speaks of, so each truncation is found.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import io
import re
import stat
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from assistant.errors import ModelFileDamaged, ModelNotFound, ModelUnreadable, NotAModelFile
from assistant.i18n import N_, Sentence
from assistant.models.bytes_reader import BytesReader, EndsEarly, Source
from assistant.models.header import Header, Tensors, Weights, header_of
from assistant.models.tensor_types import TENSOR_TYPES
from assistant.models.values import Skipped, Value, text, whole

__all__ = ["Header", "read_beginning", "read_header", "read_part", "read_part_header", "shard_paths"]

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_KEYS = 10_000
MAX_TENSORS = 200_000
MAX_KEY_BYTES = 1 << 16
MAX_STRING_BYTES = 64 << 20
MAX_ARRAY = 64 << 20
MAX_DEPTH = 3
MAX_DIMENSIONS = 4
MAX_ELEMENTS = 1 << 48
KEPT = 1024
"""Arrays longer than this (vocabularies) are skipped; nothing here needs them."""
_SCALARS = {kind: struct.Struct(f"<{code}") for kind, code in zip((*range(8), 10, 11, 12), "BbHhIif?Qqd", strict=True)}
_STRING, _ARRAY = 8, 9
_SHARD = re.compile(r"^(.*)-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)


class _Damaged(Exception):
    """The header contradicts itself; carries the clause that says how."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template)
        self.reason = Sentence(template, values)


def read_header(path: Path | str) -> Header:
    """Return what the file says about its model; of a split model all parts together, given any one of them.

    Blocks for some milliseconds (15 for a vocabulary of 49,000, 80 for 262,000). Raises ModelNotFound,
    ModelUnreadable, NotAModelFile, ModelFileDamaged.
    """
    shards = shard_paths(Path(path))
    header = read_part_header(shards[0])
    if header.shards > 1 and header.shards != len(shards):
        raise _damaged(
            shards[0],
            Sentence(N_("it is one of {count} parts, but its name does not say so"), {"count": header.shards}),
        )
    for shard in shards[1:]:
        try:
            part = read_part_header(shard)
        except ModelNotFound as error:
            raise _damaged(shards[0], Sentence(N_("its part “{name}” is missing"), {"name": shard.name})) from error
        header = replace(
            header,
            size_bytes=header.size_bytes + part.size_bytes,
            tensor_bytes=header.tensor_bytes + part.tensor_bytes,
            tensors=header.tensors + part.tensors,
            parameters=header.parameters + part.parameters,
            weights=header.weights + part.weights,
        )
    return header


def shard_paths(path: Path) -> list[Path]:
    """Return the files of the model that ``path`` belongs to, the first part first; ``[path]`` when it is not split."""
    match = _SHARD.match(path.name)
    count = int(match[3]) if match else 1
    if match is None or not 1 <= int(match[2]) <= count:
        return [path]
    return [path.with_name(f"{match[1]}-{number:05}-of-{match[3]}.gguf") for number in range(1, count + 1)]


def read_part_header(path: Path) -> Header:
    """Return what this one file says, a part of a split model like any other; raises as ``read_header``."""
    try:
        size = _size_of_file(path)
        with path.open("rb") as file:
            return read_part(path, file, size)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelNotFound(name=path) from error
    except OSError as error:
        raise ModelUnreadable(path=path, reason=error.strerror or error) from error


def _size_of_file(path: Path) -> int:
    """Return the size of a plain file; opening a pipe would wait for ever."""
    if "\0" in str(path):
        raise FileNotFoundError(path)
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise FileNotFoundError(path)
    if not stat.S_ISREG(found.st_mode):
        raise NotAModelFile(path=path)
    return found.st_size


def _damaged(path: Path, reason: Sentence) -> ModelFileDamaged:
    return ModelFileDamaged(path=path, reason=reason)


def read_part(path: Path, file: Source, size: int) -> Header:
    """Return what the beginning of a file says of which no more than its header need be here.

    ``path`` is what errors call it, ``size`` that of the whole file. Raises NotAModelFile, ModelFileDamaged, OSError.
    """
    reader = BytesReader(file, size)
    with _named(path):
        version, tensor_count, key_count = _preamble(path, reader, size)
        metadata: dict[str, Value] = {}
        _read_metadata(reader, key_count, metadata)
        tensors, end = _tensors(reader, tensor_count, _alignment(metadata))
        if tensors.count and tensors.start + end > size:
            raise EndsEarly
        _check_kind(metadata)
        return header_of(path, metadata, size, version, tensors)


def read_beginning(path: Path, head: bytes, size: int) -> Header:
    """Return what ``head`` says, the first bytes of a file of ``size``, be it less than its whole header.

    Enough for the memory formulas when the list of the vocabulary has begun. What comes later is missing as if the
    file did not say it (the chat template); all bytes count as the tensors', nine in ten of a mixture's as its
    experts'. Raises as ``read_part``.
    """
    reader = _Beginning(io.BytesIO(head), size)
    with _named(path):
        version, tensor_count, key_count = _preamble(path, reader, size)
        metadata: dict[str, Value] = {}
        tensors, end = Tensors(tensor_count, bytes=size), 0
        with suppress(EndsEarly):
            _read_metadata(reader, key_count, metadata)
            tensors, end = _tensors(reader, tensor_count, _alignment(metadata))
        if len(head) >= size or tensors.start + end > size:
            return read_part(path, io.BytesIO(head), size)
        _check_kind(metadata)
        header = header_of(path, metadata, size, version, tensors)
        is_part_of_mixture = header.experts and not tensors.start
        return replace(header, weights=Weights(experts=size * 9 // 10)) if is_part_of_mixture else header


class _Beginning(BytesReader):
    """A file of which no more than the beginning is here: a list that goes on behind it has its length all the same."""

    def skip_strings(self, count: int) -> None:
        with suppress(EndsEarly):
            super().skip_strings(count)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say of which file it is that something is wrong with it."""
    try:
        yield
    except EndsEarly as error:
        raise _damaged(path, Sentence(N_("it ends too early, as after a download that was cut off"))) from error
    except _Damaged as error:
        raise _damaged(path, error.reason) from error


def _check_kind(metadata: Mapping[str, Value]) -> None:
    says_what = text(metadata, "general.architecture") or text(metadata, "general.type")
    if not says_what and not whole(metadata, "split.no"):  # of a split model only the first part says
        raise _Damaged(N_("it does not say what kind of model it is"))


def _preamble(path: Path, reader: BytesReader, size: int) -> tuple[int, int, int]:
    """Return version, number of tensors, number of keys."""
    magic = reader.take(min(4, size))
    if not MAGIC.startswith(magic):
        raise NotAModelFile(path=path)
    reader.skip(4 - len(magic))
    version = reader.u32()
    if version.to_bytes(4, "big") in [known.to_bytes(4, "little") for known in VERSIONS]:
        raise _Damaged(N_("its bytes are in the order of another kind of computer (big-endian)"))
    if version not in VERSIONS:
        raise _Damaged(N_("its format is GGUF version {version}, which is not known here"), version=version)
    tensors, keys = reader.u64(), reader.u64()
    if tensors > MAX_TENSORS or keys > MAX_KEYS:
        raise _Damaged(N_("its header announces {tensors} tensors and {keys} entries"), tensors=tensors, keys=keys)
    return version, tensors, keys


def _read_metadata(reader: BytesReader, count: int, metadata: dict[str, Value]) -> None:
    for _index in range(count):
        key = _string(reader, MAX_KEY_BYTES)
        if key in metadata:
            raise _Damaged(N_("its header has the entry “{key}” twice"), key=key[:100])
        metadata[key] = _value(reader, reader.u32(), 0)


def _string(reader: BytesReader, limit: int) -> str:
    length = reader.u64()
    if length > limit:
        raise _Damaged(N_("its header has a text of {length} bytes"), length=length)
    return reader.take(length).decode("utf-8", "replace")


def _value(reader: BytesReader, kind: int, depth: int) -> Value:
    if scalar := _SCALARS.get(kind):
        value: int | float | bool = scalar.unpack(reader.take(scalar.size))[0]
        return value
    if kind == _STRING:
        return _string(reader, MAX_STRING_BYTES)
    if kind == _ARRAY and depth < MAX_DEPTH:
        return _array(reader, depth + 1)
    raise _Damaged(N_("its header has a value of the unknown kind {kind}"), kind=kind)


def _array(reader: BytesReader, depth: int) -> Value:
    kind, count = reader.u32(), reader.u64()
    if count > MAX_ARRAY:
        raise _Damaged(N_("its header has a list of {count} values"), count=count)
    if count <= KEPT:
        return tuple(_value(reader, kind, depth) for _index in range(count))
    if scalar := _SCALARS.get(kind):
        reader.skip(scalar.size * count)
    elif kind == _STRING:
        reader.skip_strings(count)
    else:
        raise _Damaged(N_("its header has a list of {count} values"), count=count)
    return Skipped(count)


def _alignment(metadata: Mapping[str, Value]) -> int:
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20 or alignment & (alignment - 1):
        raise _Damaged(N_("its alignment is {alignment}"), alignment=str(alignment)[:100])
    return alignment


def _tensors(reader: BytesReader, count: int, alignment: int) -> tuple[Tensors, int]:
    """Read the table of tensors: names, shapes, types, places; the number is where the last one ends."""
    names: set[bytes] = set()
    types: Counter[str] = Counter()
    roles: Counter[str] = Counter()
    parameters = end = 0
    for _index in range(count):
        length = reader.u64()
        if length > MAX_KEY_BYTES:
            raise _Damaged(N_("its header has a text of {length} bytes"), length=length)
        name = reader.take(length)
        if name in names:
            raise _Damaged(N_("it has the tensor “{name}” twice"), name=name[:100].decode("utf-8", "replace"))
        names.add(name)
        elements, row = _shape(reader)
        kind, offset = reader.u32(), reader.u64()
        if offset % alignment:
            raise _Damaged(N_("a tensor does not begin where it could"))
        type_name, size = _size_of_tensor(kind, elements, row)
        types[type_name] += size
        roles[_role(name)] += size
        parameters += elements
        end = max(end, offset + size)
    main_type = max(types, key=types.__getitem__, default="")
    roles.pop("", None)
    start = -(-reader.position // alignment) * alignment
    return Tensors(count, parameters, sum(types.values()), main_type, Weights(**roles), start), end


def _role(name: bytes) -> str:
    """Return the field of ``Weights`` that a tensor counts for, empty for none."""
    if name.startswith(b"blk."):
        return "experts" if b"_exps" in name else "layers"
    return {
        b"token_embd.weight": "embedding",
        b"per_layer_token_embd.weight": "lookup",
        b"output.weight": "output",
    }.get(name, "")


def _shape(reader: BytesReader) -> tuple[int, int]:
    """Return a tensor's number of elements and the length of its rows."""
    count = reader.u32()
    if count > MAX_DIMENSIONS:
        raise _Damaged(N_("a tensor has {count} dimensions"), count=count)
    lengths = [reader.u64() for _index in range(count)]
    elements = 1
    for length in lengths:
        elements *= length
    if elements > MAX_ELEMENTS:
        raise _Damaged(N_("a tensor has {count} elements"), count=elements)
    return elements, lengths[0] if lengths else 1


def _size_of_tensor(kind: int, elements: int, row: int) -> tuple[str, int]:
    """Return the type's name and the tensor's bytes; 0 bytes for a type newer than this program."""
    if kind not in TENSOR_TYPES:
        return "", 0
    name, block, block_bytes = TENSOR_TYPES[kind]
    if row % block:
        raise _Damaged(N_("a tensor's rows are {length} long, which {type} cannot pack"), length=row, type=name)
    return name, elements // block * block_bytes
