"""What a model would take of this computer's memory by llama.cpp's own account, known from its header alone.

Joins the models, which have the header, to the engine, which can ask llama.cpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.engine.measure import Measuring, Wish, measure_memory
from assistant.models.fit import Buffers, Plan
from assistant.models.hollow import Part, hollow

ALL_LAYERS = -1


def exact_buffers(
    parts: Sequence[Part],
    context_length: int,
    folder: Path,
    plan: Plan | None = None,
    among: Measuring | None = None,
) -> Buffers:
    """Return what ``estimate`` takes as ``exact``, for the model of which ``parts`` are the files' beginnings.

    ``folder`` is where a hollow file may lie meanwhile. Blocks for a second: for a task. Raises ModelLoadFailed when
    llama.cpp refuses the model, and what ``hollow`` raises.
    """
    plan = plan or Plan()
    with hollow(parts, folder) as path:
        layers = ALL_LAYERS if plan.on_gpu else 0
        wish = Wish(context_length, plan.sequences, plan.ubatch, plan.cache_type, layers)
        measured = measure_memory(path, wish, among=among)
    return Buffers(measured.kv_bytes, measured.compute_bytes)
