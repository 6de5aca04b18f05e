"""From turns to the text a model was trained to go on with: its own chat template, or ChatML.

What comes out are *parts*, which tell the template's words from those of the people talking: in the former the names
of control tokens mean these tokens, in the latter they are just text. To tell them apart, the template is rendered once
with the true texts and once with private-use characters in their place; only if both agree is the second one believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.engine.jinja import JinjaTemplate, TemplateError, TemplateLimitError
from assistant.engine.protocol import Turn
from assistant.engine.reasons import Reason

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CHATML_END = "<|im_end|>"
_PRIVATE_USE = range(0x100000, 0x10FFFE)

SpecialNames = Callable[[str], Sequence[str]]
"""Which names of control tokens stand in a text?"""


@dataclass(frozen=True)
class Part:
    """A stretch of a prompt. ``is_said``: somebody's words, not the template's. ``is_open``: to be gone on with."""

    text: str
    is_said: bool = False
    is_open: bool = False


class ChatTemplate:
    """A chat template that has been tried. ``problem`` says why it is ChatML instead of the model's own."""

    def __init__(
        self, source: str, *, bos: str = "", eos: str = "", special_names: SpecialNames = lambda _: ()
    ) -> None:
        self._values = {"bos_token": bos, "eos_token": eos, "tools": None, "documents": None}
        self._special_names = special_names
        self.problem = ""
        self.is_own = True
        try:
            if not source:
                raise TemplateError(Reason.NO_TEMPLATE())
            self._template = JinjaTemplate(source)
            self._try_out()
        except TemplateError as error:
            self.problem, self.is_own = str(error), False
            self._template = JinjaTemplate(CHATML)

    def render(self, turns: Sequence[Turn]) -> list[Part]:
        """Return the prompt that has ``turns`` answered; when the last is the assistant's, the one it is written in.

        What a template does not take is put otherwise: the system's words before the user's, neighbours of one role
        joined. Raises TemplateError when nothing helps.
        """
        opened = turns[-1] if len(turns) > 1 and turns[-1].role == "assistant" else None
        parts = self._render_any(turns[:-1] if opened else turns)
        if opened and opened.content:
            parts.append(Part(opened.content, is_said=True, is_open=True))
        return parts

    def _try_out(self) -> None:
        parts = self.render([Turn("user", "Hello")])
        if not any("Hello" in part.text for part in parts):
            raise TemplateError(Reason.LEAVES_OUT_QUESTION())

    def _render_any(self, turns: Sequence[Turn]) -> list[Part]:
        problem: TemplateError | None = None
        for variant in _variants(list(turns)):
            try:
                return self._parts(variant)
            except TemplateLimitError:
                raise
            except TemplateError as error:
                problem = problem or error
        raise problem or TemplateError(Reason.NOTHING_TO_RENDER())

    def _parts(self, turns: Sequence[Turn]) -> list[Part]:
        truth = self._text(turns)
        sentinels = _sentinels(turns, len(turns))
        for strip in (False, True):
            said = [turn.content.strip() if strip else turn.content for turn in turns]
            texts = {mark: text for mark, text in zip(sentinels, said, strict=True) if text}
            marks = [mark if text else "" for mark, text in zip(sentinels, said, strict=True)]
            marked = self._text([replace(turn, content=mark) for turn, mark in zip(turns, marks, strict=True)])
            if "".join(texts.get(character, character) for character in marked) == truth:
                _check_system(turns, marks, marked)
                return _split(marked, texts)
        return self._parts_by_names(turns)

    def _parts_by_names(self, turns: Sequence[Turn]) -> list[Part]:
        """The same for a template that looks into the texts: only the names of control tokens are replaced."""
        names = sorted({name for turn in turns for name in self._special_names(turn.content) if name}, key=len)[::-1]
        texts = dict(zip(_sentinels(turns, len(names)), names, strict=True))
        marked = list(turns)
        for mark, name in texts.items():
            marked = [replace(turn, content=turn.content.replace(name, mark)) for turn in marked]
        return _split(self._text(marked), texts)

    def _text(self, turns: Sequence[Turn]) -> str:
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        return self._template.render(messages, {**self._values, "add_generation_prompt": True})


def _variants(turns: list[Turn]) -> list[list[Turn]]:
    """Return ``turns`` and other ways to say the same, the most faithful first."""
    found: list[list[Turn]] = []
    for variant in (turns, _joined(turns), _without_system(turns), _joined(_without_system(turns))):
        if variant not in found:
            found.append(variant)
    return found


def _joined(turns: list[Turn]) -> list[Turn]:
    result: list[Turn] = []
    for turn in turns:
        if result and result[-1].role == turn.role:
            result[-1] = replace(turn, content=f"{result[-1].content}\n\n{turn.content}")
        else:
            result.append(turn)
    return result


def _without_system(turns: list[Turn]) -> list[Turn]:
    """Return ``turns`` with the system's words put before the first of the user's."""
    said = "\n\n".join(turn.content for turn in turns if turn.role == "system" and turn.content)
    rest = [turn for turn in turns if turn.role != "system"]
    first = next((place for place, turn in enumerate(rest) if turn.role == "user"), None)
    if said and first is not None:
        rest[first] = replace(rest[first], content=f"{said}\n\n{rest[first].content}")
    return rest


def _check_system(turns: Sequence[Turn], marks: Sequence[str], marked: str) -> None:
    """Raise TemplateError when the template silently left out what the system says."""
    for turn, mark in zip(turns, marks, strict=True):
        if turn.role == "system" and mark and mark not in marked:
            raise TemplateError(Reason.LEAVES_OUT_SYSTEM())


def _sentinels(turns: Sequence[Turn], count: int) -> list[str]:
    """Return ``count`` private-use characters that nobody used."""
    used = {character for turn in turns for character in turn.content if ord(character) in _PRIVATE_USE}
    free = (chr(code) for code in _PRIVATE_USE if chr(code) not in used)
    return [mark for mark, _ in zip(free, range(count), strict=False)]


def _split(marked: str, texts: dict[str, str]) -> list[Part]:
    """Return the parts of a text in which the characters ``texts`` stand for what somebody said."""
    parts: list[Part] = []
    begin = 0
    for place, character in enumerate(marked):
        if character in texts:
            if place > begin:
                parts.append(Part(marked[begin:place]))
            parts.append(Part(texts[character], is_said=True))
            begin = place + 1
    if begin < len(marked):
        parts.append(Part(marked[begin:]))
    return parts
