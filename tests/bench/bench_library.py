"""What looking through the models on the disk costs: a hundred files in two programs' folders, and single headers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant.models.gguf import read_header
from assistant.paths import Paths
from tests.bench.figures import Table, median
from tests.fakes.gguf_files import write_tiny_gguf

MODELS = 100
VOCABULARY = 32_000
LISTING = """
import time
from assistant.models.library import find_models
from assistant.paths import Paths
paths = Paths.find()
for _ in range(6):
    began = time.process_time()
    assert len(find_models(paths)) >= 100
    print((time.process_time() - began) * 1e3)
"""


def vocabulary(count):
    return [f"token{number}" for number in range(count)]


def listings(home):
    """Milliseconds of the processor for each of six lists after a start."""
    environment = os.environ | {"INKSTONE_HOME": str(home), "HOME": str(home / "user"), "OLLAMA_MODELS": str(home)}
    done = subprocess.run([sys.executable, "-c", LISTING], env=environment, capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def header_ms(path):
    """Milliseconds of the processor for a header, the least of five."""
    times = []
    for _ in range(5):
        began = time.process_time()
        read_header(path)
        times.append((time.process_time() - began) * 1e3)
    return min(times)


def main():
    table = Table("Library")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        paths = Paths.find({"INKSTONE_HOME": folder})
        paths.make()
        tokens = vocabulary(VOCABULARY)
        for number in range(MODELS):
            root = paths.models if number % 2 else home / "user" / ".lmstudio" / "models"
            path = root / "org" / f"repo{number}" / f"m{number}.gguf"
            write_tiny_gguf(path, general__name=f"Model {number}", tokenizer__ggml__tokens=tokens)
        first, again = listings(home), listings(home)
        table.row(f"{MODELS} models, never seen before: processor", first[0], "ms")
        table.row(f"{MODELS} models, the first list after a start: processor", again[0], "ms", 50)
        table.row(f"{MODELS} models, every further list: processor, median", median(again[1:]), "ms", 50)
        for count, bar in ((49_152, 40), (262_144, 200)):
            path = write_tiny_gguf(home / f"{count}.gguf", tokenizer__ggml__tokens=vocabulary(count))
            table.row(f"a header with a vocabulary of {count:,}: processor", header_ms(path), "ms", bar)


if __name__ == "__main__":
    main()
