"""A model that plays a script, in the real worker process: ``python -m tests.fakes.scripted_worker``.

Give ``COMMAND`` to ``Engine(command=…)``; any file will do as the model. The first word of the last question chooses
what happens, the rest is its argument:

==================  ============================================================================================
``long N``          N words at full speed: ``word1 word2 …``
``paced N``         the same, a word every two milliseconds; ``endless`` goes on until it is stopped
``prompt N``        a prompt of N chunks, one every two milliseconds, then a word
``hang``            three words, then nothing more, not even a sign of life; ``hang-prompt`` already in the prompt
``crash``           three words, then a segmentation fault; ``abort``: ``abort()``; ``exit N``: the process ends
``fail``            three words, then ``GenerationFailed``; ``bug``: an exception that nobody foresaw
``markdown``        ``MARKDOWN``
anything else       the question again
==================  ============================================================================================

A word in the model's file name makes loading special: ``refused``, ``damaged``, ``slow``, ``endless``,
``hang``, ``crash``, ``bug``. ``gpu`` gives the worker a graphics card; then at most eight layers have room with
``layers8``, and the process dies of more with ``dies8``. The context has room up to ``context4096``, only if compressed
with ``q8``, and it is what the process ``dies`` of; ``big`` must be forced.
When the last turn is the assistant's, its text is gone on with. A word is a token; nothing is random.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from itertools import count, takewhile
from pathlib import Path

from assistant.engine.protocol import Candidate, Device, ModelFacts, Sampling
from assistant.engine.reasons import Reason
from assistant.engine.running import Aborted, Piece, check_prompt
from assistant.errors import GenerationFailed, ModelFileDamaged, ModelLoadFailed, ModelOutOfMemory, ModelTooBig

COMMAND = (sys.executable, "-m", "tests.fakes.scripted_worker")
CHUNK = 16
"""Tokens of a prompt evaluated at a time."""
MARKDOWN = """# A heading

Some *words* with **weight** and `code`.

- one
- two

```python
print("hello")
```

| a | b |
| - | - |
| 1 | 2 |
"""
_never = threading.Event()


def wait_a_little():
    """Let two milliseconds pass."""
    _never.wait(0.002)


def die_of_a_segmentation_fault():
    """Touch memory that is nobody's."""
    ctypes.string_at(0)


class Script:
    """What a question leads to: the words of the answer, and what happens before each."""

    def __init__(self, question):
        self.name, _, self.argument = question.strip().partition(" ")
        self.question = question

    def words(self):
        """Return the answer, word by word, each but the first with the space before it."""
        if self.name in ("long", "paced"):
            return (f"{' ' if n else ''}word{n + 1}" for n in range(int(self.argument)))
        if self.name == "markdown":
            return iter(MARKDOWN.splitlines(keepends=True))
        if self.name in ("endless", "hang", "crash", "abort", "exit", "fail", "bug"):
            return (f"{' ' if n else ''}word{n + 1}" for n in count())
        return (f"{' ' if n else ''}{word}" for n, word in enumerate(self.question.split()))

    def before_chunk(self):
        """Do what the script says before a chunk of the prompt."""
        if self.name == "prompt":
            wait_a_little()
        if self.name == "hang-prompt":
            _never.wait()

    def before_word(self, written):
        """Do what the script says before the word number ``written``, from 0."""
        if self.name in ("paced", "endless"):
            wait_a_little()
        if self.name in ENDS:
            _never.wait(0.02)  # longer than words are gathered for, so that some are out before the end
        if written == 3 and self.name in ENDS:
            ENDS[self.name](self.argument)


def fail(_argument):
    """Give up as llama.cpp does."""
    raise GenerationFailed(reason="the script says so")


def stumble(_argument):
    """Make a mistake."""
    raise RuntimeError("a mistake in the script")


ENDS = {
    "hang": lambda _: _never.wait(),
    "crash": lambda _: die_of_a_segmentation_fault(),
    "abort": lambda _: os.abort(),
    "exit": lambda code: os._exit(int(code)),
    "fail": fail,
    "bug": stumble,
}


class ScriptedGeneration:
    """One answer being made."""

    def __init__(self, model, command, stop):
        question = next((turn.content for turn in reversed(command.turns) if turn.role == "user"), "")
        self.script = Script(question)
        self.stop = stop
        self.command = command
        self.written = 0
        self.prompt = words_of(command.turns)
        check_prompt(command, len(self.prompt), model.facts.context_length)
        if self.script.name == "prompt":
            self.prompt += ["filler"] * (CHUNK * int(self.script.argument))
        cached = model.cached.get(command.sequence, [])
        pairs = zip(cached, self.prompt[:-1], strict=False)
        self.reused = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        self.evaluated = self.reused
        self.tokens = model.cached[command.sequence] = self.prompt[: self.reused]
        self.words = self._without_what_is_there(command.turns)

    def _without_what_is_there(self, turns):
        """Return the words still to come when the last turn has the beginning of the answer already."""
        words = self.script.words()
        if turns and turns[-1].role == "assistant":
            rest = turns[-1].content
            for word in words:
                if not rest.startswith(word):
                    break
                rest = rest[len(word) :]
                if not rest:
                    break
        return words

    prompt_tokens = property(lambda self: len(self.prompt))
    reused_tokens = property(lambda self: self.reused)
    evaluated_tokens = property(lambda self: self.evaluated)

    def read(self):
        """Evaluate a chunk of the prompt."""
        self.script.before_chunk()
        self._give_up_when_asked()
        chunk = self.prompt[self.evaluated : self.evaluated + CHUNK]
        self.tokens += chunk
        self.evaluated += len(chunk)
        return self.evaluated >= len(self.prompt)

    def write(self):
        """Return the next word."""
        self.script.before_word(self.written)
        self._give_up_when_asked()
        word = next(self.words, None)
        if word is None:
            return Piece("", 0, "stop")
        self.written += 1
        self.tokens.append(word)
        limit = self.command.sampling.max_tokens
        is_last = 0 < limit <= self.written
        others = tuple(Candidate(n, f"{word}{n or ''}", -0.5 - n) for n in range(self.command.candidates))
        return Piece(word, 1, "length" if is_last else "", others)

    def _give_up_when_asked(self):
        if self.stop.is_set:
            raise Aborted

    def close(self):
        """Keep the cache; there is nothing else."""


class ScriptedModel:
    """A loaded script."""

    def __init__(self, load):
        self.cached = {}
        self.facts = ModelFacts(
            description="Scripted",
            architecture="script",
            context_length=load.context_length or 8192,
            gpu_layers=load.gpu_layers,
            cache_type=load.cache_type,
            trained_context_length=8192,
            vocabulary=1,
            threads=1,
            recommended=Sampling(temperature=0.5),
        )

    def generate(self, command, stop):
        """Begin an answer."""
        return ScriptedGeneration(self, command, stop)

    def close(self):
        """Nothing is held."""


def words_of(turns):
    """Return a prompt's tokens: its words, and one that begins each turn."""
    return [word for turn in turns for word in (f"<{turn.role}>", *turn.content.split())]


def limit_of(name, manner):
    """Return the number in a word of the model's file name like ``layers8``; a very large one without such a word."""
    found = [word.removeprefix(name) for word in manner if word.startswith(name)]
    return next((int(number) for number in found if number.isdecimal()), 1 << 40)


def refuse_for_want_of_memory(load, manner):
    """Run out of memory as the file name says: ``layers8``, ``dies8``, ``context4096``, ``q8``, ``big``."""
    layers = load.gpu_layers if load.gpu_layers >= 0 else 32
    if "gpu" in manner and layers > limit_of("dies", manner):
        os.abort()
    if "gpu" in manner and layers > limit_of("layers", manner):
        raise ModelOutOfMemory(path=load.path, reason="no room on the card")
    is_too_long = (load.context_length or 8192) > limit_of("context", manner)
    if is_too_long or ("q8" in manner and load.cache_type != "q8_0"):
        raise ModelOutOfMemory(path=load.path, reason="no room for the context")
    if "big" in manner and not load.is_forced:
        raise ModelTooBig(path=load.path, needed_gib=9.0, available_gib=8.0)


def open_model(load, go_on):
    """Load a script as the model's file name says."""
    manner = set(Path(load.path).stem.split("-"))
    refuse_for_want_of_memory(load, manner)
    if "refused" in manner:
        raise ModelLoadFailed(path=load.path, reason="the script says so")
    if "damaged" in manner:
        raise ModelFileDamaged(path=load.path, reason=Reason.QUOTING(what=Reason.NOT_GIVEN(), line="bad tensor"))
    if "bug" in manner:
        raise RuntimeError("a mistake in the script")
    if "crash" in manner:
        die_of_a_segmentation_fault()
    steps = count() if "endless" in manner else range(11)
    for step in steps:
        if manner & {"slow", "endless"}:
            wait_a_little()
        if "hang" in manner and step == 3:
            _never.wait()
        if not go_on(min(step, 10) / 10):
            raise Aborted
    if "dies" in manner and load.cache_type == "f16":
        os.abort()
    return ScriptedModel(load)


if __name__ == "__main__":
    from assistant.engine.worker import main

    has_gpu = any("gpu" in Path(word).stem.split("-") for word in sys.argv)
    card = Device("Script0", "A scripted card", "gpu", 8 << 30, 8 << 30)
    main(open_model=open_model, devices=(card,) if has_gpu else ())
