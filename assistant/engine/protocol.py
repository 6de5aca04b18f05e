"""What the application and a worker process say to each other, and how it is put into bytes.

A frame is a little-endian ``uint32`` length and that many bytes of UTF-8 JSON: an object with the name of the message
class under ``type`` and its fields beside it. The first frame of a worker is ``Hello``; a parent that knows another
``VERSION`` ends it. Commands go down, events come up; ``request`` names the job an event belongs to (unique per
client, counted from 1; 0 where there is none).

Several requests may be under way at once: each generation names the ``sequence`` of the KV cache it lives in
(0 the visible conversation, ``BACKGROUND`` titles and the like), and foreground work goes first.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field, fields, is_dataclass
from typing import IO, Any

VERSION = 2
MAX_FRAME_BYTES = 64 << 20
"""A longer frame is a fault of the sender: the connection is given up."""
BACKGROUND = -1
"""The sequence for work nobody waits for."""
_LENGTH = struct.Struct("<I")


class ProtocolError(Exception):
    """The other side sent something that is no frame of this protocol."""


@dataclass(frozen=True)
class Turn:
    """One message as the chat template sees it; ``role`` is ``system``, ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. The defaults suit models that recommend nothing.

    ``temperature`` 0 is greedy. ``top_k`` 0, ``top_p`` 1, ``min_p`` 0 and ``repeat_penalty`` 1 each switch that step
    off. ``max_tokens`` 0 means until the context is full. ``seed`` −1 draws a new one each time.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    max_tokens: int = 0
    seed: int = -1


@dataclass(frozen=True)
class Candidate:
    """A token that could have stood at a place, with its natural-logarithm probability under the model."""

    token: int
    text: str
    logprob: float


@dataclass(frozen=True)
class Device:
    """A device of llama.cpp. ``kind`` is ``cpu``, ``gpu``, ``igpu`` or ``accelerator``; memory in bytes."""

    name: str
    description: str
    kind: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class ModelFacts:
    """What is true of the loaded model. Sizes in bytes, lengths in tokens.

    ``recommended`` is what the file's own metadata asks for (``general.sampling.*``), defaults elsewhere.
    ``template`` is ``model`` when its own chat template is used, ``chatml`` when that failed or is missing, and
    ``template_problem`` then says why. ``device`` is the name of where the layers lie, in words.
    """

    description: str = ""
    architecture: str = ""
    context_length: int = 0
    trained_context_length: int = 0
    parameters: int = 0
    weights_bytes: int = 0
    vocabulary: int = 0
    gpu_layers: int = 0
    layers: int = 0
    device: str = "CPU"
    threads: int = 0
    cache_type: str = "f16"
    recommended: Sampling = field(default_factory=Sampling)
    template: str = "model"
    template_problem: str = ""
    notes: tuple[str, ...] = ()
    """What is not as it was wished (a shorter context, no layers on the GPU …), English words for the log."""


@dataclass(frozen=True)
class Message:
    """The base of everything sent. ``request`` is the job it belongs to."""

    request: int


# --- commands -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load(Message):
    """Load a model. ``context_length`` 0: the smallest of 8,192, what it was trained for, and what fits.

    ``gpu_layers`` −1: as many as fit on a GPU of this build. ``threads`` 0: one per physical core. ``cache_type``: the
    type of what the KV cache keeps, ``f16``, ``q8_0`` or ``q4_0``. ``is_forced``: load it although there seems to be
    too little memory.
    """

    path: str
    context_length: int = 0
    gpu_layers: int = -1
    threads: int = 0
    cache_type: str = "f16"
    is_forced: bool = False


@dataclass(frozen=True)
class Generate(Message):
    """Answer ``turns``. When the last turn is the assistant's, its text is continued.

    ``candidates``: how many alternatives to report with each token (0 none). ``sequence``: where in the KV cache.
    ``is_whole`` false: the first turns were left out because the others seem too long already. Should they fit all the
    same, ``NeedsWhole`` comes and nothing else.
    """

    turns: tuple[Turn, ...]
    sampling: Sampling = field(default_factory=Sampling)
    sequence: int = 0
    candidates: int = 0
    is_whole: bool = True


@dataclass(frozen=True)
class Cancel(Message):
    """End the job ``request`` soon; its ``Done`` still comes. The shared byte is the quick way, this the sure one."""


@dataclass(frozen=True)
class Ping(Message):
    """Answer with ``Pong``."""


@dataclass(frozen=True)
class Quit(Message):
    """End the process after the running job, which is cancelled."""


# --- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hello(Message):
    """The first frame. ``sandbox`` lists what holds (``landlock``, ``seccomp``), empty where nothing does."""

    version: int
    pid: int
    engine: str
    sandbox: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()


@dataclass(frozen=True)
class LoadProgress(Message):
    """``fraction`` 0 to 1 of the weights are there."""

    fraction: float


@dataclass(frozen=True)
class Loaded(Message):
    """The model is ready."""

    facts: ModelFacts


@dataclass(frozen=True)
class PromptProgress(Message):
    """``done`` of ``total`` prompt tokens are evaluated, ``reused`` of them were in the KV cache already."""

    done: int
    total: int
    reused: int


@dataclass(frozen=True)
class Tokens(Message):
    """More text: what came within about 16 ms. ``count`` tokens; ``candidates`` one tuple a token, when asked for."""

    text: str
    count: int
    candidates: tuple[tuple[Candidate, ...], ...] = ()


@dataclass(frozen=True)
class Done(Message):
    """A generation ended. ``finish_reason``: ``stop``, ``length``, ``context`` or ``cancelled``.

    ``prompt_tokens`` counts the whole prompt, ``reused_tokens`` what of it was in the cache. ``prompt_ms`` until the
    first token could be sampled, ``duration_ms`` the whole job.
    """

    finish_reason: str
    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    prompt_ms: float
    duration_ms: float


@dataclass(frozen=True)
class Failed(Message):
    """A job ended badly. ``kind`` names the class in ``assistant.errors``, ``values`` fill its sentence."""

    kind: str
    values: dict[str, Any]  # JSON values, as the error class takes them
    log: str = ""


@dataclass(frozen=True)
class NeedsWhole(Message):
    """A ``Generate`` that was not whole would fit: nothing came of it, and it is to be made again with every turn."""


@dataclass(frozen=True)
class Pong(Message):
    """The answer to ``Ping``."""


@dataclass(frozen=True)
class WorkerDied(Message):
    """Made by the client, always the last of a worker: its pipe ended.

    ``exit_code`` is the process's (negative: ended by that signal), ``log`` its last lines, ``expected`` whether it was
    told to end. ``cause`` is what the client itself found wrong and ended it for, ``None`` when it ended by itself.
    """

    exit_code: int
    log: str
    expected: bool
    cause: Failed | None = None


@dataclass(frozen=True)
class Wake(Message):
    """Made by the client: nothing came from the worker, but the engine's state is another one."""


_NESTED = {"turns": Turn, "devices": Device}
_MESSAGES: dict[str, type[Message]] = {
    message.__name__: message
    for message in (
        *(Load, Generate, Cancel, Ping, Quit),
        *(Hello, LoadProgress, Loaded, PromptProgress, Tokens, Done, Failed, NeedsWhole, Pong),
    )
}


def encode(message: Message) -> bytes:
    """Return ``message`` as one frame, length included."""
    body = {"type": type(message).__name__, **vars(message)}
    data = json.dumps(body, default=vars, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return _LENGTH.pack(len(data)) + data


def decode(data: bytes) -> Message:
    """Return the message of a frame's body (without its length).

    Raises ProtocolError for anything that is not one of this protocol's messages.
    """
    try:
        # JSON has no narrower type than Any. The other side may be a model gone wild: nothing is taken on trust.
        body: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"), parse_constant=_refuse)
        kind = _MESSAGES[body.pop("type")]
        message = kind(**{name: _value(name, value) for name, value in body.items()})
        _check(message, kind.__name__)
        return message
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"not a message: {data[:80]!r}") from error


def _refuse(constant: str) -> float:
    raise ValueError(constant)  # NaN and the infinities are not JSON


_PLAIN: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,), "dict[str, Any]": (dict,)}


def _check(value: object, declared: str) -> None:
    """Raise TypeError unless ``value`` is what the annotation ``declared`` says, all the way down."""
    if declared == "bool":
        if not isinstance(value, bool):
            raise TypeError(declared)
    elif declared in _PLAIN:
        if not isinstance(value, _PLAIN[declared]) or isinstance(value, bool):
            raise TypeError(declared)
    elif isinstance(value, tuple) and declared.startswith("tuple["):
        for item in value:
            _check(item, declared[len("tuple[") : -len(", ...]")])
    elif is_dataclass(value) and type(value).__name__ == declared:
        for part in fields(value):
            _check(getattr(value, part.name), str(part.type))
    else:
        raise TypeError(declared)


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON in, field values out
    if name in _NESTED:
        return tuple(_NESTED[name](**item) for item in value)
    if name == "sampling":
        return Sampling(**value)
    if name == "facts":
        value["recommended"] = Sampling(**value["recommended"])
        value["notes"] = tuple(value["notes"])
        return ModelFacts(**value)
    if name == "candidates" and isinstance(value, list):
        return tuple(tuple(Candidate(**candidate) for candidate in token) for token in value)
    return tuple(value) if isinstance(value, list) else value


def read_frame(stream: IO[bytes]) -> Message | None:
    """Block for the next message of a buffered stream; ``None`` at its end, also in the middle of a frame.

    Raises ProtocolError for a frame that is too long or no message.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        raise ProtocolError(f"a frame of {length} bytes")
    body = stream.read(length)
    return decode(body) if len(body) == length else None
