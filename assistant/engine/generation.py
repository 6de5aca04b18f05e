"""An answer of a llama.cpp model: the prompt chunk by chunk, then token by token."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.engine.binding import LlamaError, NoRoomError
from assistant.engine.llama_sampler import Sampler
from assistant.engine.protocol import BACKGROUND, Candidate
from assistant.engine.reasons import Reason
from assistant.engine.running import Aborted, Piece, check_prompt
from assistant.engine.sampling import likeliest, valid
from assistant.errors import GenerationFailed

if TYPE_CHECKING:
    from assistant.engine.cache import Cache
    from assistant.engine.llama_context import Context, Logits
    from assistant.engine.llama_model import Vocabulary
    from assistant.engine.protocol import Generate
    from assistant.engine.running import Stop
    from assistant.engine.tokens import Prompt, Tokenizer


@dataclass(frozen=True)
class Runtime:
    """What all answers of a model share. ``end_text`` ends one as a token would, empty where there is such a token."""

    context: Context
    vocabulary: Vocabulary
    cache: Cache
    tokenizer: Tokenizer
    background: int
    end_text: str = ""


class LlamaGeneration:
    """A ``running.Generation``. Raises ContextFull and Incomplete before anything is done."""

    def __init__(self, runtime: Runtime, prompt: Prompt, command: Generate, stop: Stop) -> None:
        check_prompt(command, len(prompt.ids), runtime.context.length)
        self._runtime = runtime
        self._stop = stop
        self._sequence = runtime.background if command.sequence == BACKGROUND else command.sequence
        self._candidates = command.candidates
        self._max_tokens = command.sampling.max_tokens
        self._ids = list(prompt.ids)
        self._answer = _Answer(prompt, runtime)
        self._sampled: tuple[int, tuple[Candidate, ...]] | None = None
        self.prompt_tokens = len(prompt.ids)
        runtime.context.abort_on(stop)
        self.reused_tokens = runtime.cache.prepare(self._sequence, self._ids)
        self._sampler = Sampler(runtime.vocabulary, valid(command.sampling))
        self._sampler.accept(self._ids[prompt.answer :])

    @property
    def evaluated_tokens(self) -> int:
        """How much of the prompt is in the KV cache now."""
        return min(self._runtime.cache.length(self._sequence), self.prompt_tokens)

    def read(self) -> bool:
        """Evaluate the next chunk of the prompt; True when that was the last one. May raise ``Aborted``."""
        if not self._evaluate():
            return False
        self._sampled = self._sample()
        return True

    def write(self) -> Piece:
        """Return the next token. May raise ``Aborted``."""
        if self._sampled is None:
            while not self._evaluate():  # one token, but for a cache that was lost on the way
                pass
            self._sampled = self._sample()
        token, candidates = self._sampled
        if self._runtime.vocabulary.is_end(token):
            return Piece(self._answer.end(), 0, "stop")
        self._sampled = None
        self._ids.append(token)
        text, is_over = self._answer.add(token)
        reason = "stop" if is_over else self._limit()
        return Piece(text + self._answer.end() if reason else text, 1, reason, candidates)

    def close(self) -> None:
        """Free the sampler, and remember which ids the text was written with."""
        self._sampler.close()
        self._runtime.tokenizer.remember(*self._answer.written)
        if self._sequence == self._runtime.background:
            self._runtime.cache.clear(self._sequence)

    def _limit(self) -> str:
        if 0 < self._max_tokens <= self._answer.count:
            return "length"
        return "context" if len(self._ids) > self._runtime.context.length else ""

    def _evaluate(self) -> bool:
        """Evaluate the next of all the ids; True when those were the last, so that a token can be sampled."""
        if self._stop.is_set:
            raise Aborted
        context, cache = self._runtime.context, self._runtime.cache
        begin = cache.length(self._sequence)
        chunk = self._ids[begin : begin + context.batch]
        is_last = begin + len(chunk) == len(self._ids)
        try:
            if is_last and len(self._ids) == self.prompt_tokens:
                cache.mark(self._sequence)
            cache.evaluate(self._sequence, chunk, output=is_last)
            if len(chunk) > 1:
                context.wait()  # a GPU would only have begun
        except NoRoomError as error:
            raise GenerationFailed(reason=Reason.NO_ROOM()) from error
        except LlamaError as error:
            raise GenerationFailed(reason=error.reason) from error
        return is_last

    def _sample(self) -> tuple[int, tuple[Candidate, ...]]:
        """Choose the next token, with those that were the likeliest when they are asked for."""
        logits = self._runtime.context.logits() if self._candidates else None
        token = self._runtime.context.sample(self._sampler)
        return token, () if logits is None else self._likeliest(logits, token)

    def _likeliest(self, logits: Logits, token: int) -> tuple[Candidate, ...]:
        piece = self._runtime.vocabulary.piece
        return tuple(
            Candidate(each, piece(each, special=True).decode("utf-8", "replace"), round(logprob, 6))
            for each, logprob in likeliest(logits, self._candidates, token)
        )


class _Answer:
    """The text as it grows out of tokens, and which of them stand for whole characters of it."""

    def __init__(self, prompt: Prompt, runtime: Runtime) -> None:
        self._vocabulary = runtime.vocabulary
        self._strips_space = runtime.tokenizer.adds_space and not prompt.answer_text
        self._ids = prompt.ids[prompt.answer :]
        self._text = prompt.answer_text
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._end = EndText(runtime.end_text)
        self._whole = len(self._ids)
        self.count = 0

    def add(self, token: int) -> tuple[str, bool]:
        """Take a token; returns the text that is certain now, and whether the answer is over because of it."""
        data = self._vocabulary.piece(token, lstrip=1 if self._strips_space and not self.count else 0)
        self._ids.append(token)
        self.count += 1
        text = self._decoder.decode(data)
        if not self._decoder.getstate()[0]:
            self._whole = len(self._ids)
        text, is_over = self._end.add(text)
        self._text += text
        return text, is_over

    def end(self) -> str:
        """Return what was held back. A character that was never completed is left out."""
        rest = self._end.rest()
        self._text += rest
        return rest

    @property
    def written(self) -> tuple[str, list[int]]:
        """The whole text and its ids; empty when these are another text's."""
        return ("", []) if self._end.was_seen else (self._text, self._ids[: self._whole])


class EndText:
    """Looks for the text that ends an answer where no token does; holds back what may be its beginning."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._held = ""
        self.was_seen = False

    def add(self, text: str) -> tuple[str, bool]:
        """Return the text that is certainly not of the mark, and whether the mark came after it."""
        if not self._mark:
            return text, False
        before, found, _ = (self._held + text).partition(self._mark)
        self._held = ""
        if found:
            self.was_seen = True
            return before, True
        begins = (size for size in range(min(len(self._mark) - 1, len(before)), 0, -1) if self._is_begun(before, size))
        size = next(begins, 0)
        self._held = before[len(before) - size :]
        return before[: len(before) - size], False

    def rest(self) -> str:
        """Return what was held back; nothing more comes."""
        rest, self._held = self._held, ""
        return rest

    def _is_begun(self, text: str, size: int) -> bool:
        return self._mark.startswith(text[len(text) - size :])
