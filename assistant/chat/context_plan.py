"""What the model will see of a conversation: its system prompt and the turns of one branch, in order.

Nothing is left out: what does not fit is refused by the engine with both counts. Of a branch that cannot fit the engine
gets only the end; should it fit all the same, the engine asks for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields

from assistant.engine.protocol import Sampling, Turn
from assistant.store.rows import Message, Said

CHARACTERS_A_TOKEN = 6
"""More than nearly any text has on average: English about 4.5, code 3.5, Chinese 1.5."""


def turns_of(system_prompt: str, branch: Iterable[Message | Said]) -> tuple[Turn, ...]:
    """Return the turns for ``branch`` (root first). Answers without text are skipped.

    Neighbouring turns of one role are joined by an empty line, since many chat templates insist on alternation.
    """
    turns: list[Turn] = []
    if system_prompt.strip():
        turns.append(Turn("system", system_prompt))
    for message in branch:
        if not message.content:
            continue
        role = message.role.value
        if turns and turns[-1].role == role:
            turns[-1] = Turn(role, f"{turns[-1].content}\n\n{message.content}")
        else:
            turns.append(Turn(role, message.content))
    return tuple(turns)


def sampling_of(*layers: Mapping[str, float], recommended: Sampling) -> Sampling:
    """Return ``recommended`` with every named value of the ``layers`` laid over it, the later ones on top.

    Names that ``Sampling`` does not know are ignored, so that a newer program's values do no harm.
    """
    values: dict[str, float] = asdict(recommended)
    for layer in layers:
        values.update({name: value for name, value in layer.items() if name in values})
    whole = {field.name for field in fields(Sampling) if field.type == "int"}
    typed = {name: int(value) if name in whole else float(value) for name, value in values.items()}
    return Sampling(**typed)  # type: ignore[arg-type] # each is of its field's type, which the checker cannot see
