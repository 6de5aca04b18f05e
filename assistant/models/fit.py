"""Will a model run here: the memory it needs at a context length, next to what there is.

The formulas are those of llama.cpp's own allocations: weights are the tensors' bytes, the KV cache is exact, compute
buffers come within 5 % with flash attention. Where only a file's size is known the estimate is rough and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assistant.errors import ModelTooBig
from assistant.memory import GIB, Memory, memory
from assistant.models.header import Header
from assistant.models.values import PerLayer

DEFAULT_CONTEXT_LENGTH = 8192
SMALLEST_CONTEXT_LENGTH = 512
OVERHEAD_BYTES = 60 << 20
"""What the worker's process takes beside the model, measured on CPU."""
GPU_OVERHEAD_BYTES = 360 << 20
"""The same with a CUDA context."""
ALL_LAYERS = 999
"""More layers than any model has: everything goes to the GPU."""
ROUGH_KV_SHARE, ROUGH_LEAST_KV_BYTES, ROUGH_COMPUTE_BYTES = 10, 512 << 20, 256 << 20
"""Of a model whose header is not known: its cache for 8,192 tokens is a tenth of its weights or more."""
PAD = 256
"""llama.cpp rounds the cells of a cache up to this."""
MIN_OUTPUTS = 16
"""At how many places of a batch the worker lets a word be asked for; never fewer than the sequences."""
CACHE_BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of an element of the KV cache, by its type."""


class Verdict(Enum):
    """Whether it will run, as ``--json`` says it."""

    FITS = "fits"
    TIGHT = "tight"
    """It runs, but other programs will have to give way."""
    TOO_BIG = "too_big"


@dataclass(frozen=True)
class Plan:
    """How the model will be run, as far as memory depends on it; the defaults are the worker's on a CPU.

    ``sequences``: how many share the cache; windows and recurrent states are kept for each. ``ubatch``: tokens
    evaluated at a time (512 on a GPU).
    """

    sequences: int = 10
    ubatch: int = 128
    cache_type: str = "f16"
    has_full_window: bool = False
    """``swa_full``: layers with a sliding window keep everything all the same."""
    has_flash_attention: bool = True
    on_gpu: bool = False


@dataclass(frozen=True)
class Accelerator:
    """The memory of the GPU. ``is_unified``: it is the main memory, of which ``total_bytes`` may be used (Apple)."""

    free_bytes: int
    total_bytes: int
    is_unified: bool = False


@dataclass(frozen=True)
class Buffers:
    """What llama.cpp itself says that a model needs beside its weights, in bytes."""

    kv_bytes: int
    compute_bytes: int


@dataclass(frozen=True)
class Fit:
    """The memory a model needs, in bytes, and what that means here. ``total_bytes`` is the sum of the four parts.

    ``available_bytes``: all that it could take, GPU included. ``gpu_layers``, ``gpu_bytes``: what goes to the GPU.
    ``is_rough``: the file's header is not known, so context and work space are guessed from its size, on the safe side.
    """

    verdict: Verdict
    context_length: int
    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    overhead_bytes: int
    total_bytes: int
    available_bytes: int
    gpu_layers: int = 0
    gpu_bytes: int = 0
    is_rough: bool = False


def estimate(
    header: Header,
    context_length: int = 0,
    available_bytes: int | None = None,
    *,
    total_bytes: int | None = None,
    plan: Plan | None = None,
    accelerator: Accelerator | None = None,
    exact: Buffers | None = None,
) -> Fit:
    """Return what ``header``'s model needs at ``context_length`` (0: the default one) and whether that fits.

    ``available_bytes`` and ``total_bytes``: the main memory there is, asked of the system unless given (``total_bytes``
    is then at least ``available_bytes``). ``accelerator``: the GPU that takes as many layers as go in. ``exact``
    replaces the formulas; it must have been measured at the same context length.
    """
    plan = plan or Plan(on_gpu=accelerator is not None, ubatch=512 if accelerator else 128)
    here = _memory(available_bytes, total_bytes)
    length = context_length or default_context_length(header, _pool(here, accelerator), plan)
    is_rough = header.layers == 0 and exact is None
    buffers = exact or (_guess(header, length) if is_rough else _formulas(header, length, plan))
    overhead = GPU_OVERHEAD_BYTES if plan.on_gpu else OVERHEAD_BYTES
    need = header.tensor_bytes + buffers.kv_bytes + buffers.compute_bytes + overhead
    place = _place(header, need, buffers, here, accelerator)
    return Fit(
        verdict=place.verdict,
        context_length=length,
        weights_bytes=header.tensor_bytes,
        kv_bytes=buffers.kv_bytes,
        compute_bytes=buffers.compute_bytes,
        overhead_bytes=overhead,
        total_bytes=need,
        available_bytes=place.available_bytes,
        gpu_layers=place.gpu_layers,
        gpu_bytes=place.gpu_bytes,
        is_rough=is_rough,
    )


def _formulas(header: Header, context_length: int, plan: Plan) -> Buffers:
    return Buffers(kv_bytes(header, context_length, plan), compute_bytes(header, context_length, plan))


def _guess(header: Header, context_length: int) -> Buffers:
    """Return what most models of that size need at most; a verdict shall not be kinder than the truth."""
    kv = max(header.tensor_bytes // ROUGH_KV_SHARE, ROUGH_LEAST_KV_BYTES)
    return Buffers(kv * context_length // DEFAULT_CONTEXT_LENGTH, ROUGH_COMPUTE_BYTES)


def gpu_layers(header: Header, need: int, buffers: Buffers, free_bytes: int) -> int:
    """Return how many layers go to a GPU with ``free_bytes``: all of them, some, or none.

    ``need`` is the model's whole need. llama.cpp counts the output as one more layer.
    """
    room = free_bytes - GIB
    if need <= room:
        return header.layers + 1 if header.layers else ALL_LAYERS
    one = _layer_bytes(header, buffers)
    return min(header.layers, max(0, room - buffers.compute_bytes) // one) if one else 0


def check_memory(
    header: Header,
    context_length: int = 0,
    available_bytes: int | None = None,
    *,
    accelerator: Accelerator | None = None,
) -> Fit:
    """Return the estimate. Raises ModelTooBig with the numbers when the verdict is ``TOO_BIG``."""
    fit = estimate(header, context_length, available_bytes, accelerator=accelerator)
    if fit.verdict is Verdict.TOO_BIG:
        needed, available = fit.total_bytes / GIB, fit.available_bytes / GIB
        raise ModelTooBig(path=header.path, needed_gib=f"{needed:.1f}", available_gib=f"{available:.1f}")
    return fit


def kv_bytes(header: Header, context_length: int, plan: Plan) -> int:
    """Return the bytes of the KV cache, and of the state of recurrent layers, at a context length."""
    attention = header.attention
    cells = _pad(context_length)
    windowed = _windowed_cells(header, cells, plan)
    elements = sum(
        (windowed if layer.is_windowed else cells) * (layer.keys + layer.values) for layer in attention.cache
    )
    return int(elements * CACHE_BYTES[plan.cache_type]) + 4 * attention.state_elements * plan.sequences


def compute_bytes(header: Header, context_length: int, plan: Plan) -> int:
    """Return the bytes of llama.cpp's buffers for intermediate results.

    They are as large as the widest place: the verdict on each word of the vocabulary at the few places where one is
    asked for, or the inside of a layer at all places. Of layers whose inside is not known the vocabulary at all places
    is taken, which is more.
    """
    attention, words = header.attention, header.vocabulary
    if not header.embedding_length:
        return 0
    cells = _pad(context_length)
    masks = cells + (_windowed_cells(header, cells, plan) if attention.window else 0)
    outside = 4 * max(plan.sequences, MIN_OUTPUTS) * (words + header.embedding_length)
    inside = plan.ubatch * (4 * _inside(header) + 2 * masks)
    if attention.state_elements or any(not layer.values for layer in attention.cache):
        inside = max(inside, plan.ubatch * 4 * (words + 2 * header.embedding_length))
    needed = max(outside, inside) + 4 * plan.sequences * words
    if not plan.has_flash_attention:
        needed += _most(attention.heads) * plan.ubatch * cells * 4
    return needed


def _inside(header: Header) -> int:
    """Return the elements that are in use at once for a token where a layer is widest: found by measuring."""
    attention, width = header.attention, header.embedding_length
    queries = _most(attention.heads) * attention.key_length
    keys = _most(attention.heads_kv) * attention.key_length
    experts = header.experts_used * width
    return 3 * (header.hidden_length or 4 * width) + 3 * width + queries + keys + experts


def _most(value: PerLayer) -> int:
    return value if isinstance(value, int) else max(value)


def default_context_length(header: Header, available_bytes: int | None = None, plan: Plan | None = None) -> int:
    """Return the smallest of 8,192, what the model was trained for, and what fits (never below 512 for that)."""
    plan = plan or Plan()
    available = memory().available_bytes if available_bytes is None else available_bytes
    longest = min(DEFAULT_CONTEXT_LENGTH, header.context_length or DEFAULT_CONTEXT_LENGTH)
    if longest <= SMALLEST_CONTEXT_LENGTH:
        return longest
    fixed = header.tensor_bytes + (GPU_OVERHEAD_BYTES if plan.on_gpu else OVERHEAD_BYTES)
    room = _comfortable(available) - fixed
    for length in range(longest, SMALLEST_CONTEXT_LENGTH, -PAD):
        if kv_bytes(header, length, plan) + compute_bytes(header, length, plan) <= room:
            return length
    return SMALLEST_CONTEXT_LENGTH


@dataclass(frozen=True)
class _Place:
    """Where a model goes, and whether it goes well."""

    verdict: Verdict
    available_bytes: int
    gpu_layers: int = 0
    gpu_bytes: int = 0


def _memory(available_bytes: int | None, total_bytes: int | None) -> Memory:
    """Return the main memory: what was given, the rest asked of the system."""
    if available_bytes is not None:
        return Memory(available_bytes if total_bytes is None else total_bytes, available_bytes)
    here = memory()
    total = max(here.available_bytes, here.total_bytes) if total_bytes is None else total_bytes
    return Memory(total, here.available_bytes)


def _pool(here: Memory, accelerator: Accelerator | None) -> int:
    """Return the memory that the context should fit into together with the weights."""
    if accelerator is None:
        return here.available_bytes
    choose = min if accelerator.is_unified else max
    return choose(here.available_bytes, accelerator.free_bytes)


def _place(header: Header, need: int, buffers: Buffers, here: Memory, accelerator: Accelerator | None) -> _Place:
    most = here.total_bytes - 2 * GIB
    if accelerator is None:
        return _Place(_verdict(need, here.available_bytes, most), here.available_bytes)
    if accelerator.is_unified:
        available = _pool(here, accelerator)
        verdict = _verdict(need, available, min(most, accelerator.total_bytes))
        goes = verdict is not Verdict.TOO_BIG
        return _Place(verdict, available, (header.layers + 1) * goes, need * goes)
    layers = gpu_layers(header, need, buffers, accelerator.free_bytes)
    if layers > header.layers:
        return _Place(Verdict.FITS, accelerator.free_bytes, layers, need)
    on_gpu = layers * _layer_bytes(header, buffers) + buffers.compute_bytes if layers else 0
    verdict = _verdict(need - on_gpu, here.available_bytes, most)
    return _Place(verdict, here.available_bytes + on_gpu, layers, on_gpu)


def _layer_bytes(header: Header, buffers: Buffers) -> int:
    """Return what one layer and its share of the cache take; 0 when the layers are not known."""
    if not header.layers:
        return 0
    weights = header.weights.layers + header.weights.experts or header.tensor_bytes
    return -(-(weights + buffers.kv_bytes) // header.layers)


def _verdict(need: int, available: int, most: int) -> Verdict:
    """Return the verdict; ``most`` is what can be had if other programs give way."""
    if need <= _comfortable(available):
        return Verdict.FITS
    return Verdict.TIGHT if need <= most else Verdict.TOO_BIG


def _comfortable(available: int) -> int:
    """Return what may be taken without anyone noticing."""
    return available - max(GIB, available // 20)


def _windowed_cells(header: Header, cells: int, plan: Plan) -> int:
    """Return for how many tokens a layer with a sliding window keeps something."""
    if not header.attention.window or plan.has_full_window:
        return cells
    return _pad(min(cells, header.attention.window * plan.sequences + plan.ubatch))


def _pad(cells: int) -> int:
    return -(-cells // PAD) * PAD
