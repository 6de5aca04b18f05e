"""Will a model run here: the memory it needs at a context length, next to what there is.

The formulas are those of llama.cpp's own allocations: weights are the tensors' bytes, the KV cache is exact, compute
buffers come within 3 % with flash attention.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assistant.errors import ModelTooBig
from assistant.models.header import Header
from assistant.models.memory import GIB, memory

DEFAULT_CONTEXT_LENGTH = 8192
SMALLEST_CONTEXT_LENGTH = 512
OVERHEAD_BYTES = 60 << 20
"""What the worker's process takes beside the model, measured on CPU."""
GPU_OVERHEAD_BYTES = 360 << 20
"""The same with a CUDA context."""
PAD = 256
"""llama.cpp rounds the cells of a cache up to this."""
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
class Fit:
    """The memory a model needs, in bytes, and what that means here. ``total_bytes`` is the sum of the four parts."""

    verdict: Verdict
    context_length: int
    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    overhead_bytes: int
    total_bytes: int
    available_bytes: int


def estimate(
    header: Header,
    context_length: int = 0,
    available_bytes: int | None = None,
    *,
    total_bytes: int | None = None,
    plan: Plan | None = None,
) -> Fit:
    """Return what ``header``'s model needs at ``context_length`` (0: the default one) and whether that fits.

    ``available_bytes`` and ``total_bytes``: the memory there is, asked of the system unless given (``total_bytes`` is
    then at least ``available_bytes``).
    """
    plan = plan or Plan()
    here = memory()
    available = here.available_bytes if available_bytes is None else available_bytes
    total = max(available, here.total_bytes if available_bytes is None else 0) if total_bytes is None else total_bytes
    length = context_length or default_context_length(header, available, plan)
    kv, compute = kv_bytes(header, length, plan), compute_bytes(header, length, plan)
    overhead = GPU_OVERHEAD_BYTES if plan.on_gpu else OVERHEAD_BYTES
    need = header.tensor_bytes + kv + compute + overhead
    verdict = _verdict(need, available, total)
    return Fit(verdict, length, header.tensor_bytes, kv, compute, overhead, need, available)


def check_memory(header: Header, context_length: int = 0, available_bytes: int | None = None) -> Fit:
    """Return the estimate. Raises ModelTooBig with the numbers when the verdict is ``TOO_BIG``."""
    fit = estimate(header, context_length, available_bytes)
    if fit.verdict is Verdict.TOO_BIG:
        needed, available = fit.total_bytes / GIB, fit.available_bytes / GIB
        raise ModelTooBig(path=header.path, needed_gib=f"{needed:.1f}", available_gib=f"{available:.1f}")
    return fit


def kv_bytes(header: Header, context_length: int, plan: Plan) -> int:
    """Return the bytes of the KV cache, and of the state of recurrent layers, at a context length."""
    attention = header.attention
    cells = _pad(context_length)
    windowed = cells
    if attention.window and not plan.has_full_window:
        windowed = _pad(min(cells, attention.window * plan.sequences + plan.ubatch))
    elements = sum(
        (windowed if layer.is_windowed else cells) * (layer.keys + layer.values) for layer in attention.cache
    )
    return int(elements * CACHE_BYTES[plan.cache_type]) + 4 * attention.state_elements * plan.sequences


def compute_bytes(header: Header, context_length: int, plan: Plan) -> int:
    """Return the bytes of llama.cpp's buffers for intermediate results."""
    needed = plan.ubatch * 4 * (header.vocabulary + 2 * header.embedding_length)
    if not plan.has_flash_attention:
        heads = header.attention.heads
        most = heads if isinstance(heads, int) else max(heads)
        needed += most * plan.ubatch * _pad(context_length) * 4
    return needed


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


def _verdict(need: int, available: int, total: int) -> Verdict:
    if need <= _comfortable(available):
        return Verdict.FITS
    return Verdict.TIGHT if need <= total - 2 * GIB else Verdict.TOO_BIG


def _comfortable(available: int) -> int:
    """Return what may be taken without anyone noticing."""
    return available - max(GIB, available // 20)


def _pad(cells: int) -> int:
    return -(-cells // PAD) * PAD
