"""The process that measures: ``… -m assistant.engine.measurer memory FILE WISH`` or ``… bandwidth FOLDER SECONDS``.

The last thing on standard output is one JSON object: what was found, or ``kind`` and ``values`` of an error. Of a model
file nothing is trusted: the sandbox stands before llama.cpp sees it, and memory is bounded.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.engine.child import prepare
from assistant.engine.failures import failure_of
from assistant.errors import AssistantError, ModelLoadFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.engine.measure import Measured, Wish

MEMORY_BYTES = 4 << 30
"""A vocabulary, and the states of recurrent layers: more is a file that lies."""
SECONDS = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the arguments say, print it and return the exit code."""
    what, *rest = sys.argv[1:] if arguments is None else arguments
    output = os.dup(1)
    os.dup2(2, 1)  # what libraries print belongs into the log
    prepare()
    try:
        found = _memory(*rest) if what == "memory" else _bandwidth(*rest)
    except AssistantError as error:
        failed = failure_of(0, error)
        found = {"kind": failed.kind, "values": failed.values}
    os.write(output, json.dumps(found).encode())
    return 0


def _memory(path: str, wish: str) -> dict[str, object]:
    from assistant.engine.measure import Wish

    return asdict(_measured(Path(path), Wish(**json.loads(wish))))


def _measured(path: Path, wish: Wish) -> Measured:
    from assistant.engine import hardware, placement, sandbox
    from assistant.engine.binding import LlamaError
    from assistant.engine.limits import bounded
    from assistant.engine.llama_measure import UnallocatedModel
    from assistant.engine.model_files import check_file, model_files

    check_file(path)
    has_gpu = bool(placement.gpus(hardware.devices()))
    sandbox.confine(model_files(path), gpu=has_gpu)
    # drivers of graphics cards reserve addresses without measure
    with nullcontext() if has_gpu else bounded(SECONDS, MEMORY_BYTES):
        try:
            model = UnallocatedModel(path, wish.gpu_layers)
            return model.measure(
                wish.context_length, batch=wish.ubatch, sequences=wish.sequences, cache_type=wish.cache_type
            )
        except LlamaError as error:
            raise ModelLoadFailed(path=path, reason=error.reason) from error


def _bandwidth(folder: str, seconds: str) -> dict[str, object]:
    from assistant.engine import memory_reading, yardstick
    from assistant.engine.binding import LlamaError

    found: dict[str, object] = {"reading": memory_reading.bytes_per_second(float(seconds))}
    path = Path(folder, "yardstick.gguf")
    try:
        yardstick.write(path)
        found["writing"] = yardstick.bytes_per_second(path, float(seconds))
    except (LlamaError, OSError) as error:
        print(f"llama.cpp cannot be timed: {error}", file=sys.stderr)  # noqa: T201 - the log
    return found


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)
