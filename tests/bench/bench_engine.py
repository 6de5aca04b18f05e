"""The worker against raw ``llama_decode`` calls in the same run, and how quickly it starts, stops and begins again.

Pairs are interleaved, and medians compared: on a busy machine a ratio holds where a speed does not.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import time

import numpy as np

from assistant.engine.control import ControlMemory
from assistant.engine.protocol import (
    Done,
    Generate,
    Load,
    Loaded,
    PromptProgress,
    Quit,
    Sampling,
    Tokens,
    Turn,
    encode,
    read_frame,
)
from assistant.engine.spawn import reap, start
from tests.bench.figures import Table, median, percentile
from tests.fakes.real_models import starter

PAIRS = 25
WRITTEN = 40
PROMPT = 512
DEEP = 4000
CANCELS = 40
WORDS = (
    "The history of the small town by the river is long and full of detail. People came there to trade wool and salt. "
)
STORY = "Write a long story about a miller, his three sons and the sea."


class Wire:
    """A worker and the pipe to it, without the app between."""

    def __init__(self, context_length=0):
        self.begun = time.perf_counter()
        self.control = ControlMemory()
        model = str(starter())
        command = [sys.executable, "-m", "assistant.engine.worker", "--control", str(self.control.path)]
        self.process = start([*command, "--model", model], self.control.descriptors)
        self.process.stderr.close()
        self.request = 0
        self.facts = self.ask(Load(self._next(), model, context_length), Loaded).facts
        self.ready_s = time.perf_counter() - self.begun

    def _next(self):
        self.request += 1
        return self.request

    def send(self, command):
        self.process.stdin.write(encode(command))
        self.process.stdin.flush()

    def ask(self, command, kind):
        """Send a command and return the event that ends it."""
        self.send(command)
        return self.until(lambda event: isinstance(event, kind))

    def until(self, condition):
        """Return the first event that fulfils a condition."""
        while event := read_frame(self.process.stdout):
            if condition(event):
                return event
        raise RuntimeError("the worker is gone")

    def generate(self, turns, limit=WRITTEN, **sampling):
        """Begin an answer."""
        turns = tuple(Turn("assistant" if n % 2 else "user", text) for n, text in enumerate(turns))
        self.send(Generate(self._next(), turns, Sampling(max_tokens=limit, **sampling)))

    def writing_speed(self, seed):
        """Return tokens a second as they come out of the pipe, after the first."""
        self.generate([STORY], seed=seed)
        first = self.until(lambda event: isinstance(event, Tokens))
        begun = time.perf_counter()
        done = self.until(lambda event: isinstance(event, Done))
        return (done.completion_tokens - first.count) / (time.perf_counter() - begun)

    def first_token(self, *turns):
        """Return the seconds until the first token came out of the pipe, the text, and the end."""
        begun = time.perf_counter()
        self.generate(turns, limit=3, temperature=0)
        first = self.until(lambda event: isinstance(event, Tokens))
        seconds = time.perf_counter() - begun
        text = first.text
        while isinstance(event := self.until(lambda _: True), Tokens):
            text += event.text
        return seconds, text, event

    def cancel(self, after_s):
        """Cancel as the app does, at any moment; returns the milliseconds until the answer had ended."""
        time.sleep(after_s)
        begun = time.perf_counter()
        self.control.cancel(self.request)
        self.until(lambda event: isinstance(event, Done))
        return (time.perf_counter() - begun) * 1000

    def close(self):
        self.send(Quit(0))
        self.process.communicate()
        self._end()

    def kill(self):
        """Crash it; returns the seconds until that was noticed."""
        begun = time.perf_counter()
        self.process.send_signal(signal.SIGKILL)
        while read_frame(self.process.stdout):
            pass
        noticed = time.perf_counter() - begun
        self.process.stdin.close()
        self.process.stdout.close()
        self._end()
        return noticed

    def _end(self):
        reap(self.process)
        self.control.close()


class Raw:
    """The same model, with nothing but ``llama_decode``."""

    def __init__(self, facts):
        from llama_cpp import llama_cpp as lib

        self.lib = lib
        self._quiet = lib.llama_log_callback(lambda *_: None)
        lib.llama_log_set(self._quiet, ctypes.c_void_p(0))
        lib.llama_backend_init()
        self.model = lib.llama_model_load_from_file(str(starter()).encode(), lib.llama_model_default_params())
        parameters = lib.llama_context_default_params()
        parameters.n_ctx = facts.context_length
        parameters.n_batch = parameters.n_ubatch = 512
        parameters.n_threads = parameters.n_threads_batch = facts.threads
        self.context = lib.llama_init_from_model(self.model, parameters)
        self.memory = lib.llama_get_memory(self.context)
        self.numbers = np.random.default_rng(1)

    def decode(self, count):
        """Evaluate so many tokens as one batch; returns the seconds it took."""
        tokens = (ctypes.c_int32 * count)(*self.numbers.integers(100, 40000, count).tolist())
        begun = time.perf_counter()
        for at in range(0, count, 512):
            part = ctypes.cast(ctypes.byref(tokens, at * 4), ctypes.POINTER(ctypes.c_int32))
            batch = self.lib.llama_batch_get_one(part, min(512, count - at))
            assert self.lib.llama_decode(self.context, batch) == 0
        self.lib.llama_synchronize(self.context)
        return time.perf_counter() - begun

    def clear(self):
        self.lib.llama_memory_clear(self.memory, False)

    def writing_speed(self, prompt_tokens):
        """Return tokens a second, one batch each."""
        self.clear()
        self.decode(prompt_tokens)
        begun = time.perf_counter()
        for _ in range(WRITTEN):
            self.decode(1)
        return WRITTEN / (time.perf_counter() - begun)

    def close(self):
        self.lib.llama_free(self.context)
        self.lib.llama_model_free(self.model)


def text_of(tokens):
    """Return a text of about so many tokens."""
    return WORDS * (tokens // 25)


def speeds(table, wire, raw):
    writing = [(wire.writing_speed(seed), raw.writing_speed(36)) for seed in range(PAIRS)]
    ratio = median(ours / theirs for ours, theirs in writing)
    table.row("writing, worker and pipe : raw llama_decode", ratio, "", 0.95, at_least=True)
    table.row("  worker", median(ours for ours, _ in writing), "tok/s")
    reading = []
    for number in range(5):
        *_, done = wire.first_token(f"{number}. {text_of(PROMPT)}")
        new = done.prompt_tokens - done.reused_tokens
        raw.clear()
        reading.append((new / done.prompt_ms * 1000, new / raw.decode(new)))
    ratio = median(ours / theirs for ours, theirs in reading)
    table.row("reading a prompt, worker : raw llama_decode", ratio, "", 0.95, at_least=True)
    table.row("  worker", median(ours for ours, _ in reading), "tok/s")


def reuse(table, wire, raw):
    question = text_of(DEEP)
    cold, text, done = wire.first_token(question)
    table.row(f"first token, {done.prompt_tokens} tokens cold", cold * 1000, "ms")
    raw.clear()
    raw.decode(done.prompt_tokens)
    warm, plain = [], []
    for number in range(5):
        seconds, _, done = wire.first_token(question, text, f"And what about the year {1700 + number}, was it wet?")
        new = done.prompt_tokens - done.reused_tokens
        warm.append(seconds)
        plain.append(raw.decode(new))
        raw.lib.llama_memory_seq_rm(raw.memory, 0, done.reused_tokens, -1)
    table.row(f"first token of the next turn, {new} tokens new", median(warm) * 1000, "ms", cold * 50)
    table.row("  over 1.15 × raw decode of the same", (median(warm) - 1.15 * median(plain)) * 1000, "ms", 20)
    again = [wire.first_token(question)[0] for _ in range(5)]
    token = median(raw.decode(1) for _ in range(5))
    table.row("first token of the same question again", median(again) * 1000, "ms", 3000 * token + 20)


def cancels(table, wire):
    writing, reading = [], []
    for number in range(CANCELS):
        wire.generate([STORY], limit=0, seed=number)
        for _ in range(1 + number % 5):
            wire.until(lambda event: isinstance(event, Tokens))
        writing.append(wire.cancel(0.0013 * (number % 10)))
        wire.generate([f"{number}. {text_of(DEEP)}"])
        for _ in range(2 + number % 3):
            wire.until(lambda event: isinstance(event, PromptProgress))
        reading.append(wire.cancel(0.037 * (number % 10)))
    table.row("cancel while writing, p95", percentile(writing, 0.95), "ms", 30)
    table.row("cancel in a prompt of 4,000 tokens, p95", percentile(reading, 0.95), "ms", 60)


def starts(table):
    ready, noticed = [], []
    for _ in range(5):
        wire = Wire()
        ready.append(wire.ready_s)
        noticed.append(wire.kill())
    table.row("start of a worker → model ready", median(ready), "s", 0.8)
    table.row("crash noticed", max(noticed), "s", 0.2)


def main():
    table = Table("Engine")
    starts(table)
    wire = Wire()
    raw = Raw(wire.facts)
    try:
        speeds(table, wire, raw)
        cancels(table, wire)
        reuse(table, wire, raw)
    finally:
        raw.close()
        wire.close()


if __name__ == "__main__":
    main()
