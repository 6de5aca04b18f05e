"""What the KV cache holds, by the ids of its tokens: the longest common beginning is never evaluated twice.

A sequence can be cut back to any length, but for models whose layers look through a sliding window or keep a running
state: what left the window is gone. For those *checkpoints* are kept of places worth going back to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from operator import eq
from typing import TYPE_CHECKING

from assistant.engine.binding import LlamaError, NoRoomError
from assistant.engine.running import Aborted

if TYPE_CHECKING:
    from assistant.engine.llama_context import Context, State

_CHECKPOINTS = 6
_CHECKPOINT_BYTES = 256 << 20
_PARKED_BYTES = 1 << 30


@dataclass
class _Sequence:
    ids: list[int] = field(default_factory=list)
    """What its cells hold; always the truth, also after an abort."""
    checkpoints: list[tuple[int, State]] = field(default_factory=list)
    """Lengths, ascending, with the state that goes with them."""
    parked: State | None = None
    """All of it, when its cells were needed by another."""


class Cache:
    """The sequences of one context. ``window`` and ``is_recurrent`` as of the model."""

    def __init__(self, context: Context, sequences: int, *, window: int = 0, is_recurrent: bool = False) -> None:
        self._context = context
        self._sequences = [_Sequence() for _ in range(sequences)]
        self._window = window
        self._is_recurrent = is_recurrent

    def length(self, number: int) -> int:
        """Return how many tokens of a sequence are there."""
        return len(self._sequences[number].ids)

    def prepare(self, number: int, ids: Sequence[int]) -> int:
        """Keep of a sequence what is the beginning of ``ids``, all but their last at most; returns how much that is.

        The last token is left out because only its evaluation tells what comes after it.
        """
        self._fetch(number)
        common = sum(1 for _ in takewhile(bool, map(eq, self._sequences[number].ids, ids)))
        self._cut(number, min(common, len(ids) - 1))
        return self.length(number)

    def evaluate(self, number: int, tokens: Sequence[int], *, output: bool) -> None:
        """Append ``tokens``. Raises as ``Context.decode``; what is lost then, ``length`` tells."""
        self._fetch(number)
        sequence = self._sequences[number]
        try:
            self._decode(number, tokens, output=output)
        except Aborted:
            self._cut(number, len(sequence.ids), is_dirty=True)
            raise
        except LlamaError:
            self.clear(number)
            raise
        sequence.ids += tokens

    def mark(self, number: int) -> None:
        """Keep a checkpoint of a sequence as it is now, where the model needs one to come back here."""
        sequence = self._sequences[number]
        places = [place for place, _ in sequence.checkpoints]
        if not (self._window or self._is_recurrent) or not sequence.ids or len(sequence.ids) in places:
            return
        if self._context.state_size(number, window_only=True) <= _CHECKPOINT_BYTES:
            sequence.checkpoints.append((len(sequence.ids), self._context.save(number, window_only=True)))
            while len(sequence.checkpoints) > _CHECKPOINTS or self._marked_bytes(sequence) > _CHECKPOINT_BYTES:
                del sequence.checkpoints[0]

    def clear(self, number: int) -> None:
        """Forget a sequence."""
        self._context.remove(number, 0)
        self._sequences[number] = _Sequence()

    # --- cutting back -----------------------------------------------------------------------------------------------

    def _cut(self, number: int, length: int, *, is_dirty: bool = False) -> None:
        """Cut a sequence back to ``length`` or, where that cannot be, to less. ``is_dirty``: its cells hold more."""
        sequence = self._sequences[number]
        if length >= len(sequence.ids) and not is_dirty:
            return
        sequence.checkpoints = [(place, state) for place, state in sequence.checkpoints if place <= length]
        if length and self._reaches_back(number, length) and self._context.remove(number, length):
            del sequence.ids[length:]
            return
        while sequence.checkpoints:
            place, state = sequence.checkpoints[-1]
            if self._context.restore(number, state, window_only=True) and self._context.remove(number, place):
                del sequence.ids[place:]
                return
            del sequence.checkpoints[-1]
        self.clear(number)

    def _reaches_back(self, number: int, length: int) -> bool:
        """Say whether all that the token after ``length`` looks at is still there; ``remove`` alone does not tell."""
        first, last = self._context.positions(number)
        return last >= length - 1 and 0 <= first <= max(0, length - self._window)

    @staticmethod
    def _marked_bytes(sequence: _Sequence) -> int:
        return sum(len(state) for _, state in sequence.checkpoints)

    # --- making room ------------------------------------------------------------------------------------------------

    def _decode(self, number: int, tokens: Sequence[int], *, output: bool) -> None:
        while True:
            try:
                self._context.decode(tokens, self.length(number), number, output=output)
                return
            except NoRoomError:
                if not self._make_room(number):
                    raise

    def _make_room(self, number: int) -> bool:
        """Take the cells of another sequence, the last ones first: they serve the background."""
        for other in reversed(range(len(self._sequences))):
            sequence = self._sequences[other]
            if other != number and sequence.ids and sequence.parked is None:
                if self._context.state_size(other) <= _PARKED_BYTES:
                    sequence.parked = self._context.save(other)
                    self._context.remove(other, 0)
                else:
                    self.clear(other)
                return True
        return False

    def _fetch(self, number: int) -> None:
        """Put a parked sequence back into cells; when they are taken it has to be evaluated again."""
        sequence = self._sequences[number]
        if sequence.parked is None:
            return
        state, sequence.parked = sequence.parked, None
        while not self._context.restore(number, state):
            if not self._make_room(number):
                self.clear(number)
                return
