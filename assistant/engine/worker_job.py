"""One answer on its way: how far it is, how long it took, and the text that waits to be sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from assistant.engine.protocol import BACKGROUND, Done, Generate, Message, PromptProgress, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.engine.protocol import Candidate
    from assistant.engine.running import Generation, Piece

FRAME_S = 0.016
"""Tokens that come within this time share a frame."""


class Job:
    """Moves a generation on by single steps and sends what comes of them."""

    def __init__(
        self, command: Generate, generation: Generation, begun: float, send: Callable[[Message], None]
    ) -> None:
        self.request = command.request
        self.sequence = command.sequence
        self.is_background = command.sequence == BACKGROUND
        self._wants_candidates = command.candidates > 0
        self._generation = generation
        self._send = send
        self._begun = begun
        self._read_at: float | None = None
        self._sent_at = 0.0
        self._completion_tokens = 0
        self._text: list[str] = []
        self._tokens = 0
        self._candidates: list[tuple[Candidate, ...]] = []

    def announce(self) -> None:
        """Say how much of the prompt is there already."""
        generation = self._generation
        self._send(
            PromptProgress(
                self.request, generation.evaluated_tokens, generation.prompt_tokens, generation.reused_tokens
            )
        )

    def step(self) -> bool:
        """Evaluate a chunk of the prompt or write a token; True when the answer has ended. May raise ``Aborted``."""
        if self._read_at is not None:
            return self._write()
        if self._generation.read():
            self._read_at = time.perf_counter()
        self.announce()
        return False

    def end(self, finish_reason: str) -> None:
        """Send what waits and how it ended, and free the generation."""
        self._flush()
        now = time.perf_counter()
        generation = self._generation
        self.close()
        self._send(
            Done(
                self.request,
                finish_reason,
                generation.prompt_tokens,
                generation.reused_tokens,
                self._completion_tokens,
                round(((self._read_at or now) - self._begun) * 1000, 3),
                round((now - self._begun) * 1000, 3),
            )
        )

    def close(self) -> None:
        """Send what waits and free the generation."""
        self._flush()
        self._generation.close()

    def _write(self) -> bool:
        piece = self._generation.write()
        self._keep(piece)
        if piece.finish_reason:
            self.end(piece.finish_reason)
            return True
        if time.perf_counter() - self._sent_at >= FRAME_S:
            self._flush()
        return False

    def _keep(self, piece: Piece) -> None:
        self._completion_tokens += piece.tokens
        self._tokens += piece.tokens
        self._text.append(piece.text)
        if self._wants_candidates and piece.tokens:
            self._candidates.append(piece.candidates)

    def _flush(self) -> None:
        text = "".join(self._text)
        if text or self._tokens:
            self._send(Tokens(self.request, text, self._tokens, tuple(self._candidates)))
        self._sent_at = time.perf_counter()
        self._text.clear()
        self._candidates.clear()
        self._tokens = 0
